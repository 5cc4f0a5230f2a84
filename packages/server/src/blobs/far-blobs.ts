/**
 * Blobs in two places: new ones on the disk, old large ones in an object store. Reads look at the disk first; bytes from
 * afar are shown only when they are what their name says. `move` takes a blob off the disk after the object store has
 * given it back whole. Small ones stay: they are read to learn what they name.
 */
import { createHash } from 'node:crypto';
import { AppError } from '@cahier/base/app-error.ts';
import { asBlobHash, type BlobHash, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Logger } from 'pino';
import type { CollectableBlobStore, StoredBlob } from './blob-store.ts';
import type { ObjectStore } from './object-store.ts';

export interface FarBlobsDeps {
  readonly near: CollectableBlobStore;
  readonly far: ObjectStore;
  readonly logger?: Logger;
}

/** Smaller blobs are not moved, bytes. */
export const leastMoved = 16 * 1024;

export class FarBlobs implements CollectableBlobStore {
  readonly #near: CollectableBlobStore;
  readonly #far: ObjectStore;
  readonly #logger: Logger | undefined;

  constructor({ near, far, logger }: FarBlobsDeps) {
    this.#near = near;
    this.#far = far;
    this.#logger = logger;
  }

  put(project: ProjectId, bytes: Uint8Array): Promise<BlobHash> {
    return this.#near.put(project, bytes);
  }

  /** Throws `object/unreachable` when only the object store could have it and does not answer. */
  async get(project: ProjectId, hash: BlobHash): Promise<Uint8Array> {
    try {
      return await this.#near.get(project, hash);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'blob/not-found') throw error;
    }
    const bytes = isHash(hash) ? await this.#far.get(keyOf(project, hash)) : null;
    if (bytes && sha256(bytes) === hash) return bytes;
    if (bytes) this.#logger?.error({ hash, project }, 'a blob in the object store is damaged');
    throw appError('blob/not-found');
  }

  async has(project: ProjectId, hash: BlobHash): Promise<boolean> {
    if (await this.#near.has(project, hash)) return true;
    return isHash(hash) && (await this.#far.stat(keyOf(project, hash))) !== null;
  }

  async *list(project: ProjectId): AsyncGenerator<StoredBlob, void> {
    yield* this.#near.list(project);
    const prefix = keyOf(project, '');
    for await (const { key, putAt } of this.#far.list(prefix)) {
      const hash = key.slice(prefix.length);
      if (isHash(hash)) yield { hash: asBlobHash(hash), putAt };
    }
  }

  /** Both copies go, or none when the one on the disk was put again. */
  async removeIfOlder(project: ProjectId, hash: BlobHash, before: number): Promise<boolean> {
    const isNear = await this.#near.has(project, hash);
    if (isNear && !(await this.#near.removeIfOlder(project, hash, before))) return false;
    const found = await this.#far.stat(keyOf(project, hash));
    if (!found) return isNear;
    if (found.putAt >= before) return isNear;
    await this.#far.remove(keyOf(project, hash));
    return true;
  }

  /**
   * Takes a blob that was put before `before` to the object store; resolves to its size, or null when it stays (too
   * small, damaged, put again). Throws `object/unreachable`; then it stays, too.
   */
  async move(project: ProjectId, hash: BlobHash, before: number): Promise<number | null> {
    const bytes = await this.#near.get(project, hash).catch(() => null);
    if (!bytes || bytes.length < leastMoved) return null;
    await putChecked(this.#far, keyOf(project, hash), bytes);
    return (await this.#near.removeIfOlder(project, hash, before)) ? bytes.length : null;
  }

  /** Blobs on the disk. */
  near(project: ProjectId): AsyncIterable<StoredBlob> {
    return this.#near.list(project);
  }
}

/** Puts bytes unless they are there, and reads them back. Throws `object/unreachable`. */
export async function putChecked(far: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const wanted = sha256(bytes);
  const known = await far.stat(key);
  if (known?.size !== bytes.length) await far.put(key, bytes);
  const kept = await far.get(key);
  if (kept && sha256(kept) === wanted) return;
  await far.put(key, bytes);
  const again = await far.get(key);
  if (!again || sha256(again) !== wanted) {
    throw appError('object/unreachable', { details: { why: 'it gave back other bytes than it was given' } });
  }
}

function keyOf(project: ProjectId, hash: string): string {
  return `blobs/${encodeURIComponent(project)}/${hash}`;
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
