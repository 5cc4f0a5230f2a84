/**
 * Any moment of a document, from chunks: each is fetched once and folded here, so moving inside a chunk costs no
 * network. Keeps a few folded states per chunk, so that going backwards is as quick as going forwards. It asks for
 * chunks through `fetchChunk` and knows nothing else of the server.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import type { PastDocument, Step } from '@cahier/core/history/step.ts';
import { flagsOf } from '@cahier/core/history/timeline.ts';
import type { AuthorOnWire, Chunk } from '@cahier/protocol/http/history.ts';

export interface Moment {
  readonly past: PastDocument;
  /** The step that led here; null at a chunk's base. */
  readonly step: Step | null;
  readonly author: AuthorOnWire | null;
}

/** A step that has a mark on the timeline. */
export interface FlaggedStep {
  readonly seq: number;
  readonly flags: number;
}

interface Known {
  readonly from: number;
  readonly to: number;
  readonly chunk: Chunk;
  /** Folded states, every `stride` steps, by index. */
  readonly stops: (PastDocument | undefined)[];
  /** Steps that stand out; found when they are asked for. */
  flagged: readonly FlaggedStep[] | null;
}

const stride = 128;
/** Chunks kept; the least recently used goes first. */
const mostChunks = 12;

export class PastReader {
  readonly #fetchChunk: (seq: number | null) => Promise<Chunk>;
  #known: Known[] = [];
  #arrived = 0;
  /** By what was asked for; null: the newest. */
  #asking = new Map<number | null, Promise<Known>>();

  /** `fetchChunk(null)`: the newest chunk. */
  constructor(fetchChunk: (seq: number | null) => Promise<Chunk>) {
    this.#fetchChunk = fetchChunk;
  }

  /** The document at `seq` when its chunk is here. */
  now(seq: number): Moment | null {
    const known = this.#find(seq);
    return known ? fold(known, seq) : null;
  }

  /** Rejects with the server's error. */
  async at(seq: number): Promise<Moment> {
    // What is on its way may hold it.
    await this.#asking.get(null)?.catch(() => undefined);
    const known = this.#find(seq) ?? (await this.#ask(seq));
    return fold(known, seq);
  }

  /** Fetches what is looked at first, before the number of the last step is known: `seq`, or the newest (null). */
  prefetch(seq: number | null): void {
    if (seq === null || seq > 0) this.#ask(seq).catch(() => undefined);
  }

  /** Fetches what lies on both sides of `seq`, so that it is there when it is wanted. */
  prefetchAround(seq: number, lastSeq: number): void {
    const known = this.#find(seq);
    if (!known) return;
    for (const next of [known.to + 1, known.from]) {
      if (next >= 1 && next <= lastSeq && !this.#find(next)) this.#ask(next).catch(() => undefined);
    }
  }

  /** Cells that the steps after `from`, up to `to`, touched; as far as they are in one chunk that is here. */
  cellsChanged(from: number, to: number): ReadonlySet<CellId> {
    const known = this.#find(to);
    const cells = new Set<CellId>();
    for (const step of known?.chunk.steps.slice(0, countUpTo(known.chunk.steps, to)) ?? []) {
      if (step.seq <= from) continue;
      for (const change of step.changes) if ('cell' in change) cells.add(change.cell);
    }
    return cells;
  }

  /** Grows with every chunk that comes. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Those after `from`, up to `to`; null when not all of these steps are here. */
  flagged(from: number, to: number): readonly FlaggedStep[] | null {
    const known = this.#known.find((chunk) => from >= chunk.from && to <= chunk.to);
    if (!known) return null;
    known.flagged ??= flaggedSteps(known.chunk.steps);
    return known.flagged.filter(({ seq }) => seq > from && seq <= to);
  }

  /** Server time of a step in ms; null when its chunk is not here. */
  timeOf(seq: number): number | null {
    const steps = this.#find(seq)?.chunk.steps;
    return steps?.[countUpTo(steps, seq) - 1]?.at ?? null;
  }

  /** The first step (the last one when `isBackwards`) after `from`, up to `to`, for which `is` holds; null: none. */
  async find(
    from: number,
    to: number,
    is: (step: Step) => boolean,
    isBackwards: boolean,
  ): Promise<number | null> {
    for (let seq = isBackwards ? to : from + 1; seq > from && seq <= to; ) {
      const { chunk, from: start, to: end } = this.#find(seq) ?? (await this.#ask(seq));
      const steps = chunk.steps.filter((step) => step.seq > from && step.seq <= to);
      const found = isBackwards ? steps.findLast(is) : steps.find(is);
      if (found) return found.seq;
      if (isBackwards ? start >= seq : end < seq) return null;
      seq = isBackwards ? start : end + 1;
    }
    return null;
  }

  #find(seq: number): Known | undefined {
    const found = this.#known.find((known) => seq > known.from && seq <= known.to);
    if (found && this.#known[0] !== found) {
      this.#known = [found, ...this.#known.filter((known) => known !== found)];
    }
    return found;
  }

  #ask(seq: number | null): Promise<Known> {
    const running = this.#asking.get(seq);
    if (running) return running;
    const asked = this.#fetchChunk(seq)
      .then((chunk) => {
        const from = chunk.base.seq;
        const known: Known = { from, to: chunk.steps.at(-1)?.seq ?? from, chunk, stops: [], flagged: null };
        this.#arrived += 1;
        // A chunk that was still growing is replaced by its longer self.
        this.#known = [known, ...this.#known.filter((old) => old.from !== from)].slice(0, mostChunks);
        return known;
      })
      .finally(() => this.#asking.delete(seq));
    this.#asking.set(seq, asked);
    return asked;
  }
}

export function flaggedSteps(steps: readonly Step[]): readonly FlaggedStep[] {
  return steps.flatMap((step) => {
    const flags = flagsOf(step);
    return flags === 0 ? [] : [{ seq: step.seq, flags }];
  });
}

function fold({ chunk, stops }: Known, seq: number): Moment {
  const { base, steps, authors } = chunk;
  const count = countUpTo(steps, seq);
  const stop = Math.floor(count / stride);
  for (let i = 1; i <= stop; i++) {
    const before = stops[i - 1] ?? base;
    stops[i] ??= foldTo(before, steps.slice((i - 1) * stride, i * stride), Number.POSITIVE_INFINITY);
  }
  const start = stop === 0 ? base : (stops[stop] ?? base);
  const past = foldTo(start, steps.slice(stop * stride, count), Number.POSITIVE_INFINITY);
  const step = steps[count - 1] ?? null;
  return { past, step, author: step ? (authors[step.author] ?? null) : null };
}

/** How many steps have a number up to `seq`; steps are in order. */
function countUpTo(steps: readonly Step[], seq: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
