import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { positionBetween, positionsBetween } from './position.ts';

const jitter = fc.string({ unit: fc.constantFrom(...'0123456789abcdefXYZz'), minLength: 0, maxLength: 3 });

describe('positionBetween', () => {
  it('stays strictly between its neighbours, wherever one inserts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), jitter), { maxLength: 300 }), (inserts) => {
        const list: string[] = [];
        for (const [where, digits] of inserts) {
          const at = where % (list.length + 1);
          const before = list[at - 1] ?? null;
          const after = list[at] ?? null;
          const made = positionBetween(before, after, digits);
          expect(before === null || before < made).toBe(true);
          expect(after === null || made < after).toBe(true);
          expect(made.endsWith('0')).toBe(false);
          list.splice(at, 0, made);
        }
      }),
    );
  });

  it.each([
    ['always at the end', (list: string[]) => list.length, 30],
    ['always at the beginning', () => 0, 30],
    ['always below the one just made, in the middle', (_: string[], last: number) => last + 1, 30],
    ['always above the one just made, in the middle', (_: string[], last: number) => last, 30],
    ['at scattered places', (list: string[]) => (list.length ** 2 * 7919) % (list.length + 1), 60],
  ])('10,000 inserts %s stay short', (_, place, limit) => {
    const list = [...positionsBetween(null, null, 2, '')];
    let last = 1;
    for (let i = 0; i < 10_000; i++) {
      const at = place(list, last);
      list.splice(at, 0, positionBetween(list[at - 1] ?? null, list[at] ?? null, 'a7f'));
      last = at;
    }
    expect(new Set(list).size).toBe(list.length);
    expect([...list].sort()).toEqual(list);
    expect(Math.max(...list.map((p) => p.length))).toBeLessThanOrEqual(limit);
  });

  it('still works where every insert halves the room', () => {
    const list = [...positionsBetween(null, null, 2, '')];
    let last = 1;
    for (let i = 0; i < 500; i++) {
      const at = last + (i % 2);
      list.splice(at, 0, positionBetween(list[at - 1] ?? null, list[at] ?? null, 'a7f'));
      last = at;
    }
    expect([...list].sort()).toEqual(list);
    expect(new Set(list).size).toBe(list.length);
  });

  it('makes different positions of different jitter', () => {
    expect(positionBetween('a', 'b', 'q1')).not.toBe(positionBetween('a', 'b', 'q2'));
  });

  it('survives positions of a broken peer', () => {
    for (const bad of ['', '~~~', 'a b', '\u{1f600}', '0', '000', 'zzzz']) {
      expect(positionBetween(bad, null, 'x1') > bad).toBe(true);
      expect(positionBetween(bad, bad, 'x1') > bad).toBe(true);
      expect(typeof positionBetween(null, bad, 'x1')).toBe('string');
      expect(positionBetween('b', 'a', 'x1') > 'b').toBe(true);
    }
  });
});

describe('positionsBetween', () => {
  it('makes many in ascending order between any two', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), fc.nat({ max: 5 }), jitter, (count, depth, digits) => {
        let before: string | null = null;
        let after: string | null = null;
        for (let i = 0; i < depth; i++) {
          before = positionBetween(before, after, 'z');
          after = positionBetween(before, after, '1');
        }
        const made = positionsBetween(before, after, count, digits);
        const all = [...(before === null ? [] : [before]), ...made, ...(after === null ? [] : [after])];
        expect(made.length).toBe(count);
        expect([...all].sort()).toEqual(all);
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});
