/**
 * Numbers of a notebook file without loss. JavaScript has no 1.0, no 20-digit integers and no JSON for NaN, Python
 * has. A number whose value says all is a plain number; every other one is kept as `{"$number": "1.0"}`, with the text
 * that Python's json module writes for it. An object of the file that looks like that gets one more `$` in its key
 * (`$$number`), and loses it when written, so both directions are exact.
 */
import { isJsonObject, type Json, type JsonObject } from '@cahier/base/json.ts';

const mark = /^\$+number$/;

/** The value for a number literal of a file (JSON's, or NaN, Infinity, -Infinity). */
export function readNumber(literal: string): number | JsonObject {
  const plain = Number(literal);
  if (isSameInBoth(plain) && String(plain) === literal) return plain;
  const text = pythonForm(literal);
  const value = Number(text);
  const isPlain = Number.isFinite(value) && !Object.is(value, -0) && writeNumber(value) === text;
  return isPlain ? value : { $number: text };
}

/** Do JavaScript and Python write this number with the same characters? */
function isSameInBoth(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) && !Object.is(value, -0);
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e16;
}

/** What Python's json module writes after reading `literal`. */
function pythonForm(literal: string): string {
  if (/^-?\d+$/.test(literal)) return literal === '-0' ? '0' : literal;
  return pythonFloat(Number(literal));
}

/** The text of a plain number: integers as they are, everything else as Python writes a float. */
export function writeNumber(value: number): string {
  return isSameInBoth(value) ? String(value) : pythonFloat(value);
}

/** Python's `repr` of a float: shortest digits, an exponent below 1e-4 and from 1e16. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const [, sign = '', whole = '0', fraction = '', power = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec((Object.is(value, -0) ? 0 : value).toExponential()) ?? [];
  const minus = Object.is(value, -0) ? '-' : sign;
  const digits = whole + fraction;
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const tail = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${minus}${whole}${fraction && `.${fraction}`}e${tail}`;
  }
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const integer = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${minus}${integer}.${digits.slice(exponent + 1) || '0'}`;
}

/** An object as read from a file, protected when it could be taken for a kept number. */
export function protectObject(object: JsonObject): JsonObject {
  const [key, ...others] = Object.keys(object);
  if (key === undefined || others.length > 0 || !mark.test(key)) return object;
  return { [`$${key}`]: object[key] ?? null };
}

/** The number text that an object stands for, or null. */
export function keptNumber(object: JsonObject): string | null {
  const text = object['$number'];
  return typeof text === 'string' && Object.keys(object).length === 1 ? text : null;
}

/** The object as it goes into a file: the opposite of {@link protectObject}. */
export function unprotectObject(object: JsonObject): JsonObject {
  const [key, ...others] = Object.keys(object);
  if (key === undefined || others.length > 0 || !mark.test(key) || key === '$number') return object;
  return { [key.slice(1)]: object[key] ?? null };
}

/** The value with kept numbers as JavaScript numbers, near enough for showing; NaN and infinities become strings. */
export function plainNumbers(value: Json): Json {
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (!isJsonObject(value)) return value;
  const text = keptNumber(value);
  if (text !== null) return Number.isFinite(Number(text)) ? Number(text) : text;
  return Object.fromEntries(
    Object.entries(unprotectObject(value)).map(([key, item]) => [key, plainNumbers(item)]),
  );
}
