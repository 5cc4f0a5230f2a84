/**
 * fold(steps up to n) is the document at n, and every character has its author, on traces with crashes. More of them:
 * `npm run sim -- traces --seeds 10000`.
 */
import { describe, expect, it, vi } from 'vitest';
import { type HistoryReport, simulateHistory } from './simulate-history.sim.ts';

const seeds = 100;

describe('histories of rooms under faults', () => {
  it(`fold to the document at every moment, byte for byte (seeds 1 to ${seeds})`, async () => {
    // @jupyter/ydoc reads its own cells before they are in a document, which Yjs says aloud.
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const reports: HistoryReport[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) {
      reports.push(
        await simulateHistory(seed).catch((error: unknown) => {
          throw new Error(`seed ${seed} failed: ${String(error)}`, { cause: error });
        }),
      );
    }
    const sum = (what: keyof HistoryReport) => reports.reduce((all, report) => all + report[what], 0);
    // The traces are what they should be.
    for (const what of ['crashes', 'restores', 'diskChanges', 'jupyterlabEdits'] as const)
      expect(sum(what)).toBeGreaterThan(50);
    expect(sum('packed')).toBeGreaterThan(1_000);
    expect(sum('purges')).toBeGreaterThan(20);
    expect(sum('characters')).toBeGreaterThan(3_000);
    expect(sum('strangers')).toBe(0);
    // JupyterLab does not say what it did, and a purge of one step leaves no room to say: a letter that they moved may be
    // told as their own.
    const others = sum('strangersBesideLab') + sum('strangersAfterPurge');
    expect(others / sum('characters')).toBeLessThan(0.001);
  });
});
