/** The page: a notebook of 1,000 cells until text is painted and until it can be edited (main-thread CPU), nodes, and sizes. */
import { z } from 'zod';
import { launchBrowser, newPerson, signIn } from '../e2e/support/browser.ts';
import type { Figure } from './figure.ts';
import type { Bench } from './run.ts';

const readable = '[data-cell]';
const editable = '.cm-content[contenteditable="true"]';
const metricsAnswer = z.object({ metrics: z.array(z.object({ name: z.string(), value: z.number() })) });

function thousandCells(): string {
  const cells = Array.from({ length: 1_000 }, (_, i) => ({
    cell_type: i % 5 === 0 ? 'markdown' : 'code',
    id: `c${i}`,
    metadata: {},
    source:
      i % 5 === 0
        ? `## Part ${i}\n\nSome *text* about part ${i}.`
        : Array.from({ length: 12 }, (_line, n) => `value_${n} = compute(${i}, step=${n})  # line ${n}`).join(
            '\n',
          ),
    ...(i % 5 === 0 ? {} : { outputs: [], execution_count: null }),
  }));
  return JSON.stringify(
    {
      cells,
      metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  );
}

interface Load {
  readonly textCpu: number;
  readonly editCpu: number;
  readonly nodes: number;
  readonly readableKb: number;
  readonly editableKb: number;
}

async function load(bench: Bench, path: string, slowdown: number): Promise<Load> {
  const browser = await launchBrowser();
  const person = await newPerson(browser, 'Ada');
  await signIn(person, bench.server);
  const page = await person.context.newPage();
  const link = await person.context.newCDPSession(page);
  await link.send('Performance.enable');
  await link.send('Network.enable');
  await link.send('Network.setCacheDisabled', { cacheDisabled: true });
  if (slowdown > 1) await link.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  let bytes = 0;
  link.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength;
  });
  const cpu = async () =>
    metricsAnswer
      .parse(await link.send('Performance.getMetrics'))
      .metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  await page.goto(`${bench.server.origin}/p/${bench.project}/edit/${path}`, { waitUntil: 'commit' });
  await page.waitForSelector(readable);
  const textCpu = await cpu();
  const readableKb = bytes / 1000;
  await page.waitForSelector(editable);
  const editCpu = await cpu();
  await page.waitForLoadState('networkidle');
  const editableKb = bytes / 1000;
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  await browser.close();
  return { textCpu, editCpu, nodes, readableKb, editableKb };
}

export async function page(bench: Bench): Promise<Figure[]> {
  const big = 'thousand.ipynb';
  const put = await fetch(`${bench.server.origin}/api/projects/${bench.project}/files/content?path=${big}`, {
    method: 'PUT',
    headers: { ...bench.headers, 'content-type': 'application/octet-stream' },
    body: thousandCells(),
  });
  if (!put.ok) throw new Error(`upload: ${put.status} ${await put.text()}`);
  const fast = await load(bench, big, 1);
  const slow = await load(bench, big, 4);
  const seconds = (name: string, value: number, limit: number): Figure => ({
    name,
    ours: `${value.toFixed(2)} s`,
    baseline: '',
    value,
    limit,
    unit: 's',
  });
  const small = await load(bench, await bench.newNotebook(), 1);
  return [
    seconds('1,000 cells: first text painted, main-thread CPU', fast.textCpu, 0.5),
    seconds('1,000 cells: editable, main-thread CPU', fast.editCpu, 1),
    seconds('the same on a 4× slower CPU: first text', slow.textCpu, 1.5),
    seconds('the same on a 4× slower CPU: editable', slow.editCpu, 3),
    {
      name: '1,000 cells: DOM',
      ours: `${fast.nodes} nodes`,
      baseline: '',
      value: fast.nodes / 1000,
      limit: 12,
      unit: 'k nodes',
    },
    {
      name: 'first load to a readable notebook',
      ours: `${small.readableKb.toFixed(0)} kB`,
      baseline: '',
      value: small.readableKb,
      limit: 220,
      unit: 'kB',
    },
    {
      name: 'first load to an editable notebook',
      ours: `${small.editableKb.toFixed(0)} kB`,
      baseline: '',
      value: small.editableKb,
      limit: 360,
      unit: 'kB',
    },
  ];
}
