/**
 * Notices that open files or listed folders changed, whoever did it (the server included: it knows what it wrote).
 * The system's notifications make it fast, a look once a second makes it certain: notifications are missing on network
 * drives and lost when a folder is replaced. Tells hashes, never content.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { baseName, joinPath, parentPath } from '@cahier/core/files/project-path.ts';
import type { RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { ProjectFiles } from './project-files.ts';

type Changed = Extract<RunnerSignal, { s: 'files.changed' }>;

interface WatchedFile {
  /** Time, size and inode at the last look; a file that keeps them is not read again. */
  stamp: string;
  /** Undefined: never told. */
  told: string | null | undefined;
}

interface WatchedFolder {
  stamp: string;
  names: string | null;
}

const pollMs = 1_000;
/** Editors write in several steps: wait until they have done. */
const settleMs = 60;
/** A file that is gone may be about to be replaced. */
const goneMs = 120;

export class FileWatch implements Disposable {
  readonly #files: ProjectFiles;
  readonly #clock: Clock;
  readonly #tell: (signal: Changed) => void;
  readonly #watched = new Map<string, WatchedFile>();
  readonly #folders = new Map<string, WatchedFolder>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #due = new Set<string>();
  #check: Disposable | null = null;
  #poll: Disposable | null = null;
  #running: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(files: ProjectFiles, clock: Clock, tell: (signal: Changed) => void) {
    this.#files = files;
    this.#clock = clock;
    this.#tell = tell;
  }

  /**
   * Replaces what is watched. What is new is told once as it is now: it may have changed since the server looked.
   */
  set(files: readonly string[], folders: readonly string[]): void {
    keepOnly(this.#watched, files, () => ({ stamp: '', told: undefined }));
    keepOnly(this.#folders, folders, () => ({ stamp: '', names: null }));
    const wanted = new Set([...files.map(parentPath), ...folders]);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) this.#watch(folder);
    this.#look(this.#everything());
    this.#schedulePoll();
  }

  /** Tells everything watched again: whoever listened may have missed something. */
  tellAgain(): void {
    for (const file of this.#watched.values()) {
      file.told = undefined;
      file.stamp = '';
    }
    for (const folder of this.#folders.values()) {
      folder.names = null;
      folder.stamp = '';
    }
    this.#look(this.#everything());
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#poll?.dispose();
    this.#check?.dispose();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #everything(): string[] {
    return [...this.#watched.keys(), ...this.#folders.keys()];
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(join(this.#files.root.home, folder), { persistent: false }, (_type, name) => {
        this.#soon(name === null ? this.#everything() : [joinPath(folder, name), folder]);
      });
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // the folder is not there, or the system has no more watches: the look once a second stays
    }
  }

  #soon(paths: readonly string[]): void {
    for (const path of paths) if (this.#watched.has(path) || this.#folders.has(path)) this.#due.add(path);
    if (this.#due.size === 0 || this.#isDisposed) return;
    this.#check ??= this.#clock.after(settleMs, () => {
      this.#check = null;
      const due = [...this.#due];
      this.#due.clear();
      this.#look(due);
    });
  }

  #schedulePoll(): void {
    this.#poll?.dispose();
    this.#poll = null;
    if (this.#isDisposed || (this.#watched.size === 0 && this.#folders.size === 0)) return;
    this.#poll = this.#clock.after(pollMs, () => {
      for (const folder of new Set([...[...this.#watched.keys()].map(parentPath), ...this.#folders.keys()]))
        this.#watch(folder);
      this.#look(this.#everything());
      void this.#running.then(() => this.#schedulePoll());
    });
  }

  /** One look after the other, so that what is told is in the order of what was seen. */
  #look(paths: readonly string[]): void {
    this.#running = this.#running.then(() => this.#lookNow(paths)).catch(() => {});
  }

  async #lookNow(paths: readonly string[]): Promise<void> {
    const files: { path: string; hash: string | null }[] = [];
    const folders: string[] = [];
    for (const path of paths) {
      if (this.#isDisposed) return;
      const file = this.#watched.get(path);
      if (file !== undefined && (await this.#hasFileChanged(path, file)))
        files.push({ path, hash: file.told ?? null });
      const folder = this.#folders.get(path);
      if (folder !== undefined && (await this.#hasFolderChanged(path, folder))) folders.push(path);
    }
    if (files.length > 0 || folders.length > 0) this.#tell({ s: 'files.changed', files, folders });
  }

  async #hasFileChanged(path: string, file: WatchedFile): Promise<boolean> {
    let stamp = await this.#stamp(path);
    if (stamp === file.stamp) return false;
    if (stamp === 'gone' && file.told !== undefined && file.told !== null) {
      await new Promise<void>((resolve) => void this.#clock.after(goneMs, resolve));
      stamp = await this.#stamp(path);
    }
    const hash = stamp === 'gone' ? null : await this.#files.hash(path);
    file.stamp = stamp;
    if (hash === file.told) return false;
    file.told = hash;
    return true;
  }

  async #hasFolderChanged(path: string, folder: WatchedFolder): Promise<boolean> {
    const stamp = await this.#stamp(path);
    if (stamp === folder.stamp) return false;
    folder.stamp = stamp;
    const names = await this.#names(path);
    if (names === folder.names) return false;
    folder.names = names;
    return true;
  }

  async #names(path: string): Promise<string> {
    const entries = await readdir(join(this.#files.root.home, path), { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => `${baseName(entry.name)}\0${entry.isDirectory() ? 'd' : 'f'}`)
      .sort()
      .join('\0');
  }

  async #stamp(path: string): Promise<string> {
    const info = await stat(join(this.#files.root.home, path), { bigint: true }).catch(() => null);
    return info === null ? 'gone' : `${info.mtimeNs}:${info.size}:${info.ino}`;
  }
}

function keepOnly<T>(map: Map<string, T>, keys: readonly string[], make: () => T): void {
  const wanted = new Set(keys);
  for (const key of map.keys()) if (!wanted.has(key)) map.delete(key);
  for (const key of wanted) if (!map.has(key)) map.set(key, make());
}
