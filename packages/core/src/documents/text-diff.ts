/**
 * The difference of two texts, for putting a text that changed elsewhere (a file, an older version) into a shared one
 * with the smallest edit. Lines first, then characters inside changed lines; scattered tiny matches are not kept, so
 * that a rewritten line is one replacement. Offsets are UTF-16 units; surrogate pairs are never torn.
 */
import type * as Y from 'yjs';
import { diffTokens, type Hunk } from './diff-tokens.ts';

/** Text delta: keep n units, insert text, or delete n units (UTF-16, as Yjs counts). */
export type TextDelta = readonly (number | string | { readonly d: number })[];

/** Longest changed region (code points of both sides) that is compared character by character. */
const maxRefined = 20_000;
/** Matches shorter than this between two changes are taken as chance. */
const shortestMatch = 3;

/** What turns `a` into `b`. */
export function diffText(a: string, b: string): TextDelta {
  const delta: (number | string | { readonly d: number })[] = [];
  let kept = 0;
  for (const { aStart, aEnd, bStart, bEnd } of textHunks(a, b)) {
    if (aStart > kept) delta.push(aStart - kept);
    if (aEnd > aStart) delta.push({ d: aEnd - aStart });
    if (bEnd > bStart) delta.push(b.slice(bStart, bEnd));
    kept = aEnd;
  }
  return delta;
}

/** The differences of two texts as hunks of UTF-16 offsets. */
export function textHunks(a: string, b: string): readonly Hunk[] {
  if (a === b) return [];
  const linesA = lineTokens(a);
  const linesB = lineTokens(b);
  const offsetsA = offsets(linesA);
  const offsetsB = offsets(linesB);
  return diffTokens(linesA, linesB).flatMap((hunk) => {
    const [aStart, aEnd] = [offsetsA[hunk.aStart] ?? 0, offsetsA[hunk.aEnd] ?? 0];
    const [bStart, bEnd] = [offsetsB[hunk.bStart] ?? 0, offsetsB[hunk.bEnd] ?? 0];
    return characterHunks(a.slice(aStart, aEnd), b.slice(bStart, bEnd)).map((inner) => ({
      aStart: aStart + inner.aStart,
      aEnd: aStart + inner.aEnd,
      bStart: bStart + inner.bStart,
      bEnd: bStart + inner.bEnd,
    }));
  });
}

/** The differences of two short texts, character by character, without chance matches. UTF-16 offsets. */
export function characterHunks(a: string, b: string): readonly Hunk[] {
  const whole = { aStart: 0, aEnd: a.length, bStart: 0, bEnd: b.length };
  if (a === '' || b === '') return a === b ? [] : [whole];
  const charsA = Array.from(a);
  const charsB = Array.from(b);
  const isLarge = charsA.length + charsB.length > maxRefined;
  const found = isLarge ? [trimmed(charsA, charsB)] : joinNear(diffTokens(charsA, charsB));
  const offsetsA = offsets(charsA);
  const offsetsB = offsets(charsB);
  return found.map(({ aStart, aEnd, bStart, bEnd }) => ({
    aStart: offsetsA[aStart] ?? 0,
    aEnd: offsetsA[aEnd] ?? 0,
    bStart: offsetsB[bStart] ?? 0,
    bEnd: offsetsB[bEnd] ?? 0,
  }));
}

/** Everything but the common beginning and end as one hunk. */
function trimmed(a: readonly string[], b: readonly string[]): Hunk {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { aStart: start, aEnd: a.length - end, bStart: start, bEnd: b.length - end };
}

function joinNear(hunks: readonly Hunk[]): readonly Hunk[] {
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    const last = joined.at(-1);
    const size = (h: Hunk) => Math.max(h.aEnd - h.aStart, h.bEnd - h.bStart);
    if (last && hunk.aStart - last.aEnd < Math.min(shortestMatch, Math.max(size(last), size(hunk)) + 1)) {
      joined[joined.length - 1] = { ...last, aEnd: hunk.aEnd, bEnd: hunk.bEnd };
    } else joined.push(hunk);
  }
  return joined;
}

/** Lines with their line ends; nothing is lost by joining them. */
export function lineTokens(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function offsets(tokens: readonly string[]): readonly number[] {
  const at = [0];
  let sum = 0;
  for (const token of tokens) at.push((sum += token.length));
  return at;
}

/** `text` after `delta`. */
export function applyDelta(text: string, delta: TextDelta): string {
  let at = 0;
  let result = '';
  for (const part of delta) {
    if (typeof part === 'number') {
      result += text.slice(at, at + part);
      at += part;
    } else if (typeof part === 'string') result += part;
    else at += part.d;
  }
  return result + text.slice(at);
}

/** Applies `delta` to a shared text; the caller opens the transaction. */
export function applyDeltaTo(text: Y.Text, delta: TextDelta): void {
  // Not Y.Text.applyDelta: with `sanitize: false` it drops a newline at the very end of the text.
  let at = 0;
  for (const part of delta) {
    if (typeof part === 'number') at += part;
    else if (typeof part === 'string') {
      text.insert(at, part);
      at += part.length;
    } else text.delete(at, part.d);
  }
}
