/**
 * `node bench/checkpoint-spacing.ts [steps]`: what the distance of checkpoints costs and brings, on a generated semester
 * (decision 3). Not a promise, so not among the figures of `npm run bench`. The steps are derived once and cut anew for
 * each distance; a state is read as a server reads one whose chunk it does not hold in memory, timed by
 * the thread's CPU, so that a busy machine says nearly the same. A minute for 100,000 steps when it is quiet.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { foldTo } from '@cahier/core/history/fold.ts';
import { emptyPast, type PastDocument, type Step } from '@cahier/core/history/step.ts';
import { SqliteHistoryLog } from '@cahier/server/adapters/sqlite/history-log.ts';
import { AuthorList } from '@cahier/server/history/step-author.ts';
import { type BaseDictionary, packChunk, unpackChunk } from '@cahier/server/history/step-chunk.ts';
import type { StepChunkRow } from '@cahier/server/history/step-log.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import { openSemester, type OpenedSemester } from '@cahier/testkit/open-semester.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { percentile } from './figure.ts';

const distances = [500, 1_000, 2_000, 5_000, 20_000];
/** As the step store has it. */
const chunksPerDictionary = 16;
const reads = 200;
/** The clock of a thread's CPU goes in steps of some milliseconds. */
const readsOfEach = 10;

interface Cut {
  readonly row: StepChunkRow;
  readonly dictionary: Uint8Array | null;
}

async function allSteps(folder: string, { document, entries }: OpenedSemester) {
  const log = await SqliteHistoryLog.open(join(folder, 'history.sqlite'));
  const store = new StepStore({ log, steps: log });
  const all = new AuthorList();
  const steps: Step[] = [];
  while (steps.length < entries) {
    const chunk = await store.chunk(document, steps.length + 1);
    const places = chunk.authors.map((author) => all.placeOf(author));
    for (const step of chunk.steps) steps.push({ ...step, author: places[step.author] ?? 0 });
  }
  await log.close();
  return { steps, authors: all.list };
}

const folder = mkdtempSync(join(tmpdir(), 'cahier-spacing-'));
try {
  const opened = await openSemester(folder, Number(process.argv[2] ?? 100_000));
  const { steps, authors } = await allSteps(folder, opened);
  console.log(
    '| steps between | state p50 / p95 | checkpoints | steps | chunk on the wire |\n|---|---|---|---|---|',
  );
  for (const distance of distances) {
    const cuts: Cut[] = [];
    const size = { base: 0, steps: 0 };
    let base: PastDocument = emptyPast;
    let dictionary: BaseDictionary | null = null;
    let middle = { base, steps: steps.slice(0, 0) };
    const full = Math.floor(steps.length / distance) * distance;
    for (let at = 0; at < full; at += distance) {
      const own = steps.slice(at, at + distance);
      if (cuts.length % chunksPerDictionary === 0) dictionary = null;
      const used: Uint8Array | null = dictionary?.json ?? null;
      const packed = await packChunk(
        { document: opened.document, base, steps: own, authors, damaged: [] },
        dictionary,
      );
      dictionary = packed.usedAs;
      cuts.push({ row: packed.row, dictionary: used });
      size.base += packed.row.base.length;
      size.steps += packed.row.steps.length;
      if (at <= full / 2) middle = { base, steps: own };
      base = foldTo(base, own, at + distance);
    }
    const random = new SeededRandom(3);
    const taken: number[] = [];
    for (let i = 0; i < reads; i += 1) {
      const seq = random.between(1, full);
      const cut = cuts[Math.floor((seq - 1) / distance)];
      if (!cut) throw new Error(`no chunk holds ${seq}`);
      const begin = process.threadCpuUsage();
      for (let time = 0; time < readsOfEach; time += 1) {
        const chunk = unpackChunk(cut.row, cut.dictionary);
        foldTo(chunk.base, chunk.steps, seq);
      }
      const { user, system } = process.threadCpuUsage(begin);
      taken.push((user + system) / 1000 / readsOfEach);
    }
    const json = Buffer.from(JSON.stringify(middle));
    const wire = await promisify(brotliCompress)(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
    const each = (bytes: number) => `${(bytes / full).toFixed(1)} bytes a step`;
    const [p50, p95] = [50, 95].map((p) => percentile(taken, p).toFixed(1));
    console.log(
      `| ${distance.toLocaleString('en')} | ${p50} / ${p95} ms | ${each(size.base)} | ${each(size.steps)} | ${(wire.length / 1000).toFixed(0)} kB |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
