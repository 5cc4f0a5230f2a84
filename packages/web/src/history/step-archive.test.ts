import { asCellId } from '@cahier/base/ids.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { packedServer } from '@cahier/testkit/packed-server.ts';
import { describe, expect, it } from 'vitest';
import { nextTask, StepArchive } from './step-archive.ts';

const cell = asCellId('a');
const typed = (seq: number): Step => ({
  seq,
  at: seq * 10,
  author: seq % 2,
  origin: 'typing',
  changes: [{ c: 'text', cell, delta: [String(seq % 10)] }],
});
const stepsOf = (count: number) => Array.from({ length: count }, (_, i) => typed(i + 1));
const inOurs = (archive: StepArchive, seq = 0) =>
  [...archive.after(seq)].flat().map((step) => ({ ...step, author: archive.authors[step.author]?.name }));
const expected = (steps: readonly Step[]) =>
  steps.map((step) => ({ ...step, author: step.author === 0 ? 'Ada' : 'Bert' }));

describe('all steps of a history', () => {
  it('come in order with their authors, whatever way the answers take, and no more than three at once', async () => {
    const steps = stepsOf(130_500);
    const answer = packedServer(steps, 2_000);
    let most = 0;
    let waiting: (() => void)[] = [];
    const archive = new StepArchive(async (from, to) => {
      await new Promise<void>((done) => {
        most = Math.max(most, waiting.push(done));
        // All that wait by then, the last first.
        void nextTask().then(() => {
          for (const go of waiting.reverse()) go();
          waiting = [];
        });
      });
      return answer(from, to);
    });
    const shares: number[] = [];
    await archive.load(steps.length, (share) => shares.push(share));
    // As text: a difference is found in a moment.
    expect(JSON.stringify(inOurs(archive)) === JSON.stringify(expected(steps))).toBe(true);
    expect(most).toBe(3);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('go on where they were: a chunk that was still growing is taken once', async () => {
    const steps = stepsOf(2_500);
    const archive = new StepArchive(packedServer(steps, 1_000));
    await archive.load(2_500);
    steps.push(...stepsOf(4_100).slice(2_500));
    await archive.load(4_100);
    expect(inOurs(archive)).toEqual(expected(steps));
    expect(inOurs(archive, 3_999)).toEqual(expected(steps.slice(3_999)));
    expect(archive.lastSeq).toBe(4_100);
  });

  it('come whole where the server sends fewer than it was asked for', async () => {
    const steps = stepsOf(70_000);
    const answer = packedServer(steps, 2_000);
    const archive = new StepArchive(async (from, to) => {
      const { authors, chunks } = await answer(from, to);
      return { authors, chunks: chunks.slice(0, 7) };
    });
    await archive.load(70_000);
    expect(inOurs(archive).map(({ seq }) => seq)).toEqual(steps.map(({ seq }) => seq));
  });

  it('a failure is told, what came stays, and asking again goes on from there', async () => {
    const steps = stepsOf(70_000);
    const answer = packedServer(steps, 2_000);
    let isBroken = true;
    const asked: number[] = [];
    const archive = new StepArchive((from, to) => {
      asked.push(from);
      return isBroken && from > 32_000 ? Promise.reject(new Error('no way')) : answer(from, to);
    });
    await expect(archive.load(70_000)).rejects.toThrow('no way');
    expect(archive.lastSeq).toBe(32_000);
    isBroken = false;
    asked.length = 0;
    await archive.load(70_000);
    expect(asked).toEqual([32_001, 64_001]);
    expect(inOurs(archive).map(({ seq }) => seq)).toEqual(steps.map(({ seq }) => seq));
  });
});
