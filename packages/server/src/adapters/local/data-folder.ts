/**
 * The data folder: made at the first start, checked at every start, used by one server at a time. Everything that can
 * be wrong with it ends the start with one sentence.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { appError } from '@cahier/core/errors.ts';
import { z } from 'zod';
import { isSameProcess, processBirth } from './process-birth.ts';

/** Raised when an older Cahier could no longer read what this one writes. */
export const dataFormat = 1;

export interface DataFolder {
  /** Absolute, links resolved. */
  readonly path: string;
  readonly mainDatabase: string;
  readonly historyDatabase: string;
  readonly blobs: string;
  readonly projects: string;
  readonly runners: string;
  readonly cache: string;
  readonly logFile: string;
  readonly ownerToken: string;
  /** Key of what the server vouches for (rooms/vouchers.ts). */
  readonly voucherKey: string;
  /** Lets another server use it. */
  release(): Promise<void>;
}

const versionFile = z.object({ format: z.int(), app: z.string() });
const lockFile = z.object({ pid: z.int().positive(), birth: z.string(), nonce: z.string() });

/** Throws `start/data`, `start/newer-data`, `start/locked`. */
export async function openDataFolder(data: string, app: string): Promise<DataFolder> {
  const path = await writableFolder(data);
  await checkVersion(path, app);
  const nonce = await lock(path);
  const inside = (...parts: string[]) => join(path, ...parts);
  try {
    for (const folder of ['projects', 'runners', 'blobs', 'log', 'cache']) {
      await mkdir(inside(folder), { recursive: true, mode: 0o700 });
    }
    await writeProbe(path);
    await writeVersion(inside('version.json'), `${JSON.stringify({ format: dataFormat, app })}\n`);
  } catch (error) {
    await unlock(path, nonce);
    throw unusable(data, error);
  }
  return {
    path,
    mainDatabase: inside('main.sqlite'),
    historyDatabase: inside('history.sqlite'),
    blobs: inside('blobs'),
    projects: inside('projects'),
    runners: inside('runners'),
    cache: inside('cache'),
    logFile: inside('log', 'server.log'),
    ownerToken: inside('owner-token'),
    voucherKey: inside('voucher-key'),
    release: () => unlock(path, nonce),
  };
}

/**
 * The folder that is to be the project: absolute, links resolved. `data` must not lie in it: its secrets would be files
 * of the project. Throws `start/folder`, `start/data`.
 */
export async function readableFolder(folder: string, data: string): Promise<string> {
  try {
    const home = await realpath(folder);
    if (!(await stat(home)).isDirectory()) throw new Error('it is not a folder');
    await access(home, constants.R_OK | constants.X_OK);
    await readdir(home);
    const place = await realpath(data).catch(() => resolve(data));
    if (place === home || !relative(home, place).startsWith('..')) {
      throw appError('start/data-inside', { details: { data } });
    }
    return home;
  } catch (error) {
    if (error instanceof Error && error.name === 'AppError') throw error;
    throw appError('start/folder', { details: { folder, why: reasonOf(error) } });
  }
}

async function writableFolder(data: string): Promise<string> {
  try {
    const isNew = (await mkdir(data, { recursive: true, mode: 0o700 })) !== undefined;
    const path = await realpath(data);
    if (isNew) await chmod(path, 0o700);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    throw unusable(data, error);
  }
}

/** A full disk may still take an empty file: only bytes that were synced tell. */
async function writeProbe(path: string): Promise<void> {
  const file = join(path, `.probe-${randomUUID()}`);
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(Buffer.alloc(64 * 1024, 1));
    await handle.sync();
  } finally {
    await handle.close();
    await rm(file, { force: true });
  }
}

async function checkVersion(path: string, app: string): Promise<void> {
  const text = await readFile(join(path, 'version.json'), 'utf8').catch(() => null);
  if (text === null) return;
  const version = versionFile.safeParse(jsonOf(text));
  if (!version.success) {
    throw appError('start/data', { details: { data: path, why: 'its version.json cannot be read' } });
  }
  if (version.data.format > dataFormat) {
    throw appError('start/newer-data', { details: { data: path, app: version.data.app, own: app } });
  }
}

/** Whole or not at all: a torn file would keep the next server from starting. */
async function writeVersion(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  await writeFile(`${file}.new`, text, { flush: true });
  await rename(`${file}.new`, file);
}

async function lock(path: string): Promise<string> {
  const file = join(path, 'server.lock');
  const own = { pid: process.pid, birth: (await processBirth(process.pid)) ?? '', nonce: randomUUID() };
  const text = JSON.stringify(own);
  for (;;) {
    try {
      await writeFile(file, text, { flag: 'wx', mode: 0o600 });
      return own.nonce;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw unusable(path, error);
    }
    const held = lockFile.safeParse(jsonOf(await readFile(file, 'utf8').catch(() => '')));
    const isOther = held.success && !(held.data.pid === own.pid && held.data.birth === own.birth);
    if (isOther && (await isSameProcess(held.data.pid, held.data.birth))) {
      throw appError('start/locked', { details: { data: path, pid: held.data.pid } });
    }
    // of a server that was killed: put aside under a name of our own, so that two who see this do not both win
    const aside = `${file}.${own.nonce}`;
    await rename(file, aside).catch(() => {});
    await rm(aside, { force: true });
  }
}

async function unlock(path: string, nonce: string): Promise<void> {
  const file = join(path, 'server.lock');
  const held = lockFile.safeParse(jsonOf(await readFile(file, 'utf8').catch(() => '')));
  if (held.success && held.data.nonce === nonce) await rm(file, { force: true });
}

function unusable(data: string, error: unknown) {
  return appError('start/data', { details: { data, why: reasonOf(error) }, cause: error });
}

function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it is not a folder',
    EEXIST: 'a file has this name',
    EACCES: 'the system does not permit it',
    EPERM: 'the system does not permit it',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
  };
  const code = codeOf(error);
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
