/** Folds a run's messages into the live document, with large values and finished lines moved to blobs on the way. */
import type { CellId, RunId } from '@cahier/base/ids.ts';
import { applyLiveOp, liveCell } from '@cahier/core/runs/apply-live-op.ts';
import { foldOutput } from '@cahier/core/runs/fold-output.ts';
import type { LiveNotebook, LiveOp, TextPage } from '@cahier/core/runs/live.ts';
import { countLines, pageCut, tailLimit } from '@cahier/core/runs/page-cut.ts';
import { cellWithRun } from '@cahier/core/runs/run-queue.ts';
import type { OutputMessage } from '@cahier/protocol/runner/up.ts';
import type { BlobKeeper } from './blob-keeper.ts';
import { moveLargeValues } from './large-values.ts';

type Keeper = Pick<BlobKeeper, 'keep'>;

/** What a stream keeps in the document once nothing is added to it any more, in UTF-16 units. */
const restLimit = 16 * 1024;

/** null: no cell has this run (any more). */
export function foldMessages(
  state: LiveNotebook,
  run: RunId,
  messages: readonly OutputMessage[],
  keeper: Keeper,
): LiveNotebook | null {
  const id = cellWithRun(state, run)?.id;
  if (id === undefined) return null;
  let next = state;
  for (const message of messages) {
    const before = liveCell(next, id)?.outputs.length ?? 0;
    for (const op of foldOutput(next, id, message)) next = applyLiveOp(next, movedOp(op, keeper));
    const count = liveCell(next, id)?.outputs.length ?? 0;
    if (count > before && count > 1) next = movePages(next, id, count - 2, restLimit, keeper);
    if (message.type === 'stream') next = movePages(next, id, count - 1, tailLimit, keeper);
  }
  return next;
}

/** The run is over: what its streams keep in the document gets small. */
export function settleStreams(state: LiveNotebook, run: RunId, keeper: Keeper): LiveNotebook {
  const found = cellWithRun(state, run);
  if (found === null) return state;
  return found.cell.outputs.reduce(
    (next, _output, index) => movePages(next, found.id, index, restLimit, keeper),
    state,
  );
}

/** Moves lines of one stream out of the document when its text is longer than `limit`. */
export function movePages(
  state: LiveNotebook,
  cell: CellId,
  index: number,
  limit: number,
  keeper: Keeper,
): LiveNotebook {
  let next = state;
  for (;;) {
    const output = liveCell(next, cell)?.outputs[index];
    if (output?.type !== 'stream') return next;
    const drop = pageCut(output.text, limit);
    if (drop === 0) return next;
    const text = output.text.slice(0, drop);
    const page: TextPage = { ...keeper.keep(Buffer.from(text)), lines: countLines(text) };
    next = applyLiveOp(next, { op: 'stream.page', cell, index, page, drop });
  }
}

function movedOp(op: LiveOp, keeper: Keeper): LiveOp {
  if (op.op === 'output.add' || op.op === 'output.set')
    return { ...op, output: moveLargeValues(op.output, keeper) };
  if (op.op === 'outputs')
    return { ...op, outputs: op.outputs.map((output) => moveLargeValues(output, keeper)) };
  return op;
}
