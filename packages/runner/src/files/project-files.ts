/**
 * The project's files for the server: list, stat, read, write, make, rename, remove. Every path goes through
 * ProjectRoot; only regular files are read; errors are catalogued ones. Holds no state.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, access, lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { appError } from '@cahier/core/errors.ts';
import { baseName, joinPath, normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import { atomicWrite } from './atomic-write.ts';
import { systemCode, withFileErrors } from './file-errors.ts';
import { ProjectRoot } from './safe-path.ts';

export interface ReadFile {
  readonly bytes: Uint8Array;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** Entries looked at in parallel. */
const listingWidth = 64;

export class ProjectFiles {
  readonly root: ProjectRoot;

  constructor(home: string) {
    this.root = new ProjectRoot(home);
  }

  /** Without hidden ones, in no order. Throws `file/*`. */
  list(rawPath: string): Promise<FileEntry[]> {
    return withFileErrors(rawPath, async () => {
      const { path, absolute } = await this.root.target(rawPath);
      const names = (await readdir(absolute)).filter((name) => !name.startsWith('.'));
      const entries: FileEntry[] = [];
      for (let i = 0; i < names.length; i += listingWidth) {
        const some = names.slice(i, i + listingWidth);
        entries.push(...(await Promise.all(some.map((name) => this.#entryOf(joinPath(path, name))))));
      }
      return entries;
    });
  }

  /** Null when there is nothing. Throws `file/outside`, `file/not-permitted`. */
  stat(rawPath: string): Promise<FileEntry | null> {
    return withFileErrors(rawPath, async () => {
      try {
        const { path, absolute } = await this.root.target(rawPath);
        return await entryAt(path, absolute);
      } catch (error) {
        const code = systemCode(error);
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw error;
      }
    });
  }

  /** Throws `file/too-large` above `maxBytes`, `file/is-directory`, `file/failed` for devices and pipes. */
  read(rawPath: string, maxBytes: number): Promise<ReadFile> {
    return withFileErrors(rawPath, async () => {
      const safe = await this.root.target(rawPath);
      const handle = await this.root.open(safe);
      try {
        const { size, mtimeMs } = await regularFile(handle, safe.path);
        const tooLarge = (bytes: number) =>
          appError('file/too-large', { details: { path: safe.path, size: bytes, limit: maxBytes } });
        if (size > maxBytes) throw tooLarge(size);
        const bytes = await handle.readFile();
        if (bytes.length > maxBytes) throw tooLarge(bytes.length);
        return { bytes, hash: sha256(bytes), modifiedAt: mtimeMs };
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * `ifHash`: what must be there now (null: nothing; undefined: whatever). Throws `file/changed`, `file/exists`,
   * `file/disk-full`, `file/not-permitted`; the file then is as it was.
   */
  write(
    rawPath: string,
    bytes: Uint8Array,
    ifHash: string | null | undefined,
  ): Promise<{ readonly hash: string; readonly modifiedAt: number }> {
    return withFileErrors(rawPath, async () => {
      const { path, absolute } = await this.root.writeTarget(rawPath);
      const refuseOther = async () => {
        const there = await stat(absolute).catch(() => null);
        if (there?.isDirectory()) throw appError('file/is-directory', { details: { path } });
        if (there !== null && !there.isFile()) throw notRegular(path);
        if (ifHash === null && there !== null) throw appError('file/exists', { details: { path } });
        if (typeof ifHash === 'string' && (await this.hash(path)) !== ifHash)
          throw appError('file/changed', { details: { path } });
      };
      await refuseOther();
      const modifiedAt = await atomicWrite(absolute, bytes, {
        mustBeNew: ifHash === null,
        beforeReplace: refuseOther,
      });
      return { hash: sha256(bytes), modifiedAt };
    });
  }

  /** Throws `file/exists`. */
  mkdir(rawPath: string): Promise<void> {
    return withFileErrors(rawPath, async () => {
      const { absolute } = await this.root.entry(rawPath);
      await mkdir(absolute);
    });
  }

  /** Links are renamed, not what they point to. Throws `file/exists` when the new name is taken. */
  rename(rawFrom: string, rawTo: string): Promise<void> {
    return withFileErrors(rawFrom, async () => {
      const from = await this.root.entry(rawFrom);
      const to = await withFileErrors(rawTo, () => this.root.entry(rawTo));
      if (from.path === '' || to.path === '') throw appError('file/outside', { details: { path: '' } });
      const before = await lstat(from.absolute);
      const taken = await lstat(to.absolute).catch(() => null);
      // On a file system that ignores case, `a` → `A` finds itself.
      if (taken !== null && (taken.ino !== before.ino || taken.dev !== before.dev || from.path === to.path))
        throw appError('file/exists', { details: { path: to.path } });
      if (to.path.startsWith(`${from.path}/`)) throw appError('file/exists', { details: { path: to.path } });
      await rename(from.absolute, to.absolute);
    });
  }

  /** Folders with all that is in them; links themselves. The project's own folder stays. */
  remove(rawPath: string): Promise<void> {
    return withFileErrors(rawPath, async () => {
      const { path, absolute } = await this.root.entry(rawPath);
      if (path === '') throw appError('file/outside', { details: { path } });
      await rm(absolute, { recursive: true });
    });
  }

  /** Lower-case hex SHA-256 of a regular file; null when there is none. */
  async hash(path: string): Promise<string | null> {
    try {
      const handle = await this.root.open(await this.root.target(path));
      try {
        await regularFile(handle, path);
        const hash = createHash('sha256');
        for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk);
        return hash.digest('hex');
      } finally {
        await handle.close();
      }
    } catch {
      return null;
    }
  }

  /** What cannot be opened (a link that leads out, a name that is not text) is listed as `other`. */
  async #entryOf(path: string): Promise<FileEntry> {
    try {
      const { absolute } = await this.root.target(path);
      return await entryAt(normaliseProjectPath(path), absolute);
    } catch {
      return { name: baseName(path), path, type: 'other', size: 0, modifiedAt: 0, isWritable: false };
    }
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function entryAt(path: string, absolute: string): Promise<FileEntry> {
  const info = await stat(absolute);
  const isWritable = await access(absolute, constants.W_OK).then(
    () => true,
    () => false,
  );
  return {
    name: baseName(path),
    path,
    type: info.isFile() ? 'file' : info.isDirectory() ? 'directory' : 'other',
    size: info.size,
    modifiedAt: info.mtimeMs,
    isWritable,
  };
}

async function regularFile(handle: FileHandle, path: string): Promise<{ size: number; mtimeMs: number }> {
  const info = await handle.stat();
  if (info.isDirectory()) throw appError('file/is-directory', { details: { path } });
  if (!info.isFile()) throw notRegular(path);
  return info;
}

const notRegular = (path: string) =>
  appError('file/failed', { details: { path, why: 'it is not an ordinary file' } });
