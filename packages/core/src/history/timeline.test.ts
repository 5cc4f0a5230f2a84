import { asBlobHash, asCellId, asRunId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { Change, Step } from './step.ts';
import { coarsen, flagsOf, joinMoments, type Moment, momentFlags, momentsOf } from './timeline.ts';

let seq = 0;
const step = (at: number, author = 0, changes: Change[] = [], origin: Step['origin'] = 'typing'): Step => ({
  seq: (seq += 1),
  at,
  author,
  origin,
  changes,
});
const run = (state: 'done' | 'failed', id: string | null = 'r'): Change => ({
  c: 'run',
  cell: asCellId('c'),
  run: id === null ? null : asRunId(id),
  state,
  count: 1,
  startedAt: 1,
  outputs: asBlobHash('h'),
});

describe('timeline', () => {
  it('gathers what one author does without a pause', () => {
    seq = 0;
    const steps = [step(0), step(1_999), step(3_998), step(5_998), step(6_000, 1), step(6_001)];
    expect(momentsOf(steps)).toEqual([
      [3, 3_998, 0, 3, 0],
      [4, 5_998, 0, 1, 0],
      [5, 6_000, 1, 1, 0],
      [6, 6_001, 0, 1, 0],
    ]);
  });

  it('a burst has at most 200 steps', () => {
    seq = 0;
    const steps = Array.from({ length: 450 }, (_, i) => step(i));
    expect(momentsOf(steps).map(([last, , , count]) => [last, count])).toEqual([
      [200, 200],
      [400, 200],
      [450, 50],
    ]);
  });

  it('marks what stands out', () => {
    expect(flagsOf(step(0, 0, [run('done')], 'run'))).toBe(momentFlags.run);
    expect(flagsOf(step(0, 0, [run('failed')], 'run'))).toBe(momentFlags.run | momentFlags.failedRun);
    expect(flagsOf(step(0, 0, [run('done', null)], 'import'))).toBe(0);
    expect(flagsOf(step(0, 0, [], 'restore'))).toBe(momentFlags.restore);
    expect(flagsOf(step(0, 0, [], 'disk'))).toBe(momentFlags.disk);
    expect(flagsOf(step(0, 0, [], 'paste'))).toBe(momentFlags.paste);
    expect(flagsOf(step(0, 0, [{ c: 'mark', mark: 'named', text: 'v1' }]))).toBe(momentFlags.named);
    expect(flagsOf(step(0, 0, [{ c: 'mark', mark: 'kernel-died', text: '' }]))).toBe(momentFlags.kernel);
    expect(flagsOf(step(0))).toBe(0);
  });

  it('moments of chunks join to those of the whole when the cut falls between bursts or inside a short one', () => {
    seq = 0;
    const steps = Array.from({ length: 90 }, (_, i) =>
      step(i * 900 + (i % 7 === 0 ? 2_000 : 0), i % 13 === 0 ? 1 : 0),
    );
    for (const cut of [1, 20, 45, 89]) {
      const joined = joinMoments([momentsOf(steps.slice(0, cut)), momentsOf(steps.slice(cut))]);
      expect(joined.reduce((sum, moment) => sum + moment[3], 0)).toBe(90);
      expect(joined.at(-1)).toEqual(momentsOf(steps).at(-1));
    }
  });

  it('coarsens a long history and keeps what stands out as long as it can', () => {
    const moments = Array.from(
      { length: 2_000 },
      (_, i): Moment => [i + 1, i * 10_000, 0, 1, i % 100 === 50 ? 1 : 0],
    );
    const coarse = coarsen(moments, 100);
    expect(coarse.length).toBeLessThanOrEqual(100);
    expect(coarse.reduce((sum, moment) => sum + moment[3], 0)).toBe(2_000);
    expect(coarse.filter((moment) => moment[4] === 1)).toHaveLength(20);
    expect(coarse.at(-1)?.[0]).toBe(2_000);
    expect(coarsen(moments, 5_000)).toEqual(moments);
  });

  it('comes down to what was asked for, however authors alternate', () => {
    const moments = Array.from(
      { length: 3_000 },
      (_, i): Moment => [i + 1, i * 60_000, i % 3, 1 + (i % 5), i % 2],
    );
    const coarse = coarsen(moments, 500);
    expect(coarse.length).toBeLessThanOrEqual(500);
    expect(coarse.reduce((sum, moment) => sum + moment[3], 0)).toBe(9_000);
    expect(coarse.every((moment, i) => i === 0 || moment[0] > (coarse[i - 1]?.[0] ?? 0))).toBe(true);
  });
});
