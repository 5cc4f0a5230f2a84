/**
 * Takes old segments and old large outputs from the disk to the object store, one after the other. Nothing leaves the
 * disk before the object store has given it back byte for byte; when the store fails, everything stays where it is and
 * the next round tries again. Objects that nothing names any more (packed anew, purged) are removed there.
 * Owned by upkeep.ts; one at a time for a data folder.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@cahier/base/clock.ts';
import { AppError } from '@cahier/base/app-error.ts';
import type { DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import { type FarBlobs, putChecked } from '../blobs/far-blobs.ts';
import type { ObjectStore } from '../blobs/object-store.ts';
import type { FarSegments } from './far-segments.ts';
import type { HistoryStore } from './history-store.ts';

export interface MoverDeps {
  readonly store: HistoryStore & FarSegments;
  readonly blobs: FarBlobs;
  readonly far: ObjectStore;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** What is younger stays on the disk, ms. */
  readonly afterMs: number;
}

export interface Moved {
  readonly segments: number;
  readonly blobs: number;
  /** Bytes that left the disk. */
  readonly bytes: number;
  /** Why it ended early; what is not moved stays on the disk. */
  readonly trouble: AppError | null;
}

export class HistoryMover {
  readonly #deps: MoverDeps;
  #working: Promise<unknown> = Promise.resolve();

  constructor(deps: MoverDeps) {
    this.#deps = deps;
  }

  /** Moves what is old enough. */
  move(): Promise<Moved> {
    return this.#alone(() => this.#move());
  }

  /** Removes objects that nothing names any more; those that cannot be removed now are tried again next time. */
  sweep(): Promise<void> {
    return this.#alone(() => this.#sweep());
  }

  /** A segment must not be put while an older one of the same bytes is being removed. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#working.then(work);
    this.#working = turn.catch(() => undefined);
    return turn;
  }

  async #move(): Promise<Moved> {
    const { store, clock, afterMs, logger } = this.#deps;
    const before = clock.now() - afterMs;
    const sum = { segments: 0, blobs: 0, bytes: 0 };
    try {
      const projects = new Set<ProjectId>();
      for (const { id, project } of await store.documents()) {
        projects.add(project);
        for await (const bytes of this.#segments(id, before)) {
          sum.segments += 1;
          sum.bytes += bytes;
        }
      }
      for (const project of projects) {
        for await (const bytes of this.#blobs(project, before)) {
          sum.blobs += 1;
          sum.bytes += bytes;
        }
      }
      await this.#sweep();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger?.warn({ err: error, ...sum }, 'old history stays on the disk for now');
      return { ...sum, trouble: error };
    }
    if (sum.segments + sum.blobs > 0) logger?.info(sum, 'old history was moved to the object store');
    return { ...sum, trouble: null };
  }

  /** Sizes of the segments moved. They are in the order of time: the first that is too young ends it. */
  async *#segments(document: DocumentId, before: number): AsyncGenerator<number, void> {
    const { store, far } = this.#deps;
    for (const { from, to } of await store.nearSegments(document)) {
      const found = await store.segmentBytes(document, from);
      // A damaged one stays where somebody may yet look at it.
      if (!found) continue;
      const [last] = await store.entries(document, to, to);
      if (!last || last.at >= before) return;
      // Should this end here, or the segment be purged meanwhile, the object is found again and removed.
      await store.segmentLeaves(found.key);
      await putChecked(far, found.key, found.bytes);
      await store.segmentMoved(document, from, found.key);
      yield found.bytes.length;
      await nextTurn();
    }
  }

  async *#blobs(project: ProjectId, before: number): AsyncGenerator<number, void> {
    const { blobs } = this.#deps;
    for await (const { hash, putAt } of blobs.near(project)) {
      if (putAt >= before) continue;
      const bytes = await blobs.move(project, hash, before);
      if (bytes !== null) yield bytes;
    }
  }

  async #sweep(): Promise<void> {
    const { store, far } = this.#deps;
    for (const key of await store.leftovers()) {
      await far.remove(key);
      await store.leftoverRemoved(key);
    }
  }
}
