/**
 * One kernel through everything that a notebook asks of it, by the page's own link to a real server. Says in a few words
 * what came, step by step; judges nothing. A step that goes wrong does not take the next ones along.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { type CellId, asCellId } from '@cahier/base/ids.ts';
import type { LiveCell, LiveOutput } from '@cahier/core/runs/live.ts';
import { insertCell, notebookMetadata } from '@cahier/core/notebooks/source-doc.ts';
import { z } from 'zod';
import type { Client, OpenDocument } from './client.ts';
import type { RealKernel } from './real-kernels.ts';

export const trialSteps = [
  'language',
  'print',
  'result',
  'error',
  'after an error',
  'display',
  'input',
  'secret input',
  'interrupt',
  'after an interrupt',
  'completion',
  'restart',
  'shutdown',
] as const;
export type TrialStep = (typeof trialSteps)[number];

/** A word each; milliseconds from choosing the kernel to its first output. */
export interface Trial {
  readonly said: Readonly<Record<TrialStep, string>>;
  readonly startMs: number;
}

const stepMs = 60_000;
const interruptMs = 10_000;
const mostThrownAway = 20;

export async function tryKernel(
  client: Client,
  document: OpenDocument,
  kernel: RealKernel,
  connectionFolder: string,
): Promise<Trial> {
  const at = new Desk(client, document);
  const { code } = kernel;
  const said: Record<string, string> = {};
  const step = async (name: TrialStep, task: () => Promise<string>) => {
    said[name] = await task().catch(
      (error: unknown) => `✗ ${error instanceof Error ? error.message : String(error)}`,
    );
    if (said[name].startsWith('✗')) await at.free();
  };
  const startedAt = performance.now();
  await client.request({ t: 'kernel.select', doc: document.doc, name: kernel.spec });
  await step('print', async () => shown(await at.run(code.print)));
  const startMs = performance.now() - startedAt;
  await step('language', () => Promise.resolve(at.language()));
  await step('result', async () => shown(await at.run(code.result)));
  await step('error', async () => {
    const { state, outputs } = await at.run(code.fails);
    const named = outputs.find((output) => output.type === 'error');
    return `${state}: ${named === undefined ? shownText(outputs) : `${named.ename}: ${named.evalue}`}`;
  });
  await step('after an error', async () => {
    const [failing, waiting] = [at.cell(code.fails), at.cell(code.print)];
    await client.runAndWait(document, [failing, waiting], stepMs);
    const dropped = at.live(waiting)?.state ?? 'idle';
    // Some throw away for a moment whatever comes after an error: a person presses again.
    let [next, thrownAway] = [await at.run(code.print), 0];
    while (next.state === 'failed' && next.outputs.length === 0 && thrownAway < mostThrownAway) {
      thrownAway += 1;
      next = await at.run(code.print);
    }
    const again = thrownAway === 0 ? '' : `thrown away ${thrownAway} times, then `;
    return `the queue ${dropped}, then ${again}${shown(next)}`;
  });
  const { shows, asks, asksSecretly } = code;
  await step('display', async () => (shows === undefined ? '–' : kinds((await at.run(shows)).outputs)));
  await step('input', async () => (asks === undefined ? '–' : at.answer(asks)));
  await step('secret input', async () => (asksSecretly === undefined ? '–' : at.answer(asksSecretly)));
  await step('interrupt', async () => {
    const cell = at.cell(code.sleeps);
    await at.queue(cell);
    await client.until(() => shownText(at.live(cell)?.outputs ?? []).includes('on'), stepMs);
    await client.request({ t: 'kernel.interrupt', doc: document.doc });
    const isOver = () => at.isOver(cell);
    const isHeard = await client.until(isOver, interruptMs).then(
      () => true,
      () => false,
    );
    if (isHeard && at.live(cell)?.failure !== 'kernel-died') return `${at.live(cell)?.state}`;
    await client.until(() => !isHeard || document.live.kernel.status === 'dead', stepMs);
    const what = isHeard ? `ends the kernel (${document.live.kernel.reason})` : 'ignored';
    await client.request({ t: 'kernel.restart', doc: document.doc });
    await client.until(isOver, stepMs);
    return `${what}; a restart helps: ${at.live(cell)?.state}`;
  });
  await step('after an interrupt', async () => shown(await at.run(code.print)));
  await step('completion', async () => at.complete(...code.completes));
  await step('restart', async () => {
    await at.run(code.sets);
    const before = shown(await at.run(code.gets));
    await client.request({ t: 'kernel.restart', doc: document.doc });
    return `${before}, then ${(await at.run(code.gets)).state}`;
  });
  await step('shutdown', async () => {
    await client.request({ t: 'kernel.shutdown', doc: document.doc });
    await client.until(() => document.live.kernel.status === 'none', stepMs);
    const left = processesWith(connectionFolder);
    return left.length === 0 ? 'gone' : `left behind: ${left.join(', ')}`;
  });
  const all = z.record(z.enum(trialSteps), z.string()).parse(said);
  return { said: all, startMs };
}

