/**
 * Port: content-addressed bytes of one server, named by SHA-256. Scoped by project, so that a hash is no key to
 * another project's output. `put` resolves when the bytes are on disk. Contract suite: blob-store.contract.ts.
 */
import type { BlobHash, ProjectId } from '@cahier/base/ids.ts';

export interface BlobStore {
  put(project: ProjectId, bytes: Uint8Array): Promise<BlobHash>;
  /** Throws `blob/not-found`; a blob whose bytes no longer match its hash is not found either (and is logged). */
  get(project: ProjectId, hash: BlobHash): Promise<Uint8Array>;
  has(project: ProjectId, hash: BlobHash): Promise<boolean>;
}

export interface StoredBlob {
  readonly hash: BlobHash;
  /** When it was last put, ms since the epoch. */
  readonly putAt: number;
}

/** A store that can let go of what nothing names any more (blob-collector.ts decides). */
export interface CollectableBlobStore extends BlobStore {
  list(project: ProjectId): AsyncIterable<StoredBlob>;
  /** Removes a blob unless it was put at or after `before`; false when it stays. A put at the same time wins. */
  removeIfOlder(project: ProjectId, hash: BlobHash, before: number): Promise<boolean>;
}
