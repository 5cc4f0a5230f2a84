import { asBlobHash, asCellId, asRunId, type CellId } from '@cahier/base/ids.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StepDeriver } from './derive-steps.ts';
import { follow } from './follow.ts';
import { foldTo } from './fold.ts';
import { type Change, emptyPast, type Step } from './step.ts';

const id = asCellId;
const added = (cell: string, source: string): Change => ({
  c: 'cell+',
  cell: id(cell),
  type: 'code',
  position: cell,
  source,
  metadata: {},
});
const edit = (cell: string, ...delta: (number | string | { d: number })[]): Change => ({
  c: 'text',
  cell: id(cell),
  delta,
});
const gone = (cell: string): Change => ({ c: 'cell-', cell: id(cell) });
const run = (cell: string): Change => ({
  c: 'run',
  cell: id(cell),
  run: asRunId('r'),
  state: 'done',
  count: 1,
  startedAt: 1,
  outputs: asBlobHash('h'),
});

/** Each list of changes is one step, by author 1 unless said. */
function steps(...list: readonly (readonly Change[])[]): readonly Step[] {
  return list.map((changes, i) => ({
    seq: i + 1,
    at: i * 1000,
    author: 1,
    origin: changes.some(({ c }) => c === 'cell+' || c === 'cell-') ? 'structure' : 'typing',
    changes,
  }));
}

const seqs = (list: readonly Step[], cell: string) =>
  follow(emptyPast, list, id(cell)).steps.map(({ seq }) => seq);

describe('follow', () => {
  it('gives the steps of one cell with its runs, and of each step only what concerns it', () => {
    const list = steps(
      [added('a', ''), added('b', '')],
      [edit('a', 'x = 1')],
      [edit('b', 'y')],
      [run('a')],
      [run('b')],
      [{ c: 'meta', key: 'k', value: 1 }],
      [gone('a')],
    );
    const work = follow(emptyPast, list, id('a'));
    expect(work.steps.map(({ seq }) => seq)).toEqual([1, 2, 4, 7]);
    expect(work.steps[0]?.changes).toEqual([added('a', '')]);
    expect(work).toMatchObject({ runs: 1, authors: [1], cells: ['a'], links: [] });
    expect(seqs(list, 'never')).toEqual([]);
  });

  it('goes on in the cells that are split off', () => {
    const list = steps(
      [added('a', 'first second')],
      [added('o', 'other')],
      [edit('a', 5, { d: 7 }), added('b', 'second')],
      [edit('b', 6, '!')],
      [edit('o', '?')],
    );
    expect(seqs(list, 'a')).toEqual([1, 3, 4]);
    expect(follow(emptyPast, list, id('a')).links).toEqual([{ seq: 3, kind: 'split', from: 'a', to: 'b' }]);
  });

  it('begins in the cell it was split from, and leaves that one at the split', () => {
    const list = steps(
      [added('a', 'first second')],
      [edit('a', 5, { d: 7 }), added('b', 'second')],
      [edit('a', 5, '?')],
      [edit('b', 6, '!')],
    );
    expect(seqs(list, 'b')).toEqual([1, 2, 4]);
  });

  it('goes through merges both ways', () => {
    const list = steps(
      [added('a', 'one')],
      [added('b', 'two')],
      [edit('b', 3, '!')],
      [edit('a', 3, '\ntwo!'), gone('b')],
      [edit('a', 'now ')],
    );
    expect(seqs(list, 'b')).toEqual([2, 3, 4, 5]);
    expect(seqs(list, 'a')).toEqual([1, 2, 3, 4, 5]);
    expect(follow(emptyPast, list, id('a')).cells).toEqual(['a', 'b']);
  });

  it('cells that only lay beside each other have nothing in common', () => {
    const list = steps(
      [added('a', 'x = 1')],
      [gone('a'), added('b', 'completely different')],
      [edit('b', 'y')],
    );
    expect(seqs(list, 'a')).toEqual([1, 2]);
    expect(seqs(list, 'b')).toEqual([2, 3]);
  });

  it('the steps alone show the cell as the whole history does', { timeout: 30_000 }, () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const deriver = new StepDeriver(new Y.Doc(), emptyPast);
      const list = makeTrace({ seed, entries: 200, broken: 0 }).map((entry) => deriver.apply(entry, 0));
      const last = list.at(-1)?.seq ?? 0;
      const whole = foldTo(emptyPast, list, last);
      const ids: CellId[] = Object.values(whole.cells).map((cell) => cell.id);
      for (const cell of ids) {
        const work = follow(emptyPast, list, cell);
        expect(foldTo(emptyPast, work.steps, last).cells[cell]).toEqual(whole.cells[cell]);
        expect(work.steps.every(({ changes }) => changes.length > 0)).toBe(true);
      }
    }
  });
});