/** A person at the notebook. */
class Desk {
  readonly #client: Client;
  readonly #document: OpenDocument;

  constructor(client: Client, document: OpenDocument) {
    this.#client = client;
    this.#document = document;
  }

  cell(source: string): CellId {
    const id = asCellId(randomUUID().slice(0, 8));
    insertCell(this.#document.ydoc, { id, type: 'code', source }, { after: null }, null, `a${id}`);
    return id;
  }

  live(cell: CellId): LiveCell | undefined {
    return this.#document.live.cells[cell];
  }

  isOver(cell: CellId): boolean {
    return !['queued', 'running'].includes(this.live(cell)?.state ?? 'idle');
  }

  async queue(cell: CellId): Promise<void> {
    await this.#client.request({ t: 'run.queue', doc: this.#document.doc, cells: [cell] });
  }

  async run(source: string): Promise<LiveCell> {
    const cell = this.cell(source);
    await this.#client.runAndWait(this.#document, [cell], stepMs);
    const ended = this.live(cell);
    if (ended === undefined) throw new Error('the cell never ran');
    return ended;
  }

  async answer(source: string): Promise<string> {
    const cell = this.cell(source);
    await this.queue(cell);
    await this.#client.until(() => this.live(cell)?.input !== undefined || this.isOver(cell), stepMs);
    const asked = this.live(cell)?.input;
    if (asked === undefined) return `not asked: ${shownText(this.live(cell)?.outputs ?? [])}`;
    const { run, prompt, isPassword } = asked;
    await this.#client.request({ t: 'input.reply', doc: this.#document.doc, run, value: 'Ada' });
    await this.#client.until(() => this.isOver(cell), stepMs);
    const answer = shownText(this.live(cell)?.outputs ?? []);
    return `${isPassword ? 'hidden ' : ''}${prompt.trim()} → ${/got.*/.exec(answer)?.[0] ?? answer}`;
  }

  async complete(code: string, wanted: string): Promise<string> {
    await this.#client.until(() => this.#document.live.kernel.status === 'idle', stepMs);
    const cursor = [...code].length;
    const reply = await this.#client.request({
      t: 'kernel.complete',
      doc: this.#document.doc,
      code,
      cursor,
    });
    const found = z.object({ matches: z.array(z.string()) }).safeParse(reply);
    const { matches } = found.data ?? { matches: [] };
    return matches.some((match) => match.includes(wanted)) ? wanted : `✗ ${JSON.stringify(reply)}`;
  }

  language(): string {
    const { language_info: info } = notebookMetadata(this.#document.ydoc);
    return z.object({ name: z.string() }).safeParse(info).data?.name ?? 'unknown';
  }

  /** Whatever the last step left running ends. */
  async free(): Promise<void> {
    const isFree = () => this.#document.live.queue.length === 0;
    if (isFree()) return;
    await this.#client.request({ t: 'kernel.restart', doc: this.#document.doc });
    await this.#client.until(isFree, stepMs).catch(() => undefined);
  }
}

function shown(cell: LiveCell): string {
  const text = shownText(cell.outputs);
  return cell.state === 'done' ? text : `${cell.state}: ${text}`;
}

/** What a reader sees: streams, and the plain form of the rest. */
function shownText(outputs: readonly LiveOutput[]): string {
  const texts = outputs.map((output) => {
    if (output.type === 'stream') return output.text;
    if (output.type === 'error') return `${output.ename}: ${output.evalue}`;
    if (output.type === 'unknown') return JSON.stringify(output.raw);
    const plain = output.data['text/plain'];
    return typeof plain === 'string' ? plain : '';
  });
  return stripVTControlCharacters(texts.join('')).trim();
}

function kinds(outputs: readonly LiveOutput[]): string {
  const bundles = outputs.flatMap((output) => ('data' in output ? Object.keys(output.data) : []));
  return bundles.includes('text/html') ? 'text/html' : `✗ ${bundles.join(', ') || shownText(outputs)}`;
}

function processesWith(words: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(words) ? [line] : [];
      } catch {
        return [];
      }
    });
}
