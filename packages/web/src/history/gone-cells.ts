/** How the cells of a moment stand to those of now. Pure. */
import type { CellId } from '@cahier/base/ids.ts';
import { jsonEquals } from '@cahier/base/json.ts';
import { pastCells } from '@cahier/core/history/fold.ts';
import type { PastCell, PastDocument } from '@cahier/core/history/step.ts';

/** From top to bottom, as they stood then. */
export function goneCells(past: PastDocument, now: PastDocument): readonly PastCell[] {
  return pastCells(past).filter(({ id }) => now.cells[id] === undefined);
}

/** `same`: putting it back would change nothing. */
export function cellThenAndNow(cell: PastCell, now: PastDocument): 'same' | 'other' | 'gone' {
  const is = lookUp(now, cell.id);
  if (!is) return 'gone';
  return is.source === cell.source && is.type === cell.type && jsonEquals(is.metadata, cell.metadata)
    ? 'same'
    : 'other';
}

/** Did the cell, which is still there, show another result then? A cell that had not run yet has none to put back. */
export function isOtherResult(cell: PastCell, now: PastDocument): boolean {
  const is = lookUp(now, cell.id);
  if (!is || !cell.run || cell.type !== 'code') return false;
  return is.run?.outputs !== cell.run.outputs;
}

function lookUp(past: PastDocument, id: CellId): PastCell | undefined {
  return past.cells[id];
}

/** Its first words, to tell it from others. */
export function cellTitle({ source, type }: PastCell): string {
  const line = source.split('\n').find((text) => text.trim() !== '') ?? '';
  if (line === '') return `Empty ${type} cell`;
  return line.length > 42 ? `${line.slice(0, 41)}…` : line;
}
