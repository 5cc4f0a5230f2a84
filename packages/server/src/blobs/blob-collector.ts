/**
 * Removes blobs that no entry of a history, no live document and no mirror names, and that were put more than a day
 * ago: what is on its way into the history is younger. When something that names blobs cannot be read, nothing of that
 * project is removed. Off the path of everything. Owned by history/upkeep.ts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@cahier/base/clock.ts';
import { asBlobHash, type BlobHash, type ProjectId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import type { CollectableBlobStore } from './blob-store.ts';

/** What names blobs. */
export interface BlobNames {
  /** Blobs that the histories of a project name, and JSON in which the live documents name some. */
  of(
    project: ProjectId,
  ): Promise<{ readonly outputs: ReadonlySet<BlobHash>; readonly others: ReadonlySet<BlobHash> }>;
}

export interface BlobCollectorDeps {
  readonly blobs: CollectableBlobStore;
  readonly names: BlobNames;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Blobs put since are never removed, ms. */
  readonly youngMs?: number;
}

const dayMs = 24 * 60 * 60_000;

export class BlobCollector {
  readonly #deps: BlobCollectorDeps;

  constructor(deps: BlobCollectorDeps) {
    this.#deps = deps;
  }

  /** Resolves to the number of blobs removed. `youngMs`: blobs put since stay. */
  async collect(project: ProjectId, youngMs = this.#deps.youngMs ?? dayMs): Promise<number> {
    const { blobs, clock, logger } = this.#deps;
    const before = clock.now() - youngMs;
    const old = new Set<BlobHash>();
    for await (const { hash, putAt } of blobs.list(project)) if (putAt < before) old.add(hash);
    if (old.size === 0) return 0;
    const named = await this.#named(project);
    if (!named) {
      logger?.warn({ project }, 'outputs are not tidied up: some that name others cannot be read');
      return 0;
    }
    let removed = 0;
    for (const hash of old) {
      if (named.has(hash)) continue;
      if (await blobs.removeIfOlder(project, hash, before)) removed += 1;
    }
    if (removed > 0) logger?.info({ project, removed }, 'outputs that nothing names were removed');
    return removed;
  }

  /** Null when an output that is there cannot be read: it may name others. */
  async #named(project: ProjectId): Promise<ReadonlySet<BlobHash> | null> {
    const { blobs, names } = this.#deps;
    const { outputs, others } = await names.of(project);
    const all = new Set([...outputs, ...others]);
    for (const hash of outputs) {
      const bytes = await blobs.get(project, hash).catch(() => null);
      if (bytes) for (const inner of hashesIn(Buffer.from(bytes).toString('latin1'))) all.add(inner);
      else if (await blobs.has(project, hash)) return null;
      await nextTurn();
    }
    return all;
  }
}

/** Everything in a text that reads like a hash: one too many only keeps a blob. */
export function hashesIn(text: string): BlobHash[] {
  return [...text.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)].map(([hash]) => asBlobHash(hash));
}
