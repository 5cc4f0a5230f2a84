/** Multi-line strings: nbformat stores them as lists of lines, split where Python's `str.splitlines` splits. */
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';

/* oxlint-disable no-control-regex -- these control characters are what Python splits at */
const line =
  /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g;

export function splitLines(text: string): readonly string[] {
  return text.match(line) ?? [];
}

/** The joined text of a string or list of strings; null when it is neither. */
export function joinLines(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  if (!isStringList(value)) return null;
  return value.join('');
}

export function isStringList(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** JSON values under these types are never joined nor split. */
export function isJsonMime(mime: string): boolean {
  return mime === 'application/json' || (mime.startsWith('application/') && mime.endsWith('+json'));
}

function isSplitMime(mime: string): boolean {
  return mime.startsWith('text/') || mime === 'application/javascript' || mime === 'image/svg+xml';
}

/** A MIME bundle with its texts joined. */
export function joinBundle(bundle: JsonObject): JsonObject {
  return mapEntries(bundle, (value, mime) =>
    !isJsonMime(mime) && isStringList(value) ? value.join('') : value,
  );
}

/** A MIME bundle as the file has it: texts as lists of lines. */
export function splitBundle(bundle: JsonObject): JsonObject {
  return mapEntries(bundle, (value, mime) =>
    typeof value === 'string' && isSplitMime(mime) ? splitLines(value) : value,
  );
}

export function mapEntries(object: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

/** `object` without some of its keys. */
export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  if (!keys.some((key) => Object.hasOwn(object, key))) return object;
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** A bundle of bundles (attachments): each one mapped. */
export function mapBundles(bundles: JsonObject, map: (bundle: JsonObject) => JsonObject): JsonObject {
  return mapEntries(bundles, (bundle) => (isJsonObject(bundle) ? map(bundle) : bundle));
}
