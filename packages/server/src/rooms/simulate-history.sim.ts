/** One simulated run as simulate.sim.ts makes it, with somebody who looks at its history (history-witness.sim.ts). */
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { simOptions } from '@cahier/testkit/sim-options.ts';
import { HistoryWitness, type WitnessCounts } from './history-witness.sim.ts';
import { simulate } from './simulate.sim.ts';

export interface HistoryReport extends WitnessCounts {
  readonly crashes: number;
}

/** Rejects with what went wrong. */
export async function simulateHistory(seed: number): Promise<HistoryReport> {
  const witness = new HistoryWitness(new SeededRandom(seed ^ 0x7ace));
  const { serverCrashes } = await simulate({ ...simOptions(seed, 60), edits: 'everything' }, 'none', witness);
  return { ...witness.counts, crashes: serverCrashes };
}
