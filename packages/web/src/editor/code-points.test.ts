import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCodePoints, toUnits } from './code-points.ts';

describe('cursor positions', () => {
  it('count a character outside the basic plane once', () => {
    expect(toCodePoints('a😀b', 3)).toBe(2);
    expect(toUnits('a😀b', 2)).toBe(3);
    expect(toCodePoints('abc', 99)).toBe(3);
  });

  it('go there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const points = [...text].length;
        for (let point = 0; point <= points; point++) {
          expect(toCodePoints(text, toUnits(text, point))).toBe(point);
        }
      }),
    );
  });
});
