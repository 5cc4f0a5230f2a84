/**
 * JSON in the byte form of the reference writer (Python's json.dumps with indent 1, sorted keys, no ASCII escaping).
 * `raw` marks text that is already in that form.
 */
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';
import { isStringList } from './lines.ts';
import { keptNumber, unprotectObject, writeNumber } from './numbers.ts';

/** V8 indents by up to ten characters; with the line break before them. */
const longestGap = 11;

export function writeJson(value: Json): string {
  const parts: string[] = [];
  write(value, '\n', parts);
  return parts.join('');
}

function write(value: Json, newline: string, out: string[]): void {
  if (typeof value === 'string') out.push(JSON.stringify(value));
  else if (typeof value === 'number') out.push(writeNumber(value));
  else if (isList(value)) writeList(value, newline, out);
  else if (isJsonObject(value)) writeObject(value, newline, out);
  else out.push(String(value));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function writeList(list: readonly Json[], newline: string, out: string[]): void {
  if (list.length === 0) {
    out.push('[]');
    return;
  }
  const inner = `${newline} `;
  if (inner.length <= longestGap && isStringList(list)) {
    // Lines of output: one call of V8's own writer takes an eighth of the time that many take.
    out.push(JSON.stringify(list, null, inner.slice(1)).slice(0, -2), newline, ']');
    return;
  }
  list.forEach((item, i) => {
    out.push(i === 0 ? '[' : ',', inner);
    write(item, inner, out);
  });
  out.push(newline, ']');
}

function writeObject(object: JsonObject, newline: string, out: string[]): void {
  const number = keptNumber(object);
  if (number !== null) {
    out.push(number);
    return;
  }
  const plain = unprotectObject(object);
  const keys = Object.keys(plain).sort(byCodePoint);
  if (keys.length === 0) {
    out.push('{}');
    return;
  }
  const inner = `${newline} `;
  keys.forEach((key, i) => {
    out.push(i === 0 ? '{' : ',', inner, JSON.stringify(key), ': ');
    write(plain[key] ?? null, inner, out);
  });
  out.push(newline, '}');
}

/** Python orders strings by code point; JavaScript's own order puts U+E000–FFFF behind the astral characters. */
export function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all of the basic plane. */
const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
