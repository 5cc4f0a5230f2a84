import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMath, splitMath } from './find-math.ts';

describe('math in text', () => {
  it.each([
    ['$x_1 * y_1$', 0, { tex: 'x_1 * y_1', isDisplay: false, end: 11 }],
    ['$$\na\n\nb\n$$', 0, { tex: '\na\n\nb\n', isDisplay: true, end: 10 }],
    ['\\(a\\)', 0, { tex: 'a', isDisplay: false, end: 5 }],
    ['\\[a\\]', 0, { tex: 'a', isDisplay: true, end: 5 }],
    ['$a\\$b$', 0, { tex: 'a\\$b', isDisplay: false, end: 6 }],
    [
      '\\begin{align*}a&=b\\\\\\end{align*}',
      0,
      { tex: '\\begin{align*}a&=b\\\\\\end{align*}', isDisplay: true, end: 32 },
    ],
    ['costs $5 and $6', 6, null],
    ['$ a $', 0, null],
    ['$a', 0, null],
    ['$a\n\nb$', 0, null],
    ['$$ $$', 0, null],
    ['\\begin{document}x\\end{document}', 0, null],
    ['\\begin{align}x', 0, null],
    ['a', 0, null],
  ])('%j at %d', (text, at, expected) => {
    expect(findMath(text, at)).toEqual(expected);
  });

  it('cuts a LaTeX output into text and math', () => {
    expect(splitMath('Let $x$ be \\$5 and $$y$$.')).toEqual([
      { text: 'Let ' },
      { tex: 'x', isDisplay: false },
      { text: ' be \\$5 and ' },
      { tex: 'y', isDisplay: true },
      { text: '.' },
    ]);
  });

  it('never stalls and never goes outside the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('$', '\\', '(', ')', 'a', ' ', '\n', '$$', '\\begin{align}')),
        (bits) => {
          const text = bits.join('');
          for (let at = 0; at < text.length; at++) {
            const math = findMath(text, at);
            if (!math) continue;
            expect(math.end).toBeGreaterThan(at);
            expect(math.end).toBeLessThanOrEqual(text.length);
          }
        },
      ),
    );
  });
});
