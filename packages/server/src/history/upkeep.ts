/**
 * Looks after all histories in the background: the retention rules of the projects, packing, and blobs that nothing
 * names. A while after the start, then every hour (retention and blobs once a day). Owned by main.ts.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { BlobHash, DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { Logger } from 'pino';
import { type BlobCollector, type BlobNames, hashesIn } from '../blobs/blob-collector.ts';
import type { HistoryStore } from './history-store.ts';
import type { HistoryMover } from './mover.ts';
import type { HistoryPacker } from './packer.ts';
import { type HistoryPurge, isPurged } from './purge.ts';

export interface UpkeepDeps {
  readonly store: HistoryStore;
  readonly packer: Pick<HistoryPacker, 'packAll'>;
  /** When there is an object store. */
  readonly mover?: Pick<HistoryMover, 'move' | 'sweep'>;
  readonly collector: Pick<BlobCollector, 'collect'>;
  readonly purge: Pick<HistoryPurge, 'purge'>;
  /** Days of history that a project keeps; null: all. */
  readonly keepDays: (project: ProjectId) => number | null;
  readonly clock: Clock;
  readonly logger?: Logger;
}

const firstMs = 60_000;
const packMs = 60 * 60_000;
const dayMs = 24 * 60 * 60_000;
const rule: EntryAuthor = { person: null, name: 'Retention rule', session: null };

export class HistoryUpkeep implements Disposable {
  readonly #deps: UpkeepDeps;
  #timer: Disposable;
  #daily = Number.NEGATIVE_INFINITY;
  #working: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#timer = this.#after(firstMs);
  }

  /** What is due now. Trouble with one project or document is logged and leaves the others. */
  async work(): Promise<void> {
    const { packer, mover, clock, store, collector } = this.#deps;
    const isDaily = clock.now() - this.#daily >= dayMs;
    if (isDaily) {
      this.#daily = clock.now();
      await this.#retain();
    }
    await packer.packAll();
    // What was purged shall not lie in the object store until tomorrow.
    await mover
      ?.sweep()
      .catch((error: unknown) =>
        this.#deps.logger?.warn({ err: error }, 'what nothing names is still in the object store'),
      );
    if (!isDaily) return;
    await mover?.move();
    const projects = new Set((await store.documents()).map(({ project }) => project));
    for (const project of projects) {
      if (this.#isDisposed) return;
      await collector
        .collect(project)
        .catch((error: unknown) =>
          this.#deps.logger?.warn({ err: error, project }, 'outputs could not be tidied up'),
        );
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer.dispose();
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#working;
  }

  #after(ms: number): Disposable {
    return this.#deps.clock.after(ms, () => {
      this.#working = this.work()
        .catch((error: unknown) => this.#deps.logger?.error({ err: error }, 'looking after histories failed'))
        .finally(() => {
          if (!this.#isDisposed) this.#timer = this.#after(packMs);
        });
    });
  }

  async #retain(): Promise<void> {
    const { store, keepDays, clock, purge, logger } = this.#deps;
    for (const { id, project } of await store.documents()) {
      const days = keepDays(project);
      if (days === null || this.#isDisposed) continue;
      try {
        const range = await this.#olderThan(id, clock.now() - days * dayMs);
        if (range) await purge.purge(project, id, range.from, range.to, rule);
      } catch (error) {
        logger?.warn({ err: error, document: id }, 'old history is still there; it will be removed later');
      }
    }
  }

  /** The entries that are too old and not removed yet: times never run far back, so the border is found by halving. */
  async #olderThan(document: DocumentId, before: number): Promise<{ from: number; to: number } | null> {
    const { store } = this.#deps;
    const entryAt = async (seq: number) => (await store.entries(document, seq, seq))[0];
    const isOld = async (seq: number) => ((await entryAt(seq))?.at ?? Number.POSITIVE_INFINITY) < before;
    let low = 0;
    let high = await store.lastSeq(document);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (await isOld(middle)) low = middle;
      else high = middle - 1;
    }
    if (low === 0) return null;
    // What an earlier purge left is empty, up to and with the state it ended in.
    const done = await this.#purgedTo(document);
    return low > done ? { from: Math.max(1, done), to: low } : null;
  }

  /** Number of the state that an earlier purge ended in; 0 when the beginning was never removed. */
  async #purgedTo(document: DocumentId): Promise<number> {
    const { store } = this.#deps;
    const isEmptied = async (seq: number) => {
      const [entry] = await store.entries(document, seq, seq);
      return entry !== undefined && isPurged(entry);
    };
    let low = 0;
    let high = await store.lastSeq(document);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (await isEmptied(middle)) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? 0 : low + 1;
  }
}

/** Blobs that histories, live documents and mirrors of a project name. */
export function blobNames(store: HistoryStore): BlobNames {
  return {
    of: async (project) => {
      const outputs = new Set<BlobHash>();
      const others = new Set<BlobHash>((await store.liveOf(project)).flatMap(hashesIn));
      for (const row of await store.documents()) {
        if (row.project !== project) continue;
        for (const hash of await store.runBlobs(row.id)) outputs.add(hash);
        const mirror = await store.mirror(row.id);
        for (const hash of hashesIn(`${mirror?.hash ?? ''} ${mirror?.next ?? ''}`)) others.add(hash);
      }
      return { outputs, others };
    },
  };
}
