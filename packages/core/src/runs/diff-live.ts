/**
 * The operations that bring what clients have to what the server has. Sending differences at screen pace is how
 * thousands of kernel messages become a few small frames: text that came and went into a page in between is not sent.
 * Cheap because unchanged cells keep their identity.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { liveCell } from './apply-live-op.ts';
import { cellsOf } from './fold-output.ts';
import { type LiveCell, type LiveNotebook, type LiveOp, type LiveOutput, emptyLiveCell } from './live.ts';

type Stream = Extract<LiveOutput, { type: 'stream' }>;

export function diffLive(from: LiveNotebook, to: LiveNotebook): LiveOp[] {
  const ops: LiveOp[] = [];
  if (from.kernel !== to.kernel) ops.push({ op: 'kernel', kernel: to.kernel });
  if (from.cells !== to.cells) {
    for (const [id, cell] of cellsOf(to)) {
      const before = liveCell(from, id);
      if (before !== cell) ops.push(...diffCell(id, before, cell));
    }
    for (const [id] of cellsOf(from))
      if (liveCell(to, id) === undefined) ops.push({ op: 'cell.drop', cell: id });
  }
  if (from.queue !== to.queue) ops.push({ op: 'queue', queue: to.queue });
  return ops;
}

function diffCell(id: CellId, before: LiveCell | undefined, after: LiveCell): LiveOp[] {
  const { outputs: oldOutputs, ...oldRun } = before ?? emptyLiveCell;
  const { outputs, ...run } = after;
  const results = oldOutputs === outputs ? [] : diffOutputs(id, oldOutputs, outputs);
  if (before !== undefined && sameRun(oldRun, run)) return results;
  const state: LiveOp = { op: 'cell', cell: id, run };
  // "Done" is written after the last output; a cell that clients do not have must be made first.
  const isEnd = before !== undefined && (run.state === 'done' || run.state === 'failed');
  return isEnd ? [...results, state] : [state, ...results];
}

function sameRun(a: Omit<LiveCell, 'outputs'>, b: Omit<LiveCell, 'outputs'>): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function diffOutputs(id: CellId, before: readonly LiveOutput[], after: readonly LiveOutput[]): LiveOp[] {
  if (after.length < before.length) return [{ op: 'outputs', cell: id, outputs: after }];
  const ops: LiveOp[] = [];
  after.forEach((output, index) => {
    const old = before[index];
    if (old === undefined) ops.push({ op: 'output.add', cell: id, output });
    else if (old !== output) ops.push(...diffOutput(id, index, old, output));
  });
  return ops;
}

function diffOutput(id: CellId, index: number, before: LiveOutput, after: LiveOutput): LiveOp[] {
  if (before.type === 'stream' && after.type === 'stream' && before.name === after.name) {
    const ops = diffStream(id, index, before, after);
    if (ops !== null) return ops;
  }
  return [{ op: 'output.set', cell: id, index, output: after }];
}

function diffStream(id: CellId, index: number, before: Stream, after: Stream): LiveOp[] | null {
  const old = before.pages ?? [];
  const pages = after.pages ?? [];
  if (!old.every((page, i) => page === pages[i] || page.blob === pages[i]?.blob)) return null;
  const fresh = pages.slice(old.length);
  const ops: LiveOp[] = fresh.map((page, i) => ({
    op: 'stream.page',
    cell: id,
    index,
    page,
    drop: i === 0 ? before.text.length : 0,
  }));
  const base = fresh.length > 0 ? '' : before.text;
  if (base === after.text && (before.back ?? 0) === (after.back ?? 0)) return ops;
  const keep = commonPrefix(base, after.text);
  const text = after.text.slice(keep);
  ops.push({ op: 'stream', cell: id, index, keep, text, ...(after.back ? { back: after.back } : {}) });
  return ops;
}

function commonPrefix(a: string, b: string): number {
  if (b.startsWith(a)) return a.length;
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}
