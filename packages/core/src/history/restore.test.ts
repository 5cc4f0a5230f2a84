import { asBlobHash, asCellId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { PlainNotebook } from '../notebooks/notebook.ts';
import type { LiveOutput } from '../runs/live.ts';
import { notebookOf, textOf, withPastCell, withPastOutput } from './restore.ts';
import type { PastCell, PastDocument } from './step.ts';

const cell = (id: string, position: string, source = id): PastCell => ({
  id: asCellId(id),
  type: 'markdown',
  position,
  source,
  metadata: {},
});
const past = (...cells: PastCell[]): PastDocument => ({
  seq: 9,
  meta: { kernelspec: { name: 'python3' }, nbformat_minor: 4, '//x': 1, '/extra': { kept: true } },
  cells: Object.fromEntries(cells.map((each) => [each.id, each])),
});
const ids = (notebook: PlainNotebook | null) => notebook?.cells.map(({ id }) => id);

describe('restore', () => {
  it('gives the whole notebook of then, in its order, without results', () => {
    const code: PastCell = {
      ...cell('c', 'c'),
      type: 'code',
      run: { state: 'done', count: 1, outputs: asBlobHash('ab') },
    };
    expect(notebookOf(past(cell('b', 'b'), code, cell('a', 'a')))).toEqual({
      nbformatMinor: 4,
      metadata: { kernelspec: { name: 'python3' }, '/x': 1 },
      extra: { kept: true },
      cells: [
        { id: 'a', type: 'markdown', source: 'a', metadata: {} },
        { id: 'b', type: 'markdown', source: 'b', metadata: {} },
        { id: 'c', type: 'code', source: 'c', metadata: {}, outputs: [], executionCount: null },
      ],
    });
  });

  it('one cell goes back, the others stay as they are now', () => {
    const now = notebookOf(past(cell('a', 'a', 'new a'), cell('b', 'b', 'new b')));
    const restored = withPastCell(now, past(cell('a', 'a'), cell('b', 'b')), asCellId('a'));
    expect(restored?.cells.map(({ source }) => source)).toEqual(['a', 'new b']);
  });

  it('a deleted cell comes back behind what stood above it', () => {
    const then = past(cell('a', 'a'), cell('b', 'b'), cell('c', 'c'), cell('d', 'd'));
    const without = (...present: PastCell[]) =>
      withPastCell(notebookOf(past(...present)), then, asCellId('c'));
    expect(ids(without(cell('a', 'a'), cell('b', 'b'), cell('d', 'd')))).toEqual(['a', 'b', 'c', 'd']);
    expect(ids(without(cell('d', 'a'), cell('a', 'b'), cell('x', 'c')))).toEqual(['d', 'a', 'c', 'x']);
    expect(ids(without(cell('x', 'a')))).toEqual(['c', 'x']);
  });

  it('what was not there then cannot come back', () => {
    expect(withPastCell(notebookOf(past()), past(), asCellId('a'))).toBeNull();
  });

  it('a text is the text of its one cell', () => {
    expect(textOf(past(cell('text', '', 'hello')))).toBe('hello');
    expect(textOf(past())).toBe('');
  });
});

describe('one output of the past', () => {
  const said = (text: string): LiveOutput => ({ type: 'stream', name: 'stdout', text });
  const picture = (data: string): LiveOutput => ({
    type: 'display_data',
    data: { 'image/png': data },
    metadata: {},
  });
  it('takes the place of the one of its kind, or stands between the others', () => {
    expect(withPastOutput([said('b'), picture('2')], [said('a'), picture('1')], 1)).toEqual([
      said('b'),
      picture('1'),
    ]);
    expect(withPastOutput([said('b')], [picture('1')], 0)).toEqual([picture('1'), said('b')]);
    expect(withPastOutput([], [said('a'), picture('1')], 1)).toEqual([picture('1')]);
  });
  it('is nothing when it was not there, or is there', () => {
    expect(withPastOutput([said('b')], [said('a')], 1)).toBeNull();
    expect(withPastOutput([said('a')], [said('a')], 0)).toBeNull();
  });
});
