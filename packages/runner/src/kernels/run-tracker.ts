/**
 * Which run a kernel's messages belong to, and when a run is over. Owned by one life of a kernel; sends nothing.
 *
 * A run is over when its reply and its `idle` were both seen, in either order. Kernels that forget one of the two
 * are given: 1 s of silence on IOPub after the reply, 10 s after `idle` (the reply alone knows the status). Kernels
 * that publish without topics (Deno) or were caught sending a result after `idle` get 50 ms more each time. What comes
 * after the end all the same is passed on as late output.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { RunId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import {
  type ExecuteReply,
  type JupyterMessage,
  type MessageHeader,
  executeInput,
  executeReply,
  inputRequest,
  isOutputType,
  kernelStatusContent,
} from '@cahier/core/jupyter/message.ts';
import type { OutputMessage } from '@cahier/protocol/runner/up.ts';

export type RunEnd = 'ok' | 'error' | 'aborted' | 'lost';

export interface RunListener {
  onStarted(run: RunId, executionCount: number | null): void;
  onOutput(run: RunId, message: OutputMessage): void;
  onInput(run: RunId, prompt: string, isPassword: boolean): void;
  onFinished(run: RunId, status: RunEnd, executionCount: number | null, payload: readonly JsonObject[]): void;
}

/** Whose request it is: a client answers its questions itself. */
export type Asker = 'page' | 'client';

interface TrackedRun {
  readonly run: RunId;
  readonly asker: Asker;
  isStarted: boolean;
  isIdle: boolean;
  isOver: boolean;
  hasError: boolean;
  executionCount: number | null;
  reply: ExecuteReply | null;
  /** Header of the input request that waits for an answer. */
  input: MessageHeader | null;
  timer: Disposable | null;
}

/** For `execute_input` after `busy`; some kernels never send it. */
const startGraceMs = 50;
const settleMs = 50;
const quietStepMs = 500;
const idleWithoutReplyMs = 10_000;
/** Ended runs whose late outputs still find their way. */
const rememberedRuns = 1_000;

export class RunTracker {
  readonly #clock: Clock;
  readonly #listener: RunListener;
  readonly #byMessage = new Map<string, TrackedRun>();
  #messages = 0;
  #isLateTalker = false;

  constructor(clock: Clock, listener: RunListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** `messageId`: of the execute request that was sent for the run. */
  add(run: RunId, messageId: string, asker: Asker = 'page'): void {
    this.#byMessage.set(messageId, {
      run,
      asker,
      isStarted: false,
      isIdle: false,
      isOver: false,
      hasError: false,
      executionCount: null,
      reply: null,
      input: null,
      timer: null,
    });
    for (const [id, tracked] of this.#byMessage) {
      if (this.#byMessage.size <= rememberedRuns) break;
      if (tracked.isOver) this.#byMessage.delete(id);
    }
  }

