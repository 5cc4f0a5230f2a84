import { asBlobHash, asCellId, asRunId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { applyStep, foldTo, pastCells } from './fold.ts';
import { type Change, emptyPast, type PastDocument, type Step } from './step.ts';
import { applyTextDelta, diffText } from './text-delta.ts';

const a = asCellId('a');
const b = asCellId('b');
const step = (seq: number, ...changes: Change[]): Step => ({
  seq,
  at: seq * 10,
  author: 0,
  origin: 'typing',
  changes,
});
const add = (cell: typeof a, position: string, source = ''): Change => ({
  c: 'cell+',
  cell,
  type: 'code',
  position,
  source,
  metadata: {},
});

const steps = [
  step(1, add(a, 'b', 'one'), { c: 'meta', key: 'k', value: null }),
  step(2, add(b, 'a', 'two')),
  step(3, { c: 'text', cell: a, delta: [3, '!'] }),
  step(4, {
    c: 'run',
    cell: a,
    run: asRunId('r'),
    state: 'done',
    count: 7,
    startedAt: 1,
    outputs: asBlobHash('h'),
  }),
  step(
    5,
    { c: 'set', cell: a, key: 'type', value: 'markdown' },
    { c: 'set', cell: a, key: 'position', value: '0' },
  ),
  step(6, { c: 'set', cell: a, key: 'attachments', value: { p: {} } }),
  step(7, { c: 'set', cell: a, key: 'attachments', value: null }, { c: 'meta', key: 'k' }),
  step(8, { c: 'cell-', cell: b }, { c: 'text', cell: b, delta: ['late'] }),
];

describe('fold', () => {
  it('gives the document at any step', () => {
    const at = (seq: number) => foldTo(emptyPast, steps, seq);
    expect(at(0)).toEqual(emptyPast);
    expect(at(1).meta).toEqual({ k: null });
    expect(pastCells(at(2)).map((cell) => cell.id)).toEqual(['b', 'a']);
    expect(at(3).cells[a]?.source).toBe('one!');
    expect(at(4).cells[a]?.run).toEqual({ state: 'done', count: 7, outputs: 'h' });
    expect(pastCells(at(5)).map((cell) => [cell.id, cell.type])).toEqual([
      ['a', 'markdown'],
      ['b', 'code'],
    ]);
    expect(at(6).cells[a]?.attachments).toEqual({ p: {} });
    expect(at(7).cells[a]).not.toHaveProperty('attachments');
    expect(at(7).meta).toEqual({});
    expect(at(8)).toEqual(at(99));
    expect(Object.keys(at(8).cells)).toEqual(['a']);
  });

  it('goes on from any moment, leaving out what that has already', () => {
    for (let base = 0; base <= 8; base += 1) {
      expect(foldTo(foldTo(emptyPast, steps, base), steps, 8)).toEqual(foldTo(emptyPast, steps, 8));
    }
  });

  it('shares what a step did not touch', () => {
    const before: PastDocument = foldTo(emptyPast, steps, 2);
    const [, , third] = steps;
    if (!third) throw new Error('no step');
    const after = applyStep(before, third);
    expect(after.cells[b]).toBe(before.cells[b]);
    expect(before.cells[a]?.source).toBe('one');
  });

  it('takes a cell called __proto__ as a cell', () => {
    const odd = asCellId('__proto__');
    const past = foldTo(emptyPast, [step(1, add(odd, 'a', 'x'))], 1);
    expect(pastCells(past).map((cell) => cell.source)).toEqual(['x']);
  });
});

describe('text deltas', () => {
  it.each([
    ['', '', []],
    ['ab', 'ab', []],
    ['', 'x', ['x']],
    ['ab', 'b', [{ d: 1 }]],
    ['abc', 'axc', [1, 'x', { d: 1 }]],
    ['aa', 'aaa', [2, 'a']],
  ])('%j → %j', (before, after, delta) => {
    expect(diffText(before, after)).toEqual(delta);
    expect(applyTextDelta(before, diffText(before, after))).toBe(after);
  });
});
