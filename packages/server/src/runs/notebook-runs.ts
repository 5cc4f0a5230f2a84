/**
 * The runs of one notebook: its live document, what people ask for, what the runner says. The room owns the source, the
 * runner the kernel; this owns nothing but the live document and is its only writer. Everything here happens in one
 * turn of the event loop per message: order is the order of calls. Durable by project-runs.ts, which commits the live
 * document together with the runner's cursor.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { type CellId, type DocumentId, type RunId, asCellId } from '@cahier/base/ids.ts';
import { type Json, isJsonObject } from '@cahier/base/json.ts';
import { assertNever } from '@cahier/base/assert-never.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { applyLiveOps, liveCell } from '@cahier/core/runs/apply-live-op.ts';
import { foldStream } from '@cahier/core/runs/fold-output.ts';
import type { LiveNotebook, LiveOp } from '@cahier/core/runs/live.ts';
import { runIdFor } from '@cahier/core/runs/run-id.ts';
import { type RunOperation, cellWithRun, runStep } from '@cahier/core/runs/run-queue.ts';
import type { RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import type {
  CellResults,
  LiveSource,
  PreparedResults,
  ResultsFrom,
  WhichResults,
} from '../rooms/live-source.ts';
import type { Runner } from '../runners/runner.ts';
import type { BlobKeeper } from './blob-keeper.ts';
import { type ClientRequest, type ClientRunChange, ClientRuns } from './client-runs.ts';
import { resultsOf, withFileResults } from './cell-results.ts';
import { foldMessages, settleStreams } from './fold-messages.ts';
import type { InstalledKernels } from './kernel-choice.ts';
import { KernelControl } from './kernel-control.ts';
import { LiveSender } from './live-sender.ts';
import { KernelPresence, type KernelSeen } from './kernel-presence.ts';
import { RunEffects, noAuthor } from './run-effects.ts';
import { pastResults, resultsToPut } from './put-results.ts';
import type { RunKeeping } from './run-keeping.ts';
import type { RunLog } from './run-log.ts';
import type { RunRoom } from './run-room.ts';

export interface NotebookRunsOptions {
  readonly room: RunRoom;
  readonly runner: Pick<Runner, 'call' | 'isConnected'>;
  readonly keeper: BlobKeeper;
  readonly keeping: RunKeeping;
  readonly kernelspecs: () => Promise<InstalledKernels>;
  readonly clock: Clock;
  /** Random, without dots, at most 31 characters. */
  readonly newId: () => string;
  readonly logger: RunLog;
  /** The live document as it was committed last. */
  readonly initial: LiveNotebook;
}

const fromFile: EntryAuthor = { person: null, name: 'File', session: null };
/** Cells that are gone keep their results for so many more: undo brings them back. */
const goneKept = 100;
const requestTimeoutMs = 10_000;

export class NotebookRuns implements LiveSource, Disposable {
  readonly document: DocumentId;
  readonly #options: NotebookRunsOptions;
  readonly #kernel: KernelControl;
  readonly #effects: RunEffects;
  readonly #presence: KernelPresence;
  readonly #sender: LiveSender;
  readonly #results = new Emitter<void>();
  /** Runs that a Jupyter client asked for by a message of its own. */
  readonly #clients = new ClientRuns();
  readonly #ops = new Emitter<readonly LiveOp[]>();
  readonly #ends = new DisposableStore();
  #live: LiveNotebook;
  #isFileBehind = false;
  /** Nothing of this notebook was ever kept: results that come with its file are its beginning. */
  #isNew: boolean;
  #gone: CellId[] = [];
  /** Who asked last for what the kernel does next. */
  #asker: EntryAuthor = noAuthor;
  #isDisposed = false;

