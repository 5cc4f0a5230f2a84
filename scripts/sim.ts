/**
 * `npm run sim -- [--seeds N] [--from N] [--seed N] [--rounds N]`: the simulation of rooms with many seeds. Prints each
 * failing seed with its options; exit code 1 when there was one.
 */
import { parseArgs } from 'node:util';
import { simulate } from '../packages/server/src/rooms/simulate.sim.ts';
import { simOptions } from '../packages/testkit/src/sim-options.ts';

const { values } = parseArgs({
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

const failed: number[] = [];
let entries = 0;
let crashes = 0;
let crossed = 0;
const begin = performance.now();
for (let seed = first; seed < first + count; seed += 1) {
  const options = simOptions(seed, rounds);
  try {
    const report = await simulate(options);
    entries += report.entries;
    crashes += report.serverCrashes;
    if (report.isCrossed) crossed += 1;
  } catch (error) {
    failed.push(seed);
    console.error(`seed ${seed}: ${String(error)}\n  ${JSON.stringify(options)}`);
  }
  if ((seed - first + 1) % 500 === 0) console.log(`${seed - first + 1} seeds, ${failed.length} failed`);
}
const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
console.log(
  `${count} seeds in ${seconds} s: ${failed.length} failed; ${entries} history entries, ${crashes} server crashes, ${crossed} with crossed undo`,
);
if (failed.length > 0) console.log(`failing seeds: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
