/** A runner's link in memory: what the server calls is answered by a SampleRunner, events are said by the test. */
import { AppError } from '@cahier/base/app-error.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { RunnerDown } from '@cahier/protocol/runner/down.ts';
import { type RunnerEvent, type RunnerSignal, runnerUp } from '@cahier/protocol/runner/up.ts';
import { toWireError } from '@cahier/protocol/wire-error.ts';
import type { RunnerHost, RunnerStart, RunningRunner } from '@cahier/server/runners/runner-host.ts';
import type { RunnerFrame, RunnerGreeting, RunnerWire } from '@cahier/server/runners/runner-wire.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { SampleRunner } from './sample-app.ts';

const empty = new Uint8Array(0);

export class SampleWire implements RunnerWire {
  readonly frames = new Emitter<RunnerFrame>();
  readonly closed = new Emitter<void>();
  readonly runner: SampleRunner;
  readonly said: RunnerDown[] = [];
  isOpen = true;
  #seq = 0;

  constructor(runner: SampleRunner) {
    this.runner = runner;
  }

  send(frame: RunnerDown, payload?: Uint8Array): void {
    this.said.push(frame);
    if (frame.t !== 'call') return;
    this.runner.call(frame.call, payload).then(
      ({ result, payload: bytes }) =>
        this.frames.emit({ frame: runnerUp.parse({ t: 'reply', re: frame.id, result }), payload: bytes }),
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        this.frames.emit({ frame: { t: 'reply', re: frame.id, error: toWireError(error) }, payload: empty });
      },
    );
  }

  event(event: RunnerEvent): void {
    this.#seq += 1;
    this.frames.emit({ frame: { t: 'event', seq: this.#seq, event }, payload: empty });
  }

  signal(signal: RunnerSignal): void {
    this.frames.emit({ frame: { t: 'signal', signal }, payload: empty });
  }

  resume(): void {}

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.closed.emit();
  }
}

/** Starts runners that dial at once: `dial` is given the link and its hello, as the door would. */
export class SampleHost implements RunnerHost {
  readonly runner = new SampleRunner();
  readonly starts: RunnerStart[] = [];
  readonly #dial: (wire: SampleWire, hello: RunnerGreeting) => void;
  #running: RunningRunner | null = null;
  wire: SampleWire | null = null;

  constructor(dial: (wire: SampleWire, hello: RunnerGreeting) => void) {
    this.#dial = dial;
  }

  async start(start: RunnerStart): Promise<RunningRunner> {
    this.starts.push(start);
    let end = () => {};
    const ended = new Promise<{ reason: string }>((resolve) => {
      end = () => resolve({ reason: 'told to' });
    });
    const wire = new SampleWire(this.runner);
    this.wire = wire;
    const running: RunningRunner = {
      ended,
      kill: () => {
        this.#running = null;
        end();
        wire.close();
      },
    };
    this.#running = running;
    const hello: RunnerGreeting = {
      t: 'hello',
      protocol: protocolVersion,
      project: start.project,
      runner: start.runner,
      token: start.token,
      pid: 1,
      lastSeq: 0,
      kernels: [],
    };
    queueMicrotask(() => this.#dial(wire, hello));
    return running;
  }

  async find(): Promise<RunningRunner | null> {
    return this.#running;
  }
}
