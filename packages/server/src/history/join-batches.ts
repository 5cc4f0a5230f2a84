/** Several batches as one, in order: later rows about the same thing replace earlier ones. */
import type { Entry } from '@cahier/core/history/entry.ts';
import type { CommitBatch } from './history-log.ts';

export function joinBatches(
  batches: readonly Omit<CommitBatch, 'entries'>[],
  entries: readonly Entry[],
): CommitBatch {
  // A later cursor of the same runner covers the earlier one; a batch has room for one runner.
  const cursor = batches.findLast((batch) => batch.cursor)?.cursor;
  return {
    entries,
    documents: batches.flatMap((batch) => batch.documents ?? []),
    live: lastOfEach(batches.flatMap((batch) => batch.live ?? [])),
    mirrors: lastOfEach(batches.flatMap((batch) => batch.mirrors ?? [])),
    snapshots: lastOfEach(batches.flatMap((batch) => batch.snapshots ?? [])),
    labUpdates: batches.flatMap((batch) => batch.labUpdates ?? []),
    labStates: lastOfEach(batches.flatMap((batch) => batch.labStates ?? [])),
    ...(cursor ? { cursor } : {}),
  };
}

function lastOfEach<Row extends { readonly document: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.document, row])).values()];
}
