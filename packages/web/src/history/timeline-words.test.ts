import { momentFlags } from '@cahier/core/history/timeline.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksOf, momentAt, type MomentRow } from './timeline-words.ts';

const moments: MomentRow[] = [
  [3, 10, 0, 3, 0],
  [4, 20, 1, 1, 0],
  [9, 30, 0, 5, 0],
];

describe('momentAt', () => {
  it.each([
    [0, 0],
    [1, 0],
    [3, 0],
    [4, 1],
    [5, 2],
    [9, 2],
    [99, 2],
  ])('step %i is in moment %i', (seq, index) => {
    expect(momentAt(moments, seq)).toBe(index);
  });

  it('finds the first moment that reaches the step', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1 }),
        fc.nat(500),
        (ends, seq) => {
          const rows = ends.sort((a, b) => a - b).map((end): MomentRow => [end, 0, 0, 1, 0]);
          const expected = rows.findIndex(([end]) => end >= seq);
          expect(momentAt(rows, seq)).toBe(expected < 0 ? rows.length - 1 : expected);
        },
      ),
    );
  });
});

describe('marksOf', () => {
  it('says a failed run once', () => {
    expect(marksOf(momentFlags.run | momentFlags.failedRun)).toEqual(['a run failed']);
    expect(marksOf(momentFlags.run | momentFlags.disk)).toEqual(['code was run', 'changed on disk']);
    expect(marksOf(0)).toEqual([]);
  });
});
