/**
 * JSON as Python's json module reads it: with NaN and infinities, numbers without loss (numbers.ts). One pass, made
 * for files of hundreds of megabytes that are mostly strings; says where and why a file is broken.
 */
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { protectObject, readNumber } from './numbers.ts';

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  /** `why` is a clause for a sentence, with line and column (both from 1). */
  | { readonly ok: false; readonly why: string };

/** Deepest nesting that is read, as deep as Python's own recursion allows. */
const maxDepth = 500;
/** V8 keeps strings up to this length by copying; longer slices would keep the whole file in memory. */
const copiedLength = 12;

const numberPattern = /-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)|NaN/y;

export function parseJson(text: string): ParsedJson {
  const reader = new JsonReader(text);
  const value = reader.document();
  return value === undefined ? { ok: false, why: reader.why() } : { ok: true, value };
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #problem = '';

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json | undefined {
    this.#skipSpace();
    if (this.#at >= this.#text.length) return this.#fail('the file is empty');
    const value = this.#value(0);
    if (value === undefined) return undefined;
    this.#skipSpace();
    if (this.#at < this.#text.length) return this.#fail('there is more text after its end');
    return value;
  }

  why(): string {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - before.lastIndexOf('\n');
    const place = `line ${line}, column ${column}`;
    if (/^(<{7}|={7}|>{7}|\|{7})/.test(this.#text.slice(this.#at, this.#at + 7))) {
      return `it has a conflict mark of Git at ${place}`;
    }
    return this.#text.trim() === '' ? this.#problem : `${this.#problem} at ${place}`;
  }

  #fail(problem: string): undefined {
    this.#problem =
      this.#at >= this.#text.length && this.#text.trim() !== ''
        ? 'it breaks off, its end is missing,'
        : problem;
    return undefined;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #value(depth: number): Json | undefined {
    const code = this.#text.charCodeAt(this.#at);
    if (code === 34) return this.#string();
    if (code === 123) return depth > maxDepth ? this.#fail('it is nested too deeply') : this.#object(depth);
    if (code === 91) return depth > maxDepth ? this.#fail('it is nested too deeply') : this.#array(depth);
    if (code === 45 || code === 78 || code === 73 || (code >= 48 && code <= 57)) return this.#number();
    if (this.#takes('true')) return true;
    if (this.#takes('false')) return false;
    if (this.#takes('null')) return null;
    return this.#fail('a value is missing or is not JSON');
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): Json | undefined {
    numberPattern.lastIndex = this.#at;
    const literal = numberPattern.exec(this.#text)?.[0];
    if (literal === undefined) return this.#fail('a value is missing or is not JSON');
    this.#at += literal.length;
    return readNumber(literal);
  }

  #string(): string | undefined {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) {
      this.#at = this.#text.length;
      return this.#fail('a string is not closed');
    }
    this.#at = end + 1;
    if (end - start - 1 <= copiedLength) {
      const short = this.#text.slice(start + 1, end);
      if (isPlain(short)) return short;
    }
    try {
      const value: unknown = JSON.parse(this.#text.slice(start, end + 1));
      if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
    } catch {
      // The place is told below; what V8 says about the slice would name a wrong one.
    }
    this.#at = start;
    return this.#fail('a string holds a forbidden character or escape');
  }

  /** Is the quote at `end` behind an odd number of backslashes? */
  #isEscaped(end: number): boolean {
    let slashes = 0;
    while (this.#text.charCodeAt(end - 1 - slashes) === 92) slashes++;
    return slashes % 2 === 1;
  }

  #array(depth: number): readonly Json[] | undefined {
    const items: Json[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#takes(']')) return items;
    for (;;) {
      this.#skipSpace();
      const item = this.#value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      this.#skipSpace();
      if (this.#takes(']')) return items;
      if (!this.#takes(',')) return this.#fail('a comma or “]” is missing');
    }
  }

  #object(depth: number): JsonObject | undefined {
    const object: Record<string, Json> = {};
    this.#at++;
    this.#skipSpace();
    if (this.#takes('}')) return object;
    for (;;) {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== 34) return this.#fail('the name of a field is missing');
      const key = this.#string();
      if (key === undefined) return undefined;
      this.#skipSpace();
      if (!this.#takes(':')) return this.#fail('a colon is missing');
      this.#skipSpace();
      const value = this.#value(depth + 1);
      if (value === undefined) return undefined;
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      } else object[key] = value;
      this.#skipSpace();
      if (this.#takes('}')) return protectObject(object);
      if (!this.#takes(',')) return this.#fail('a comma or “}” is missing');
    }
  }
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 92) return false;
  }
  return true;
}
