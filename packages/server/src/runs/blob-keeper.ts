/**
 * Moves bytes to the blob store without making anybody wait: the name is computed at once, the write follows. What
 * names a blob waits for it: `tried` before something is shown, `durable` before something is committed. A write that
 * the disk refuses is tried again, its bytes stay here and can be read meanwhile. One per open project.
 */
import { createHash } from 'node:crypto';
import { backoffMs } from '@cahier/base/backoff.ts';
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { type BlobHash, type ProjectId, asBlobHash } from '@cahier/base/ids.ts';
import type { BlobRef } from '@cahier/core/runs/live.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { RunLog } from './run-log.ts';

export interface BlobKeeperOptions {
  readonly blobs: BlobStore;
  readonly project: ProjectId;
  readonly clock: Clock;
  readonly logger: RunLog;
}

interface Write {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
  readonly durable: Promise<void>;
  readonly tried: Promise<void>;
  readonly settleTried: () => void;
  readonly settleDurable: () => void;
  isShown: boolean;
  isTried: boolean;
}

/** Writes at the same time. */
const lanes = 8;
/** Names remembered as being on disk, and how long: a blob that nothing names is collected a day after its last put. */
const rememberedBlobs = 20_000;
const rememberedMs = 12 * 60 * 60_000;

export class BlobKeeper implements Disposable {
  readonly #options: BlobKeeperOptions;
  readonly #writes = new Map<BlobHash, Write>();
  readonly #kept = new Map<BlobHash, number>();
  readonly #waiting: Write[] = [];
  readonly #timers = new Set<Disposable>();
  #running = 0;
  #isDisposed = false;
  /** Bytes that are not on disk yet. */
  pendingBytes = 0;

  constructor(options: BlobKeeperOptions) {
    this.#options = options;
  }

  /** `isShown`: clients will ask for it as soon as they hear its name. */
  keep(bytes: Uint8Array, isShown = true): BlobRef {
    const hash = asBlobHash(createHash('sha256').update(bytes).digest('hex'));
    const size = bytes.length;
    const keptAt = this.#kept.get(hash);
    if (keptAt !== undefined && this.#options.clock.now() - keptAt < rememberedMs)
      return { blob: hash, size };
    const known = this.#writes.get(hash);
    if (known !== undefined) {
      known.isShown ||= isShown;
      return { blob: hash, size };
    }
    const tried = Promise.withResolvers<void>();
    const durable = Promise.withResolvers<void>();
    const write: Write = {
      hash,
      bytes,
      tried: tried.promise,
      durable: durable.promise,
      settleTried: tried.resolve,
      settleDurable: durable.resolve,
      isShown,
      isTried: false,
    };
    this.#writes.set(hash, write);
    this.pendingBytes += size;
    this.#waiting.push(write);
    this.#drain();
    return { blob: hash, size };
  }

  /** What is on disk may be collected: the same bytes are put again next time. */
  forget(): void {
    this.#kept.clear();
  }

  /** Is there something shown that has not been tried once? */
  get isShowing(): boolean {
    for (const write of this.#writes.values()) if (write.isShown && !write.isTried) return true;
    return false;
  }

  /** Resolves when every shown blob begun so far has been written, or refused once. */
  async tried(): Promise<void> {
    const shown = [...this.#writes.values()].filter((write) => write.isShown);
    await Promise.all(shown.map((write) => write.tried));
  }

  /** Is everything on disk? */
  get isDurable(): boolean {
    return this.#writes.size === 0;
  }

  /** Resolves when every blob begun so far is on disk. */
  async durable(): Promise<void> {
    await Promise.all([...this.#writes.values()].map((write) => write.durable));
  }

  /** Throws `blob/not-found`. */
  async read(hash: BlobHash): Promise<Uint8Array> {
    return this.#writes.get(hash)?.bytes ?? this.#options.blobs.get(this.#options.project, hash);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const timer of this.#timers) timer.dispose();
  }

  #drain(): void {
    while (this.#running < lanes && !this.#isDisposed) {
      const write = this.#waiting.shift();
      if (write === undefined) return;
      this.#running += 1;
      void this.#attempt(write, 0).finally(() => {
        this.#running -= 1;
        this.#drain();
      });
    }
  }

  async #attempt(write: Write, failures: number): Promise<void> {
    const { blobs, project, logger, clock } = this.#options;
    try {
      await blobs.put(project, write.bytes);
    } catch (error) {
      if (failures === 0)
        logger.error({ err: error, project }, 'an output could not be stored; trying again');
      tried(write);
      if (this.#isDisposed) return;
      const timer = clock.after(backoffMs(failures, 0.5), () => {
        this.#timers.delete(timer);
        void this.#attempt(write, failures + 1);
      });
      this.#timers.add(timer);
      return;
    }
    this.#writes.delete(write.hash);
    this.pendingBytes -= write.bytes.length;
    this.#kept.delete(write.hash);
    this.#kept.set(write.hash, clock.now());
    if (this.#kept.size > rememberedBlobs) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    tried(write);
    write.settleDurable();
  }
}

function tried(write: Write): void {
  write.isTried = true;
  write.settleTried();
}
