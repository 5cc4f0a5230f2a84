/**
 * One text in both documents: a cell's, or a file's. The shared one is the source's with line ends as JupyterLab's
 * editor has them (`\r\n` is `\n` there; it would count wrongly otherwise). Changes go over as deltas. Only a text with
 * carriage returns, or one that a delta does not fully tell about, is compared; then with the smallest edit.
 * All offsets are UTF-16 units.
 */
import type * as Y from 'yjs';
import {
  applyDelta,
  applyDeltaTo,
  characterHunks,
  diffText,
  type TextDelta,
} from '../../documents/text-diff.ts';

/** As the shared text has it. */
export function withoutCarriageReturns(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

/** The change that an event tells; null when it holds what is no text. Must be called while the event is told. */
export function deltaOf(event: Y.YTextEvent): TextDelta | null {
  const delta: (number | string | { d: number })[] = [];
  for (const part of event.delta) {
    if (part.retain !== undefined) delta.push(part.retain);
    else if (part.delete !== undefined) delta.push({ d: part.delete });
    else if (typeof part.insert === 'string') delta.push(part.insert);
    else return null;
  }
  return delta;
}

const odd = /[\r\ud800-\udfff]/;

export class TextLink {
  readonly source: Y.Text;
  readonly shared: Y.Text;
  /** May the texts differ though every delta was passed on? (Line ends; Yjs replaces a character that is cut in two.) */
  #isOdd: boolean;

  constructor(source: Y.Text, shared: Y.Text) {
    this.source = source;
    this.shared = shared;
    this.#isOdd = source.length !== shared.length || odd.test(source.toString());
  }

  /** The shared text has changed: the source follows. In a transaction of the source; {@link settle} must come after. */
  pull(told: TextDelta | null): void {
    if (told !== null && !this.#isOdd && this.#isDelta(this.source.length, told)) {
      applyDeltaTo(this.source, isReplacing(told) ? refined(this.source.toString(), told) : told);
    } else this.#pullOdd(told);
    this.#note(told);
  }

  /** The source has changed: the shared text follows. In a transaction of the shared document. */
  push(told: TextDelta | null): void {
    this.#note(told);
    if (told === null || this.#isOdd) {
      setText(this.shared, withoutCarriageReturns(this.source.toString()));
      return;
    }
    applyDeltaTo(this.shared, told);
    if (this.shared.length !== this.source.length) this.#makeEqual();
  }

  /** Whatever is different in the shared text is made as the source has it. In a transaction of the shared document. */
  settle(): void {
    if (this.#isOdd || this.shared.length !== this.source.length) this.#makeEqual();
  }

  /** Like {@link settle}, for a text that nobody has compared yet. */
  mend(): void {
    this.#makeEqual();
  }

  /** Offsets in one text as offsets in the other. */
  toSource(offset: number): number {
    return this.#isOdd ? (starts(this.source)[offset] ?? this.source.length) : offset;
  }

  toShared(offset: number): number {
    if (!this.#isOdd) return Math.min(offset, this.shared.length);
    const at = starts(this.source).findIndex((start) => start >= offset);
    return at < 0 ? this.shared.length : at;
  }

  #makeEqual(): void {
    setText(this.shared, withoutCarriageReturns(this.source.toString()));
  }

  #note(told: TextDelta | null): void {
    this.#isOdd ||= told === null || told.some((part) => typeof part === 'string' && odd.test(part));
  }

  /** Does the delta fit a text of `length` units, and lead to one as long as the shared one? */
  #isDelta(length: number, delta: TextDelta): boolean {
    let left = length;
    let result = length;
    for (const part of delta) {
      if (typeof part === 'string') result += part.length;
      else if (typeof part === 'number') left -= part;
      else {
        left -= part.d;
        result -= part.d;
      }
    }
    return left >= 0 && result === this.shared.length;
  }

  #pullOdd(told: TextDelta | null): void {
    const text = this.source.toString();
    const before = withoutCarriageReturns(text);
    const now = this.shared.toString();
    const isExact = told !== null && this.shared.length === now.length && applyDelta(before, told) === now;
    const delta = isExact ? refined(before, told) : diffText(before, now);
    const at = starts(this.source);
    const start = (k: number) => at[k] ?? this.source.length;
    const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
    let k = 0;
    for (const part of delta) {
      if (typeof part === 'number') k += part;
      else if (typeof part === 'string') {
        edits.push({ from: start(k), to: start(k), text: hasOnlyPairs(text) ? inPairs(part) : part });
      } else {
        edits.push({ from: start(k), to: start(k + part.d), text: '' });
        k += part.d;
      }
    }
    let shift = 0;
    for (const { from, to, text: inserted } of edits) {
      if (inserted !== '') this.source.insert(from + shift, inserted);
      else this.source.delete(from + shift, to - from);
      shift += inserted.length - (to - from);
    }
  }
}

