/**
 * An open project is the unit of life: its rooms, recorder, runs, mirrors and runner link are born and end together.
 * This is where they are put together; none of them knows the others but by their ports.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import { asDocumentId, type ProjectId, type SessionId } from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import { encodeFrame } from '@cahier/protocol/frame.ts';
import type { RunnerSignal } from '@cahier/protocol/runner/up.ts';
import { toWireError } from '@cahier/protocol/wire-error.ts';
import type { Logger } from 'pino';
import type * as Y from 'yjs';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ProjectFiles } from '../files/routes.ts';
import { GroupRecorder } from '../history/group-recorder.ts';
import { keepUp } from '../history/keep-up.ts';
import type { HistoryLog } from '../history/history-log.ts';
import type { StepStore } from '../history/step-store.ts';
import type { ClientProject } from '../link/client-link.ts';
import type { FrameTable } from '../link/frame-table.ts';
import { projectMirrors } from '../mirrors/project-mirrors.ts';
import type { DocumentKinds } from '../rooms/document-kinds.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import { Rooms } from '../rooms/rooms.ts';
import type { Vouchers } from '../rooms/vouchers.ts';
import { RunnerClient } from '../runners/runner-client.ts';
import type { RunnerHost } from '../runners/runner-host.ts';
import type { RunnerTokenStore } from '../runners/runner-token-store.ts';
import { ProjectTerminals } from '../terminals/project-terminals.ts';
import { ProjectRuns } from '../runs/project-runs.ts';
import type { ProjectRow } from './project-store.ts';
import { projectFrames } from './project-frames.ts';
import { ShownFolders } from './shown-folders.ts';

export interface OpenProjectDeps {
  readonly log: HistoryLog;
  readonly blobs: BlobStore;
  readonly kinds: DocumentKinds;
  readonly steps: StepStore;
  readonly host: RunnerHost;
  readonly tokens: RunnerTokenStore;
  readonly vouchers: Vouchers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
  /** How late the event loop is, ms. */
  readonly lag: () => number;
  /** Default: one with a random client number. */
  readonly newDoc?: () => Y.Doc;
}

const nobody: EntryAuthor = { person: null, name: '', session: null };

/** Group commit: what arrives within it goes to disk together. */
const commitWindowMs = 10;
/** What people type reaches the others before it goes to the disk. */
const commitLeadMs = 2;

export class OpenProject implements ClientProject, ProjectFiles {
  readonly id: ProjectId;
  readonly runner: RunnerClient;
  readonly recorder: GroupRecorder;
  readonly rooms: Rooms;
  readonly runs: ProjectRuns;
  readonly terminals: ProjectTerminals;
  readonly frames: FrameTable;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sessions = new Map<SessionId, RoomSession>();
  readonly #folders = new ShownFolders();
  readonly #ends = new DisposableStore();
  #storage: DownFrame | null = null;
  #usedAt: number;

