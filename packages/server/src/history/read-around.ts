/** Reads entries of which some may be damaged: the damaged ones are named, all others are read. */
import { AppError } from '@cahier/base/app-error.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import type { HistoryLog } from './history-log.ts';

/** An entry, or the number of one that cannot be read. All of from … to, in order. */
export async function readAround(
  log: HistoryLog,
  document: DocumentId,
  from: number,
  to: number,
): Promise<(Entry | number)[]> {
  if (from > to) return [];
  try {
    const entries = await log.entries(document, from, to);
    if (entries.length === to - from + 1) return entries;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'history/damaged') throw error;
  }
  if (from === to) return [from];
  const middle = Math.floor((from + to) / 2);
  return [
    ...(await readAround(log, document, from, middle)),
    ...(await readAround(log, document, middle + 1, to)),
  ];
}
