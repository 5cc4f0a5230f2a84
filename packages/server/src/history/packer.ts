/**
 * Moves entries that are no longer hot into segments: those older than a day, and all of a document that has more than
 * 4 MB of them. Nothing is merged or lost: a segment gives back every entry as it was. Runs in the background, a
 * document and a segment at a time. Owned by upkeep.ts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import type { Logger } from 'pino';
import type { HistoryStore, SegmentPlace } from './history-store.ts';
import { readAround } from './read-around.ts';
import { Turns } from './turns.ts';

export interface PackerDeps {
  readonly store: HistoryStore;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Entries younger than this stay hot, ms. */
  readonly hotMs?: number;
  /** A document with more bytes of hot payload is packed at once. */
  readonly hotBytes?: number;
  /** Entries in a segment: more pack better, fewer are read faster and fewer are lost with one. */
  readonly segmentEntries?: number;
  /** Shared with the purge: what is being packed must not come back after it. */
  readonly turns?: Turns;
}

const dayMs = 24 * 60 * 60_000;
const segmentBytes = 1024 * 1024;

export class HistoryPacker {
  readonly #store: HistoryStore;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #hotMs: number;
  readonly #hotBytes: number;
  readonly #segmentEntries: number;
  readonly #turns: Turns;

  constructor(deps: PackerDeps) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#hotMs = deps.hotMs ?? dayMs;
    this.#hotBytes = deps.hotBytes ?? 4 * 1024 * 1024;
    this.#segmentEntries = deps.segmentEntries ?? 2_000;
    this.#turns = deps.turns ?? new Turns();
  }

  /** Packs what is due in all documents; resolves to the number of entries packed. One document's trouble is logged. */
  async packAll(): Promise<number> {
    let packed = 0;
    for (const { id } of await this.#store.documents()) {
      try {
        packed += await this.pack(id);
      } catch (error) {
        this.#logger?.warn(
          { err: error, document: id },
          'a history could not be packed; it is kept as it is',
        );
      }
      await nextTurn();
    }
    return packed;
  }

  /** Throws `history/not-durable`; what was packed before stays packed. */
  pack(document: DocumentId): Promise<number> {
    return this.#turns.take(document, () => this.#pack(document));
  }

  async #pack(document: DocumentId): Promise<number> {
    const hot = await this.#store.hotStretch(document);
    if (!hot) return 0;
    const isLarge = hot.bytes > this.#hotBytes;
    const before = isLarge ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#hotMs;
    if (hot.oldestAt >= before) return 0;
    let packed = 0;
    for (const gap of gapsBetween(hot, await this.#store.segments(document, hot.from, hot.to))) {
      packed += await this.#packGap(document, gap, before);
    }
    return packed;
  }

  /** A stretch that has no segment. Entries that are damaged stay where they are, between two segments. */
  async #packGap(document: DocumentId, { from, to }: SegmentPlace, before: number): Promise<number> {
    let packed = 0;
    let next = from;
    while (next <= to) {
      const start = await this.#startFor(document, next);
      const read = await readAround(
        this.#store,
        document,
        start,
        Math.min(to, start + this.#segmentEntries - 1),
      );
      const entries = leading(read, before);
      const reached = entries.at(-1)?.seq ?? next - 1;
      if (reached >= next) {
        await this.#store.pack(entries);
        packed += reached - next + 1;
        next = reached + 1;
      } else if (typeof read.find((it) => seqOf(it) === next) === 'number') next += 1;
      else break;
      await nextTurn();
    }
    return packed;
  }

  /** A short segment right before is packed anew together with what follows it. */
  async #startFor(document: DocumentId, next: number): Promise<number> {
    if (next <= 1) return next;
    const [last] = await this.#store.segments(document, next - 1, next - 1);
    if (!last || last.to - last.from + 1 > this.#segmentEntries / 2) return next;
    const kept = await readAround(this.#store, document, last.from, last.to);
    return kept.some((entry) => typeof entry === 'number') ? next : last.from;
  }
}

function seqOf(entry: Entry | number): number {
  return typeof entry === 'number' ? entry : entry.seq;
}

/** Entries up to the first that is damaged or too young, or as many as one segment should hold. */
function leading(read: readonly (Entry | number)[], before: number): Entry[] {
  const entries: Entry[] = [];
  let bytes = 0;
  for (const entry of read) {
    if (typeof entry === 'number' || entry.at >= before) break;
    bytes += entry.kind === 'update' ? entry.update.length : 200;
    if (bytes > segmentBytes && entries.length > 0) break;
    entries.push(entry);
  }
  return entries;
}

function gapsBetween({ from, to }: SegmentPlace, segments: readonly SegmentPlace[]): SegmentPlace[] {
  const gaps: SegmentPlace[] = [];
  let next = from;
  for (const segment of segments) {
    if (segment.from > next) gaps.push({ from: next, to: segment.from - 1 });
    next = segment.to + 1;
  }
  if (next <= to) gaps.push({ from: next, to });
  return gaps;
}
