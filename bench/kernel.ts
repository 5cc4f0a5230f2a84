/** `1+1` and a million printed lines: through the server into a client's document, over the raw kernel. */
import { asCellId } from '@cahier/base/ids.ts';
import { cellText, insertCell } from '@cahier/core/notebooks/source-doc.ts';
import { Client } from '../e2e/support/client.ts';
import { RawKernel } from './baselines/raw-kernel.ts';
import { type Figure, ms, percentile, ratio } from './figure.ts';
import type { Bench } from './run.ts';

const flood = 'for i in range(1_000_000): print(i)';
const pause = (msToWait: number) => new Promise((done) => setTimeout(done, msToWait));

export async function kernel(bench: Bench): Promise<Figure[]> {
  const client = await Client.connect(bench.server.origin, bench.project, bench.server.token);
  const document = await client.open(await bench.newNotebook());
  const sum = asCellId('sum');
  const lines = asCellId('lines');
  insertCell(document.ydoc, { id: sum, type: 'code', source: '1+1' }, { after: null }, null, 'a0');
  insertCell(document.ydoc, { id: lines, type: 'code', source: flood }, { after: sum }, null, 'a1');
  await client.runAndWait(document, [sum]);

  const ours: number[] = [];
  for (let i = 0; i < 60; i++) {
    const count = document.live.cells[sum]?.executionCount ?? 0;
    const startedAt = performance.now();
    void client.request({ t: 'run.queue', doc: document.doc, cells: [sum] });
    await client.until(() => {
      const now = document.live.cells[sum];
      return (now?.executionCount ?? 0) > count && (now?.outputs.length ?? 0) > 0 && now?.state === 'done';
    });
    ours.push(performance.now() - startedAt);
    await pause(40);
  }
  const raw = await RawKernel.start();
  const base: number[] = [];
  for (let i = 0; i < 60; i++) {
    const startedAt = performance.now();
    await raw.execute('1+1');
    base.push(performance.now() - startedAt);
    await pause(40);
  }

  const idle = await echoSamples(bench, () => false, 200);
  const rawStart = performance.now();
  await raw.execute(flood);
  const rawMs = performance.now() - rawStart;
  raw.stop();
  let isOver = false;
  const floodStart = performance.now();
  const done = client.runAndWait(document, [lines], 300_000).then(() => {
    isOver = true;
    return performance.now() - floodStart;
  });
  const busy = await echoSamples(bench, () => isOver, 100_000);
  const oursMs = await done;
  const cell = document.live.cells[lines];
  const size = JSON.stringify(document.live).length / 1e6;
  const last = cell?.outputs[0];
  if (last?.type !== 'stream' || !last.text.endsWith('999999\n'))
    throw new Error('the last line is not in the document');
  const shown =
    (last.pages ?? []).reduce((sum_, page) => sum_ + page.lines, 0) + last.text.split('\n').length - 1;
  if (shown !== 1_000_000) throw new Error(`${shown} lines are readable, not 1,000,000`);
  client.close();
  console.log(`  echo while flooded p50 ${ms(percentile(busy, 50))}, idle p50 ${ms(percentile(idle, 50))}`);
  return [
    ratio(
      '`1+1`: client frame → result in the client’s document, p50, over raw ZeroMQ execute → idle',
      percentile(ours, 50),
      percentile(base, 50),
      2,
    ),
    ratio(
      '1,000,000 printed lines until the last is in the document, over draining the kernel raw',
      oursMs,
      rawMs,
      1.3,
    ),
    {
      name: 'live document after 1,000,000 lines',
      ours: `${size.toFixed(2)} MB`,
      baseline: '',
      value: size,
      limit: 1,
      unit: 'MB',
    },
    ratio(
      'another user’s key echo p99 during the flood, over idle',
      percentile(busy, 99),
      percentile(idle, 99),
      2,
    ),
  ];
}

/** Two other people type in another notebook, a key every 20 ms, until `isOver`. */
async function echoSamples(bench: Bench, isOver: () => boolean, most: number): Promise<number[]> {
  const path = await bench.newNotebook();
  const anna = await Client.connect(bench.server.origin, bench.project, bench.server.token);
  const bert = await Client.connect(bench.server.origin, bench.project, bench.server.token);
  const [from, to] = [await anna.open(path), await bert.open(path)];
  const cell = asCellId('typing');
  insertCell(from.ydoc, { id: cell, type: 'code', source: '' }, { after: null }, null, 'a0');
  await bert.until(() => cellText(to.ydoc, cell) !== undefined);
  const samples: number[] = [];
  while (samples.length < most && !isOver()) {
    const startedAt = performance.now();
    const arrived = new Promise<void>((done) => {
      to.ydoc.once('update', () => done());
    });
    cellText(from.ydoc, cell)?.insert(0, 'x');
    await arrived;
    samples.push(performance.now() - startedAt);
    await pause(20);
  }
  anna.close();
  bert.close();
  return samples;
}
