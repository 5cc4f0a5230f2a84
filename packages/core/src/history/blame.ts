/**
 * Who wrote each character: folds steps as fold.ts does and keeps, for every cell, runs of characters with their author
 * and step. Text that one step takes away and puts elsewhere (split, merge, move of lines) keeps its authors, and so
 * does text that an undo or a restore brings back. Pure; owned by whoever asks.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { PastDraft } from './past-draft.ts';
import type { Change, PastDocument, Step, TextDelta } from './step.ts';

/** `length` UTF-16 units in a row, written by `author` in step `seq`. */
export interface BlameRun {
  readonly length: number;
  /** Place in the caller's list; -1: from before the first step given. */
  readonly author: number;
  readonly seq: number;
}

/** Text that was taken away, with who wrote it. */
interface Fragment {
  readonly text: string;
  readonly runs: readonly BlameRun[];
}

/** How many fragments an undo or restore can find again. */
const remembered = 500;
/** Shorter texts are found everywhere and prove nothing; an undo may bring back a single character all the same. */
const shortestMove = 2;

export class Blame {
  readonly #draft: PastDraft;
  readonly #runs = new Map<CellId, readonly BlameRun[]>();
  /** Texts once taken away, oldest first. */
  #gone: Fragment[] = [];

  /** `base`: the document before the first step; its characters have author -1. */
  constructor(base: PastDocument) {
    this.#draft = new PastDraft(base);
    for (const cell of this.#draft.cells.values()) {
      this.#runs.set(cell.id, runsOf(cell.source.length, -1, base.seq));
    }
  }

  /** `author`: the place of the step's author in the caller's list (chunks have lists of their own). */
  apply(step: Step, author: number = step.author): void {
    const taken = step.changes.flatMap((change) => this.#taken(change));
    const isReturn = step.origin === 'undo' || step.origin === 'restore';
    const sources = isReturn ? [...taken, ...this.#gone.toReversed()] : taken;
    const written = (text: string) =>
      authorsOf(text, sources, { author, seq: step.seq }, isReturn ? 1 : shortestMove);
    for (const change of step.changes) {
      if (change.c === 'cell-') this.#runs.delete(change.cell);
      else if (change.c === 'cell+') this.#runs.set(change.cell, written(change.source));
      else if (change.c === 'text' && this.#draft.cells.has(change.cell)) {
        this.#runs.set(change.cell, editRuns(this.#runs.get(change.cell) ?? [], change.delta, written));
      }
      this.#draft.change(change);
    }
    this.#draft.seq = step.seq;
    this.#gone = [...this.#gone, ...taken].slice(-remembered);
  }

  /** The runs of a cell, in order; their lengths add up to its text's. Empty when there is no such cell. */
  runs(cell: CellId): readonly BlameRun[] {
    return this.#runs.get(cell) ?? [];
  }

  /** What a change takes away. */
  #taken(change: Change): Fragment[] {
    if (change.c !== 'text' && change.c !== 'cell-' && change.c !== 'cell+') return [];
    const text = this.#draft.cells.get(change.cell)?.source;
    if (text === undefined || text === '') return [];
    const runs = this.#runs.get(change.cell) ?? [];
    if (change.c !== 'text') return [{ text, runs }];
    const fragments: Fragment[] = [];
    let at = 0;
    for (const part of change.delta) {
      if (typeof part === 'number') at += part;
      else if (typeof part === 'object') {
        fragments.push({ text: text.slice(at, at + part.d), runs: cutRuns(runs, at, at + part.d) });
        at += part.d;
      }
    }
    return fragments.filter((fragment) => fragment.text !== '');
  }
}

/** Authors of an inserted text: parts that were taken from elsewhere keep theirs, the rest is `own`. */
function authorsOf(
  text: string,
  sources: readonly Fragment[],
  own: Omit<BlameRun, 'length'>,
  shortest: number,
): readonly BlameRun[] {
  for (const { text: found, runs } of sources) {
    if (found.length < shortest) continue;
    const at = text.indexOf(found);
    if (at >= 0) {
      return joinRuns([
        ...authorsOf(text.slice(0, at), sources, own, shortest),
        ...runs,
        ...authorsOf(text.slice(at + found.length), sources, own, shortest),
      ]);
    }
    // A merge or split may have kept only a part: the whole inserted text is inside what was taken.
    const inside = text.length >= shortest ? found.indexOf(text) : -1;
    if (inside >= 0) return cutRuns(runs, inside, inside + text.length);
  }
  return runsOf(text.length, own.author, own.seq);
}

function editRuns(
  runs: readonly BlameRun[],
  delta: TextDelta,
  written: (text: string) => readonly BlameRun[],
): readonly BlameRun[] {
  const result: BlameRun[] = [];
  let at = 0;
  for (const part of delta) {
    if (typeof part === 'number') {
      result.push(...cutRuns(runs, at, at + part));
      at += part;
    } else if (typeof part === 'string') result.push(...written(part));
    else at += part.d;
  }
  return joinRuns([...result, ...cutRuns(runs, at, Number.POSITIVE_INFINITY)]);
}

function runsOf(length: number, author: number, seq: number): readonly BlameRun[] {
  return length === 0 ? [] : [{ length, author, seq }];
}

/** The runs of the characters from … to (exclusive). */
function cutRuns(runs: readonly BlameRun[], from: number, to: number): BlameRun[] {
  const result: BlameRun[] = [];
  let at = 0;
  for (const run of runs) {
    const start = Math.max(from, at);
    const end = Math.min(to, at + run.length);
    if (end > start) result.push(end - start === run.length ? run : { ...run, length: end - start });
    at += run.length;
    if (at >= to) break;
  }
  return result;
}

function joinRuns(runs: readonly BlameRun[]): BlameRun[] {
  const result: BlameRun[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last && last.author === run.author && last.seq === run.seq) {
      result[result.length - 1] = { ...last, length: last.length + run.length };
    } else result.push(run);
  }
  return result;
}
