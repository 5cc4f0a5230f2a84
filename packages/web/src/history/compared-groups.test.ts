import { asCellId } from '@cahier/base/ids.ts';
import { comparableNotebook } from '@cahier/core/history/compare/comparable.ts';
import { compareNotebooks } from '@cahier/core/history/compare/compare-notebooks.ts';
import type { PlainCell } from '@cahier/core/notebooks/notebook.ts';
import { describe, expect, it } from 'vitest';
import { grouped, sameWords } from './compared-groups.ts';

const cell = (id: string, source: string, executionCount: number | null = null): PlainCell => ({
  id: asCellId(id),
  type: 'code',
  source,
  metadata: {},
  outputs: [],
  executionCount,
});
const notebook = (...cells: PlainCell[]) => comparableNotebook({ nbformatMinor: 5, metadata: {}, cells });

describe('the rows of a comparison', () => {
  const rowsOf = (before: PlainCell[], after: PlainCell[]) =>
    grouped(compareNotebooks(notebook(...before), notebook(...after)).rows);

  it('gather cells that read as before, also those that were only run again', () => {
    const groups = rowsOf(
      [cell('a', 'a', 1), cell('b', 'b', 2), cell('c', 'c'), cell('d', 'd', 3)],
      [cell('a', 'a', 1), cell('b', 'b', 7), cell('c', 'changed'), cell('d', 'd', 8)],
    );
    expect(groups.map((group) => ('same' in group ? sameWords(group) : group.row.kind))).toEqual([
      '2 cells without changes, 1 of them run again with the same result',
      'changed',
      '1 cell without changes, run again with the same result',
    ]);
  });

  it('leave out no cell that differs', () => {
    expect(rowsOf([cell('a', 'a', 1)], [cell('a', 'b', 2), cell('n', 'n')])).toHaveLength(2);
    expect(sameWords({ same: 1, again: 0 })).toBe('1 cell without changes');
  });
});
