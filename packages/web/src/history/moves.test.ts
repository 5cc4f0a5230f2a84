import { momentFlags } from '@cahier/core/history/timeline.ts';
import { describe, expect, it } from 'vitest';
import { burst, byAuthor, byDay, candidates } from './moves.ts';
import type { MomentRow } from './timeline-words.ts';

const day = 86_400_000;
const noon = new Date(2026, 0, 5, 12).getTime();
const moments: MomentRow[] = [
  [10, noon, 0, 10, 0],
  [12, noon + 5_000, 0, 2, momentFlags.run],
  [20, noon + 9_000, 1, 8, 0],
  [30, noon + day, 0, 10, momentFlags.run | momentFlags.paste],
];

describe('moves', () => {
  it('by bursts stay inside the history', () => {
    expect([burst(moments, 5, 1), burst(moments, 10, 1), burst(moments, 30, 1)]).toEqual([10, 12, 30]);
    expect([burst(moments, 15, -1), burst(moments, 12, -1), burst(moments, 3, -1)]).toEqual([12, 10, 1]);
  });

  it('by author: another one, or one in particular', () => {
    expect(byAuthor(moments, 5, 1, null)).toBe(20);
    expect(byAuthor(moments, 5, 1, 0)).toBe(12);
    expect(byAuthor(moments, 20, -1, null)).toBe(12);
    expect(byAuthor(moments, 30, 1, null)).toBeNull();
  });

  it('by day', () => {
    expect([byDay(moments, 5, 1), byDay(moments, 30, -1), byDay(moments, 5, -1)]).toEqual([30, 20, null]);
  });

  it('look for a run first in the rest of the burst they are in, then in the others', () => {
    expect(candidates(moments, 11, 1, momentFlags.run)).toEqual([
      { from: 11, to: 12 },
      { from: 20, to: 30 },
    ]);
    expect(candidates(moments, 30, -1, momentFlags.run)).toEqual([
      { from: 20, to: 29 },
      { from: 10, to: 12 },
    ]);
    expect(candidates(moments, 12, 1, momentFlags.named)).toEqual([]);
  });
});
