import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MatchableCell, matchCells } from './match-cells.ts';

const cells = (...sources: readonly string[]): readonly MatchableCell[] =>
  sources.map((source) => ({ id: source, type: 'code', source }));
/** The same with ids that say nothing. */
const lost = (...sources: readonly string[]) =>
  cells(...sources).map((cell, i) => ({ ...cell, id: `lost${i}` }));
const pairs = (a: readonly MatchableCell[], b: readonly MatchableCell[]) =>
  matchCells(a, b)
    .map((match) => `${match.a}${match.b}`)
    .join(' ');

describe('matchCells', () => {
  it.each<[string, readonly MatchableCell[], readonly MatchableCell[], string]>([
    [
      'by id, whatever the text',
      [{ id: 'a', type: 'code', source: 'x' }],
      [{ id: 'a', type: 'raw', source: 'other' }],
      '00',
    ],
    ['by text', cells('x', 'y', 'z'), lost('x', 'new', 'y', 'z'), '00 12 23'],
    [
      'equal texts in their order',
      cells('', 'plt.show()', '', 'plt.show()'),
      lost('', 'plt.show()', '', 'plt.show()'),
      '00 11 22 33',
    ],
    ['what was moved', cells('first', 'second', 'third'), lost('third', 'first', 'second'), '01 12 20'],
    [
      'an edited cell between its neighbours',
      cells('top', 'a = 1\nb = 2', 'end'),
      lost('top', 'a = 1\nb = 3', 'end'),
      '00 11 22',
    ],
    [
      'edited cells among new ones',
      cells('top', 'import numpy as np\nimport os', 'plot(x, y)\nshow()', 'end'),
      lost('top', 'hello world', 'import numpy as np\nimport sys', 'plot(x, z)\nshow()', 'end'),
      '00 12 23 34',
    ],
    [
      'a cell that was edited and moved',
      cells('a', 'b', 'for i in range(3): print(i, x)'),
      lost('for i in range(4): print(i, x)', 'a', 'b'),
      '01 12 20',
    ],
    ['not what has nothing in common', cells('alpha beta'), lost('gamma delta'), ''],
  ])('%s', (_, a, b, expected) => {
    expect(pairs(a, b)).toBe(expected);
  });

  it('pairs each cell at most once, and every cell with itself', () => {
    const some = fc.array(fc.constantFrom('', 'a', 'a b', 'a b c', 'x y z', 'x'), { maxLength: 12 });
    fc.assert(
      fc.property(some, some, (a, b) => {
        const found = matchCells(
          lost(...a),
          lost(...b).map((cell) => ({ ...cell, id: `${cell.id}b` })),
        );
        expect(new Set(found.map((match) => match.a)).size).toBe(found.length);
        expect(new Set(found.map((match) => match.b)).size).toBe(found.length);
        expect(
          matchCells(
            lost(...a),
            lost(...a).map((cell) => ({ ...cell, id: `${cell.id}b` })),
          ),
        ).toEqual(a.map((_, i) => ({ a: i, b: i })));
      }),
    );
  });
});
