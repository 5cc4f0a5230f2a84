import * as Y from 'yjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTokens, longestAscending } from './diff-tokens.ts';
import { applyDelta, applyDeltaTo, diffText } from './text-diff.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '\n', 'é', '\u{1f600}', '\u{1f601}'),
  maxLength: 60,
});

describe('diffText', () => {
  it('turns one text into the other, in a string and in a shared text', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const delta = diffText(a, b);
        expect(applyDelta(a, delta)).toBe(b);
        const shared = new Y.Doc().getText('t');
        shared.insert(0, a);
        applyDeltaTo(shared, delta);
        expect(shared.toString()).toBe(b);
      }),
    );
  });

  it.each([
    ['abc', 'abc', []],
    ['', 'abc', ['abc']],
    ['abc', '', [{ d: 3 }]],
    ['x = 1\ny = 2\nz = 3\n', 'x = 1\ny = 20\nz = 3\n', [11, '0']],
    ['one\ntwo\n', 'one\nand\ntwo\n', [4, 'and\n']],
    ['print(apples)', 'print(pears)', [6, { d: 5 }, 'pear']],
    ['\u{1f600}', '\u{1f601}', [{ d: 2 }, '\u{1f601}']],
  ])('%j → %j', (a, b, delta) => {
    expect(diffText(a, b)).toEqual(delta);
  });

  it('keeps untouched lines of a large text whose half was rewritten', () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `line ${i}\n`);
    const changed = lines.map((line, i) => (i % 2 === 0 ? line : `other ${i * 7} text\n`));
    const delta = diffText(lines.join(''), changed.join(''));
    expect(applyDelta(lines.join(''), delta)).toBe(changed.join(''));
    const deleted = delta.reduce<number>((sum, part) => sum + (typeof part === 'object' ? part.d : 0), 0);
    expect(deleted).toBeLessThan(lines.join('').length * 0.55);
  });
});

describe('diffTokens', () => {
  it('is a shortest script for small lists', () => {
    expect(
      diffTokens([...'abcabba'], [...'cbabac']).reduce(
        (n, h) => n + h.aEnd - h.aStart + h.bEnd - h.bStart,
        0,
      ),
    ).toBe(5);
  });

  it('finds no difference where there is none', () => {
    fc.assert(fc.property(fc.array(fc.nat(5)), (list) => diffTokens(list, [...list]).length === 0));
  });
});

describe('longestAscending', () => {
  it('keeps as many as possible', () => {
    expect(longestAscending([3, 1, 2, 5, 4]).length).toBe(3);
    expect(longestAscending(['b', 'b', 'c'])).toHaveLength(2);
    expect(longestAscending([])).toEqual([]);
  });
});
