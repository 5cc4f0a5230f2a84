import { asCellId } from '@cahier/base/ids.ts';
import { emptyPast, type PastDocument, type Step } from '@cahier/core/history/step.ts';
import { describe, expect, it } from 'vitest';
import { pasteWords } from './paste-words.ts';

const [a, b] = [asCellId('a'), asCellId('b')];
const cell = (id: typeof a, position: string, source: string) => ({
  id,
  type: 'code' as const,
  position,
  source,
  metadata: {},
});
const before: PastDocument = {
  ...emptyPast,
  cells: { [a]: cell(a, 'a', 'x = 1'), [b]: cell(b, 'b', 'def solve(puzzle):\n    return None') },
};
const pasted = (text: string, origin: Step['origin'] = 'paste'): Step => ({
  seq: 9,
  at: 0,
  author: 0,
  origin,
  changes: [{ c: 'text', cell: a, delta: [5, text] }],
});

describe('a paste in words', () => {
  it('says how much, and from which cell it is', () => {
    expect(pasteWords(before, pasted('def solve(puzzle):'))).toBe(
      'pasted 18 characters that stood in cell 2',
    );
    expect(pasteWords(before, pasted('something else'))).toBe('pasted 14 characters');
    expect(pasteWords(before, pasted('z'))).toBe('pasted 1 character');
  });

  it('is nothing for what was typed', () => {
    expect(pasteWords(before, pasted('typed', 'typing'))).toBeNull();
  });
});
