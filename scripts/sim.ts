/**
 * `npm run sim -- [--seeds N] [--from N] [--seed N] [--rounds N]`: the simulation of rooms with many seeds. Prints each
 * failing seed with its options; exit code 1 when there was one.
 * `npm run sim -- traces [--seeds N] [--from N] [--seed N]`: the same with a witness of the history, which also restores,
 * changes the file, edits in JupyterLab, packs and purges meanwhile: fold(steps up to n) is the document at n for every n,
 * a purge leaves the rest as it was, and every character has its author.
 */
import { parseArgs } from 'node:util';
import { simulate } from '../packages/server/src/rooms/simulate.sim.ts';
import { simulateHistory } from '../packages/server/src/rooms/simulate-history.sim.ts';
import { simOptions } from '../packages/testkit/src/sim-options.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    rounds: { type: 'string', default: '80' },
  },
});
const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const rounds = Number(values.rounds);
if (![first, count, rounds].every((n) => Number.isSafeInteger(n) && n > 0)) {
  console.error('--seeds, --from, --seed and --rounds are whole numbers above 0');
  process.exit(2);
}

const isTraces = positionals[0] === 'traces';
// @jupyter/ydoc reads its own cells before they are in a document, which Yjs says aloud.
console.warn = () => undefined;
const sums: Record<string, number> = {};
const tally = (what: string, by: number) => {
  sums[what] = (sums[what] ?? 0) + by;
};
const failed: number[] = [];
const begin = performance.now();
for (let seed = first; seed < first + count; seed += 1) {
  const options = simOptions(seed, rounds);
  try {
    if (isTraces) {
      for (const [what, n] of Object.entries(await simulateHistory(seed))) tally(what, n);
    } else {
      const report = await simulate(options);
      tally('entries', report.entries);
      tally('crashes', report.serverCrashes);
      tally('with crossed undo', report.isCrossed ? 1 : 0);
    }
  } catch (error) {
    failed.push(seed);
    console.error(`seed ${seed}: ${String(error)}\n  ${isTraces ? '' : JSON.stringify(options)}`);
  }
  if ((seed - first + 1) % 500 === 0) console.log(`${seed - first + 1} seeds, ${failed.length} failed`);
}
const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
const totals = Object.entries(sums).map(([what, n]) => `${n} ${what}`);
console.log(`${count} seeds in ${seconds} s: ${failed.length} failed; ${totals.join(', ')}`);
if (failed.length > 0) console.log(`failing seeds: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
