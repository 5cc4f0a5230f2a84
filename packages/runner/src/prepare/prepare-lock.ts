/**
 * One preparation per data folder at a time: a folder made by `mkdir` is the lock, with the holder's process id in it.
 * A holder that is gone loses it. Others wait and then find the work done.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../files/file-errors.ts';

const retryMs = 500;
/** A lock without a readable process id is one that is just being made, or a torn one. */
const tornAfterMs = 10_000;

export async function withPrepareLock<T>(
  folder: string,
  onWait: () => void,
  task: () => Promise<T>,
): Promise<T> {
  const lock = join(folder, 'python.lock');
  const note = join(lock, 'pid');
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    if (await isAbandoned(lock, note)) {
      // Only one of several waiters can move it away.
      const grave = `${lock}.${process.pid}`;
      await rename(lock, grave).then(
        () => rm(grave, { recursive: true, force: true }),
        () => {},
      );
      continue;
    }
    onWait();
    await sleep(retryMs);
  }
  try {
    await writeFile(note, String(process.pid));
    return await task();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function isAbandoned(lock: string, note: string): Promise<boolean> {
  const pid = Number(await readFile(note, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1) {
    const made = await stat(lock).catch(() => null);
    return made !== null && Date.now() - made.mtimeMs > tornAfterMs;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
