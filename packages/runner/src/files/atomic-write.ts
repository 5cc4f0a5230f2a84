/**
 * Replaces a file as a whole or not at all: temp file beside it, fsync, rename, fsync of the folder. Whoever reads at
 * any moment sees the old or the new bytes; a full disk leaves the old ones.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from './file-errors.ts';

/** Hidden, and told apart from a person's own hidden files. */
export const tempPrefix = '.~cahier-';

export interface AtomicWriteOptions {
  /** Fail with EEXIST when something is there already. */
  readonly mustBeNew: boolean;
  /** Called when the bytes are on disk under the temp name, before they take the place: the last look. */
  readonly beforeReplace?: () => Promise<void>;
}

/** Returns the modification time, ms since the epoch. Throws the system's errors. */
export async function atomicWrite(
  absolute: string,
  bytes: Uint8Array,
  options: AtomicWriteOptions,
): Promise<number> {
  const folder = dirname(absolute);
  const temp = join(folder, `${tempPrefix}${randomBytes(8).toString('hex')}`);
  const before = await stat(absolute).catch(() => null);
  let handle: FileHandle | null = await open(temp, 'wx', 0o666);
  try {
    if (before !== null) {
      await handle.chmod(before.mode & 0o7777);
      await keepOwner(handle, before);
    }
    await handle.writeFile(bytes);
    await handle.sync();
    const { mtimeMs } = await handle.stat();
    await handle.close();
    handle = null;
    await options.beforeReplace?.();
    if (options.mustBeNew) await placeNew(temp, absolute);
    else await rename(temp, absolute);
    await syncFolder(folder);
    return mtimeMs;
  } catch (error) {
    await handle?.close().catch(() => {});
    await rm(temp, { force: true }).catch(() => {});
    throw error;
  }
}

/** A link, unlike a rename, fails when the name is taken. Some file systems have none: then look first. */
async function placeNew(temp: string, absolute: string): Promise<void> {
  try {
    await link(temp, absolute);
    await rm(temp, { force: true });
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    const isTaken = await stat(absolute).then(
      () => true,
      () => false,
    );
    if (isTaken) throw Object.assign(new Error('it exists already'), { code: 'EEXIST' });
    await rename(temp, absolute);
  }
}

async function keepOwner(handle: FileHandle, before: { uid: number; gid: number }): Promise<void> {
  const now = await handle.stat();
  if (now.uid === before.uid && now.gid === before.gid) return;
  await handle.chown(before.uid, before.gid).catch(() => {});
}

/** Makes the rename itself durable. Not every file system lets a folder be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  try {
    await handle.sync();
  } catch {
    // the rename is done; its durability is the file system's word
  } finally {
    await handle.close();
  }
}
