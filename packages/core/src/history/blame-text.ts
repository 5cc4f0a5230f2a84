/**
 * A text of which every UTF-16 unit carries a tag (the number of who wrote it), edited in place at some microseconds
 * an edit however long it is: units and tags lie in a gap buffer. Owned by blame.ts.
 */
import type { TextDelta } from './step.ts';

/** A piece of text with its tags, one per unit. */
export interface Tagged {
  readonly text: string;
  readonly tags: Int32Array;
}

/** What an edit did to the text. */
export interface Edited {
  readonly taken: readonly TakenPiece[];
  /** All that was put in lies from here to there, in the text as it is now; -1: nothing was put in. */
  readonly from: number;
  readonly to: number;
}

/** What a delta took away, and where in the text it was (after the edits before it). */
export interface TakenPiece extends Tagged {
  readonly at: number;
}

export class BlameText {
  #units: Uint16Array;
  #tags: Int32Array;
  /** The gap: units before `#gap` and from `#gapEnd` on are the text. */
  #gap = 0;
  #gapEnd: number;

  constructor(text: string, tag: number) {
    this.#units = new Uint16Array(text.length + 16);
    this.#tags = new Int32Array(text.length + 16);
    this.#gapEnd = text.length + 16;
    this.#insert(0, text, tag);
  }

  get length(): number {
    return this.#units.length - (this.#gapEnd - this.#gap);
  }

  /** Inserted units get `tag`; what reaches beyond the end is ignored. */
  edit(delta: TextDelta, tag: number): Edited {
    let at = 0;
    let taken: TakenPiece[] | null = null;
    let [from, to] = [-1, -1];
    for (const part of delta) {
      if (typeof part === 'number') at = Math.min(at + part, this.length);
      else if (typeof part === 'string') {
        this.#insert(at, part, tag);
        if (from < 0) from = at;
        at += part.length;
        to = at;
      } else {
        const count = Math.min(part.d, this.length - at);
        if (count <= 0) continue;
        taken ??= [];
        taken.push({ ...this.slice(at, at + count), at });
        this.#moveGap(at);
        this.#gapEnd += count;
      }
    }
    return { taken: taken ?? nothing, from, to };
  }

  slice(from: number, to: number): Tagged {
    const tags = new Int32Array(to - from);
    const units = new Uint16Array(to - from);
    const before = Math.max(0, Math.min(to, this.#gap) - from);
    const shift = this.#gapEnd - this.#gap;
    if (before > 0) {
      units.set(this.#units.subarray(from, from + before));
      tags.set(this.#tags.subarray(from, from + before));
    }
    units.set(this.#units.subarray(from + before + shift, to + shift), before);
    tags.set(this.#tags.subarray(from + before + shift, to + shift), before);
    return { text: stringOf(units), tags };
  }

  whole(): Tagged {
    return this.slice(0, this.length);
  }

  /** Gives the units from `from` on other tags. */
  retag(from: number, tags: Int32Array): void {
    this.#moveGap(from + tags.length);
    this.#tags.set(tags, from);
  }

  #insert(at: number, text: string, tag: number): void {
    if (this.#gapEnd - this.#gap < text.length) this.#grow(text.length);
    this.#moveGap(at);
    for (let i = 0; i < text.length; i += 1) {
      this.#units[at + i] = text.charCodeAt(i);
      this.#tags[at + i] = tag;
    }
    this.#gap += text.length;
  }

  #moveGap(to: number): void {
    if (to === this.#gap) return;
    const shift = this.#gapEnd - this.#gap;
    if (to < this.#gap) {
      this.#units.copyWithin(to + shift, to, this.#gap);
      this.#tags.copyWithin(to + shift, to, this.#gap);
    } else {
      this.#units.copyWithin(this.#gap, this.#gapEnd, to + shift);
      this.#tags.copyWithin(this.#gap, this.#gapEnd, to + shift);
    }
    this.#gap = to;
    this.#gapEnd = to + shift;
  }

  #grow(by: number): void {
    const length = this.length;
    this.#moveGap(length);
    const size = Math.ceil((length + by) * 1.5) + 16;
    const units = new Uint16Array(size);
    const tags = new Int32Array(size);
    units.set(this.#units.subarray(0, length));
    tags.set(this.#tags.subarray(0, length));
    [this.#units, this.#tags, this.#gapEnd] = [units, tags, size];
  }
}

const nothing: readonly TakenPiece[] = [];

/** Longest list of arguments that every engine takes. */
const most = 8_192;

function stringOf(units: Uint16Array): string {
  if (units.length <= most) return String.fromCharCode(...units);
  let text = '';
  for (let i = 0; i < units.length; i += most) text += String.fromCharCode(...units.subarray(i, i + most));
  return text;
}
