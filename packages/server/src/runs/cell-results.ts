/** Results of cells as files have them ↔ as the live document has them. */
import type { CellId } from '@cahier/base/ids.ts';
import { liveCell } from '@cahier/core/runs/apply-live-op.ts';
import { type LiveCell, type LiveNotebook, type LiveOutput, emptyLiveCell } from '@cahier/core/runs/live.ts';
import { countLines, pageCut, tailKept } from '@cahier/core/runs/page-cut.ts';
import { fromNbOutput } from '@cahier/core/runs/to-nb-output.ts';
import type { CellResults } from '../rooms/live-source.ts';
import type { BlobKeeper } from './blob-keeper.ts';
import { moveLargeValues, readWhole } from './large-values.ts';

/** Text of a stream in a file that stays in the document as it is. */
const inlineStream = 2 * tailKept;

export async function resultsOf(
  live: LiveNotebook,
  order: readonly CellId[],
  keeper: Pick<BlobKeeper, 'read'>,
): Promise<Map<CellId, CellResults>> {
  const cells = order.map(async (id): Promise<[CellId, CellResults] | null> => {
    const cell = liveCell(live, id);
    if (cell === undefined || (cell.outputs.length === 0 && cell.executionCount === null)) return null;
    const outputs = await Promise.all(cell.outputs.map((output) => readWhole(output, keeper)));
    return [id, { outputs, executionCount: cell.executionCount }];
  });
  return new Map((await Promise.all(cells)).filter((entry) => entry !== null));
}

/** The document with the results of a file. A cell that runs keeps what it has: its run is newer than the file. */
export function withFileResults(
  live: LiveNotebook,
  results: ReadonlyMap<CellId, CellResults>,
  keeper: Pick<BlobKeeper, 'keep'>,
): { readonly state: LiveNotebook; readonly taken: readonly CellId[] } {
  const changed = new Map<CellId, LiveCell>();
  for (const [id, result] of results) {
    const cell = liveCell(live, id);
    if (cell?.state === 'running') continue;
    const outputs = result.outputs.map((output) => liveOutput(fromNbOutput(output), keeper));
    const { executionCount } = result;
    const { ranSource: _ran, failure: _failure, outputs: _old, ...waiting } = cell ?? emptyLiveCell;
    const run = waiting.state === 'queued' ? { ...waiting, executionCount } : { ...idle, executionCount };
    changed.set(id, { ...run, outputs });
  }
  if (changed.size === 0) return { state: live, taken: [] };
  // All at once: a copy of a thousand cells for each of a thousand would stall everybody.
  const cells = Object.fromEntries([...Object.entries(live.cells), ...changed]);
  return { state: { ...live, version: live.version + changed.size, cells }, taken: [...changed.keys()] };
}

const idle = { state: 'idle', executionCount: null } as const;

/** Text of a file's stream is not folded, so that the file gets the same characters back. */
function liveOutput(output: LiveOutput, keeper: Pick<BlobKeeper, 'keep'>): LiveOutput {
  if (output.type !== 'stream') return moveLargeValues(output, keeper);
  if (output.text.length <= inlineStream || !output.text.isWellFormed()) return output;
  const pages = [];
  let text = output.text;
  for (let cut = pageCut(text, inlineStream); cut > 0; cut = pageCut(text, inlineStream)) {
    const page = text.slice(0, cut);
    pages.push({ ...keeper.keep(Buffer.from(page)), lines: countLines(page) });
    text = text.slice(cut);
  }
  return pages.length === 0 ? output : { ...output, text, pages };
}
