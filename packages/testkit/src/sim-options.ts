/** What one simulated run does and suffers, all from its seed. A failing run prints these. */
import { SeededRandom } from './seeded-random.ts';

/** Chances per frame or per round, 0 to 1. */
export interface SimFaults {
  dropUp: number;
  duplicateUp: number;
  reorderUp: number;
  dropDown: number;
  duplicateDown: number;
  reorderDown: number;
  maxDelayMs: number;
  cut: number;
  clientCrash: number;
  serverCrash: number;
  commitFailure: number;
  maxCommitMs: number;
}

export interface SimOptions {
  readonly seed: number;
  readonly clients: number;
  readonly rounds: number;
  /**
   * `additions`: typing, new cells, moves, types; every token must be found exactly once at the end.
   * `everything`: deletions, splits, merges and undo as well; every acknowledged update must be contained.
   */
  readonly edits: 'additions' | 'everything';
  readonly faults: Readonly<SimFaults>;
}

export const noFaults: Readonly<SimFaults> = {
  dropUp: 0,
  duplicateUp: 0,
  reorderUp: 0,
  dropDown: 0,
  duplicateDown: 0,
  reorderDown: 0,
  maxDelayMs: 20,
  cut: 0,
  clientCrash: 0,
  serverCrash: 0,
  commitFailure: 0,
  maxCommitMs: 5,
};

/** Each fault is there in about half of the runs, so that some runs show each alone. */
export function simOptions(seed: number, rounds = 80): SimOptions {
  const random = new SeededRandom(seed);
  const upTo = (most: number) => (random.chance(0.5) ? Math.round(random.next() * most * 1000) / 1000 : 0);
  return {
    seed,
    clients: random.chance(0.7) ? 5 : random.between(2, 4),
    rounds,
    edits: random.chance(0.5) ? 'additions' : 'everything',
    faults: {
      dropUp: upTo(0.1),
      duplicateUp: upTo(0.2),
      reorderUp: upTo(0.2),
      dropDown: upTo(0.05),
      duplicateDown: upTo(0.2),
      reorderDown: upTo(0.2),
      maxDelayMs: random.pick([1, 20, 200]),
      cut: upTo(0.15),
      clientCrash: upTo(0.05),
      serverCrash: upTo(0.06),
      commitFailure: upTo(0.1),
      maxCommitMs: random.pick([0, 5, 100]),
    },
  };
}
