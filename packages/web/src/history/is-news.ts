/** Did something of the live document come to an end that the history now has: a run, results put back, a kernel? Pure. */
import type { LiveCell, LiveNotebook } from '@cahier/core/runs/live.ts';

export function isNews(before: LiveNotebook, after: LiveNotebook): boolean {
  if (before.kernel.status !== after.kernel.status && isMark(after)) return true;
  if (before.cells === after.cells) return false;
  const was = new Map(Object.entries(before.cells));
  return Object.entries(after.cells).some(([id, cell]) => {
    const old = was.get(id);
    return old !== cell && cell.state !== 'running' && hasOtherEnd(old, cell);
  });
}

function isMark({ kernel }: LiveNotebook): boolean {
  return kernel.status === 'dead' || kernel.status === 'restarting';
}

function hasOtherEnd(old: LiveCell | undefined, cell: LiveCell): boolean {
  if (!old) return cell.outputs.length > 0;
  return old.endedAt !== cell.endedAt || old.outputs !== cell.outputs;
}
