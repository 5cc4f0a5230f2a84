/**
 * The kernel of one notebook, as far as the server moves it: choosing a kernelspec, start, restart, shutdown, status.
 * Talks to the runner; decides nothing about cells (run-queue.ts does) and keeps no second copy of the state.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { Clock } from '@cahier/base/clock.ts';
import type { KernelId } from '@cahier/base/ids.ts';
import { type JsonObject, isJsonObject } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { KernelState } from '@cahier/core/runs/live.ts';
import type { RunOperation } from '@cahier/core/runs/run-queue.ts';
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';
import type { RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { Runner } from '../runners/runner.ts';
import { type InstalledKernels, chooseKernelspec, kernelspecNamed } from './kernel-choice.ts';
import { notebookKernelId } from './kernel-id.ts';
import type { RunLog } from './run-log.ts';
import type { RunRoom } from './run-room.ts';

export interface KernelControlOptions {
  readonly room: RunRoom;
  readonly runner: Pick<Runner, 'call'>;
  readonly kernelspecs: () => Promise<InstalledKernels>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly logger: RunLog;
  readonly state: () => KernelState;
  readonly step: (operation: RunOperation) => void;
}

type StatusEvent = Extract<RunnerEvent, { e: 'kernel.status' }>;
type StatusSignal = Extract<RunnerSignal, { s: 'kernel.status' }>;

interface Metadata {
  readonly spec: KernelspecOnWire;
  readonly author: EntryAuthor;
}

export class KernelControl {
  readonly #options: KernelControlOptions;
  /** Chosen by a person, until it has been started. */
  #picked: string | null = null;
  /** The kernelspec that goes into the notebook's metadata once the kernel is ready. */
  #metadata: Metadata | null = null;
  #languageInfo: JsonObject | null = null;
  /** Counts starts, restarts and shutdowns; an answer to an older one is not for us. */
  #turn = 0;
  /** A start or restart is on its way: its answer says how it went, and not what was said before. */
  #isMoving = false;
  #isDeathAnnounced = false;

  constructor(options: KernelControlOptions) {
    this.#options = options;
  }

  /** Is a start or restart on its way? */
  get isMoving(): boolean {
    return this.#isMoving;
  }

  /** The name as it is installed. Throws `kernelspec/not-found`. The start itself is made by the run machine. */
  async pick(name: string, author: EntryAuthor): Promise<string> {
    const { specs } = await this.#options.kernelspecs();
    const spec = kernelspecNamed(specs, name);
    if (spec === undefined) throw appError('kernelspec/not-found', { details: { name } });
    this.#picked = spec.name;
    this.#metadata = { spec, author };
    return spec.name;
  }

  /** The picked kernelspec runs already: only the metadata is written. */
  keepRunning(): void {
    this.#picked = null;
    this.#writeMetadata();
  }

  async start(author: EntryAuthor): Promise<void> {
    const turn = this.#begin();
    const { room, kernelspecs, newId, clock, step } = this.#options;
    try {
      const installed = await kernelspecs();
      if (turn !== this.#turn) return;
      const spec = this.#choose(installed, author);
      const kernel = notebookKernelId(room.document, newId());
      const { name, displayName, language } = spec;
      step({ do: 'kernel.chosen', chosen: { kernel, name, displayName, language }, at: clock.now() });
      await this.#call(kernel, name);
      this.#done(turn);
    } catch (error) {
      this.#failed(turn, error);
    }
  }

  /** The server came back while the kernel was being started: the call is repeated, which the runner knows. */
  async startAgain(author: EntryAuthor): Promise<void> {
    const { kernel, name } = this.#options.state();
    if (kernel === undefined || name === undefined) return this.start(author);
    const turn = this.#begin();
    try {
      await this.#call(kernel, name);
      this.#done(turn);
    } catch (error) {
      this.#failed(turn, error);
    }
  }

  async restart(kernel: KernelId, author: EntryAuthor): Promise<void> {
    const turn = this.#begin();
    try {
      await this.#options.runner.call({ method: 'kernel.restart', kernel });
      this.#done(turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      const isGone = error instanceof AppError && error.code === 'kernel/not-running';
      if (!isGone) return this.#failed(turn, error);
      this.#picked = this.#options.state().name ?? null;
      await this.start(author);
    }
  }

  async shutdown(kernel: KernelId): Promise<void> {
    this.#turn += 1;
    this.#isMoving = false;
    this.#isDeathAnnounced = false;
    try {
      await this.#options.runner.call({ method: 'kernel.shutdown', kernel });
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'kernel/not-running'))
        this.#options.logger.warn({ err: error, kernel }, 'a kernel was not shut down');
    }
  }

  /** In order with everything else the kernel says. */
  onEvent(event: StatusEvent): void {
    if (event.kernel !== this.#options.state().kernel) return;
    const info = event.info?.language_info;
    if (isJsonObject(info)) this.#languageInfo = info;
    if (event.status !== 'dead') {
      if (this.#isDeathAnnounced || this.#isMoving) return;
      return this.#status(event.status);
    }
    this.#isDeathAnnounced = false;
    if (this.#isMoving) return;
    const at = this.#options.clock.now();
    const { reason } = event;
    this.#options.step({ do: 'kernel.died', at, ...(reason === undefined ? {} : { reason }) });
  }

  /** Ahead of the order: shown at once, the queue hears of it by the event. */
  onSignal(signal: StatusSignal): void {
    if (signal.kernel !== this.#options.state().kernel || this.#isMoving) return;
    const { status, reason } = signal;
    this.#isDeathAnnounced = status === 'dead';
    this.#status(status, reason);
  }

  #status(status: StatusEvent['status'], reason?: string): void {
    const at = this.#options.clock.now();
    this.#options.step({ do: 'kernel.status', status, at, ...(reason === undefined ? {} : { reason }) });
  }

  #begin(): number {
    this.#turn += 1;
    this.#isMoving = true;
    this.#isDeathAnnounced = false;
    this.#languageInfo = null;
    return this.#turn;
  }

  #choose(installed: InstalledKernels, author: EntryAuthor): KernelspecOnWire {
    const picked = installed.specs.find((spec) => spec.name === this.#picked);
    this.#picked = null;
    if (picked !== undefined) return picked;
    const wanted = this.#options.room.wantedKernel();
    const spec = chooseKernelspec(installed, wanted);
    if (spec === null) {
      const { name = '', language = '' } = wanted;
      if (installed.specs.some(({ problem }) => problem === undefined))
        throw appError('kernelspec/language', { details: { language, name } });
      const cure = 'Install one, for Python with: python3 -m pip install ipykernel';
      throw appError('kernelspec/none', { details: { cure } });
    }
    // A notebook that names another kernel keeps its name: the file belongs to machines that have it, too.
    if (wanted.name === undefined || (wanted.name === spec.name && wanted.language === undefined))
      this.#metadata = { spec, author };
    return spec;
  }

  async #call(kernel: KernelId, spec: string): Promise<void> {
    const { path } = this.#options.room;
    const cwd = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    await this.#options.runner.call({ method: 'kernel.start', kernel, spec, cwd, notebook: path });
  }

  #done(turn: number): void {
    if (turn !== this.#turn) return;
    this.#isMoving = false;
    this.#options.step({ do: 'kernel.ready', at: this.#options.clock.now() });
    this.#writeMetadata();
  }

  #failed(turn: number, error: unknown): void {
    const { logger, clock, step } = this.#options;
    if (turn !== this.#turn) return;
    logger.warn({ err: error, document: this.#options.room.document }, 'a kernel did not start');
    this.#isMoving = false;
    this.#metadata = null;
    const reason = error instanceof AppError ? error.message : 'The kernel did not start. Try again.';
    step({ do: 'kernel.failed', reason, at: clock.now() });
  }

  #writeMetadata(): void {
    if (this.#metadata === null) return;
    const { spec, author } = this.#metadata;
    this.#metadata = null;
    const { name, displayName, language } = spec;
    this.#options.room.setKernel({ name, display_name: displayName, language }, this.#languageInfo, author);
  }
}
