/** Where in the document a step happened, so that it can be brought into view. Pure. */
import type { CellId } from '@cahier/base/ids.ts';
import type { PastDocument, Step, TextDelta } from '@cahier/core/history/step.ts';

export interface ChangePlace {
  readonly cell: CellId;
  /** In its text, how far down (0 first line, 1 behind the last one), or its result. */
  readonly at: number | 'result';
}

/** Null: the step left nothing that can be looked at (a cell went, a mark was set). `past` is the document behind it. */
export function changePlace(step: Step, past: PastDocument): ChangePlace | null {
  for (const change of step.changes) {
    if (!('cell' in change)) continue;
    const now = past.cells[change.cell];
    if (!now) continue;
    if (change.c === 'run') return { cell: change.cell, at: 'result' };
    if (change.c === 'text') return { cell: change.cell, at: share(now.source, endOf(change.delta)) };
    return { cell: change.cell, at: 0 };
  }
  return null;
}

/** Behind the last character that came. */
function endOf(delta: TextDelta): number {
  let [at, end] = [0, 0];
  for (const op of delta) {
    if (typeof op === 'number') at += op;
    else {
      if (typeof op === 'string') at += op.length;
      end = at;
    }
  }
  return end;
}

function share(source: string, at: number): number {
  const lines = source.split('\n').length;
  return (source.slice(0, at).split('\n').length - 0.5) / lines;
}
