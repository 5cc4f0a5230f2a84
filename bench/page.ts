/** The page: a notebook of 1,000 cells until text is painted and until it can be edited (main-thread CPU), nodes, and sizes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { launchBrowser, newPerson } from '../e2e/support/browser.ts';
import { root } from '../e2e/support/server-process.ts';
import type { Figure } from './figure.ts';
import type { Bench } from './run.ts';

const readable = '[data-cell]';
const editable = '.cm-content[contenteditable="true"]';
/**
 * Runs in the page: marks when the frame that shows the first text, and the first editor, has been painted. The marks
 * are in the trace, beside the tasks of the main thread.
 */
function watch(selectors: { readable: string; editable: string }): void {
  const seen = new Set<string>();
  const note = (name: string, selector: string) => {
    if (seen.has(name) || !document.querySelector(selector)) return;
    seen.add(name);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => performance.mark(name);
    channel.port2.postMessage(null);
  };
  const look = () => {
    note('cahier-text', selectors.readable);
    note('cahier-edit', selectors.editable);
    if (seen.size < 2) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const traceEvent = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  /** Microseconds: begin, and CPU time of the thread. */
  ts: z.number(),
  tdur: z.number().optional(),
});
type TraceEvent = z.infer<typeof traceEvent>;

/** CPU seconds of the page's main thread in tasks that began before the mark. */
function cpuUntil(trace: readonly TraceEvent[], name: string): number {
  const mark = trace.find((event) => event.name === name);
  if (!mark) throw new Error(`the trace has no mark ${name}`);
  const tasks = trace.filter(
    (event) =>
      event.name.endsWith('RunTask') &&
      event.pid === mark.pid &&
      event.tid === mark.tid &&
      event.ts < mark.ts,
  );
  return tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1e6;
}

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

const manifestChunk = z.object({ file: z.string(), imports: z.array(z.string()).default([]) });

/** Files that only the editor needs: what it imports, less what the page and the notebook import themselves. */
function editorFiles(): ReadonlySet<string> {
  const text = readFileSync(join(root, 'packages/web/dist/.vite/manifest.json'), 'utf8');
  const chunks = z.record(z.string(), manifestChunk).parse(JSON.parse(text));
  const closure = (key: string, found = new Set<string>()): Set<string> => {
    const chunk = chunks[key];
    if (!chunk || found.has(chunk.file)) return found;
    found.add(chunk.file);
    for (const next of chunk.imports) closure(next, found);
    return found;
  };
  const shown = [
    'index.html',
    'src/shell/document-page.tsx',
    'src/notebooks/notebook-view.tsx',
    'src/outputs/markdown.ts',
  ];
  const needed = new Set(shown.flatMap((key) => [...closure(key)]));
  const languages = Object.keys(chunks).filter((key) => /lang-python|editor\//.test(key));
  return new Set(languages.flatMap((key) => [...closure(key)]).filter((file) => !needed.has(file)));
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
  const person = await newPerson(browser, 'Ada', { serviceWorkers: 'block' });
  // A cookie without a page: nothing of the page is cached before the load that is measured.
  await person.context.request.get(`${bench.server.origin}/?token=${bench.server.token}`, {
    maxRedirects: 0,
  });
  const page = await person.context.newPage();
  const link = await person.context.newCDPSession(page);
  await link.send('Network.enable');
  await link.send('Network.setCacheDisabled', { cacheDisabled: true });
  if (slowdown > 1) await link.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  const ofEditor = editorFiles();
  const urls = new Map<string, string>();
  let bytes = 0;
  let editorBytes = 0;
  link.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  link.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength;
    const file = urls.get(requestId)?.replace(/^.*\/(assets\/)/, '$1') ?? '';
    if (ofEditor.has(file)) editorBytes += encodedDataLength;
  });
  const trace: TraceEvent[] = [];
  link.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) {
      const known = traceEvent.safeParse(event);
      if (known.success) trace.push(known.data);
    }
  });
  await link.send('Tracing.start', {
    categories: 'toplevel,blink.user_timing',
    transferMode: 'ReportEvents',
  });
  await page.addInitScript(watch, { readable, editable });
  await page.goto(`${bench.server.origin}/p/${bench.project}/edit/${path}`, { waitUntil: 'commit' });
  await page.waitForSelector(readable);
  await page.waitForSelector(editable);
  await page.waitForLoadState('networkidle');
  const editableKb = bytes / 1000;
  const readableKb = (bytes - editorBytes) / 1000;
  const ended = new Promise<void>((done) => link.once('Tracing.tracingComplete', () => done()));
  await link.send('Tracing.end');
  await ended;
  const textCpu = cpuUntil(trace, 'cahier-text');
  const editCpu = cpuUntil(trace, 'cahier-edit');
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
      name: 'first load to a readable notebook (without the editor’s files, which come after)',
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
