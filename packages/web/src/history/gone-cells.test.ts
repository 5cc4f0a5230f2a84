import { asCellId } from '@cahier/base/ids.ts';
import type { PastCell, PastDocument } from '@cahier/core/history/step.ts';
import { describe, expect, it } from 'vitest';
import { cellThenAndNow, cellTitle, goneCells } from './gone-cells.ts';

const cell = (id: string, source: string, position = id): PastCell => ({
  id: asCellId(id),
  type: 'code',
  position,
  source,
  metadata: {},
});
const past = (...cells: PastCell[]): PastDocument => ({
  seq: 1,
  meta: {},
  cells: Object.fromEntries(cells.map((one) => [one.id, one])),
});

describe('cells then and now', () => {
  const now = past(cell('a', 'x = 1'), cell('b', 'y', 'z'));
  it('knows which are gone, other, or the same wherever they stand', () => {
    expect(goneCells(past(cell('c', '3'), cell('a', 'x')), now).map(({ id }) => id)).toEqual(['c']);
    expect(cellThenAndNow(cell('a', 'x = 2'), now)).toBe('other');
    expect(cellThenAndNow(cell('b', 'y'), now)).toBe('same');
    expect(cellThenAndNow(cell('c', ''), now)).toBe('gone');
  });

  it('names a cell by its first words', () => {
    expect(cellTitle(cell('a', '\n  \nprint(1)\n2'))).toBe('print(1)');
    expect(cellTitle(cell('a', ''))).toBe('Empty code cell');
  });
});
