/** A blob store in memory for tests and simulations; may be told to refuse writes or to damage a blob. */
import { createHash } from 'node:crypto';
import { asBlobHash, type BlobHash, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { BlobStore } from '@cahier/server/blobs/blob-store.ts';

export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();
  #failures = 0;
  /** Bytes really kept (each content once per project). */
  bytes = 0;

  get count(): number {
    return this.#blobs.size;
  }

  /** Contents of the project's blobs, in the order in which they were first put. */
  all(project: ProjectId): Uint8Array[] {
    return [...this.#blobs].filter(([key]) => key.startsWith(`${project}/`)).map(([, bytes]) => bytes);
  }

  /** The next `count` puts are refused. */
  failNext(count = 1): void {
    this.#failures += count;
  }

  /** The blob's bytes no longer match its name. */
  damage(project: ProjectId, hash: BlobHash): void {
    this.#blobs.delete(`${project}/${hash}`);
  }

  async put(project: ProjectId, bytes: Uint8Array): Promise<BlobHash> {
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw appError('history/not-durable', { details: { why: 'the disk is full' } });
    }
    const hash = asBlobHash(createHash('sha256').update(bytes).digest('hex'));
    const key = `${project}/${hash}`;
    if (!this.#blobs.has(key)) {
      this.#blobs.set(key, bytes.slice());
      this.bytes += bytes.length;
    }
    return hash;
  }

  async get(project: ProjectId, hash: BlobHash): Promise<Uint8Array> {
    const bytes = this.#blobs.get(`${project}/${hash}`);
    if (!bytes) throw appError('blob/not-found');
    return bytes.slice();
  }

  async has(project: ProjectId, hash: BlobHash): Promise<boolean> {
    return this.#blobs.has(`${project}/${hash}`);
  }
}
