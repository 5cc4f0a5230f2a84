/**
 * The server's side of a project's runner (contract: runner.ts). It finds or starts the runner when it is first
 * needed, sends calls and matches their replies, hands events on in order and each once, and starts another runner when
 * this one has died. What events mean is the listeners' business.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { backoffMs } from '@cahier/base/backoff.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import {
  asRunnerId,
  type KernelId,
  type ProjectId,
  type RunnerId,
  type TerminalName,
} from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { KernelChannel } from '@cahier/core/jupyter/socket-frames.ts';
import { splitPayload } from '@cahier/protocol/frame.ts';
import type { RunnerCall } from '@cahier/protocol/runner/down.ts';
import type { RunnerEvent } from '@cahier/protocol/runner/up.ts';
import type { Logger } from 'pino';
import { hashSecret, newId, newSecret } from '../people/secrets.ts';
import { linkWithinMs, PendingCalls } from './pending-calls.ts';
import type { RunningRunner, RunnerHost } from './runner-host.ts';
import type { CallAnswer, Runner, RunnerListener } from './runner.ts';
import type { RunnerTokenStore } from './runner-token-store.ts';
import type { RunnerFrame, RunnerGreeting, RunnerWire } from './runner-wire.ts';

/** `parts`: header, parent, metadata, content, buffers. */
export interface KernelMessage {
  readonly kernel: KernelId;
  readonly channel: KernelChannel;
  readonly parts: readonly Uint8Array[];
}

export interface AnsweredCall {
  readonly call: RunnerCall;
  /** null: it was done. */
  readonly error: unknown;
}

/** What a terminal showed: `at` bytes were shown before. */
export interface TerminalShown {
  readonly terminal: TerminalName;
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface RunnerClientDeps {
  readonly project: ProjectId;
  readonly home: string;
  readonly host: RunnerHost;
  readonly tokens: RunnerTokenStore;
  /** Up to which event of this runner everything is durable. */
  readonly cursor: (runner: RunnerId) => Promise<number>;
  readonly clock: Clock;
  /** Its lines name the project already. */
  readonly logger: Logger;
}

/** A runner of an earlier life of the server dials again within this time, or it is given up. */
const adoptWithinMs = 5_000;
/** A runner whose link was cut dials again at once; one that is silent for so long hangs. */
const dialAgainWithinMs = 30_000;
const stopWithinMs = 4_000;
const mostRestarts = 5;
/** A runner that lived so long has earned a fresh count of restarts. */
const settledAfterMs = 30_000;

export class RunnerClient implements Runner, Disposable {
  readonly #deps: RunnerClientDeps;
  readonly #listeners = new Set<RunnerListener>();
  readonly #calls: PendingCalls;
  #link: RunnerWire | null = null;
  #process: RunningRunner | null = null;
  #starting: Promise<void> | null = null;
  /** Of the runner that is or was linked: its last event that was handed on. */
  #seen: { readonly runner: RunnerId; seq: number } | null = null;
  #restarts = 0;
  #startedAt = 0;
  #isEnding = false;
  #restartTimer: Disposable | null = null;
  #patience: Disposable | null = null;
  #isHolding = false;
  /** What kernels say, as it is, while `kernel.listen` is on. */
  readonly messages = new Emitter<KernelMessage>();
  /** What was asked of the runner, whoever asked, and how it ended. */
  readonly answered = new Emitter<AnsweredCall>();
  /** What terminals show, while `terminal.watch` is on. */
  readonly shown = new Emitter<TerminalShown>();
  /** There is no runner any more, and none will be started unless it is needed. */
  readonly gone = new Emitter<void>();

  constructor(deps: RunnerClientDeps) {
    this.#deps = deps;
    this.#calls = new PendingCalls(deps.clock);
  }

  get isConnected(): boolean {
    return this.#link !== null;
  }

  /** Is there a runner, or is one on its way? */
  get isExpected(): boolean {
    return this.#link !== null || this.#process !== null || this.#starting !== null;
  }

  /** From now on events are neither taken nor acknowledged: the runner will say them again to whoever comes next. */
  holdEvents(): void {
    this.#isHolding = true;
  }

