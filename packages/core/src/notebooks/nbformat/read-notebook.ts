/**
 * A notebook file as a PlainNotebook, or the reason why it cannot be edited. Reads nbformat 2, 3 and 4.x; a newer
 * minor's unknown fields are kept. Signatures and trust marks are dropped: they say nothing about another machine.
 * Source: nbformat 4.5 (https://nbformat.readthedocs.io/en/latest/format_description.html).
 */
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import type { ParsedFile, Refusal } from '../../documents/kind.ts';
import { decodeUtf8 } from '../../documents/text-kind.ts';
import type { PlainNotebook } from '../notebook.ts';
import { without } from './lines.ts';
import { parseJson } from './parse-json.ts';
import { isList, readCells } from './read-cells.ts';
import { upgrade2, upgrade3 } from './upgrade.ts';

/** `newId` gives ids to cells that have none. Never throws. */
export function readNotebookFile(
  bytes: Uint8Array,
  path: string,
  newId: () => string,
): ParsedFile<PlainNotebook> {
  const text = decodeUtf8(bytes);
  if (text === null) return refusal('notebook/not-json', path, 'it is not text in UTF-8');
  const parsed = parseJson(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (!parsed.ok) return refusal('notebook/not-json', path, parsed.why);
  if (!isJsonObject(parsed.value)) return refusal('notebook/not-json', path, 'it holds no JSON object');
  return readNotebookJson(parsed.value, path, newId);
}

/** The same for a file's JSON that is parsed already (by parse-json.ts, which keeps numbers exact). */
export function readNotebookJson(
  json: JsonObject,
  path: string,
  newId: () => string,
): ParsedFile<PlainNotebook> {
  const major = json['nbformat'];
  if (typeof major !== 'number') return refusal('notebook/invalid', path, 'it has no nbformat number');
  if (major >= 5) {
    return { ok: false, code: 'notebook/too-new', details: { path, version: versionOf(json) } };
  }
  if (major === 4) return readVersion4(json, path, newId);
  if (major !== 3 && major !== 2) {
    return refusal('notebook/invalid', path, `notebook format ${major} is too old to be read`);
  }
  const upgraded = upgrade3(major === 2 ? upgrade2(json) : json);
  return upgraded.ok
    ? readVersion4(upgraded.value, path, newId)
    : refusal('notebook/invalid', path, upgraded.why);
}

function readVersion4(json: JsonObject, path: string, newId: () => string): ParsedFile<PlainNotebook> {
  const minor = json['nbformat_minor'] ?? 0;
  if (typeof minor !== 'number' || !Number.isSafeInteger(minor) || minor < 0) {
    return refusal('notebook/invalid', path, 'its nbformat_minor is not a whole number');
  }
  const metadata = json['metadata'] ?? {};
  if (!isJsonObject(metadata)) return refusal('notebook/invalid', path, 'its metadata is not an object');
  const list: Json | undefined = json['cells'];
  if (!isList(list)) return refusal('notebook/invalid', path, 'it has no list of cells');
  const cells = readCells(list, minor, newId);
  if (!cells.ok) return refusal('notebook/invalid', path, cells.why);
  const extra = without(json, 'nbformat', 'nbformat_minor', 'metadata', 'cells');
  return {
    ok: true,
    plain: {
      nbformatMinor: minor,
      metadata: without(metadata, 'signature', 'orig_nbformat', 'orig_nbformat_minor'),
      ...(Object.keys(extra).length > 0 && { extra }),
      cells: cells.value,
    },
  };
}

function versionOf(json: JsonObject): string {
  const { nbformat, nbformat_minor: minor } = json;
  return typeof minor === 'number' ? `${String(nbformat)}.${minor}` : String(nbformat);
}

function refusal(code: Refusal['code'], path: string, why: string): Refusal {
  return { ok: false, code, details: { path, why } };
}
