/**
 * The outputs of one cell at two moments: which are the same, changed, new or gone. Text is compared line by line,
 * pictures are named so that they can be shown before and after, everything else is told by its MIME type.
 */
import { isJsonObject, jsonEquals, type Json } from '@cahier/base/json.ts';
import { diffTokens } from '../../documents/diff-tokens.ts';
import { isBinaryMime, isJsonMime } from '../../runs/mime-type.ts';
import type { BlobRef, LiveOutput } from '../../runs/live.ts';
import type { KnownValues } from './comparable.ts';
import { compareJson, type KeyChange } from './compare-json.ts';
import { compareText, type TextComparison } from './compare-text.ts';

export interface MimeChange {
  readonly mime: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** How to show it: pictures side by side, text with its words marked, anything else by name. */
  readonly shownAs: 'picture' | 'text' | 'other';
  /** The earlier and the later text; null when it is no text or not here. */
  readonly text: TextComparison | null;
}

export interface OutputRow {
  readonly kind: 'same' | 'changed' | 'added' | 'removed';
  readonly before: LiveOutput | null;
  readonly after: LiveOutput | null;
  /** Of streams and errors; null when it is the same, none, or not here. */
  readonly text: TextComparison | null;
  readonly mimes: readonly MimeChange[];
  readonly metadata: readonly KeyChange[];
}

/** Longest texts (UTF-16 units of both) that are compared. */
const longestText = 4_000_000;

/** In reading order; what was removed stands before what came in its place. */
export function compareOutputs(
  before: readonly LiveOutput[],
  after: readonly LiveOutput[],
  known: KnownValues = {},
): readonly OutputRow[] {
  let head = 0;
  const isHead = (a: LiveOutput | undefined, b: LiveOutput | undefined) =>
    a && b && isSameOutput(a, b, known);
  while (isHead(before[head], after[head])) head++;
  const rows: OutputRow[] = [];
  for (let i = 0; i < head; i++) rows.push(row('same', before[i], after[i]));
  return [...rows, ...comparedRest(before.slice(head), after.slice(head), known)];
}

function comparedRest(
  before: readonly LiveOutput[],
  after: readonly LiveOutput[],
  known: KnownValues,
): readonly OutputRow[] {
  // Outputs that say the same get the same number, so that lists of them can be compared.
  const kinds: LiveOutput[] = [];
  const numberOf = (output: LiveOutput) => {
    const found = kinds.findIndex((other) => isSameOutput(other, output, known));
    return found >= 0 ? found : kinds.push(output) - 1;
  };
  const [a, b] = [before.map(numberOf), after.map(numberOf)];
  const rows: OutputRow[] = [];
  let [i, j] = [0, 0];
  const keepUpTo = (end: number) => {
    for (; i < end; i++, j++) rows.push(row('same', before[i], after[j]));
  };
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(a, b)) {
    keepUpTo(aStart);
    for (const each of changedRows(before.slice(aStart, aEnd), after.slice(bStart, bEnd), known))
      rows.push(each);
    [i, j] = [aEnd, bEnd];
  }
  keepUpTo(before.length);
  return rows;
}

/** The count of a result is the cell's: a cell that ran again and said the same has the same outputs. */
export function isSameOutput(a: LiveOutput, b: LiveOutput, known: KnownValues = {}): boolean {
  if (a.type === 'stream' || b.type === 'stream') {
    if (a.type !== 'stream' || b.type !== 'stream' || a.name !== b.name) return false;
    const [was, is] = [streamText(a, known), streamText(b, known)];
    return was !== null && is !== null ? was === is : a.text === b.text && jsonEquals(pagesOf(a), pagesOf(b));
  }
  if (a.type === 'error' || b.type === 'error') {
    const isSame = a.type === 'error' && b.type === 'error' && a.ename === b.ename && a.evalue === b.evalue;
    return isSame && jsonEquals(a.traceback, b.traceback);
  }
  if (a.type === 'unknown' || b.type === 'unknown') {
    return a.type === 'unknown' && b.type === 'unknown' && jsonEquals(a.raw, b.raw);
  }
  return a.type === b.type && jsonEquals(a.metadata, b.metadata) && mimeChanges(a, b, known).length === 0;
}

/** Outputs of the same kind are the same output, changed; they are paired from the top. */
function changedRows(
  before: readonly LiveOutput[],
  after: readonly LiveOutput[],
  known: KnownValues,
): readonly OutputRow[] {
  const rows: OutputRow[] = [];
  let next = 0;
  for (const was of before) {
    const found = after.findIndex((is, i) => i >= next && kindOf(is) === kindOf(was));
    if (found < 0) {
      rows.push(row('removed', was, undefined));
      continue;
    }
    for (const is of after.slice(next, found)) rows.push(row('added', undefined, is));
    rows.push(changedRow(was, after[found], known));
    next = found + 1;
  }
  return [...rows, ...after.slice(next).map((is) => row('added', undefined, is))];
}

function kindOf(output: LiveOutput): string {
  return output.type === 'stream' ? output.name : 'data' in output ? 'data' : output.type;
}

