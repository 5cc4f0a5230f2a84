import { asCellId } from '@cahier/base/ids.ts';
import { packSteps } from '@cahier/core/history/codec.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { describe, expect, it } from 'vitest';
import { bytesOfPackedSteps, type PackedSteps, parsePackedSteps, stepsOfPacked } from './packed-steps.ts';

const step = (seq: number, author: number): Step => ({
  seq,
  at: seq,
  author,
  origin: 'typing',
  changes: [{ c: 'text', cell: asCellId('é'), delta: ['ü'] }],
});
const packed: PackedSteps = {
  authors: ['Ada', 'Zoë'].map((name) => ({ person: null, name, color: '#000000' })),
  chunks: [
    { from: 1, to: 2, authors: [0], steps: packSteps([step(1, 0), step(2, 0)]) },
    { from: 3, to: 3, authors: [1], steps: packSteps([step(3, 0)]) },
  ],
};

describe('packed steps on the wire', () => {
  it('come as they were sent, with the authors of the whole stretch', () => {
    // In the middle of a larger buffer, as bytes may come.
    const bytes = bytesOfPackedSteps(packed);
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    const read = parsePackedSteps(larger.subarray(7, 7 + bytes.length));
    expect(read).toEqual(packed);
    expect(read.chunks.flatMap((chunk) => stepsOfPacked(chunk))).toEqual([
      step(1, 0),
      step(2, 0),
      step(3, 1),
    ]);
  });

  it('are refused when something is missing, wherever they are cut', () => {
    const bytes = bytesOfPackedSteps(packed);
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => parsePackedSteps(bytes.subarray(0, length)), String(length)).toThrow();
  });
});
