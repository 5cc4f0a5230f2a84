/**
 * The longest stretch that two texts share: how blame finds text that came back, or went elsewhere, with something
 * added or missing. Pure; owned by blame-sources.ts.
 */

export interface CommonPiece {
  readonly inFirst: number;
  readonly inSecond: number;
  readonly length: number;
}

/** Units compared at most: beyond that the answer would hold up whoever asked. */
const mostCompared = 4_000_000;

/** The longest one (the first of several), or null when nothing is common, or the texts are too long to tell. */
export function longestCommon(first: string, second: string): CommonPiece | null {
  if (first.length * second.length > mostCompared) return null;
  let lengths = new Uint32Array(second.length + 1);
  let before = new Uint32Array(second.length + 1);
  let best: CommonPiece | null = null;
  for (let i = 0; i < first.length; i += 1) {
    [lengths, before] = [before, lengths];
    const unit = first.charCodeAt(i);
    for (let j = 0; j < second.length; j += 1) {
      const length = unit === second.charCodeAt(j) ? (before[j] ?? 0) + 1 : 0;
      lengths[j + 1] = length;
      if (length > (best?.length ?? 0)) best = { inFirst: i + 1 - length, inSecond: j + 1 - length, length };
    }
  }
  return best;
}

/** Stretches of `size` units in a text: a text that shares none of them shares nothing longer. */
export function stretchesOf(text: string, size: number): ReadonlySet<string> {
  const stretches = new Set<string>();
  for (let at = 0; at + size <= text.length; at += 1) stretches.add(text.slice(at, at + size));
  return stretches;
}

export function sharesStretch(text: string, stretches: ReadonlySet<string>, size: number): boolean {
  for (let at = 0; at + size <= text.length; at += 1)
    if (stretches.has(text.slice(at, at + size))) return true;
  return false;
}