  /** The run that the kernel works on, or is about to; null when it has none. */
  get active(): { readonly run: RunId; readonly isStarted: boolean } | null {
    for (const tracked of this.#byMessage.values()) if (!tracked.isOver) return tracked;
    return null;
  }

  /** False: it belongs to no run. */
  onIopub(message: JupyterMessage, hasTopic: boolean): boolean {
    this.#messages += 1;
    if (!hasTopic && message.header.msg_type !== 'iopub_welcome') this.#isLateTalker = true;
    const tracked = this.#byMessage.get(message.parent?.msg_id ?? '');
    if (tracked === undefined) return false;
    const type = message.header.msg_type;
    if (type === 'status') this.#onStatus(tracked, message.content);
    else if (type === 'execute_input') {
      this.#start(tracked, executeInput.parse(message.content).execution_count);
    } else if (isOutputType(type)) {
      this.#start(tracked, null);
      if (type === 'error') tracked.hasError = true;
      if (tracked.isIdle && type === 'execute_result') this.#isLateTalker = true;
      this.#listener.onOutput(tracked.run, { type, content: message.content });
    }
    return true;
  }

  onReply(message: JupyterMessage): void {
    const tracked = this.#byMessage.get(message.parent?.msg_id ?? '');
    if (tracked === undefined || tracked.isOver || message.header.msg_type !== 'execute_reply') return;
    tracked.reply = executeReply.parse(message.content);
    this.#review(tracked);
  }

  onInputRequest(message: JupyterMessage): void {
    const tracked = this.#byMessage.get(message.parent?.msg_id ?? '');
    if (tracked === undefined || tracked.isOver || message.header.msg_type !== 'input_request') return;
    this.#start(tracked, null);
    if (tracked.asker === 'client') return;
    tracked.input = message.header;
    const { prompt, isPassword } = inputRequest.parse(message.content);
    this.#listener.onInput(tracked.run, prompt, isPassword);
  }

  /** The request to answer, once; null when the run waits for nothing. */
  takeInput(run: RunId): MessageHeader | null {
    for (const tracked of this.#byMessage.values()) {
      if (tracked.run !== run || tracked.isOver) continue;
      const { input } = tracked;
      tracked.input = null;
      return input;
    }
    return null;
  }

  /** The kernel is gone. What was sent to it is lost, even when it did not say that it began: it may have run. */
  endAll(): void {
    for (const tracked of this.#byMessage.values()) {
      if (tracked.isOver) continue;
      if (tracked.reply !== null) this.#finish(tracked);
      else this.#end(tracked, 'lost');
    }
  }

  #onStatus(tracked: TrackedRun, content: JsonObject): void {
    const state = kernelStatusContent.parse(content).execution_state;
    if (state === 'busy') {
      if (!tracked.isStarted) this.#wait(tracked, startGraceMs, () => this.#start(tracked, null));
    } else if (state === 'idle') {
      this.#start(tracked, null);
      tracked.isIdle = true;
      this.#review(tracked);
    }
  }

  #start(tracked: TrackedRun, executionCount: number | null): void {
    if (executionCount !== null) tracked.executionCount = executionCount;
    if (tracked.isStarted || tracked.isOver) return;
    tracked.isStarted = true;
    tracked.timer?.dispose();
    this.#listener.onStarted(tracked.run, executionCount);
    // The reply may have overtaken the start; its timer was just disposed of.
    if (tracked.reply !== null) this.#review(tracked);
  }

  #review(tracked: TrackedRun): void {
    if (tracked.isOver) return;
    if (tracked.reply !== null && tracked.isIdle) {
      if (this.#isLateTalker) this.#wait(tracked, settleMs, () => this.#finish(tracked));
      else this.#finish(tracked);
    } else if (tracked.reply !== null) this.#finishWhenQuiet(tracked, this.#messages, 0);
    else this.#wait(tracked, idleWithoutReplyMs, () => this.#finish(tracked));
  }

  /** Two silent steps, because after a stall of this process timers run before sockets are read. */
  #finishWhenQuiet(tracked: TrackedRun, seen: number, quietSteps: number): void {
    if (quietSteps === 2) {
      this.#finish(tracked);
      return;
    }
    this.#wait(tracked, quietStepMs, () =>
      this.#finishWhenQuiet(tracked, this.#messages, seen === this.#messages ? quietSteps + 1 : 0),
    );
  }

  #wait(tracked: TrackedRun, ms: number, task: () => void): void {
    tracked.timer?.dispose();
    tracked.timer = this.#clock.after(ms, task);
  }

  #finish(tracked: TrackedRun): void {
    const status = tracked.reply?.status ?? 'unknown';
    this.#end(tracked, status === 'unknown' ? (tracked.hasError ? 'error' : 'ok') : status);
  }

  #end(tracked: TrackedRun, status: RunEnd): void {
    if (tracked.isOver) return;
    tracked.isOver = true;
    tracked.timer?.dispose();
    tracked.input = null;
    const executionCount = tracked.reply?.execution_count ?? tracked.executionCount;
    this.#listener.onFinished(tracked.run, status, executionCount, tracked.reply?.payload ?? []);
  }
}