  listen(listener: RunnerListener): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  call<C extends RunnerCall>(call: C, payload?: Uint8Array): Promise<CallAnswer<C['method']>> {
    if (this.#isEnding) return Promise.reject(appError('runner/unreachable'));
    const answer = this.#calls.add<C>(call, payload);
    if (this.answered.size > 0)
      void answer.then(
        () => this.#tell(call, null),
        (error: unknown) => this.#tell(call, error),
      );
    if (this.#link) this.#calls.sendWaiting(this.#link);
    else this.#ensureStarted();
    return answer;
  }

  ack(seq: number): void {
    this.#link?.send({ t: 'ack', seq });
  }

  /** Takes over the runner of an earlier life of the server, if there is one; never starts one. */
  async adopt(): Promise<boolean> {
    if (this.#process || this.#starting) return true;
    const found = await this.#deps.host.find(this.#deps.project);
    if (!found) return false;
    this.#own(found, adoptWithinMs);
    return true;
  }

  /** The door has checked the token. The link is paused; it is resumed here. */
  async attach(link: RunnerWire, hello: RunnerGreeting): Promise<void> {
    const { logger, project, tokens, cursor } = this.#deps;
    const durable = await cursor(hello.runner);
    await tokens.removeOthers(project, hello.runner);
    if (!link.isOpen || this.#isEnding) {
      link.close(1012, 'the project is closed');
      return link.resume();
    }
    if (this.#link) {
      const old = this.#link;
      this.#unlink(old);
      old.close(4409, 'dialled again');
    }
    if (this.#seen?.runner !== hello.runner) this.#seen = { runner: hello.runner, seq: durable };
    this.#link = link;
    this.#patience?.dispose();
    link.frames.on((frame) => this.#frame(link, frame));
    link.closed.on(() => this.#unlink(link));
    logger.info({ runner: hello.runner, kernels: hello.kernels.length }, 'runner linked');
    // before anything else: until then the runner answers nothing
    link.send({ t: 'welcome', ack: durable });
    for (const listener of this.#listeners) {
      listener.onConnected({
        runner: hello.runner,
        kernels: hello.kernels,
        lastSeq: hello.lastSeq,
      });
    }
    this.#calls.sendWaiting(link);
    link.resume();
  }

  /** Ends the runner with all its kernels; resolves when it has gone. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#starting;
    const running = this.#process ?? (await this.#deps.host.find(this.#deps.project));
    this.#calls.failAll(appError('runner/unreachable'));
    if (!running) return;
    this.#link?.send({ t: 'stop' });
    if (!this.#link) running.kill();
    const patience = this.#deps.clock.after(stopWithinMs, () => running.kill());
    await running.ended;
    patience.dispose();
  }

  /** Lets go of the runner and leaves it alive. */
  dispose(): void {
    this.#isEnding = true;
    this.#restartTimer?.dispose();
    this.#patience?.dispose();
    this.#calls.failAll(appError('runner/unreachable'));
    const link = this.#link;
    if (link) this.#unlink(link);
    link?.close(1012, 'the project is closed');
  }

  #frame(link: RunnerWire, { frame, payload }: RunnerFrame): void {
    if (link !== this.#link) return;
    switch (frame.t) {
      case 'reply':
        return this.#calls.settle(frame, payload);
      case 'event':
        return this.#event(frame.seq, frame.event);
      case 'signal':
        for (const listener of this.#listeners) listener.onSignal(frame.signal);
        return;
      case 'message': {
        const { kernel, channel, parts } = frame;
        return this.messages.emit({ kernel, channel, parts: splitPayload(payload, parts) });
      }
      case 'terminal':
        return this.shown.emit({ terminal: frame.terminal, at: frame.at, bytes: payload });
      case 'hello':
        this.#deps.logger.warn('a runner said hello twice');
        return;
      default:
        frame satisfies never;
    }
  }

  #event(seq: number, event: RunnerEvent): void {
    const seen = this.#seen;
    if (!seen || seq <= seen.seq || this.#isHolding) return;
    if (seq > seen.seq + 1) {
      this.#deps.logger.error({ from: seen.seq, to: seq }, 'runner events are missing');
    }
    seen.seq = seq;
    for (const listener of this.#listeners) listener.onEvent(seq, event);
  }

  #tell(call: RunnerCall, error: unknown): void {
    try {
      this.answered.emit({ call, error });
    } catch (thrown) {
      this.#deps.logger.error({ err: thrown }, 'a listener to calls failed');
    }
  }

  #unlink(link: RunnerWire): void {
    if (link !== this.#link) return;
    this.#link = null;
    this.#calls.cut();
    for (const listener of this.#listeners) listener.onDisconnected();
    if (this.#process) this.#expectLink(dialAgainWithinMs);
    else if (this.#calls.size > 0) this.#ensureStarted();
  }

  #ensureStarted(): void {
    if (this.#process || this.#starting || this.#isEnding) return;
    this.#starting = this.#start()
      .catch((error: unknown) => {
        this.#deps.logger.error({ err: error }, 'runner did not start');
        this.#calls.failAll(appError('runner/unreachable', { cause: error }));
      })
      .finally(() => {
        this.#starting = null;
      });
  }

  async #start(): Promise<void> {
    const { project, home, host, tokens, clock } = this.#deps;
    const found = await host.find(project);
    if (found) return this.#own(found, adoptWithinMs);
    const runner = asRunnerId(newId());
    const token = newSecret();
    await tokens.add({ runner, project, hash: hashSecret(token), createdAt: clock.now() });
    const running = await host.start({ project, runner, token, home });
    this.#startedAt = clock.now();
    this.#own(running, linkWithinMs);
    this.#deps.logger.info({ runner }, 'runner started');
  }

  /** A runner that does not dial (again) in time is ended, so that another can be started. */
  #expectLink(withinMs: number): void {
    this.#patience?.dispose();
    this.#patience = this.#deps.clock.after(withinMs, () => {
      if (this.#link || this.#isEnding) return;
      this.#deps.logger.warn('the runner does not dial, it is ended');
      this.#process?.kill();
    });
  }

  #own(running: RunningRunner, dialsWithinMs: number): void {
    if (this.#process) return;
    this.#process = running;
    if (!this.#link) this.#expectLink(dialsWithinMs);
    void running.ended.then(({ reason }) => {
      this.#process = null;
      if (this.#isEnding) return;
      this.#deps.logger.warn({ reason }, 'runner ended');
      this.#restart();
    });
  }

  /** A runner that died is replaced unasked, so that its kernels are soon seen to be dead. */
  #restart(): void {
    const { clock } = this.#deps;
    if (clock.now() - this.#startedAt > settledAfterMs) this.#restarts = 0;
    this.#restarts += 1;
    if (this.#restarts > mostRestarts) {
      this.#restarts = 0;
      this.#calls.failAll(appError('runner/unreachable'));
      this.gone.emit();
      return;
    }
    this.#restartTimer = clock.after(this.#restarts === 1 ? 0 : backoffMs(this.#restarts, 0.5), () => {
      this.#ensureStarted();
    });
  }
}
