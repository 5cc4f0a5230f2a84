/**
 * A kernel as the server knows it: one id, one kernelspec, one life after another. Owns the order of everything said
 * about it: outputs, ends of runs and status leave through `#emit`, outputs first. Never restarts itself.
 */
import { rm } from 'node:fs/promises';
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { KernelId, RunId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import { createSubshellReply, kernelInfoReply, subshellsFeature } from '@cahier/core/jupyter/message.ts';
import type { RunnerEvent, RunnerSignal, kernelStatus } from '@cahier/protocol/runner/up.ts';
import type { z } from 'zod';
import type { Kernelspec } from '../kernelspecs/kernelspec.ts';
import type { Log } from '../log.ts';
import { type Connection, makeConnection } from './connection-file.ts';
import type { Channel } from './kernel-channels.ts';
import { KernelLife } from './kernel-life.ts';
import { ForeignWork } from './foreign-work.ts';
import { type ClientRequest, HeldRequests } from './held-requests.ts';
import type { KernelCommand, ProcessEnd } from './kernel-process.ts';
import { Listeners } from './listeners.ts';
import { OutputBatch } from './output-batch.ts';
import { PendingRequests } from './pending-requests.ts';
import { type RunListener, RunTracker } from './run-tracker.ts';

export type KernelStatus = z.infer<typeof kernelStatus>;

export interface KernelOptions {
  readonly id: KernelId;
  readonly spec: Kernelspec;
  /** Private folder for connection files. */
  readonly folder: string;
  readonly command: (connection: Connection) => Promise<KernelCommand>;
  readonly clock: Clock;
  readonly log: Log;
  /** In order, kept until the server has them. */
  readonly emit: (event: RunnerEvent) => void;
  /** At once, beside the order. */
  readonly signal: (signal: RunnerSignal) => void;
  /** What the kernel said, as it is, while somebody listens. False: the server is away. */
  readonly message?: (kernel: KernelId, channel: Channel | 'iopub', parts: readonly Uint8Array[]) => boolean;
}

interface WaitingRun {
  readonly run: RunId;
  readonly cell: string;
  readonly code: string;
  /** A client's own message, to be sent as it is. */
  readonly request: ClientRequest | null;
}

const startTimeoutMs = 60_000;
const startTries = 3;
/** For an interrupt that was asked for before the kernel took up the run: an idle kernel would ignore it. */
const interruptPatienceMs = 1_000;
/** Between saying that it starts and running the code, ipykernel loses signals. */
const interruptSettleMs = 100;
const subshellTimeoutMs = 2_000;

export class Kernel {
  readonly id: KernelId;
  readonly #options: KernelOptions;
  readonly #batch: OutputBatch;
  readonly #requests: PendingRequests;
  #tracker: RunTracker;
  #life: KernelLife | null = null;
  #connection: Connection | null = null;
  #status: KernelStatus = 'starting';
  #isReady = false;
  /** The end of the current life was asked for. */
  #isEnding = false;
  /** Starts, restarts and the shutdown, one after another. */
  #turn: Promise<void> = Promise.resolve();
  #waiting: WaitingRun[] = [];
  #interruptTimer: Disposable | null = null;
  /** A restart or a shutdown is waiting for its turn: a start that is under way is given up. */
  #isCut = false;
  /** When the active run started. */
  #startedAt = 0;
  #hasSubshells = false;
  #subshell: Promise<string | null> | null = null;
  readonly #listeners: Listeners;
  readonly #held = new HeldRequests();
  readonly #foreign: ForeignWork;

  constructor(options: KernelOptions) {
    this.id = options.id;
    this.#options = options;
    this.#requests = new PendingRequests(options.clock);
    this.#batch = new OutputBatch(options.clock, (run, messages) =>
      options.emit({ e: 'run.output', kernel: this.id, run, messages }),
    );
    this.#tracker = new RunTracker(options.clock, this.#runListener());
    this.#listeners = new Listeners(
      options.clock,
      (channel, parts) => options.message?.(this.id, channel, parts) ?? true,
    );
    this.#foreign = new ForeignWork(options.clock, (isBusy) => {
      if (isBusy && this.#status === 'idle') this.#setStatus('busy');
      if (!isBusy) this.#calmDown();
    });
  }

  get status(): KernelStatus {
    return this.#status;
  }

  get activeRun(): RunId | null {
    return this.#tracker.active?.run ?? this.#waiting[0]?.run ?? null;
  }

  /** Resolves when the kernel can be talked to; a kernel that lives is left alone. Throws `kernel/start-failed`. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#life === null) await this.#begin('starting');
    });
  }

  /** What ran is lost, what waited is aborted; the connection stays. Throws `kernel/start-failed`. */
  restart(): Promise<void> {
    this.#leaveReady();
    return this.#inTurn(async () => {
      this.#isCut = false;
      this.#setStatus('restarting');
      await this.#endLife(true);
      await this.#begin('restarting');
    });
  }

  /** Resolves when the process and all it started are gone: some 5 s at most. */
  shutdown(): Promise<void> {
    this.#leaveReady();
    return this.#inTurn(async () => {
      this.#isCut = false;
      await this.#endLife(false);
      await this.#forgetConnection();
      if (this.#status !== 'dead') this.#setStatus('dead', 'It was shut down.');
    });
  }

  /**
   * One run at a time is with the kernel, the rest waits here: what a kernel has queued runs on through an interrupt
   * and into a restart. Throws `kernel/dead`.
   */
  execute(run: RunId, cell: string, code: string): void {
    if (this.#status === 'dead') throw appError('kernel/dead');
    this.#waiting.push({ run, cell, code, request: this.#held.take(run) });
    this.#sendNext();
  }

  /** A client's own execute_request (header, parent, metadata, content, buffers), until its run has its turn. */
  hold(run: RunId, parts: readonly Uint8Array[]): void {
    this.#held.keep(run, parts);
  }

  /** Throws `kernel/not-running`. */
  interrupt(): void {
    if (this.#status === 'dead') throw appError('kernel/not-running');
    this.#abortWaiting();
    // A kernel that only starts would take the signal for its end.
    if (!this.#isReady) return;
    const active = this.#tracker.active;
    // Without a run of ours: a Jupyter client may have one. An idle kernel ignores the signal.
    if (active === null) this.#interruptNow();
    else if (active.isStarted) this.#interruptWhenSettled();
    else this.#interruptTimer ??= this.#options.clock.after(interruptPatienceMs, () => this.#interruptNow());
  }

  #interruptWhenSettled(): void {
    this.#interruptTimer?.dispose();
    const wait = this.#startedAt + interruptSettleMs - this.#options.clock.now();
    if (wait <= 0) this.#interruptNow();
    else this.#interruptTimer = this.#options.clock.after(wait, () => this.#interruptNow());
  }

  /** Throws `run/no-input` when the run does not (any longer) wait. */
  input(run: RunId, value: string): void {
    const parent = this.#tracker.takeInput(run);
    if (parent === null || this.#life === null) throw appError('run/no-input');
    this.#life.send('stdin', 'input_reply', { status: 'ok', value }, { parent });
  }

  /** The reply's content, also during a run if the kernel can. Throws `kernel/timeout`, `kernel/not-running`. */
  async request(type: string, content: JsonObject, timeoutMs: number): Promise<JsonObject> {
    const isOccupied = this.#tracker.active !== null || this.#foreign.isBusy;
    const subshell = isOccupied ? await this.#anySubshell() : null;
    if (this.#life === null || !this.#isReady) throw appError('kernel/not-running');
    const { msg_id } = this.#life.send('shell', type, content, subshell === null ? {} : { subshell });
    return this.#requests.wait(msg_id, timeoutMs);
  }

  /** From now on what the kernel says is also handed on as it is, over restarts, too. */
  listen(isOn: boolean): void {
    this.#listeners.set(isOn);
  }

  /** Whoever listened is gone for now. */
  unlisten(): void {
    this.#listeners.leave();
  }

  /** A message that a client made (header, parent, metadata, content, buffers). Throws `kernel/not-running`. */
  send(channel: Channel, parts: readonly Uint8Array[]): void {
    if (this.#life === null || !this.#isReady) throw appError('kernel/not-running');
    this.#life.sendParts(channel, parts);
  }

  /** A second line to a kernel that has such (JEP 91), made when it is first needed; null when there is none. */
  #anySubshell(): Promise<string | null> {
    if (this.#life === null || !this.#hasSubshells) return Promise.resolve(null);
    if (this.#subshell !== null) return this.#subshell;
    const { msg_id } = this.#life.send('control', 'create_subshell_request', {});
    this.#subshell = this.#requests.wait(msg_id, subshellTimeoutMs).then(
      (reply) => createSubshellReply.safeParse(reply).data?.subshell_id ?? null,
      () => null,
    );
    return this.#subshell;
  }

  async #begin(status: 'starting' | 'restarting'): Promise<void> {
    this.#setStatus(status);
    for (let attempt = 1; ; attempt++) {
      const why = await this.#tryToStart().catch((error: unknown) => messageOf(error));
      if (why === null) return;
      await this.#endLife(false);
      await this.#forgetConnection();
      if (attempt < startTries && /address already in use/i.test(why)) continue;
      const error = appError('kernel/start-failed', {
        details: { name: this.#options.spec.displayName, why },
      });
      this.#abortWaiting();
      this.#setStatus('dead', error.message);
      throw error;
    }
  }

  /** Null when the kernel is ready, else why it is not. */
  async #tryToStart(): Promise<string | null> {
    const { spec, folder, clock, log } = this.#options;
    if (spec.problem !== undefined) return spec.problem;
    this.#connection ??= await makeConnection(folder, spec.name);
    const command = await this.#options.command(this.#connection);
    const tracker = new RunTracker(clock, this.#runListener());
    this.#tracker = tracker;
    const life = await KernelLife.launch({
      connection: this.#connection,
      command,
      clock,
      log,
      listener: {
        onShell: (message) => {
          tracker.onReply(message);
          this.#requests.onReply(message);
        },
        onControl: (message) => this.#requests.onReply(message),
        onStdin: (message) => tracker.onInputRequest(message),
        onIopub: (message, hasTopic) => {
          if (!tracker.onIopub(message, hasTopic)) this.#foreign.onIopub(message);
        },
        onParts: (channel, parts) => this.#listeners.hear(channel, parts),
        onDeath: (end) => this.#onDeath(end),
      },
    });
    this.#life = life;
    if (this.#isCut) life.kill();
    const failure = await this.#firstOf(life);
    if (failure !== null) return failure;
    const info = await life.info;
    this.#isReady = true;
    this.#hasSubshells = kernelInfoReply.parse(info).supported_features.includes(subshellsFeature);
    // It may have died in the very moment: then #onDeath saw a kernel that was not ready and left the rest to us.
    if (life.isOver) return this.#notReadyAnyMore(await life.ended);
    void life.ended.then((end) => this.#afterDeath(life, end));
    this.#setStatus('idle', undefined, info);
    this.#sendNext();
    return null;
  }

  #notReadyAnyMore(end: ProcessEnd): string {
    this.#isReady = false;
    return whyItEnded(end);
  }

  #firstOf(life: KernelLife): Promise<string | null> {
    return new Promise((resolve) => {
      const deadline = this.#options.clock.after(startTimeoutMs, () => {
        const words = life.lastLines;
        resolve(`it did not answer within 60 seconds.${words === '' ? '' : ` It said:\n${words}`}`);
      });
      const answer = (failure: string | null) => {
        deadline.dispose();
        resolve(failure);
      };
      void life.info.then(() => answer(null));
      void life.ended.then((end) => answer(whyItEnded(end)));
    });
  }

  /** At once: the page must not show a living kernel. What it said before is still being read. */
  #onDeath(end: ProcessEnd): void {
    if (!this.#isReady || this.#isEnding) return;
    this.#status = 'dead';
    this.#options.signal({ s: 'kernel.status', kernel: this.id, status: 'dead', reason: deathReason(end) });
  }

  #afterDeath(life: KernelLife, end: ProcessEnd): void {
    if (this.#life !== life || this.#isEnding) return;
    this.#options.log.warn(
      { kernel: this.id, reason: end.reason, lastLines: end.lastLines },
      'a kernel died',
    );
    this.#letGo('kernel/dead');
    this.#abortWaiting();
    this.#setStatus('dead', deathReason(end));
    // Children that it left behind would hold its ports and memory.
    life.kill();
  }

  /** Stops the current life, if any, and closes the books on its runs. */
  async #endLife(isRestart: boolean): Promise<void> {
    const life = this.#life;
    if (life !== null) {
      this.#isEnding = true;
      await life.stop(isRestart, this.#tracker.active !== null);
      this.#isEnding = false;
    }
    this.#letGo('kernel/not-running');
  }

  #letGo(code: 'kernel/dead' | 'kernel/not-running'): void {
    this.#life = null;
    this.#isReady = false;
    this.#hasSubshells = false;
    this.#subshell = null;
    this.#interruptTimer?.dispose();
    this.#interruptTimer = null;
    this.#tracker.endAll();
    this.#foreign.reset();
    this.#requests.failAll(code);
  }

  /** What waits is aborted, what comes now waits for the next life; a start that hangs is not waited for. */
  #leaveReady(): void {
    this.#abortWaiting();
    if (!this.#isReady) this.#life?.kill();
    this.#isReady = false;
    this.#isCut = true;
  }

  #sendNext(): void {
    if (!this.#isReady || this.#life === null || this.#tracker.active !== null) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (next.request !== null) {
      this.#life.sendParts('shell', next.request.parts);
      this.#tracker.add(next.run, next.request.messageId, 'client');
      return;
    }
    const content = {
      code: next.code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: true,
      // A kernel throws away what arrives shortly after an error; whether to go on is the server's to say.
      stop_on_error: false,
    };
    const { msg_id } = this.#life.send('shell', 'execute_request', content, {
      metadata: { cellId: next.cell },
    });
    this.#tracker.add(next.run, msg_id);
  }

  #interruptNow(): void {
    this.#interruptTimer?.dispose();
    this.#interruptTimer = null;
    const active = this.#tracker.active;
    // The kernel stops waiting for input; an answer that comes now would be taken for the next question's.
    if (active !== null) this.#tracker.takeInput(active.run);
    if (this.#options.spec.interruptMode === 'message') this.#life?.send('control', 'interrupt_request', {});
    else this.#life?.signal('SIGINT');
  }

  #abortWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { run } of waiting)
      this.#emit({ e: 'run.finished', kernel: this.id, run, status: 'aborted', executionCount: null });
  }

  #runListener(): RunListener {
    const kernel = this.id;
    return {
      onStarted: (run, executionCount) => {
        this.#emit({ e: 'run.started', kernel, run, executionCount });
        if (this.#status === 'idle') this.#setStatus('busy');
        this.#startedAt = this.#options.clock.now();
        if (this.#interruptTimer !== null) this.#interruptWhenSettled();
      },
      onOutput: (run, message) => this.#batch.add(run, message),
      onInput: (run, prompt, isPassword) => this.#emit({ e: 'run.input', kernel, run, prompt, isPassword }),
      onFinished: (run, status, executionCount, payload) => {
        this.#interruptTimer?.dispose();
        this.#interruptTimer = null;
        this.#emit({
          e: 'run.finished',
          kernel,
          run,
          status,
          executionCount,
          ...(payload.length === 0 ? {} : { payload: [...payload] }),
        });
        this.#sendNext();
        this.#calmDown();
      },
    };
  }

  #calmDown(): void {
    const isOccupied = this.#tracker.active !== null || this.#foreign.isBusy;
    if (this.#status === 'busy' && !isOccupied) this.#setStatus('idle');
  }

  #setStatus(status: KernelStatus, reason?: string, info?: JsonObject): void {
    if (status === 'restarting' && this.#status === status) return;
    this.#status = status;
    this.#emit({
      e: 'kernel.status',
      kernel: this.id,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(info === undefined ? {} : { info }),
    });
  }

  #emit(event: RunnerEvent): void {
    this.#batch.flush();
    this.#options.emit(event);
  }

  async #forgetConnection(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    await Promise.all([rm(connection.file, { force: true }), rm(`${connection.file}.pid`, { force: true })]);
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => {});
    return result;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function whyItEnded(end: ProcessEnd): string {
  const reason = end.reason.charAt(0).toLowerCase() + end.reason.slice(1);
  return end.lastLines === '' ? reason : `${reason} It said:\n${end.lastLines}`;
}

function deathReason(end: ProcessEnd): string {
  return end.lastLines === '' ? end.reason : `${end.reason} Its last words:\n${end.lastLines}`;
}
