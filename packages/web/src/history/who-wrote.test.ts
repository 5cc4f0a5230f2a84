import type { BlameRun } from '@cahier/core/history/blame.ts';
import { describe, expect, it } from 'vitest';
import { pieceWords, piecesOf, summaryOf } from './who-wrote.ts';

const run = (
  author: number,
  length: number,
  at: number | null,
  origin: BlameRun['origin'] = 'typing',
): BlameRun => ({
  author,
  length,
  at,
  origin,
  seq: 1,
});
const nameOf = (author: number) => ['Ada', 'Bert'][author] ?? '?';
const now = new Date(2026, 4, 1, 15).getTime();

describe('who wrote', () => {
  it('joins what one person wrote in one go and loses no character', () => {
    const pieces = piecesOf('abcdef', [
      run(0, 1, now),
      run(0, 2, now + 1_000),
      run(1, 1, now),
      run(1, 1, now, 'paste'),
    ]);
    expect(pieces.map(({ text }) => text)).toEqual(['abc', 'd', 'e', 'f']);
    expect(pieces[3]?.run).toBeNull();
  });

  it('says who, when and how', () => {
    expect(pieceWords(run(1, 3, now, 'paste'), nameOf, now)).toBe('Bert · Today, 15:00:00 · pasted');
    expect(pieceWords(run(-1, 3, null, null), nameOf, now)).toBe('Written before this history began');
  });

  it('sums up a cell', () => {
    const stamp = { author: 1, seq: 9, at: now, origin: 'typing' as const };
    expect(
      summaryOf(
        {
          created: stamp,
          edited: stamp,
          result: null,
          runs: [run(0, 3, now), run(1, 1, now)],
        },
        nameOf,
        now,
      ),
    ).toBe('Written by Ada 75 %, Bert 25 % · last changed by Bert, Today, 15:00:00');
  });
});
