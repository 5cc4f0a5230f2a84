/**
 * The runner of a recorded session: kernels that do what their script says and take the time that real ones take, and
 * files in memory, behind the link that a real runner dials. Everything in the time of one fake clock.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { RunnerCall, RunnerDown } from '@cahier/protocol/runner/down.ts';
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';
import type { RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { toWireError } from '@cahier/protocol/wire-error.ts';
import type { RunnerHost, RunnerStart, RunningRunner } from '@cahier/server/runners/runner-host.ts';
import type { RunnerFrame, RunnerGreeting, RunnerWire } from '@cahier/server/runners/runner-wire.ts';
import { FakeRunner, type ScriptStep } from '../fake-runner.ts';
import { SimFiles } from '../sim-files.ts';

const empty = new Uint8Array(0);

export interface LabRunnerOptions {
  readonly clock: Clock;
  readonly specs: readonly KernelspecOnWire[];
  readonly script: (code: string) => readonly ScriptStep[];
  /** How long one step of a run takes, ms. */
  readonly stepMs: () => number;
  /** How long a kernel takes to start, ms. */
  readonly startMs: number;
}

export class LabRunner implements RunnerHost {
  readonly files = new SimFiles();
  readonly #options: LabRunnerOptions;
  readonly #dial: (wire: RunnerWire, hello: RunnerGreeting) => void;
  #running: RunningRunner | null = null;

  constructor(options: LabRunnerOptions, dial: (wire: RunnerWire, hello: RunnerGreeting) => void) {
    this.#options = options;
    this.#dial = dial;
  }

  async start(start: RunnerStart): Promise<RunningRunner> {
    let end = () => {};
    const ended = new Promise<{ reason: string }>((resolve) => {
      end = () => resolve({ reason: 'it was told to' });
    });
    const { runner, project, token } = start;
    const { specs, script } = this.#options;
    const kernels = new FakeRunner({ runner, specs, script, pace: 'by-hand' });
    const wire = new LabWire(kernels, this.files, this.#options);
    const running: RunningRunner = {
      ended,
      kill: () => {
        this.#running = null;
        end();
        wire.close();
      },
    };
    this.#running = running;
    const about = { protocol: protocolVersion, pid: 1, lastSeq: 0, kernels: [] };
    queueMicrotask(() => this.#dial(wire, { t: 'hello', project, runner, token, ...about }));
    return running;
  }

  async find(): Promise<RunningRunner | null> {
    return this.#running;
  }
}

class LabWire implements RunnerWire {
  readonly frames = new Emitter<RunnerFrame>();
  readonly closed = new Emitter<void>();
  readonly #kernels: FakeRunner;
  readonly #files: SimFiles;
  readonly #options: LabRunnerOptions;
  #steps = false;
  isOpen = true;

  constructor(kernels: FakeRunner, files: SimFiles, options: LabRunnerOptions) {
    this.#kernels = kernels;
    this.#files = files;
    this.#options = options;
  }

  resume(): void {}

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#kernels.disconnect(true);
    this.closed.emit();
  }

  send(frame: RunnerDown, payload?: Uint8Array): void {
    switch (frame.t) {
      case 'welcome':
        this.#files.onChanged = (file) => this.#signal({ s: 'files.changed', files: [file], folders: [] });
        this.#kernels.connect(
          {
            onConnected: () => undefined,
            onDisconnected: () => undefined,
            onEvent: (seq, event) => this.#event(seq, event),
            onSignal: (signal) => this.#signal(signal),
          },
          frame.ack,
        );
        return;
      case 'ack':
        return this.#kernels.ack(frame.seq);
      case 'stop':
        return;
      case 'call': {
        const startMs = startsKernel(frame.call) ? this.#options.startMs : 0;
        const answer = () => this.#answer(frame.id, frame.call, payload ?? empty);
        if (startMs > 0) this.#options.clock.after(startMs, answer);
        else answer();
      }
    }
  }

  #answer(id: number, call: RunnerCall, payload: Uint8Array): void {
    const isOfFiles = call.method.startsWith('file.') && call.method !== 'file.watch';
    const answering: Promise<{ readonly result: object; readonly payload: Uint8Array }> = isOfFiles
      ? this.#files.runner.call(call, payload)
      : this.#kernels.call(call);
    answering.then(
      ({ result, payload: bytes }) =>
        this.#tell({ frame: { t: 'reply', re: id, result: structuredJson(result) }, payload: bytes }),
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        this.#tell({ frame: { t: 'reply', re: id, error: toWireError(error) }, payload: empty });
      },
    );
    if (call.method === 'kernel.execute') this.#goOn();
  }

  /** The kernels' scripts, one step after the other, as long as there is one. */
  #goOn(): void {
    if (this.#steps) return;
    this.#steps = true;
    this.#options.clock.after(this.#options.stepMs(), () => {
      this.#steps = false;
      if (this.#kernels.advance()) this.#goOn();
    });
  }

  #event(seq: number, event: RunnerEvent): void {
    this.#tell({ frame: { t: 'event', seq, event }, payload: empty });
  }

  #signal(signal: RunnerSignal): void {
    this.#tell({ frame: { t: 'signal', signal }, payload: empty });
  }

  #tell(frame: RunnerFrame): void {
    if (this.isOpen) this.frames.emit(frame);
  }
}

function startsKernel({ method }: RunnerCall): boolean {
  return method === 'kernel.start' || method === 'kernel.restart';
}

/** As it would come over the wire. */
function structuredJson(value: object) {
  return JSON.parse(JSON.stringify(value));
}
