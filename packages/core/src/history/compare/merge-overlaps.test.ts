/** What holds for every merge: cases one by one are in merge-cases.test.ts. */
import { asCellId } from '@cahier/base/ids.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeText } from '../../documents/merge-text.ts';
import { notebookKind } from '../../notebooks/notebook-kind.ts';
import type { PlainCell, PlainNotebook } from '../../notebooks/notebook.ts';
import { isConflict, isOverlapping, mergeOverlaps } from './merge-overlaps.ts';

const code = (id: string, source: string): PlainCell => ({
  id: asCellId(id),
  type: 'code',
  source,
  metadata: {},
  outputs: [],
  executionCount: null,
});
const book = (cells: readonly PlainCell[]): PlainNotebook => ({ nbformatMinor: 5, metadata: {}, cells });
const base = Array.from({ length: 6 }, (_, i) =>
  code(`c${i}`, `first_${i} = 1\nsecond_${i} = 2\nthird_${i} = 3\n`),
);

type Act =
  | { readonly act: 'word' | 'line'; readonly cell: number; readonly line: number }
  | { readonly act: 'new'; readonly cell: number }
  | { readonly act: 'delete'; readonly cell: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constantFrom('word' as const, 'line' as const), cell: fc.nat(5), line: fc.nat(2) }),
  fc.record({ act: fc.constant('new' as const), cell: fc.nat(5) }),
  fc.record({ act: fc.constant('delete' as const), cell: fc.nat(5) }),
);

/** One side: every word that it puts in is its own. */
function edited(
  side: string,
  acts: readonly Act[],
): { readonly cells: readonly PlainCell[]; readonly words: readonly string[] } {
  let cells: readonly PlainCell[] = base;
  const words: string[] = [];
  acts.forEach((each, n) => {
    const word = `${side}word${n}`;
    const id = `c${each.cell}`;
    const place = cells.findIndex((cell) => cell.id === id);
    if (each.act === 'delete') {
      cells = cells.filter((cell) => cell.id !== id);
      return;
    }
    if (place < 0 && each.act !== 'new') return;
    words.push(word);
    if (each.act === 'new') {
      cells = [...cells.slice(0, place + 1), code(`${side}${n}`, `${word} = 0`), ...cells.slice(place + 1)];
      return;
    }
    cells = cells.map((cell) => {
      if (cell.id !== id) return cell;
      const lines = cell.source.split('\n');
      const line = lines[each.line] ?? '';
      const changed = each.act === 'word' ? [`${line} + ${word}`] : [line, `${word} = 5`];
      return { ...cell, source: lines.flatMap((old, i) => (i === each.line ? changed : [old])).join('\n') };
    });
  });
  const text = cells.map(({ source }) => source).join('\n');
  return { cells, words: words.filter((word) => text.includes(word)) };
}

const sides = fc.tuple(fc.array(act, { maxLength: 6 }), fc.array(act, { maxLength: 6 }));

function merge(ours: readonly PlainCell[], theirs: readonly PlainCell[]) {
  const three = [book(base), book(ours), book(theirs)] as const;
  const merged = notebookKind.merge(...three);
  return { merged, isConflict: isConflict(mergeOverlaps(...three, merged)) };
}

describe('merge', () => {
  it('keeps every word of both sides, in a notebook that opens', () => {
    fc.assert(
      fc.property(sides, ([a, b]) => {
        const [ours, theirs] = [edited('o', a), edited('t', b)];
        const { merged } = merge(ours.cells, theirs.cells);
        const text = merged.cells.map(({ source }) => source).join('\n');
        for (const word of [...ours.words, ...theirs.words]) expect(text).toContain(word);
        const file = notebookKind.fromFile(notebookKind.toFile(merged), 'x.ipynb', () => 'fresh');
        expect(file.ok && notebookKind.equals(file.plain, merged)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('asks a person on both sides or on none', () => {
    fc.assert(
      fc.property(sides, ([a, b]) => {
        const [ours, theirs] = [edited('o', a), edited('t', b)];
        expect(merge(ours.cells, theirs.cells).isConflict).toBe(merge(theirs.cells, ours.cells).isConflict);
      }),
      { numRuns: 300 },
    );
  });

  it('asks nobody when each side worked in cells of its own', () => {
    fc.assert(
      fc.property(sides, ([a, b]) => {
        const ours = edited(
          'o',
          a.filter(({ cell }) => cell % 2 === 0),
        );
        const theirs = edited(
          't',
          b.filter(({ cell }) => cell % 2 === 1),
        );
        expect(merge(ours.cells, theirs.cells).isConflict).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('isOverlapping', () => {
  const text = fc.array(fc.constantFrom('x', ' ', '=', '1', '2', '\n', 'y')).map((parts) => parts.join(''));

  it('never of a side that changed nothing or of two that did the same; whichever comes first', () => {
    fc.assert(
      fc.property(text, text, text, (was, ours, theirs) => {
        expect(isOverlapping(was, was, theirs)).toBe(false);
        expect(isOverlapping(was, ours, ours)).toBe(false);
        expect(isOverlapping(was, ours, theirs)).toBe(isOverlapping(was, theirs, ours));
        if (!isOverlapping(was, ours, theirs)) {
          expect(mergeText(was, ours, theirs)).toBe(mergeText(was, theirs, ours));
        }
      }),
      { numRuns: 500 },
    );
  });
});
