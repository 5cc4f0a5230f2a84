/**
 * All runs of an open project. Takes what the runner says, in order, gives it to the notebooks by kernel id, and makes it
 * durable: one commit holds the live documents and how far the runner was heard, so that a crash at any moment replays
 * to the same state and nothing comes twice. Acknowledges to the runner only what is on disk. One per open project.
 *
 * A long message is folded in pieces with the event loop free in between; commits fall between messages only.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, KernelId, ProjectId } from '@cahier/base/ids.ts';
import type { RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { HistoryLog } from '../history/history-log.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Runner, RunnerHello, RunnerListener } from '../runners/runner.ts';
import { BlobKeeper } from './blob-keeper.ts';
import { EventFold } from './event-fold.ts';
import type { InstalledKernels } from './kernel-choice.ts';
import { documentOfKernel } from './kernel-id.ts';
import { liveFromRow } from './live-json.ts';
import type { KernelSeen } from './kernel-presence.ts';
import { NotebookRuns } from './notebook-runs.ts';
import type { RunLog } from './run-log.ts';
import type { RunRoom } from './run-room.ts';
import { RunCommits } from './run-commits.ts';

export interface ProjectRunsOptions {
  readonly project: ProjectId;
  readonly runner: Runner;
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  /** Where live documents were committed to, and which file a document is. */
  readonly log: Pick<HistoryLog, 'live'> & {
    document(id: DocumentId): Promise<{ readonly path: string } | null>;
  };
  /** The project's kernelspecs; without it the runner is asked. */
  readonly kernelspecs?: () => Promise<InstalledKernels>;
  /** Opens a notebook because its kernel spoke: makes its room, which calls `openLive` here. */
  readonly openRoom: (path: string) => Promise<void>;
  readonly clock: Clock;
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
  readonly logger: RunLog;
}

export class ProjectRuns implements RunnerListener, Disposable {
  readonly #options: ProjectRunsOptions;
  readonly #keeper: BlobKeeper;
  readonly #commits: RunCommits;
  readonly #fold: EventFold;
  readonly #open = new Map<DocumentId, NotebookRuns>();
  readonly #opening = new Map<DocumentId, Promise<NotebookRuns>>();
  /** Every kernel that the runner spoke of, as it was last. */
  readonly #kernels = new Map<KernelId, KernelSeen>();

