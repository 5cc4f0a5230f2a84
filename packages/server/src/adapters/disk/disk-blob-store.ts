/**
 * Blobs as files: <folder>/<project>/<first two of the hash>/<hash>. A blob appears under its name only when all of it
 * is on disk (temporary file, fsync, rename, fsync of the folder); the same content is written once per project.
 * It never deletes: what no step and no document names is collected elsewhere.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asBlobHash, type BlobHash, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Logger } from 'pino';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { errnoOf, diskReason } from './disk-reason.ts';

export interface DiskBlobStoreOptions {
  readonly folder: string;
  readonly logger?: Logger;
}

export class DiskBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #logger: Logger | undefined;
  /** Writes under way, so that the same content put twice at once is written once. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Folders known to be there and on disk. */
  readonly #folders = new Set<string>();

  constructor({ folder, logger }: DiskBlobStoreOptions) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Throws `history/not-durable` when the disk refuses. */
  async put(project: ProjectId, bytes: Uint8Array): Promise<BlobHash> {
    const hash = asBlobHash(createHash('sha256').update(bytes).digest('hex'));
    const path = this.#path(project, hash);
    const underWay = this.#writing.get(path);
    const writing = underWay ?? this.#write(path, bytes).finally(() => this.#writing.delete(path));
    if (!underWay) this.#writing.set(path, writing);
    try {
      await writing;
    } catch (error) {
      throw appError('history/not-durable', { details: { why: diskReason(error) }, cause: error });
    }
    return hash;
  }

  async get(project: ProjectId, hash: BlobHash): Promise<Uint8Array> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.#path(project, hash));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#logger?.error({ err: error, hash }, 'a blob cannot be read');
      throw appError('blob/not-found', { cause: error });
    }
    if (createHash('sha256').update(bytes).digest('hex') === hash) return bytes;
    this.#logger?.error({ hash, project }, 'a blob is damaged: its bytes do not match its name');
    throw appError('blob/not-found');
  }

  async has(project: ProjectId, hash: BlobHash): Promise<boolean> {
    return exists(this.#path(project, hash));
  }

  #path(project: ProjectId, hash: BlobHash): string {
    if (!/^[0-9a-f]{64}$/.test(hash) || !/^[\w-][\w.-]*$/.test(project)) throw appError('blob/not-found');
    return join(this.#folder, project, hash.slice(0, 2), hash);
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    if (await exists(path)) return;
    const folder = dirname(path);
    await this.#makeFolder(folder);
    const temporary = join(folder, `.${randomUUID()}.tmp`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncFolder(folder);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Makes the folder and puts its name on disk in the folder above. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    const above = dirname(folder);
    if (above !== folder && folder !== this.#folder) await this.#makeFolder(above);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(above);
    this.#folders.add(folder);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
