/** Results of the past for the live document: read by hash, and only those that are other than what is there now. */
import type { BlobHash } from '@cahier/base/ids.ts';
import { jsonEquals, type Json } from '@cahier/base/json.ts';
import { pastCells } from '@cahier/core/history/fold.ts';
import { withPastOutput } from '@cahier/core/history/restore.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import { liveCell } from '@cahier/core/runs/apply-live-op.ts';
import { type LiveNotebook, type LiveOutput, emptyLiveCell } from '@cahier/core/runs/live.ts';
import type { PutResult } from '@cahier/core/runs/run-queue.ts';
import { z } from 'zod';
import type { WhichResults } from '../rooms/live-source.ts';

/** Our own bytes, named by their hash. */
const outputList = z.custom<readonly LiveOutput[]>(Array.isArray);

interface BlobReader {
  read(hash: BlobHash): Promise<Uint8Array>;
}

/** A cell that had not run yet has none: putting that back clears it. Throws `blob/not-found`. */
export async function pastResults(
  past: PastDocument,
  { cell: only }: WhichResults,
  blobs: BlobReader,
): Promise<readonly PutResult[]> {
  const cells = pastCells(past).filter(({ id, type }) => (only === null ? type === 'code' : id === only));
  return Promise.all(
    cells.map(async ({ id, run }): Promise<PutResult> => {
      if (!run) return { cell: id, outputs: [], executionCount: null };
      const bytes = await blobs.read(run.outputs);
      const outputs = outputList.parse(JSON.parse(Buffer.from(bytes).toString()));
      return { cell: id, outputs, executionCount: run.count };
    }),
  );
}

/** `output`: only this one of each; the others stay as they are now. */
export function resultsToPut(
  live: LiveNotebook,
  wanted: readonly PutResult[],
  output: number | null,
): readonly PutResult[] {
  return wanted.flatMap((put) => {
    const now = liveCell(live, put.cell) ?? emptyLiveCell;
    if (output === null) return isSame(now, put) ? [] : [put];
    const outputs = withPastOutput(now.outputs, put.outputs, output);
    return outputs === null ? [] : [{ ...put, outputs, executionCount: now.executionCount }];
  });
}

function isSame(now: Pick<PutResult, 'outputs' | 'executionCount'>, put: PutResult): boolean {
  return now.executionCount === put.executionCount && jsonEquals(asJson(now.outputs), asJson(put.outputs));
}

function asJson(outputs: readonly LiveOutput[]): Json {
  const json: Json = JSON.parse(JSON.stringify(outputs));
  return json;
}