/** Makes `text` read as `target`; what is no text in it goes. The caller opens the transaction. */
export function setText(text: Y.Text, target: string): void {
  if (text.length !== text.toString().length) {
    let at = 0;
    const parts: { readonly insert?: unknown }[] = text.toDelta();
    for (const { insert } of parts) {
      if (typeof insert === 'string') at += insert.length;
      else text.delete(at, 1);
    }
  }
  applyDeltaTo(text, diffText(text.toString(), target));
}

/** For each unit of the shared text where it begins in the source (a line end: with its `\r`). */
function starts(source: Y.Text): readonly number[] {
  const found: number[] = [];
  let at = 0;
  let isAfterReturn = false;
  const parts: { readonly insert?: unknown }[] = source.toDelta();
  for (const { insert } of parts) {
    if (typeof insert !== 'string') {
      at += 1;
      continue;
    }
    for (let i = 0; i < insert.length; i += 1, at += 1) {
      const unit = insert.charAt(i);
      if (unit === '\n' && isAfterReturn) found[found.length - 1] = at - 1;
      else found.push(at);
      isAfterReturn = unit === '\r';
    }
  }
  return found;
}

/** Does every line end with `\r\n`? Then new ones do as well. */
function hasOnlyPairs(text: string): boolean {
  return text.includes('\r\n') && !/(^|[^\r])\n/.test(text);
}

function inPairs(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}

function isReplacing(delta: TextDelta): boolean {
  return delta.some((part, i) => {
    const next = delta[i + 1];
    return (
      (typeof part === 'string' && typeof next === 'object') ||
      (typeof part === 'object' && typeof next === 'string')
    );
  });
}

/** Replaced text is compared: whoever replaces a whole text with one that differs a little changes a little. */
function refined(text: string, delta: TextDelta): TextDelta {
  const result: (number | string | { readonly d: number })[] = [];
  let at = 0;
  for (let i = 0; i < delta.length; i += 1) {
    const part = delta[i];
    const next = delta[i + 1];
    const inserted = typeof part === 'string' ? part : typeof next === 'string' ? next : null;
    const removed = typeof part === 'object' ? part.d : typeof next === 'object' ? next.d : null;
    if (part === undefined) break;
    if (typeof part === 'number' || inserted === null || removed === null) {
      result.push(part);
      if (typeof part === 'number') at += part;
      else if (typeof part === 'object') at += part.d;
      continue;
    }
    let kept = 0;
    for (const hunk of characterHunks(text.slice(at, at + removed), inserted)) {
      if (hunk.aStart > kept) result.push(hunk.aStart - kept);
      if (hunk.aEnd > hunk.aStart) result.push({ d: hunk.aEnd - hunk.aStart });
      if (hunk.bEnd > hunk.bStart) result.push(inserted.slice(hunk.bStart, hunk.bEnd));
      kept = hunk.aEnd;
    }
    if (removed > kept) result.push(removed - kept);
    at += removed;
    i += 1;
  }
  return result;
}
