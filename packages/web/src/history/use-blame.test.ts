import { asCellId } from '@cahier/base/ids.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { describe, expect, it } from 'vitest';
import { packedServer } from '@cahier/testkit/packed-server.ts';
import { StepArchive } from './step-archive.ts';
import { allLinks, builtNear } from './use-blame.ts';

const cell = asCellId('a');
const born: Step = {
  seq: 1,
  at: 0,
  author: 0,
  origin: 'typing',
  changes: [{ c: 'cell+', cell, type: 'code', position: 'a', source: '', metadata: {} }],
};
const typed = (seq: number): Step => ({
  seq,
  at: seq,
  author: 0,
  origin: 'typing',
  changes: [{ c: 'text', cell, delta: ['x'] }],
});
const many = 9_000;
const steps = [born, ...Array.from({ length: many - 1 }, (_, i) => typed(i + 2))];
const archiveOf = () => new StepArchive(packedServer(steps, 4_000));

describe('blame a few steps from where it was', () => {
  it('goes on, begins anew when one goes back, and leaves long ways and what is not here to others', async () => {
    const archive = archiveOf();
    expect(builtNear(archive, null, 10)).toBeNull();
    await archive.load(many);
    const written = (built: ReturnType<typeof builtNear>) =>
      built?.cell(cell)?.runs.reduce((sum, { length }) => sum + length, 0);
    const ten = builtNear(archive, null, 10);
    const twenty = builtNear(archive, ten, 20);
    expect(twenty).toBe(ten);
    expect(written(twenty)).toBe(19);
    const five = builtNear(archive, twenty, 5);
    expect(written(five)).toBe(4);
    expect(builtNear(archive, five, many)).toBeNull();
  });
});

describe('working through a long history', () => {
  it('tells how far it is, and lets the page breathe meanwhile', async () => {
    const archive = archiveOf();
    await archive.load(many);
    const shares: number[] = [];
    let breaths = 0;
    const timer = setInterval(() => breaths++, 0);
    expect(await allLinks(archive, (share) => shares.push(Math.round(share * 100)))).toEqual([]);
    clearInterval(timer);
    expect(shares).toEqual([44, 89, 100]);
    expect(breaths).toBeGreaterThan(0);
  });
});
