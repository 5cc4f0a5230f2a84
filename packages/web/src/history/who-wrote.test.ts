import { asRunId } from '@cahier/base/ids.ts';
import type { BlameRun } from '@cahier/core/history/blame.ts';
import { describe, expect, it } from 'vitest';
import { linesOfPieces, pieceWords, piecesOf, resultWords, shortTime, summaryOf } from './who-wrote.ts';

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

  it('tells line by line from which piece most of it is, and loses no character', () => {
    const source = 'import os\n\nx = 1 + 2\n';
    const pieces = piecesOf(source, [run(0, 11, now), run(1, 4, now), run(0, 6, now)]);
    const lines = linesOfPieces(pieces);
    expect(lines.map(({ parts }) => parts.map(({ text }) => text).join('')).join('\n')).toBe(source);
    expect(lines.map(({ main }) => main)).toEqual([0, null, 2, null]);
    expect(lines[2]?.parts).toEqual([
      { text: 'x = ', piece: 1, isFirst: true },
      { text: '1 + 2', piece: 2, isFirst: true },
    ]);
    // A piece over two lines is one stop of the Tab key.
    expect(linesOfPieces([{ text: '\na\nb', run: null }]).map(({ parts }) => parts[0]?.isFirst)).toEqual([
      undefined,
      true,
      false,
    ]);
  });

  it('says the time of a line shortly: the hour today, the day otherwise', () => {
    expect(shortTime(now - 60_000, now)).toBe('14:59');
    expect(shortTime(now - 86_400_000, now)).toBe('Apr 30');
    expect(shortTime(now - 366 * 86_400_000, now)).toBe('Apr 30, 2025');
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

  it('says who made a result, and what was done with it', () => {
    const result = { author: 1, seq: 9, at: now, origin: 'run' as const, run: asRunId('r'), count: 3 };
    const words = (more: object) => resultWords({ ...result, state: 'done', ...more }, nameOf, now);
    expect(words({})).toBe('Result by Bert · Today, 15:00:00 · run 3');
    expect(words({ state: 'failed' })).toBe('Result by Bert · Today, 15:00:00 · run 3 · it failed');
    expect(words({ run: null, origin: 'restore' })).toBe('Result put back by Bert · Today, 15:00:00');
    expect(words({ run: null, origin: 'disk' })).toBe('Result came with the file · Today, 15:00:00');
    expect(words({ author: -1, at: null })).toBe('Result from before this history began');
    expect(resultWords(null, nameOf, now)).toBeNull();
  });
});
