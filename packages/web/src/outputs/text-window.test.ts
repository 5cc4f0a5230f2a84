import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, firstLines, lastLines, textWindow, wholeUpTo } from './text-window.ts';

const lines = (count: number) => Array.from({ length: count }, (_, i) => `${i}\n`).join('');

describe('the shown part of a long text', () => {
  it('is all of a short one', () => {
    expect(textWindow(lines(wholeUpTo))).toEqual({ head: lines(wholeUpTo), hidden: 0, tail: '' });
  });

  it('is the head and the tail of a long one, and every line is counted', () => {
    const shown = textWindow(lines(1000));
    expect(shown.head.startsWith('0\n1\n')).toBe(true);
    expect(shown.tail.endsWith('998\n999\n')).toBe(true);
    expect(countLines(shown.head) + shown.hidden + countLines(shown.tail)).toBe(1000);
  });

  it('counts lines as a reader does', () => {
    expect([countLines(''), countLines('a'), countLines('a\n'), countLines('a\n\nb')]).toEqual([0, 1, 1, 3]);
  });

  it('cuts anywhere without losing a line', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', 'bb'), { minLength: 1 }), fc.nat(8), (bits, count) => {
        const text = bits.join('');
        const total = countLines(text);
        expect(countLines(firstLines(text, count))).toBe(Math.min(count, total));
        if (count > 0) expect(countLines(lastLines(text, count))).toBe(Math.min(count, total));
        if (count > 0 && count < total) {
          expect(firstLines(text, total - count) + lastLines(text, count)).toBe(text);
        }
      }),
    );
  });
});
