/**
 * Where a text that one step put in came from: from what the same step took away elsewhere (a split, a merge, lines
 * that were moved), or, for an undo and a restore, from what was deleted before. Owned by blame.ts.
 */
import type { CellId } from '@cahier/base/ids.ts';
import type { Tagged } from './blame-text.ts';
import { type CommonPiece, longestCommon, sharesStretch, stretchesOf } from './common-piece.ts';

/** Text that was taken out of a cell, with who wrote it. */
export interface Source extends Tagged {
  readonly cell: CellId;
  readonly at: number;
}

/** A text that one step put in: where it is in its cell now. */
export interface Written {
  readonly cell: CellId;
  readonly at: number;
  readonly text: string;
}

/** Shorter texts are found everywhere and prove nothing, even where they were. */
const shortestHere = 2;
/** The least that a part brought from elsewhere must have, not counting blanks. */
export const shortestPart = 8;
/** The least that an undo or a restore must bring back of a deleted text when it brings back more than that. */
const shortestReturned = 3;
/** The least that a new cell must have of a text that stands elsewhere, to be its copy. */
const shortestCopied = 4;

/**
 * What a step does. `move` (cells split, merged, moved): all that it puts in may come from what it takes away.
 * `return` (undo): all of it was there before, deleted since; `restore`: the same, and nobody can feign it. `mixed`: some
 * of it was.
 * `edit` (typing, a file that changed): a part counts
 * when it is long, when nothing else was taken and put in, or when it was there before, as when a word is completed.
 * `again` (a split or a merge of what somebody else has changed meanwhile): from what was deleted before or stands
 * elsewhere, when it is long, or was just here; `copy`: the same of a new cell.
 */
export type Doing = 'move' | 'return' | 'restore' | 'mixed' | 'edit' | 'again' | 'copy';

export interface Found {
  /** One per unit of the text; `own` where it came from nowhere. */
  readonly tags: Int32Array;
  /** How many units that are not blank came out of each source. */
  readonly from: ReadonlyMap<Source, number>;
}

/** `sources`: the likeliest first. */
export function findSources(written: Written, sources: readonly Source[], own: number, doing: Doing): Found {
  const { cell, at: place, text } = written;
  const tags = new Int32Array(text.length).fill(own);
  const from = new Map<Source, number>();
  const isAtHand = (source: Source) =>
    source.cell === cell && source.at >= place && source.at <= place + text.length;
  /** `part` of the written text is `source` or lies in it: does that prove anything? */
  const counts = (source: Source, part: string) => {
    if (doing === 'move') return true;
    if (doing === 'return' || doing === 'restore') return part === source.text || solidLength(part) > 0;
    if (doing === 'mixed') return part === text || solidLength(part) >= shortestReturned;
    if (doing === 'copy') return solidLength(part) >= shortestCopied;
    if (doing === 'again') return solidLength(part) >= (isAtHand(source) ? shortestReturned : shortestPart);
    if (part.length < shortestHere) return false;
    const isAllOfBoth = part === source.text && part === withoutOuterLineEnds(text);
    return isAtHand(source) || isAllOfBoth || solidLength(part) >= shortestPart;
  };
  const pieces: Piece[] = [];
  const take = (at: number, source: Source, start: number, end: number) => {
    tags.set(source.tags.subarray(start, end), at);
    const solid = solidLength(source.text.slice(start, end));
    from.set(source, (from.get(source) ?? 0) + solid);
    pieces.push({ at, start, length: end - start, source, solid });
  };
  const fill = (at: number, part: string) => {
    if (part === '') return;
    for (const source of sources) {
      const found = part.indexOf(source.text);
      if (found >= 0 && counts(source, source.text)) {
        take(at + found, source, 0, source.text.length);
        fill(at, part.slice(0, found));
        fill(at + found + source.text.length, part.slice(found + source.text.length));
        return;
      }
      // A split, or an undo of a part: all of it lies inside what was taken.
      const inside = found < 0 && counts(source, part) ? source.text.indexOf(part) : -1;
      if (inside >= 0) {
        take(at, source, inside, inside + part.length);
        return;
      }
    }
  };
  /** What `fill` left: stretches that a source shares, the longest first, as far as they prove something. */
  const fillFromPieces = (gaps: (readonly [from: number, to: number])[]) => {
    let left = mostPieces;
    for (let gap = gaps.pop(); gap && left > 0; gap = gaps.pop()) {
      const [start, end] = gap;
      const part = text.slice(start, end);
      const found = bestPiece(part, sources, doing);
      if (!found) continue;
      left -= 1;
      const { source, inFirst, inSecond, length } = found;
      take(start + inFirst, source, inSecond, inSecond + length);
      gaps.push([start, start + inFirst], [start + inFirst + length, end]);
    }
  };
  const whole = sources.find((source) => source.text === text && counts(source, text));
  if (whole) take(0, whole, 0, text.length);
  else {
    fill(0, text);
    fillFromPieces(ownStretches(tags, own));
    // Of two pieces of one length a line end may have been found, which proves nothing, and a letter beside it not.
    if (leastPiece[doing] === 1)
      fillFromPieces(ownStretches(tags, own).flatMap((stretch) => wordsIn(text, stretch)));
  }
  if (doing === 'restore') return { tags, from };
  // Any text can be put together of others' letters: then it is nobody's but who did it, whatever the step calls itself.
  const crumbs = pieces.filter(
    ({ source, solid, length }) =>
      solid < shortestReturned && length < source.text.length && !isAllThere(source, pieces),
  );
  const crumbled = crumbs.reduce((sum, { solid }) => sum + solid, 0);
  if (crumbled >= shortestPart && 2 * crumbled > solidLength(text)) {
    for (const { at, length, source, solid } of crumbs) {
      tags.fill(own, at, at + length);
      from.set(source, (from.get(source) ?? 0) - solid);
    }
  }
  return { tags, from };
}

