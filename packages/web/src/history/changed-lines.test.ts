import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedLines } from './changed-lines.ts';

describe('changedLines', () => {
  it.each([
    ['a\nb\nc', 'a\nB\nc', [1]],
    ['a\nc', 'a\nb\nc', [1]],
    ['a\nb\nc', 'a\nc', []],
    ['', 'x', [0]],
    ['a\nb', 'b\na', []],
    ['a', 'a', []],
    ['x\ny', 'n\nx\ny\nm', [0, 3]],
  ])('%j → %j', (before, after, lines) => {
    expect([...changedLines(before, after)]).toEqual(lines);
  });

  it('marks nothing that was there before, and misses no new line', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changed = changedLines(before, after);
        const old = new Set(before.split('\n'));
        after.split('\n').forEach((line, i) => {
          if (!old.has(line)) expect(changed.has(i)).toBe(true);
        });
        expect(changedLines(after, after).size).toBe(0);
      }),
    );
  });
});
