import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareText, isSameText, linesOfSide, type TextComparison } from './compare-text.ts';
import { wordDiff, wordTokens } from './word-diff.ts';

const told = (before: string, after: string) =>
  wordDiff(before, after)
    .map(({ text, change }) =>
      change === 'same' ? text : change === 'added' ? `{+${text}+}` : `[-${text}-]`,
    )
    .join('');

/** One side of a comparison, put together again. */
function side(comparison: TextComparison, which: 'removed' | 'added'): string {
  return comparison.blocks
    .map((block) =>
      block.kind === 'same'
        ? block.lines.join('')
        : block.parts.map(({ text, change }) => (change === 'same' || change === which ? text : '')).join(''),
    )
    .join('');
}

const words = fc
  .array(
    fc.constantFrom('x', '=', ' ', '\n', 'total', 'for', '(', ')', '\r\n', 'é', '👩‍💻', '日本', '\ud83d'),
  )
  .map((list) => list.join(''));

describe('wordDiff', () => {
  it('marks words, not letters', () => {
    expect(told('for x in range(10):', 'for row in range(12):')).toBe(
      'for [-x-]{+row+} in range([-10-]{+12+}):',
    );
    expect(told('The mean is large.', 'The median is large.')).toBe('The [-mean-]{+median+} is large.');
  });

  it('joins changes between which there is only a blank or a sign', () => {
    expect(told('see a b now and then', 'see c d now and then')).toBe('see [-a b-]{+c d+} now and then');
  });

  it('a text that has nothing to do with the other is replaced as a whole', () => {
    expect(told('import numpy as np', 'print("hello")')).toBe('[-import numpy as np-]{+print("hello")+}');
  });

  it('takes emoji, accents and writing without blanks apart as people see them', () => {
    expect(wordTokens('naïve cafe\u0301 👩‍💻👍🏽🇫🇷 日本')).toEqual([
      'naïve',
      ' ',
      'cafe\u0301',
      ' ',
      '👩‍💻',
      '👍🏽',
      '🇫🇷',
      ' ',
      '日',
      '本',
    ]);
  });

  it('loses nothing when a text is cut into words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(wordTokens(text).join('')).toBe(text);
      }),
    );
  });
});

describe('compareText', () => {
  it('shows the lines around a change and counts lines', () => {
    const comparison = compareText('a\nb = 1\nc\n', 'a\nb = 2\nc\nd\n');
    expect(comparison).toEqual({
      blocks: [
        { kind: 'same', before: 0, after: 0, lines: ['a\n'] },
        {
          kind: 'changed',
          before: 1,
          after: 1,
          parts: [
            { text: 'b = ', change: 'same' },
            { text: '1', change: 'removed' },
            { text: '2', change: 'added' },
            { text: '\n', change: 'same' },
          ],
        },
        { kind: 'same', before: 2, after: 2, lines: ['c\n'] },
        { kind: 'changed', before: 3, after: 3, parts: [{ text: 'd\n', change: 'added' }] },
      ],
      addedLines: 2,
      removedLines: 1,
    });
  });

  it('gives each side of a change as lines with marks', () => {
    const [block] = compareText('if a:\n  b\n', 'if a and c:\n  b\n  d\n').blocks;
    if (block?.kind !== 'changed') throw new Error('no change');
    expect(linesOfSide(block.parts, 'removed')).toEqual([
      [
        { text: 'if a', change: 'same' },
        { text: ':', change: 'same' },
      ],
    ]);
    expect(linesOfSide(block.parts, 'added').map((line) => line.map(({ text }) => text).join(''))).toEqual([
      'if a and c:',
    ]);
  });

  it('holds both texts whole, and says same only of equal ones', () => {
    fc.assert(
      fc.property(words, words, (before, after) => {
        const comparison = compareText(before, after);
        expect(side(comparison, 'removed')).toBe(before);
        expect(side(comparison, 'added')).toBe(after);
        expect(isSameText(comparison)).toBe(before === after);
        for (const block of comparison.blocks) {
          if (block.kind !== 'changed') continue;
          const lines = linesOfSide(block.parts, 'added').map((line) =>
            line.map(({ text }) => text).join(''),
          );
          const whole = block.parts.map(({ text, change }) => (change === 'removed' ? '' : text)).join('');
          expect(lines.join('\n')).toBe(whole.replace(/\n$/, ''));
        }
      }),
      { numRuns: 500 },
    );
  });
});