  constructor(options: ProjectRunsOptions) {
    this.#options = options;
    const { logger } = options;
    this.#keeper = new BlobKeeper(options);
    this.#commits = new RunCommits({
      ...options,
      keeper: this.#keeper,
      ack: (seq) => options.runner.ack(seq),
    });
    this.#fold = new EventFold({
      keeper: this.#keeper,
      logger,
      take: (event) => this.#take(event),
      begun: () => this.#commits.hold(),
      folded: (seq) => this.#commits.folded(seq),
    });
  }

  /** The runs of a notebook whose room was just made; the same object while it is open. */
  openLive(room: RunRoom): Promise<NotebookRuns> {
    const { document } = room;
    const known = this.#open.get(document);
    if (known !== undefined) return Promise.resolve(known);
    const opening = this.#opening.get(document) ?? this.#load(room);
    this.#opening.set(document, opening);
    const done = () => void this.#opening.delete(document);
    opening.then(done, done);
    return opening;
  }

  /** The room of the notebook closes: what happened so far still becomes durable. */
  closed(document: DocumentId): void {
    this.#open.get(document)?.dispose();
  }

  /** Does a cell run or wait in this notebook, or is something of it not on disk yet? Its room should stay open. */
  isBusy(document: DocumentId): boolean {
    return (this.#open.get(document)?.isBusy ?? false) || this.#commits.ahead(document) !== null;
  }

  /** Does any kernel of the project live? */
  get hasKernels(): boolean {
    if ([...this.#open.values()].some((runs) => runs.hasKernel)) return true;
    return [...this.#kernels.values()].some(({ status }) => status !== 'dead');
  }

  /** Every kernel that the runner spoke of, as it was last; dead ones, too. */
  get kernels(): readonly KernelSeen[] {
    return [...this.#kernels.values()];
  }

  /** The notebook that a kernel's id names, opened when it is closed; null when there is none (any more). */
  async notebookOfKernel(kernel: KernelId): Promise<NotebookRuns | null> {
    const document = documentOfKernel(kernel);
    if (document === null) return null;
    const open = this.get(document);
    if (open !== null) return open;
    const row = await this.#options.log.document(document);
    if (row === null || !this.#kernels.has(kernel)) return null;
    await this.#options.openRoom(row.path);
    return this.get(document);
  }

  get(document: DocumentId): NotebookRuns | null {
    return this.#open.get(document) ?? null;
  }

  /** Notebooks that are open here. */
  notebooks(): readonly NotebookRuns[] {
    return [...this.#open.values()];
  }

  /** Resolves when everything that happened before is on disk. */
  flush(): Promise<void> {
    return this.#commits.flushAll();
  }

  /** There is no runner and none is being waited for: kernels that were thought alive are shown dead. */
  runnerIsGone(): void {
    this.#kernels.clear();
    for (const runs of this.#open.values()) runs.onRunnerGone();
  }

  // ---- RunnerListener

  onEvent(seq: number, event: RunnerEvent): void {
    this.#fold.add(seq, event);
  }

  onSignal(signal: RunnerSignal): void {
    if (signal.s !== 'kernel.status') return;
    this.#see(signal.kernel, { status: signal.status });
    this.#notebookOf(signal.kernel)?.onSignal(signal);
  }

  onConnected(hello: RunnerHello): void {
    this.#fold.connected(hello.runner);
    this.#commits.connected(hello.runner);
    this.#kernels.clear();
    for (const seen of hello.kernels) this.#kernels.set(seen.kernel, seen);
    for (const runs of this.#open.values()) runs.onRunnerConnected(this.#kernelsOf(runs.document));
  }

  onDisconnected(): void {
    for (const runs of this.#open.values()) runs.onRunnerDisconnected();
  }

  /** Results that nothing names any more are about to be removed: one that is made again is stored again. */
  forgetBlobs(): void {
    this.#keeper.forget();
  }

  /** Makes everything durable, then ends. */
  async close(): Promise<void> {
    await this.flush();
    this.dispose();
  }

  /** Ends at once: what is not on disk is replayed by the runner later. */
  dispose(): void {
    for (const runs of this.#open.values()) runs.dispose();
    this.#fold.dispose();
    this.#commits.dispose();
    this.#keeper.dispose();
  }

  // ---- inside

  async #load(room: RunRoom): Promise<NotebookRuns> {
    const { log, runner, clock, newId, logger } = this.#options;
    const row = await log.live(room.document);
    const initial = this.#commits.ahead(room.document) ?? liveFromRow(row);
    const runs = new NotebookRuns({
      room,
      runner,
      clock,
      newId: () => newId(12),
      logger,
      initial,
      keeper: this.#keeper,
      keeping: {
        touch: (touched, isSoon) => this.#commits.touch(touched, isSoon),
        record: (past, isLate) => this.#commits.record(past, isLate),
        submitted: () => this.#commits.submitted(),
        flush: () => this.#commits.flush(),
        closed: (document) => void this.#open.delete(document),
      },
      kernelspecs: this.#options.kernelspecs ?? (() => this.#askKernelspecs()),
    });
    this.#open.set(room.document, runs);
    if (runner.isConnected) runs.onRunnerConnected(this.#kernelsOf(room.document));
    return runs;
  }

  async #askKernelspecs(): Promise<InstalledKernels> {
    return (await this.#options.runner.call({ method: 'kernelspecs.list' })).result;
  }

  /** Gives the event to its notebook; a promise when that has to be opened first. */
  #take(event: RunnerEvent): Promise<void> | null {
    this.#seeEvent(event);
    const open = this.#notebookOf(event.kernel);
    if (open !== null) {
      open.onRunnerEvent(event);
      return null;
    }
    const document = documentOfKernel(event.kernel);
    return document === null ? null : this.#openFor(document, event);
  }

  async #openFor(document: DocumentId, event: RunnerEvent): Promise<void> {
    const { log, logger, openRoom } = this.#options;
    const row = await log.document(document);
    if (row !== null) await openRoom(row.path);
    const runs = this.get(document);
    if (runs === null) logger.info({ document, event: event.e }, 'an event of a notebook that is gone');
    else runs.onRunnerEvent(event);
  }

  #notebookOf(kernel: KernelId): NotebookRuns | null {
    const document = documentOfKernel(kernel);
    return document === null ? null : this.get(document);
  }

  #kernelsOf(document: DocumentId): KernelSeen[] {
    return [...this.#kernels.values()].filter(({ kernel }) => documentOfKernel(kernel) === document);
  }

  #seeEvent(event: RunnerEvent): void {
    if (event.e === 'kernel.status') this.#see(event.kernel, { status: event.status });
    else if (event.e === 'run.started') this.#see(event.kernel, { activeRun: event.run });
    else if (event.e === 'run.finished') this.#see(event.kernel, { activeRun: null });
  }

  #see(kernel: KernelId, news: Partial<KernelSeen>): void {
    const seen = this.#kernels.get(kernel) ?? { kernel, status: 'idle', activeRun: null };
    this.#kernels.set(kernel, { ...seen, ...news });
  }
}