  constructor(row: ProjectRow, deps: OpenProjectDeps) {
    const { clock, log, blobs, random } = deps;
    const logger = deps.logger.child({ project: row.id });
    this.id = row.id;
    this.#clock = clock;
    this.#logger = logger;
    this.#usedAt = clock.now();
    this.recorder = new GroupRecorder({
      log,
      clock,
      windowMs: commitWindowMs,
      leadMs: commitLeadMs,
      random,
      logger,
    });
    this.runner = this.#ends.add(
      new RunnerClient({
        project: row.id,
        home: row.home,
        host: deps.host,
        tokens: deps.tokens,
        cursor: (runner) => log.cursor(runner),
        clock,
        logger,
      }),
    );
    this.rooms = new Rooms({
      project: row.id,
      log,
      recorder: this.recorder,
      vouchers: deps.vouchers,
      runner: this.runner,
      kinds: deps.kinds,
      mirrors: projectMirrors({
        project: row.id,
        recorder: this.recorder,
        runner: this.runner,
        blobs,
        clock,
        logger,
        random,
        newId: deps.newId,
      }),
      past: (document, seq) => deps.steps.past(document, seq),
      clock,
      logger,
      random,
      newId: deps.newId,
      newDocumentId: () => asDocumentId(deps.newId(20)),
      lag: deps.lag,
      ...(deps.newDoc ? { newDoc: deps.newDoc } : {}),
      openLive: async (room) => {
        const live = await this.runs.openLive(room);
        if (!this.runner.isExpected) live.onRunnerGone();
        return live;
      },
      isBusy: (document) => this.runs.isBusy(document),
      closed: (document) => this.runs.closed(document),
    });
    this.runs = new ProjectRuns({
      project: row.id,
      log,
      recorder: this.recorder,
      blobs,
      runner: this.runner,
      clock,
      logger,
      newId: deps.newId,
      openRoom: (path) => this.#openRoom(path),
    });
    this.terminals = this.#ends.add(new ProjectTerminals({ runner: this.runner, logger }));
    this.frames = projectFrames({
      rooms: this.rooms,
      runs: this.runs,
      isHere: (session) => this.#sessions.has(session.id),
    });
    this.#listen();
    this.#ends.add(keepUp({ recorder: this.recorder, steps: deps.steps, clock, logger }));
  }

  /** Milliseconds for which nobody was here and nothing ran; 0 while somebody is, or while a kernel or a terminal lives. */
  idleMs(): number {
    const isSomebodyHere = this.#sessions.size > 0 || this.rooms.all.some(({ room }) => room.seats > 0);
    if (isSomebodyHere || this.runs.hasKernels || this.terminals.hasAny) this.touch();
    return this.#clock.now() - this.#usedAt;
  }

  touch(): void {
    this.#usedAt = this.#clock.now();
  }

  enter(session: RoomSession): Disposable {
    this.#sessions.set(session.id, session);
    if (this.#storage) session.send(this.#storage);
    return {
      dispose: () => {
        this.#sessions.delete(session.id);
        this.rooms.leaveAll(session.id);
        this.touch();
      },
    };
  }

  // ---- files

  showFolder(path: string): void {
    if (this.#folders.show(path)) this.#watch();
  }

  settle(path: string): Promise<void> {
    return this.rooms.flush(path);
  }

  renamed(from: string, to: string): Promise<void> {
    return this.rooms.renamed(from, to);
  }

  async removed(path: string): Promise<void> {
    const inIt = this.rooms.all.filter(({ room }) => room.path === path || room.path.startsWith(`${path}/`));
    for (const { room } of inIt) {
      const runs = this.runs.get(room.id);
      if (runs?.hasKernel) await runs.shutdown(nobody);
    }
    await this.rooms.removed(path);
  }

  /** Writes everything, then ends. `leave`: the runner and its kernels live on. */
  async close(runners: 'stop' | 'leave'): Promise<void> {
    // what is said from now on is not taken, so the runner says it again in the next life of the project
    this.runner.holdEvents();
    await this.runs.flush();
    await this.rooms.close();
    await this.runs.close();
    await this.recorder.flush();
    if (runners === 'stop') await this.runner.stop();
    this.#ends.dispose();
  }

  /** Takes over a runner that outlived the server; call it before anything else. */
  adoptRunner(): Promise<boolean> {
    return this.runner.adopt();
  }

  #listen(): void {
    this.#ends.add(this.rooms.pathsChanged.on(() => this.#watch()));
    this.#ends.add(
      this.recorder.onTrouble((error) => {
        this.#storage = error && { t: 'storage', error: toWireError(error) };
        this.#broadcast({ t: 'storage', error: error && toWireError(error) });
      }),
    );
    this.#ends.add(this.runner.gone.on(() => this.runs.runnerIsGone()));
    this.#ends.add(
      this.runner.listen({
        onConnected: (hello) => {
          this.#watch();
          this.runs.onConnected(hello);
          this.rooms.runnerConnected();
        },
        onDisconnected: () => this.runs.onDisconnected(),
        onEvent: (seq, event) => this.runs.onEvent(seq, event),
        onSignal: (signal) => this.#signal(signal),
      }),
    );
  }

  #signal(signal: RunnerSignal): void {
    if (signal.s === 'files.changed') {
      this.rooms.filesChanged(signal.files);
      if (signal.folders.length > 0) this.#broadcast({ t: 'files.changed', folders: signal.folders });
    }
    this.runs.onSignal(signal);
  }

  /** A kernel spoke whose notebook is not open. */
  async #openRoom(path: string): Promise<void> {
    // deleted documents keep their history under a path that no file has
    if (!path.startsWith('/')) await this.rooms.open(path);
  }

  /** While no runner is there nothing is watched: who connects next is told then. */
  #watch(): void {
    if (!this.runner.isConnected) return;
    this.runner
      .call({ method: 'file.watch', files: [...this.rooms.paths], folders: [...this.#folders.all] })
      .catch((error: unknown) => this.#logger.info({ err: error }, 'files are not watched for now'));
  }

  #broadcast(frame: DownFrame): void {
    const bytes = encodeFrame(frame);
    for (const session of this.#sessions.values()) session.sendEncoded(bytes);
  }
}
