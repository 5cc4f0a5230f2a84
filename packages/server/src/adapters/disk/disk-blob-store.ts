/**
 * Blobs as files: <folder>/<project>/<first two of the hash>/<hash>. A blob appears under its name only when all of it
 * is on disk (temporary file, fsync, rename, fsync of the folder); the same content is written once per project.
 * It decides nothing about deleting: blobs/blob-collector.ts does.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, opendir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asBlobHash, type BlobHash, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Logger } from 'pino';
import type { CollectableBlobStore, StoredBlob } from '../../blobs/blob-store.ts';
import { errnoOf, diskReason } from './disk-reason.ts';

export interface DiskBlobStoreOptions {
  readonly folder: string;
  readonly logger?: Logger;
}

export class DiskBlobStore implements CollectableBlobStore {
  readonly #folder: string;
  readonly #logger: Logger | undefined;
  /** Writes under way, so that the same content put twice at once is written once. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Removals under way: a put of the same content waits, then writes it anew. */
  readonly #removing = new Map<string, Promise<boolean>>();
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

  async *list(project: ProjectId): AsyncGenerator<StoredBlob, void> {
    const root = join(this.#folder, project);
    for (const part of (await namesIn(root)).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      const folder = await opendir(join(root, part));
      for await (const { name } of folder) {
        if (!/^[0-9a-f]{64}$/.test(name)) continue;
        const found = await stat(join(root, part, name)).catch(() => null);
        if (found) yield { hash: asBlobHash(name), putAt: found.mtimeMs };
      }
    }
  }

  removeIfOlder(project: ProjectId, hash: BlobHash, before: number): Promise<boolean> {
    const path = this.#path(project, hash);
    if (this.#writing.has(path)) return Promise.resolve(false);
    const removing =
      this.#removing.get(path) ?? removeIfOlder(path, before).finally(() => this.#removing.delete(path));
    this.#removing.set(path, removing);
    return removing;
  }

  #path(project: ProjectId, hash: BlobHash): string {
    if (!/^[0-9a-f]{64}$/.test(hash) || !/^[\w-][\w.-]*$/.test(project)) throw appError('blob/not-found');
    return join(this.#folder, project, hash.slice(0, 2), hash);
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#removing.get(path)?.catch(() => undefined);
    if (await touched(path)) return;
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

async function removeIfOlder(path: string, before: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found || found.mtimeMs >= before) return false;
  await rm(path);
  return true;
}

/** The blob is there; that it was put again is noted, so that it is not collected before it is named. */
async function touched(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
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
