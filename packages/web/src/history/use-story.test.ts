import { asCellId, asPersonId } from '@cahier/base/ids.ts';
import type { Change, Step } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { describe, expect, it } from 'vitest';
import { storyTrack } from './track.ts';
import { storyWords } from './use-story.ts';

const cell = asCellId('a');
const authors: AuthorOnWire[] = [
  { person: null, name: 'File', color: '#666666' },
  { person: asPersonId('p'), name: 'Ada', color: '#000000' },
];
const born = (type: 'code' | 'markdown'): Change => ({
  c: 'cell+',
  cell,
  type,
  position: 'a',
  source: '',
  metadata: {},
});
const step = (seq: number, author: number, change: Change): Step => ({
  seq,
  at: seq * 60_000,
  author,
  origin: 'typing',
  changes: [change],
});
const words = (type: 'code' | 'markdown', runs: number) => {
  const steps = [step(1, 0, born(type)), step(4, 1, { c: 'text', cell, delta: ['x'] })];
  const work = { steps, cells: [cell], links: [], runs, authors: [0, 1] };
  return storyWords({ work, cells: new Set([cell]), track: storyTrack(steps, authors) });
};

describe('the story of a cell, in words', () => {
  it('names the people, not the file that it came with', () => {
    expect(words('code', 2)).toBe('2 steps in 3 min by Ada · 2 runs');
  });

  it('says that code was never run, and nothing of runs where there can be none', () => {
    expect(words('code', 0)).toBe('2 steps in 3 min by Ada · never run');
    expect(words('markdown', 0)).toBe('2 steps in 3 min by Ada');
  });
});
