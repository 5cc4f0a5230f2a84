/**
 * A runner without processes: it keeps its journal of events until they are acknowledged, can be cut off and dialled
 * again (what is not acknowledged is replayed), and outlives the server that listens to it. What code does is a script:
 * a list of steps by the cell's source. In step `by-hand` nothing happens until `advance` is called.
 */
import { type KernelId, type RunId, type RunnerId, asRunnerId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';
import type { RunnerCall, RunnerMethod } from '@cahier/protocol/runner/down.ts';
import {
  type CallResults,
  type OutputMessage,
  type RunnerEvent,
  type RunnerSignal,
  callResults,
} from '@cahier/protocol/runner/up.ts';
import type { CallAnswer, Runner, RunnerListener } from '@cahier/server/runners/runner.ts';
import type { z } from 'zod';

export type ScriptStep =
  | { readonly say: readonly OutputMessage[] }
  | { readonly ask: string; readonly isPassword?: boolean }
  | { readonly end: 'ok' | 'error' | 'aborted'; readonly payload?: readonly JsonObject[] }
  | { readonly die: string };

export interface FakeRunnerOptions {
  readonly runner?: string;
  /** What a cell's source does; without an `end` it ends well. */
  readonly script?: (code: string) => readonly ScriptStep[];
  readonly pace?: 'at-once' | 'by-hand';
  readonly specs?: readonly KernelspecOnWire[];
}

interface FakeKernel {
  status: 'starting' | 'idle' | 'busy' | 'restarting' | 'dead';
  count: number;
  run: RunId | null;
  steps: ScriptStep[];
  waitsForInput: boolean;
}

const resultSchemas: { readonly [M in RunnerMethod]: z.ZodType<CallResults[M]> } = callResults;

export const pythonSpec: KernelspecOnWire = {
  name: 'python3',
  displayName: 'Python 3',
  language: 'python',
  interruptMode: 'signal',
  metadata: {},
  resources: [],
};

export const says = (text: string, name: 'stdout' | 'stderr' = 'stdout'): ScriptStep => ({
  say: [{ type: 'stream', content: { name, text } }],
});

export class FakeRunner implements Runner {
  readonly id: RunnerId;
  readonly calls: RunnerCall[] = [];
  /** Code that really ran, in order. */
  readonly ran: string[] = [];
  readonly answers: string[] = [];
  readonly kernels = new Map<KernelId, FakeKernel>();
  readonly #options: FakeRunnerOptions;
  readonly #known = new Set<RunId>();
  readonly #refusals = new Map<RunnerMethod, Error>();
  #journal: { readonly seq: number; readonly event: RunnerEvent }[] = [];
  #lastSeq = 0;
  #acked = 0;
  #delivered = 0;
  #listener: RunnerListener | null = null;
  #waiting: (() => void)[] = [];
  isConnected = false;
  readonly isExpected = true;

  constructor(options: FakeRunnerOptions = {}) {
    this.#options = options;
    this.id = asRunnerId(options.runner ?? 'runner-1');
  }

  get acked(): number {
    return this.#acked;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The server (a new one, perhaps) has everything up to `cursor` on its disk: the rest is replayed. */
  connect(listener: RunnerListener, cursor = this.#acked): void {
    this.#listener = listener;
    this.isConnected = true;
    this.#delivered = cursor;
    listener.onConnected({
      runner: this.id,
      lastSeq: this.#lastSeq,
      kernels: [...this.kernels].map(([kernel, { status, run }]) => ({ kernel, status, activeRun: run })),
    });
    for (const { seq, event } of [...this.#journal]) if (seq > cursor) this.#deliver(seq, event);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** The link is cut. `isSilent`: nobody is told, because the server is dead. */
  disconnect(isSilent = false): void {
    this.isConnected = false;
    const listener = this.#listener;
    this.#listener = null;
    if (isSilent) this.#waiting = [];
    else listener?.onDisconnected();
  }

  /** The next call of this method fails. */
  refuseNext(method: RunnerMethod, error: Error): void {
    this.#refusals.set(method, error);
  }

  emit(event: RunnerEvent): void {
    this.#lastSeq += 1;
    this.#journal.push({ seq: this.#lastSeq, event });
    this.#deliver(this.#lastSeq, event);
  }

  signal(signal: RunnerSignal): void {
    if (this.isConnected) this.#listener?.onSignal(signal);
  }

  ack(seq: number): void {
    if (!this.isConnected || seq <= this.#acked) return;
    this.#acked = seq;
    this.#journal = this.#journal.filter((kept) => kept.seq > seq);
  }

  async call<C extends RunnerCall>(call: C): Promise<CallAnswer<C['method']>> {
    if (!this.isConnected) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.calls.push(call);
    const refusal = this.#refusals.get(call.method);
    this.#refusals.delete(call.method);
    if (refusal !== undefined) throw refusal;
    const method: C['method'] = call.method;
    const result = resultSchemas[method].parse(this.#answer(call));
    return { result, payload: new Uint8Array(0) };
  }

  /** Lets the next scripted step happen (step `by-hand`); false when there is none. */
  advance(): boolean {
    for (const [id, kernel] of this.kernels) if (this.#step(id, kernel)) return true;
    return false;
  }

  /** The kernel's process ends by itself. */
  kill(id: KernelId, reason = 'The kernel was killed by signal 9.'): void {
    const kernel = this.kernels.get(id);
    if (kernel === undefined || kernel.status === 'dead') return;
    this.signal({ s: 'kernel.status', kernel: id, status: 'dead', reason });
    this.#end(id, kernel, 'lost');
    this.#status(id, kernel, 'dead', reason);
  }

  #deliver(seq: number, event: RunnerEvent): void {
    if (!this.isConnected || seq <= this.#delivered) return;
    this.#delivered = seq;
    this.#listener?.onEvent(seq, event);
  }

  #answer(call: RunnerCall): unknown {
    switch (call.method) {
      case 'kernelspecs.list':
        return { default: 'python3', specs: this.#options.specs ?? [pythonSpec] };
      case 'kernel.start':
        return this.#start(call.kernel);
      case 'kernel.execute':
        return this.#execute(call.kernel, call.run, call.code);
      case 'kernel.interrupt': {
        const kernel = this.#living(call.kernel);
        if (kernel.run === null) return {};
        const error = { ename: 'KeyboardInterrupt', evalue: '', traceback: ['KeyboardInterrupt'] };
        kernel.waitsForInput = false;
        kernel.steps = [{ say: [{ type: 'error', content: error }] }, { end: 'error' }];
        this.#go(call.kernel, kernel);
        return {};
      }
      case 'kernel.restart': {
        const kernel = this.kernels.get(call.kernel);
        if (kernel === undefined) throw appError('kernel/not-running');
        this.#status(call.kernel, kernel, 'restarting');
        this.#end(call.kernel, kernel, 'lost');
        kernel.count = 0;
        this.#ready(call.kernel, kernel);
        return {};
      }
      case 'kernel.shutdown': {
        const kernel = this.#living(call.kernel);
        this.#end(call.kernel, kernel, 'lost');
        this.#status(call.kernel, kernel, 'dead', 'It was shut down.');
        this.kernels.delete(call.kernel);
        return {};
      }
      case 'kernel.input': {
        const kernel = this.#living(call.kernel);
        if (!kernel.waitsForInput || kernel.run !== call.run) throw appError('run/no-input');
        kernel.waitsForInput = false;
        this.answers.push(call.value);
        this.#go(call.kernel, kernel);
        return {};
      }
      case 'terminal.list':
        return { terminals: [] };
      case 'kernel.request':
        return { content: { status: 'ok', asked: call.content } };
      default:
        return {};
    }
  }

  #living(id: KernelId): FakeKernel {
    const kernel = this.kernels.get(id);
    if (kernel === undefined) throw appError('kernel/not-running');
    if (kernel.status === 'dead') throw appError('kernel/dead');
    return kernel;
  }

  #start(id: KernelId): object {
    if (this.kernels.has(id)) return {};
    const kernel: FakeKernel = { status: 'starting', count: 0, run: null, steps: [], waitsForInput: false };
    this.kernels.set(id, kernel);
    this.#status(id, kernel, 'starting');
    this.#ready(id, kernel);
    return {};
  }

  #ready(id: KernelId, kernel: FakeKernel): void {
    kernel.status = 'idle';
    const info = { language_info: { name: 'python', file_extension: '.py' } };
    this.emit({ e: 'kernel.status', kernel: id, status: 'idle', info });
  }

  #execute(id: KernelId, run: RunId, code: string): object {
    if (this.#known.has(run)) return {};
    const kernel = this.#living(id);
    this.#known.add(run);
    this.ran.push(code);
    kernel.count += 1;
    kernel.run = run;
    kernel.steps = [...(this.#options.script?.(code) ?? [])];
    if (!kernel.steps.some((step) => 'end' in step || 'die' in step)) kernel.steps.push({ end: 'ok' });
    this.emit({ e: 'run.started', kernel: id, run, executionCount: kernel.count });
    this.#status(id, kernel, 'busy');
    this.#go(id, kernel);
    return {};
  }

  #go(id: KernelId, kernel: FakeKernel): void {
    if (this.#options.pace === 'by-hand') return;
    while (this.#step(id, kernel));
  }

  #step(id: KernelId, kernel: FakeKernel): boolean {
    const { run } = kernel;
    if (run === null || kernel.waitsForInput) return false;
    const step = kernel.steps.shift();
    if (step === undefined) return false;
    if ('say' in step) this.emit({ e: 'run.output', kernel: id, run, messages: [...step.say] });
    else if ('ask' in step) {
      kernel.waitsForInput = true;
      const isPassword = step.isPassword ?? false;
      this.emit({ e: 'run.input', kernel: id, run, prompt: step.ask, isPassword });
    } else if ('die' in step) this.kill(id, step.die);
    else this.#end(id, kernel, step.end, step.payload);
    return true;
  }

  #end(
    id: KernelId,
    kernel: FakeKernel,
    status: 'ok' | 'error' | 'aborted' | 'lost',
    payload: readonly JsonObject[] = [],
  ): void {
    const { run, count } = kernel;
    kernel.run = null;
    kernel.steps = [];
    kernel.waitsForInput = false;
    if (run === null) return;
    const more = payload.length === 0 ? {} : { payload: [...payload] };
    this.emit({ e: 'run.finished', kernel: id, run, status, executionCount: count, ...more });
    if (status !== 'lost') this.#status(id, kernel, 'idle');
  }

  #status(id: KernelId, kernel: FakeKernel, status: FakeKernel['status'], reason?: string): void {
    kernel.status = status;
    this.emit({ e: 'kernel.status', kernel: id, status, ...(reason === undefined ? {} : { reason }) });
  }
}