function row(
  kind: OutputRow['kind'],
  before: LiveOutput | undefined,
  after: LiveOutput | undefined,
): OutputRow {
  return { kind, before: before ?? null, after: after ?? null, text: null, mimes: [], metadata: [] };
}

function changedRow(before: LiveOutput, after: LiveOutput | undefined, known: KnownValues): OutputRow {
  const plain = row('changed', before, after);
  if (!after) return plain;
  if ('data' in before && 'data' in after) {
    const metadata = compareJson(before.metadata, after.metadata);
    return { ...plain, mimes: mimeChanges(before, after, known), metadata };
  }
  return { ...plain, text: textComparison(plainText(before, known), plainText(after, known)) };
}

function textComparison(before: string | null, after: string | null): TextComparison | null {
  if (before === null || after === null || before.length + after.length > longestText) return null;
  return compareText(before, after);
}

/** The text of a stream or an error as it is read, without colours; null when a part of it is not here. */
export function plainText(output: LiveOutput, known: KnownValues = {}): string | null {
  if (output.type === 'stream') {
    const text = streamText(output, known);
    return text === null ? null : withoutColours(text);
  }
  if (output.type === 'unknown') return JSON.stringify(output.raw, null, 2);
  if (output.type !== 'error') return null;
  return withoutColours(output.traceback.join('\n') || `${output.ename}: ${output.evalue}`);
}

// oxlint-disable-next-line no-control-regex -- escape sequences of terminals (ECMA-48 CSI) begin with a control character
const colours = /\x1b\[[0-9;:?]*[A-Za-z]/g;

function withoutColours(text: string): string {
  return text.replace(colours, '');
}

type Stream = Extract<LiveOutput, { type: 'stream' }>;
type Bundle = Extract<LiveOutput, { type: 'display_data' | 'execute_result' }>;

function pagesOf(output: Stream): readonly string[] {
  return (output.pages ?? []).map(({ blob }) => blob);
}

function streamText(output: Stream, known: KnownValues): string | null {
  let text = '';
  for (const page of output.pages ?? []) {
    const value = known.value?.(page, 'text/plain') ?? null;
    if (typeof value !== 'string') return null;
    text += value;
  }
  return text + output.text;
}

function mimeChanges(before: Bundle, after: Bundle, known: KnownValues): readonly MimeChange[] {
  const mimes = new Set([before, after].flatMap((each) => [...mimesOf(each)]));
  return [...mimes].flatMap((mime): readonly MimeChange[] => {
    const isBefore = mimesOf(before).has(mime);
    const isAfter = mimesOf(after).has(mime);
    if (isBefore && isAfter && isSameValue(before, after, mime, known)) return [];
    const change = isBefore ? (isAfter ? 'changed' : 'removed') : 'added';
    const shownAs = mime.startsWith('image/') ? 'picture' : isBinaryMime(mime) ? 'other' : 'text';
    const text =
      shownAs === 'text' && change === 'changed'
        ? textComparison(valueText(before, mime, known), valueText(after, mime, known))
        : null;
    return [{ mime, change, shownAs, text }];
  });
}

function mimesOf(bundle: Bundle): ReadonlySet<string> {
  return new Set([...Object.keys(bundle.data), ...Object.keys(bundle.blobs ?? {})]);
}

function isSameValue(a: Bundle, b: Bundle, mime: string, known: KnownValues): boolean {
  const [refA, refB] = [refOf(a, mime), refOf(b, mime)];
  if (refA && refB && refA.blob === refB.blob) return true;
  if (refA && refB && refA.size !== refB.size) return false;
  const [was, is] = [valueOf(a, mime, known), valueOf(b, mime, known)];
  if (was === undefined || is === undefined) return false;
  // Base64 may have line breaks on one side only.
  if (isBinaryMime(mime) && typeof was === 'string' && typeof is === 'string') {
    return was.replace(/\s/g, '') === is.replace(/\s/g, '');
  }
  return jsonEquals(was, is);
}

function refOf(bundle: Bundle, mime: string): BlobRef | undefined {
  return bundle.blobs !== undefined && Object.hasOwn(bundle.blobs, mime) ? bundle.blobs[mime] : undefined;
}

function valueOf(bundle: Bundle, mime: string, known: KnownValues): Json | undefined {
  if (Object.hasOwn(bundle.data, mime)) return bundle.data[mime];
  const ref = refOf(bundle, mime);
  return ref ? (known.value?.(ref, mime) ?? undefined) : undefined;
}

/** What a text MIME type says; JSON is laid out line by line. */
export function valueText(bundle: LiveOutput, mime: string, known: KnownValues = {}): string | null {
  if (!('data' in bundle)) return null;
  const value = valueOf(bundle, mime, known);
  if (value === undefined) return null;
  if (typeof value === 'string' && !isJsonMime(mime)) return withoutColours(value);
  return isJsonObject(value) || isJsonMime(mime) ? JSON.stringify(value, null, 2) : null;
}
