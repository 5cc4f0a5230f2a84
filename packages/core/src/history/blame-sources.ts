/**
 * Where a text that one step put in came from: from what the same step took away elsewhere (a split, a merge, lines
 * that were moved), or, for an undo and a restore, from what was deleted before. Owned by blame.ts.
 */
import type { CellId } from '@cahier/base/ids.ts';
import type { Tagged } from './blame-text.ts';

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
const shortestPart = 8;
/** The least that an undo or a restore must bring back of a deleted text when it brings back more than that. */
const shortestReturned = 3;

/**
 * What a step does. `move` (cells split, merged, moved): all that it puts in may come from what it takes away.
 * `return` (undo, restore): from what was deleted before as well. `edit` (typing, a file that changed): a part counts
 * when it is long, when nothing else was taken and put in, or when it was there before, as when a word is completed.
 */
export type Doing = 'move' | 'return' | 'edit';

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
    if (doing === 'return') return part === text || solidLength(part) >= shortestReturned;
    if (part.length < shortestHere) return false;
    const isAllOfBoth = part === source.text && part === withoutOuterLineEnds(text);
    return isAtHand(source) || isAllOfBoth || solidLength(part) >= shortestPart;
  };
  const take = (at: number, source: Source, start: number, end: number) => {
    tags.set(source.tags.subarray(start, end), at);
    from.set(source, (from.get(source) ?? 0) + solidLength(source.text.slice(start, end)));
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
  const whole = sources.find((source) => source.text === text && counts(source, text));
  if (whole) take(0, whole, 0, text.length);
  else fill(0, text);
  return { tags, from };
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

/** Units that are not blank. */
export function solidLength(text: string): number {
  return text.replace(/\s+/g, '').length;
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
