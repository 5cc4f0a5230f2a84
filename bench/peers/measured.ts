/** What the two programs hold: memory of processes, bytes of their stores on disk. */
import { existsSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteHistoryLog } from '@cahier/server/adapters/sqlite/history-log.ts';
import { HistoryPacker } from '@cahier/server/history/packer.ts';
import { z } from 'zod';
import type { ServerProcess } from '../../e2e/support/server-process.ts';

/** Resident memory, MB. */
export function rssMb(...pids: readonly number[]): number {
  return pids
    .map((pid) => readFileSync(`/proc/${pid}/status`, 'utf8'))
    .reduce((sum, status) => sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024, 0);
}

/** Of the server and of the project's runner. */
export function pidsOf(server: ServerProcess, project: string): number[] {
  const note = readFileSync(join(server.data, 'runners', project, 'runner.json'), 'utf8');
  return [server.pid, z.object({ pid: z.number() }).parse(JSON.parse(note)).pid];
}

/** Bytes of pages in use, less what is free in them; 0 when the file is not there yet. Source: https://www.sqlite.org/dbstat.html */
function bytesOf(file: string): number {
  if (!existsSync(file)) return 0;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 20_000 });
  try {
    return Number(db.prepare('SELECT sum(pgsize - unused) AS bytes FROM dbstat').get()?.['bytes'] ?? 0);
  } finally {
    db.close();
  }
}

export async function rivalStore(folder: string): Promise<number> {
  return bytesOf(join(folder, '.jupyter_ystore.db'));
}

/** History, what is derived from it, and blobs. */
export async function cahierStore(data: string): Promise<number> {
  return bytesOf(join(data, 'history.sqlite')) + (await sizeBelow(join(data, 'blobs')));
}

/** As upkeep does it to entries of the day before; the server must be stopped. */
export async function packAll(data: string): Promise<void> {
  const clock = { now: () => Date.now(), after: () => ({ dispose: () => undefined }) };
  const log = await SqliteHistoryLog.open(join(data, 'history.sqlite'));
  await new HistoryPacker({ store: log, clock, hotMs: -1 }).packAll();
  await log.close();
}

async function sizeBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((entry) => stat(join(entry.parentPath, entry.name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
