/** Seeded simulation of JupyterLab's view. More seeds: `LAB_SEEDS=5000 vitest run --project sim packages/core`. */
import { describe, expect, it, vi } from 'vitest';
import { labSimOptions, simulateLab } from './simulate-lab.sim.ts';

const seeds = Number(process.env['LAB_SEEDS'] ?? 300);
const first = Number(process.env['LAB_FROM'] ?? 1);
const batch = 50;

function run(seed: number) {
  const options = labSimOptions(seed);
  try {
    return simulateLab(options);
  } catch (error) {
    throw new Error(`seed ${seed} failed: ${String(error)}\n${JSON.stringify(options)}`, { cause: error });
  }
}

describe('JupyterLab documents and pages around one notebook', () => {
  for (let from = first; from < first + seeds; from += batch) {
    it(`seeds ${from} to ${from + batch - 1}`, () => {
      // @jupyter/ydoc reads its own cells before they are in a document, which Yjs says aloud.
      vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      let edits = 0;
      for (let seed = from; seed < from + batch; seed += 1) edits += run(seed).edits;
      expect(edits).toBeGreaterThan(0);
    });
  }
});
