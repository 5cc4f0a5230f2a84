import { asBlobHash, asCellId } from '@cahier/base/ids.ts';
import type { Change, PastDocument, Step } from '@cahier/core/history/step.ts';
import { describe, expect, it } from 'vitest';
import { changePlace } from './change-place.ts';

const [a, b] = [asCellId('a'), asCellId('b')];
const cell = (id: typeof a, source: string) => ({
  id,
  type: 'code' as const,
  position: id,
  source,
  metadata: {},
});
const past: PastDocument = {
  seq: 9,
  meta: {},
  cells: { [a]: cell(a, 'one\ntwo\nthree\nfour'), [b]: cell(b, '') },
};
const step = (...changes: Change[]): Step => ({ seq: 9, at: 0, author: 0, origin: 'typing', changes });

describe('the place of a step', () => {
  it('is the line behind what was written', () => {
    expect(changePlace(step({ c: 'text', cell: a, delta: [4, 'two'] }), past)).toEqual({
      cell: a,
      at: 0.375,
    });
    expect(changePlace(step({ c: 'text', cell: a, delta: ['o'] }), past)?.at).toBe(0.125);
    expect(changePlace(step({ c: 'text', cell: a, delta: [18, { d: 3 }] }), past)?.at).toBe(0.875);
  });

  it('is the result of what was run, and the cell that was moved', () => {
    const run = {
      c: 'run',
      cell: a,
      run: null,
      state: 'done',
      count: 1,
      startedAt: null,
      outputs: asBlobHash('0'.repeat(64)),
    } as const;
    expect(changePlace(step(run), past)).toEqual({ cell: a, at: 'result' });
    expect(changePlace(step({ c: 'set', cell: b, key: 'position', value: 'c' }), past)).toEqual({
      cell: b,
      at: 0,
    });
  });

  it('is none where nothing stands, and in what is left where a cell was merged into another', () => {
    const gone = { c: 'cell-', cell: asCellId('c') } as const;
    expect(changePlace(step(gone), past)).toBeNull();
    expect(changePlace(step({ c: 'mark', mark: 'named', text: 'x' }), past)).toBeNull();
    expect(changePlace(step(gone, { c: 'text', cell: a, delta: [13, '\nfour'] }), past)?.cell).toBe(a);
  });
});
