import { asCellId } from '@cahier/base/ids.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { describe, expect, it } from 'vitest';
import { storyTrack, wholeTrack } from './track.ts';

const steps = [3, 4, 9, 20].map(
  (seq): Step => ({
    seq,
    at: seq * 1_000,
    author: 0,
    origin: 'typing',
    changes: [{ c: 'text', cell: asCellId('a'), delta: ['x'] }],
  }),
);

describe('the track of one piece of work', () => {
  const track = storyTrack(steps, []);
  it('stops only at its own steps', () => {
    expect([1, 3, 5, 9, 19, 99].map(track.snap)).toEqual([3, 3, 4, 9, 9, 20]);
    expect([track.step(3, -1), track.step(3, 1), track.step(5, 1), track.step(20, 1)]).toEqual([
      null,
      4,
      9,
      null,
    ]);
    expect([track.count, track.ordinal(10), track.timeOf?.(10)]).toEqual([4, 3, 9_000]);
  });
});

describe('the whole track', () => {
  it('has every step', () => {
    const track = wholeTrack({
      epoch: 'e',
      kind: 'text',
      firstAt: 0,
      lastAt: 10,
      lastSeq: 7,
      authors: [],
      moments: [[7, 10, 0, 7, 0]],
    });
    expect([track.step(1, -1), track.step(1, 1), track.step(7, 1), track.snap(0), track.snap(90)]).toEqual([
      null,
      2,
      null,
      1,
      7,
    ]);
  });
});
