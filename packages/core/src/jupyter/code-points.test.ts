import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePointsBefore, utf16OffsetOf } from './code-points.ts';

describe('cursor positions', () => {
  it('count characters outside the basic plane as one', () => {
    const text = '\u{2BB4E}\u{2BB4E} = 1';
    expect(codePointsBefore(text, 4)).toBe(2);
    expect(utf16OffsetOf(text, 2)).toBe(4);
    expect(codePointsBefore(text, 99)).toBe(6);
    expect(utf16OffsetOf(text, 99)).toBe(text.length);
    expect(codePointsBefore(text, -1)).toBe(0);
  });

  it('agree with each other and with the language', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const points = Array.from(text);
        for (let i = 0; i <= points.length; i++) {
          const offset = points.slice(0, i).join('').length;
          expect(utf16OffsetOf(text, i)).toBe(offset);
          expect(codePointsBefore(text, offset)).toBe(i);
        }
      }),
    );
  });
});
