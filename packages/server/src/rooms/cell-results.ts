/** Results (outputs and execution counts) beside the source: how the two halves of a notebook come together and apart. */
import type { CellId } from '@cahier/base/ids.ts';
import { jsonEquals, type Json } from '@cahier/base/json.ts';
import type { PlainCell, PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import type { CellResults } from './live-source.ts';

export function withResults(
  notebook: PlainNotebook,
  results: ReadonlyMap<CellId, CellResults>,
): PlainNotebook {
  return {
    ...notebook,
    cells: notebook.cells.map((cell): PlainCell => {
      const result = cell.type === 'code' ? results.get(cell.id) : undefined;
      return cell.type === 'code' && result ? { ...cell, ...result } : cell;
    }),
  };
}

/** Results of cells whose outputs or execution count are other than before. New cells count when they have any. */
export function changedResults(before: PlainNotebook, after: PlainNotebook): Map<CellId, CellResults> {
  const old = new Map(before.cells.map((cell) => [cell.id, resultsOf(cell)]));
  const changed = new Map<CellId, CellResults>();
  for (const cell of after.cells) {
    if (cell.type !== 'code') continue;
    const was = old.get(cell.id) ?? none;
    const is = resultsOf(cell);
    if (!jsonEquals(asJson(was), asJson(is))) changed.set(cell.id, is);
  }
  return changed;
}

const none: CellResults = { outputs: [], executionCount: null };

function resultsOf(cell: PlainCell): CellResults {
  return cell.type === 'code' ? { outputs: cell.outputs, executionCount: cell.executionCount } : none;
}

function asJson({ outputs, executionCount }: CellResults): Json {
  return [executionCount, outputs.map((output): Json => ({ ...output }))];
}
