/** Test program: opens histories and says a line of JSON for each: what can be read of it, as hashes, or why nothing can. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { asDocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { readAround } from '../../history/read-around.ts';
import { SqliteHistoryLog } from './history-log.ts';

export interface ReadHistory {
  /** In order; a number: the entry of this number is damaged. */
  readonly entries: readonly (string | number)[];
  /** Why it does not open. */
  readonly refused: string | null;
}

export function entryHash(entry: Entry): string {
  const { seq, at, author, origin } = entry;
  const update = entry.kind === 'update' ? Buffer.from(entry.update).toString('hex') : '';
  return createHash('sha256')
    .update(JSON.stringify([seq, at, author, origin, update]))
    .digest('hex')
    .slice(0, 16);
}

async function read(file: string, last: number): Promise<ReadHistory> {
  try {
    const log = await SqliteHistoryLog.open(file);
    const found = await readAround(log, asDocumentId('d1'), 1, last);
    await log.close();
    return {
      entries: found.map((entry) => (typeof entry === 'number' ? entry : entryHash(entry))),
      refused: null,
    };
  } catch (error) {
    return { entries: [], refused: error instanceof Error ? error.message : 'refused' };
  }
}

if (import.meta.main) {
  const [, , last = '0', ...files] = process.argv;
  for (const file of files) writeSync(1, `${JSON.stringify(await read(file, Number(last)))}\n`);
}
