/**
 * From a path in the project to a place on disk that is really inside it, links followed. Looked up anew each time;
 * after opening, the kernel's own answer (`/proc/self/fd`) is checked where there is one, because between a look and
 * an open somebody may have put a link there.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '@cahier/core/errors.ts';
import { baseName, normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import { systemCode } from './file-errors.ts';

export interface SafePath {
  /** Normalised, relative to the project. */
  readonly path: string;
  /** No part but perhaps the last is a link. */
  readonly absolute: string;
}

export class ProjectRoot {
  readonly home: string;
  #real: Promise<string> | null = null;

  constructor(home: string) {
    this.home = home;
  }

  /** The entry itself: when it is a link, the link. Throws `file/outside`, and ENOENT when its folder is not there. */
  async entry(rawPath: string): Promise<SafePath> {
    const path = normaliseProjectPath(rawPath);
    const root = await this.#root();
    if (path === '') return { path, absolute: root };
    const folder = await realpath(join(root, parentPath(path)));
    this.#refuseOutside(root, folder, path);
    return { path, absolute: join(folder, baseName(path)) };
  }

  /** What the entry stands for: links followed to the end. Throws `file/outside`, and ENOENT when it is not there. */
  async target(rawPath: string): Promise<SafePath> {
    const path = normaliseProjectPath(rawPath);
    const root = await this.#root();
    const absolute = await realpath(join(root, path));
    this.#refuseOutside(root, absolute, path);
    return { path, absolute };
  }

  /** Where a write to the entry goes: through a link only to a file inside that is there. */
  async writeTarget(rawPath: string): Promise<SafePath> {
    const entry = await this.entry(rawPath);
    try {
      return await this.target(rawPath);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      const isDangling = await readlink(entry.absolute).then(
        () => true,
        () => false,
      );
      if (isDangling) throw appError('file/outside', { details: { path: entry.path } });
      return entry;
    }
  }

  /** For reading. Never blocks on a FIFO; the caller checks what it is. */
  async open({ path, absolute }: SafePath): Promise<FileHandle> {
    const handle = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const opened = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => absolute);
      this.#refuseOutside(await this.#root(), opened, path);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  #refuseOutside(root: string, absolute: string, path: string): void {
    const isInside = absolute === root || absolute.startsWith(root === '/' ? '/' : `${root}/`);
    if (!isInside) throw appError('file/outside', { details: { path } });
  }

  #root(): Promise<string> {
    this.#real ??= realpath(this.home).catch((error: unknown) => {
      this.#real = null;
      throw error;
    });
    return this.#real;
  }
}
