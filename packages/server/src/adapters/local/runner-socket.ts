/**
 * Where runners of this data folder dial in: a Unix socket at a path that is short (systems allow about 100 bytes) and
 * the same in every life of the server, in a folder only this user may enter.
 */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appError } from '@cahier/core/errors.ts';

export interface RunnerSocket {
  readonly path: string;
  /** As runners are told it. */
  readonly address: string;
}

/** `data`: links resolved. Only who holds the data folder's lock may call this: it takes away the socket that was there. */
export async function makeRunnerSocket(data: string): Promise<RunnerSocket> {
  const folder = join(tmpdir(), `cahier-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw appError('start/data', { details: { data: folder, why: 'it belongs to somebody else' } });
  }
  await chmod(folder, 0o700);
  const path = join(folder, 'link.sock');
  await rm(path, { force: true });
  return { path, address: `ws+unix:${path}:/runner-link` };
}
