import { asCellId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import { pastesIn } from './paste.ts';
import type { Change, PastDocument, Step } from './step.ts';

const [a, b] = [asCellId('a'), asCellId('b')];
const cell = (id: typeof a, source: string) => ({
  id,
  type: 'code' as const,
  position: id,
  source,
  metadata: {},
});
const before: PastDocument = {
  seq: 1,
  meta: {},
  cells: { [a]: cell(a, 'import numpy as np\n'), [b]: cell(b, 'x = 1') },
};
const step = (changes: readonly Change[], origin: Step['origin'] = 'paste'): Step => ({
  seq: 2,
  at: 0,
  author: 0,
  origin,
  changes,
});

describe('pastes', () => {
  it('tell size and the cell of the document where the text stood', () => {
    const text = 'import numpy as np';
    expect(pastesIn(before, step([{ c: 'text', cell: b, delta: [2, text, { d: 1 }] }]))).toEqual([
      { cell: b, text, size: 18, from: a },
    ]);
  });

  it('from elsewhere, or of too little text, have no source', () => {
    const pasted = (text: string) => pastesIn(before, step([{ c: 'text', cell: b, delta: [text] }]))[0]?.from;
    expect([pasted('a text from the web'), pasted('import')]).toEqual([null, null]);
  });

  it('of whole cells count; typing does not', () => {
    const change: Change = {
      c: 'cell+',
      cell: asCellId('n'),
      type: 'code',
      position: 'p',
      source: 'x = 1',
      metadata: {},
    };
    expect(pastesIn(before, step([change]))).toMatchObject([{ cell: 'n', size: 5 }]);
    expect(pastesIn(before, step([change], 'typing'))).toEqual([]);
  });
});
