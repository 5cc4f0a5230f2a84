import { describe, expect, it } from 'vitest';
import { timeAgo } from './time-ago.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const minute = 60_000;

describe('timeAgo', () => {
  it.each([
    [10_000, 'just now'],
    [-5_000, 'just now'],
    [minute, 'a minute ago'],
    [40 * minute, '40 minutes ago'],
    [60 * minute, 'an hour ago'],
    [5 * 60 * minute, '5 hours ago'],
    [26 * 60 * minute, 'yesterday'],
    [4 * 24 * 60 * minute, '4 days ago'],
    [40 * 24 * 60 * minute, 'Oct 13'],
    [400 * 24 * 60 * minute, 'Oct 18, 2025'],
  ])('%i ms before is %s', (ms, words) => {
    expect(timeAgo(now - ms, now)).toBe(words);
  });
});