  constructor(options: NotebookRunsOptions) {
    const { room, keeper, clock, initial } = options;
    this.#options = options;
    this.document = room.document;
    this.#isNew = initial.version === 0;
    const there = new Set(room.order());
    const gone = Object.keys(initial.cells).filter((id) => !there.has(asCellId(id)));
    this.#live = runStep(initial, { do: 'cells.forget', cells: gone.map(asCellId) }, () => null).state;
    this.#sender = this.#ends.add(
      new LiveSender({
        clock,
        keeper,
        current: () => this.#live,
        send: (from, ops) => {
          room.broadcast({ t: 'live', doc: room.document, from, ops });
          this.#ops.emit(ops);
          this.#announceResults();
        },
      }),
    );
    const step = (operation: RunOperation) => this.#step(operation);
    this.#kernel = new KernelControl({ ...options, state: () => this.#live.kernel, step });
    this.#effects = new RunEffects({
      ...options,
      clients: this.#clients,
      kernel: this.#kernel,
      live: () => this.#live,
      lost: (reason) => this.#presence.lost(reason),
    });
    this.#presence = this.#ends.add(
      new KernelPresence({
        ...options,
        kernel: this.#kernel,
        effects: this.#effects,
        live: () => this.#live,
        asker: () => this.#asker,
        step,
      }),
    );
    this.#ends.add(room.onCellsChanged((cells) => this.#cellsGone(cells)));
    if (!options.runner.isConnected) this.#presence.awaited();
  }

  // ---- what the room needs (LiveSource)

  /** As clients have it: what is ahead of it follows within a frame. */
  get state(): LiveNotebook {
    return this.#sender.sent;
  }

  /** The live document as it is now. */
  get live(): LiveNotebook {
    return this.#live;
  }

  /** Does a cell run or wait? */
  get isBusy(): boolean {
    return this.#live.queue.length > 0;
  }

  /** Is there a kernel that could say something? */
  get hasKernel(): boolean {
    const { status } = this.#live.kernel;
    return status !== 'none' && status !== 'dead';
  }

  results(): Promise<ReadonlyMap<CellId, CellResults>> {
    return resultsOf(this.#live, this.#options.room.order(), this.#options.keeper);
  }

  /** Resolves when the results are with the recorder; what is attached afterwards is not durable before them. */
  async takeResults(results: ReadonlyMap<CellId, CellResults>, by?: ResultsFrom): Promise<void> {
    const { keeper, keeping, clock } = this.#options;
    const { author, origin } = by ?? { author: fromFile, origin: this.#isNew ? 'import' : 'disk' };
    const { state, taken } = withFileResults(this.#live, results, keeper);
    this.#set(state, by === undefined, false);
    for (const id of taken) {
      const cell = liveCell(state, id);
      if (cell === undefined) continue;
      const { document } = this;
      keeping.record({ document, at: clock.now(), author, origin, run: null, id, cell }, true);
    }
    await keeping.submitted();
  }

  async prepareResults(past: PastDocument, which: WhichResults): Promise<PreparedResults> {
    const { keeper, keeping } = this.#options;
    const wanted = await pastResults(past, which, keeper);
    // What ran just now is in the history before what replaces it.
    await keeping.submitted();
    const missing = () => resultsToPut(this.#live, wanted, which.output);
    return {
      check: () => {
        const running = missing().some(({ cell }) => liveCell(this.#live, cell)?.state === 'running');
        if (running) throw appError('cell/running');
      },
      put: (author) => this.#tell({ do: 'results.put', results: missing() }, author),
    };
  }

  onOps(listener: (ops: readonly LiveOp[], state: LiveNotebook) => void): Disposable {
    return this.#ops.on((ops) => listener(ops, this.state));
  }

  onResultsChanged(listener: () => void): Disposable {
    return this.#results.on(listener);
  }

  // ---- what people ask for

  /**
   * Queues cells in the order given; those that are no code or wait already are skipped. Resolves when it is durable;
   * it takes effect at once. Throws `kernel/dead`.
   */
  async queue(cells: readonly CellId[], author: EntryAuthor): Promise<void> {
    const { clock, newId, keeping } = this.#options;
    const asked = cells.map((cell) => ({ cell, run: runIdFor(cell, newId()) }));
    const by = author.person === null ? {} : { by: { id: author.person, name: author.name } };
    this.#tell({ do: 'queue', cells: asked, ...by, at: clock.now() }, author);
    await keeping.flush();
  }

  /** Is this a cell that a client may run by a message of its own? An empty one is no run here. */
  takesRun(cell: CellId, code: string): boolean {
    const isAlive = this.hasKernel && this.#live.kernel.kernel !== undefined;
    return isAlive && code.trim() !== '' && this.#options.room.cell(cell)?.type === 'code';
  }

  /** The only code cell with exactly this text; null when there is none, or more than one. */
  cellWithCode(code: string): CellId | null {
    const { room } = this.#options;
    const found = room.order().filter((id) => {
      const cell = room.cell(id);
      return cell?.type === 'code' && cell.source === code;
    });
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  /**
   * A client's own execute_request for a cell: it waits its turn like every run, then the kernel is sent this very
   * message. Resolves to `dropped` when it left the queue unsent: whoever asked has to be told. Throws `kernel/dead`.
   */
  async runForClient(request: ClientRequest, author: EntryAuthor): Promise<'sent' | 'dropped'> {
    const { clock, newId, runner, logger } = this.#options;
    const { cell, parts } = request;
    const run = runIdFor(cell, newId());
    const { kernel } = this.#live.kernel;
    if (kernel === undefined) throw appError('kernel/dead');
    const lengths = parts.map((part) => part.length);
    // ahead of the turn, so that the message outlives this process
    runner
      .call({ method: 'kernel.hold', kernel, run, parts: lengths }, Buffer.concat(parts))
      .catch((error: unknown) => logger.info({ err: error, run }, 'a request of a client is not kept'));
    const outcome = this.#clients.add(run, request, author.person);
    const by = author.person === null ? {} : { by: { id: author.person, name: author.name } };
    try {
      this.#tell({ do: 'queue', cells: [{ cell, run, replaces: true }], ...by, at: clock.now() }, author);
    } finally {
      this.#clients.entered(this.#live);
    }
    return outcome;
  }

  /** A cell is being run by a client's own message, or is not any more. */
  get clientRuns(): Emitter<ClientRunChange> {
    return this.#clients.changed;
  }

  /** Takes waiting cells (all without `cells`) out of the queue. */
  cancel(cells?: readonly CellId[]): void {
    this.#tell({ do: 'cancel', ...(cells === undefined ? {} : { cells }) }, this.#asker);
  }

  /** Clears outputs and execution counts (of all cells without `cells`). */
  clearOutputs(cells: readonly CellId[] | undefined, author: EntryAuthor): void {
    this.#tell({ do: 'clear', ...(cells === undefined ? {} : { cells }) }, author);
  }

  /** Interrupts the kernel and empties the queue. Throws `kernel/not-running` and what the runner answers. */
  async interrupt(author: EntryAuthor): Promise<void> {
    await Promise.all(this.#ask({ do: 'interrupt' }, author));
  }

  /** Restarts the kernel, or starts one; resolves when it is there or has failed (see `live.kernel`). */
  async restart(author: EntryAuthor): Promise<void> {
    await Promise.all(this.#ask({ do: 'restart', at: this.#options.clock.now() }, author));
  }

  async shutdown(author: EntryAuthor): Promise<void> {
    await Promise.all(this.#ask({ do: 'shutdown', at: this.#options.clock.now() }, author));
  }

  /** Runs the notebook with another kernelspec from now on and writes it to the metadata. Throws `kernelspec/not-found`. */
  async selectKernel(name: string, author: EntryAuthor): Promise<void> {
    const picked = await this.#kernel.pick(name, author);
    if (this.hasKernel && this.#live.kernel.name === picked) return this.#kernel.keepRunning();
    this.#tell({ do: 'shutdown', at: this.#options.clock.now() }, author);
    await this.restart(author);
  }

  /** Anybody who may run may answer, once. Throws `run/no-input`. */
  async answerInput(run: RunId, value: string): Promise<void> {
    const found = cellWithRun(this.#live, run);
    const input = found?.cell.input;
    const { kernel } = this.#live.kernel;
    if (kernel === undefined || found === null || input === undefined) throw appError('run/no-input');
    const shown = input.isPassword ? '········' : value;
    this.#tell({ do: 'input.answered', run }, this.#asker);
    const cell = liveCell(this.#live, found.id) ?? found.cell;
    const echo = foldStream(cell, found.id, 'stdout', `${input.prompt}${shown}\n`);
    this.#set(applyLiveOps(this.#live, echo), false, true);
    try {
      await this.#options.runner.call({ method: 'kernel.input', kernel, run, value });
    } catch (error) {
      const isOver = error instanceof AppError && error.code === 'run/no-input';
      if (!isOver) this.#step({ do: 'input.wanted', ...input });
      throw error;
    }
  }

  /** The kernel's reply, or null when it is busy or silent. `cursor` in Unicode code points. */
  complete(code: string, cursor: number): Promise<Json> {
    return this.#request('complete_request', { code, cursor_pos: cursor });
  }

  /** The kernel's reply, or null when it is busy or silent. `cursor` in Unicode code points. */
  inspect(code: string, cursor: number, detail: 0 | 1): Promise<Json> {
    return this.#request('inspect_request', { code, cursor_pos: cursor, detail_level: detail });
  }

  // ---- what the runner says (called by project-runs.ts, in order)

  onRunnerEvent(event: RunnerEvent): void {
    const at = this.#options.clock.now();
    switch (event.e) {
      case 'run.started':
        return this.#step({ do: 'started', run: event.run, executionCount: event.executionCount, at });
      case 'run.output': {
        const folded = foldMessages(this.#live, event.run, event.messages, this.#options.keeper);
        if (folded === null) this.#options.logger.debug({ run: event.run }, 'output of an unknown run');
        else this.#set(folded, false, false);
        return;
      }
      case 'run.input': {
        const { run, prompt, isPassword } = event;
        return this.#step({ do: 'input.wanted', run, prompt, isPassword });
      }
      case 'run.finished': {
        this.#set(settleStreams(this.#live, event.run, this.#options.keeper), false, false);
        this.#showPager(event.run, event.payload ?? []);
        const { run, status, executionCount } = event;
        const goesOn = this.#clients.goesOn(run) ? { goesOn: true as const } : {};
        this.#step({ do: 'finished', run, status, executionCount, at, ...goesOn });
        return this.#clients.ended(run);
      }
      case 'kernel.status':
        return this.#kernel.onEvent(event);
      default:
        return assertNever(event);
    }
  }

  onSignal(signal: RunnerSignal): void {
    if (signal.s === 'kernel.status') this.#kernel.onSignal(signal);
  }

  /** The link is up. `kernels`: those of this notebook that the runner has. Replayed events follow. */
  onRunnerConnected(kernels: readonly KernelSeen[]): void {
    this.#presence.connected(kernels);
  }

  onRunnerDisconnected(): void {
    this.#presence.disconnected();
  }

  /** There is no runner, and nobody waits for one: its kernels are gone. */
  onRunnerGone(): void {
    this.#presence.gone();
  }

  // ---- the end

  /** Resolves when everything that happened is on disk. */
  flush(): Promise<void> {
    this.#sender.flush();
    return this.#options.keeping.flush();
  }

  /** Leaves the room; what happened so far still becomes durable. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#sender.flush();
    this.#ends.dispose();
    this.#options.keeping.closed(this.document);
  }

  // ---- inside

  /** A person's wish: effects that can fail are returned; a refusal is thrown. */
  #ask(operation: RunOperation, author: EntryAuthor): Promise<void>[] {
    this.#asker = author;
    return this.#perform(operation, author, true);
  }

  /** As asked, but nobody waits for the effects: what fails is logged. */
  #tell(operation: RunOperation, author: EntryAuthor): void {
    this.#settle(this.#ask(operation, author));
  }

  #step(operation: RunOperation): void {
    this.#settle(this.#perform(operation, this.#asker, false));
  }

  #settle(effects: readonly Promise<void>[]): void {
    for (const effect of effects) {
      effect.catch((error: unknown) => {
        this.#options.logger.warn({ err: error, document: this.document }, 'an effect of a run failed');
      });
    }
  }

  #perform(operation: RunOperation, author: EntryAuthor, isAsked: boolean): Promise<void>[] {
    const { state, effects } = runStep(this.#live, operation, (id, run) => {
      const cell = this.#options.room.cell(id);
      const code = run === undefined ? undefined : this.#clients.codeOf(run);
      return cell === null || code === undefined ? cell : { ...cell, source: code };
    });
    for (const effect of effects) if (effect.effect === 'refused') throw appError(effect.code);
    this.#set(state, false, isAsked || effects.length > 0, isAsked);
    return effects.map((effect) => this.#effects.perform(effect, author));
  }

  async #request(
    type: 'complete_request' | 'inspect_request',
    content: { code: string; cursor_pos: number; detail_level?: number },
  ): Promise<Json> {
    const { kernel, status } = this.#live.kernel;
    if (kernel === undefined || status !== 'idle') return null;
    try {
      const call = { method: 'kernel.request', kernel, type, content, timeoutMs: requestTimeoutMs } as const;
      return (await this.#options.runner.call(call)).result.content;
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  #showPager(run: RunId, payload: readonly { readonly [key: string]: Json }[]): void {
    for (const item of payload) {
      if (item.source === 'page' && isJsonObject(item.data))
        this.#options.room.broadcast({ t: 'pager', doc: this.document, run, data: item.data });
      else this.#options.logger.info({ run, source: item.source }, 'a payload that is not supported');
    }
  }

  #cellsGone(cells: readonly CellId[]): void {
    if (cells.length === 0) return;
    this.#step({ do: 'cells.gone', cells });
    this.#gone.push(...cells);
    const forgotten = this.#gone.splice(0, Math.max(0, this.#gone.length - goneKept));
    const really = forgotten.filter((id) => this.#options.room.cell(id) === null);
    if (really.length > 0) this.#step({ do: 'cells.forget', cells: really });
  }

  /** `isFromFile`: the file has these results already. */
  #set(state: LiveNotebook, isFromFile: boolean, isSoon: boolean, isAsked = false): void {
    if (state === this.#live) return;
    if (!isFromFile && !this.#isFileBehind) this.#isFileBehind = resultsDiffer(this.#live, state);
    this.#live = state;
    this.#isNew = false;
    this.#clients.review(state);
    this.#options.keeping.touch(this, isSoon);
    this.#sender.changed(isAsked);
  }

  #announceResults(): void {
    if (!this.#isFileBehind) return;
    this.#isFileBehind = false;
    this.#results.emit();
  }
}

function resultsDiffer(before: LiveNotebook, after: LiveNotebook): boolean {
  if (before.cells === after.cells) return false;
  for (const id of Object.keys(after.cells).map(asCellId)) {
    const [was, is] = [liveCell(before, id), liveCell(after, id)];
    if (was === is) continue;
    if (was?.outputs !== is?.outputs || was?.executionCount !== is?.executionCount) return true;
  }
  return false;
}
