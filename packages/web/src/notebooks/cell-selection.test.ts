import { asCellId } from '@cahier/base/ids.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterChange, extendTo, neighbour, selectAll, selectedCells, selectOne } from './cell-selection.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(asCellId) as [
  ReturnType<typeof asCellId>,
  ReturnType<typeof asCellId>,
  ReturnType<typeof asCellId>,
  ReturnType<typeof asCellId>,
];
const order = [a, b, c, d];

describe('selected cells', () => {
  it('are extended from where the selection began, both ways', () => {
    const down = extendTo(extendTo(selectOne(b), c), d);
    expect(selectedCells(down, order)).toEqual([b, c, d]);
    expect(selectedCells(extendTo(down, a), order)).toEqual([a, b]);
    expect(extendTo(extendTo(selectOne(b), c), b)).toEqual(selectOne(b));
  });

  it('are all of them', () => {
    expect(selectedCells(selectAll(order), order)).toEqual(order);
    expect(selectAll([a])).toEqual(selectOne(a));
  });

  it('stop at the edges', () => {
    expect(neighbour(order, a, -1)).toBe(a);
    expect(neighbour(order, d, 1)).toBe(d);
    expect(neighbour(order, b, 1)).toBe(c);
    expect(neighbour(order, null, 1)).toBe(a);
    expect(neighbour([], null, 1)).toBeNull();
  });

  it('go to the next cell when the active one goes, or to the one above', () => {
    expect(afterChange(selectOne(b, 'edit'), order, [a, c, d])).toEqual(selectOne(c));
    expect(afterChange(selectOne(d), order, [a, b])).toEqual(selectOne(b));
    expect(afterChange(selectOne(a), order, [])).toEqual({ active: null, anchor: null, mode: 'command' });
  });

  it('stay when somebody moves them', () => {
    const selection = selectOne(b, 'edit');
    expect(afterChange(selection, order, [b, a, c, d])).toBe(selection);
  });

  it('never name a cell that is not there', () => {
    const cells = fc.shuffledSubarray(order);
    fc.assert(
      fc.property(cells, cells, fc.constantFrom(...order), fc.constantFrom(...order), (before, now, x, y) => {
        const next = afterChange(extendTo(selectOne(x), y), before, now);
        for (const cell of [next.active, next.anchor]) {
          if (cell !== null) expect(now).toContain(cell);
        }
      }),
    );
  });
});
