/** One kernel of a test: starts it, runs code, waits for what comes of it. */
import { randomUUID } from 'node:crypto';
import { asKernelId, asRunId, type RunId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { RunnerEvent } from '@cahier/protocol/runner/up.ts';
import { vi } from 'vitest';
import type { LinkServer } from './link-server.ts';

export type RunEvent = Extract<RunnerEvent, { run: RunId }>;
export type Finished = Extract<RunnerEvent, { e: 'run.finished' }>;

export const patience = { timeout: 30_000, interval: 10 };

export class KernelSession {
  readonly kernel = asKernelId(`kernel-${randomUUID()}`);
  readonly server: LinkServer;

  constructor(server: LinkServer) {
    this.server = server;
  }

  async start(spec = 'python3', cwd = '', notebook = 'test.ipynb'): Promise<void> {
    await this.server.call({ method: 'kernel.start', kernel: this.kernel, spec, cwd, notebook });
  }

  /** Answers when the runner has taken it, not when it has run. */
  async send(code: string, run = asRunId(`run-${randomUUID()}`)): Promise<RunId> {
    await this.server.call({ method: 'kernel.execute', kernel: this.kernel, run, cell: 'cell-1', code });
    return run;
  }

  async run(code: string): Promise<RunResult> {
    return this.result(await this.send(code));
  }

  async result(run: RunId, wait = patience): Promise<RunResult> {
    const finished = await this.until(() => {
      const end = this.eventsOf(run).find((event) => event.e === 'run.finished');
      return end?.e === 'run.finished' ? end : undefined;
    }, wait);
    return { run, finished, outputs: this.outputs(run) };
  }

  eventsOf(run: RunId): RunEvent[] {
    return this.server.events().filter((event): event is RunEvent => 'run' in event && event.run === run);
  }

  outputs(run: RunId): { type: string; content: JsonObject }[] {
    return this.eventsOf(run).flatMap((event) => (event.e === 'run.output' ? event.messages : []));
  }

  text(run: RunId, name = 'stdout'): string {
    return this.outputs(run)
      .filter(({ type, content }) => type === 'stream' && content['name'] === name)
      .map(({ content: { text } }) => (typeof text === 'string' ? text : ''))
      .join('');
  }

  statuses(): string[] {
    return this.server
      .events()
      .flatMap((event) =>
        event.e === 'kernel.status' && event.kernel === this.kernel ? [event.status] : [],
      );
  }

  async until<T>(find: () => T | undefined | false, wait = patience): Promise<T> {
    return vi.waitFor(() => {
      const found = find();
      if (found === undefined || found === false) throw new Error('not yet');
      return found;
    }, wait);
  }
}

export interface RunResult {
  readonly run: RunId;
  readonly finished: Finished;
  readonly outputs: readonly { type: string; content: JsonObject }[];
}