/** A part of the written text that was found in a source, from `start` on there. */
interface Piece {
  readonly at: number;
  readonly start: number;
  readonly length: number;
  readonly source: Source;
  /** Units that are not blank. */
  readonly solid: number;
}

/** All of the source is in the text, in its order: torn apart by what others put between. */
function isAllThere(source: Source, pieces: readonly Piece[]): boolean {
  const its = pieces.filter((piece) => piece.source === source).toSorted((a, b) => a.at - b.at);
  const solid = its.reduce((sum, piece) => sum + piece.solid, 0);
  return solid === solidLength(source.text) && its.every(({ start }, i) => start > (its[i - 1]?.start ?? -1));
}

/** Units (not blank) of a stretch that proves something although neither text is whole in the other. */
const leastPiece: Record<Doing, number> = {
  move: 2,
  return: 1,
  restore: 1,
  mixed: shortestReturned,
  edit: shortestPart,
  again: shortestPart,
  copy: shortestCopied,
};
/** Pieces in one written text: a text in more pieces is somebody's new text. */
const mostPieces = 100;

function bestPiece(part: string, sources: readonly Source[], doing: Doing) {
  const least = leastPiece[doing];
  // Signs of scripts that write a word with one sign are few where others are many.
  const size = isDense(part) ? 1 : Math.min(least, 3);
  const stretches = stretchesOf(part, size);
  let best: (CommonPiece & { readonly source: Source }) | null = null;
  for (const source of sources) {
    if (source.text.length <= (best?.length ?? 0) || !sharesStretch(source.text, stretches, size)) continue;
    const found = longestCommon(part, source.text);
    if (!found || found.length <= (best?.length ?? 0)) continue;
    const piece = part.slice(found.inFirst, found.inFirst + found.length);
    if (solidLength(piece) >= least) best = { ...found, source };
  }
  return best;
}

/** Where nothing is known yet. */
function ownStretches(tags: Int32Array, own: number): (readonly [from: number, to: number])[] {
  const stretches: (readonly [number, number])[] = [];
  for (let start = 0; start < tags.length; start += 1) {
    if (tags[start] !== own) continue;
    let end = start + 1;
    while (end < tags.length && tags[end] === own) end += 1;
    stretches.push([start, end]);
    start = end;
  }
  return stretches;
}

function wordsIn(text: string, [from, to]: readonly [number, number]): [from: number, to: number][] {
  return [...text.slice(from, to).matchAll(/\S+/g)].map(({ 0: word, index }) => [
    from + index,
    from + index + word.length,
  ]);
}

/** Editors move a line with the line end before it or behind it: the line alone is looked for. */
export function withoutLineEnds(source: Source): Source {
  const text = withoutOuterLineEnds(source.text);
  if (text.length === source.text.length) return source;
  const start = source.text.length - source.text.replace(/^[\r\n]+/, '').length;
  return { ...source, text, tags: source.tags.subarray(start, start + text.length) };
}

function withoutOuterLineEnds(text: string): string {
  return text.replace(/^[\r\n]+|[\r\n]+$/g, '');
}

/** Units that are not blank. A sign that stands for a syllable or a word proves as much as three letters. */
export function solidLength(text: string): number {
  const solid = text.replace(/\s+/g, '');
  return isDense(solid) ? solid.length + 2 * (solid.match(denseSigns)?.length ?? 0) : solid.length;
}

/** Han, kana, Hangul. */
const denseSigns = /[\u3040-\u9fff\uac00-\ud7a3\uf900-\ufaff]/g;

function isDense(text: string): boolean {
  return text.search(denseSigns) >= 0;
}

/** What was deleted lately, so that an undo or a restore can say who wrote what it brings back. */
export class Deleted {
  #sources: Source[] = [];
  #length = 0;

  /** Units deleted one by one (backspace) are kept as the one text that they were; `isGoingOn`: nothing lay between. */
  add(source: Source, isGoingOn: boolean): void {
    const last = this.#sources.at(-1);
    this.#length += source.text.length;
    if (last && isGoingOn && last.cell === source.cell && last.text.length < longestJoined) {
      const isBehind = source.at === last.at;
      if (isBehind || source.at + source.text.length === last.at) {
        const [first, second] = isBehind ? [last, source] : [source, last];
        this.#sources[this.#sources.length - 1] = joined(first, second, source.at);
        return;
      }
    }
    this.#sources.push(source);
    if (this.#sources.length > 2 * remembered || this.#length > longestRemembered) this.#forget();
  }

  /** Those of `cell` first, the latest before earlier ones. `most`: how far back. */
  likeliest(cell: CellId, most: number): readonly Source[] {
    const latest = this.#sources.slice(-most).toReversed();
    return [
      ...latest.filter((source) => source.cell === cell),
      ...latest.filter((source) => source.cell !== cell),
    ];
  }

  #forget(): void {
    const half = Math.min(remembered, Math.ceil(this.#sources.length / 2));
    this.#sources = this.#sources.slice(-half);
    this.#length = this.#sources.reduce((sum, { text }) => sum + text.length, 0);
  }
}

/** Deletions that an undo can find again. */
export const withinUndo = 500;
/** Deletions that a restore can find again, and their units in all. */
export const remembered = 20_000;
const longestRemembered = 4_000_000;
/** Longest text put together of single deletions. */
const longestJoined = 4_000;

function joined(first: Source, second: Source, at: number): Source {
  const tags = new Int32Array(first.tags.length + second.tags.length);
  tags.set(first.tags);
  tags.set(second.tags, first.tags.length);
  return { cell: first.cell, at, text: first.text + second.text, tags };
}
