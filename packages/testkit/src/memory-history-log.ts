/**
 * A history log in memory for tests and simulations, with faults on request. It keeps the port's promise (all or
 * nothing, order of the calls, unique numbers without gaps) and can be told to break the disk under it: refuse commits,
 * take its time, stop in mid-commit, or forget what an fsync had claimed to keep.
 * It never copies behaviour from SQLite: both pass the same contract suite.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId, ProjectId, RunnerId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import type {
  CommitBatch,
  HistoryLog,
  LiveRow,
  MirrorRow,
  SnapshotRow,
} from '@cahier/server/history/history-log.ts';

type StoredDocument = DocumentRow & { readonly project: ProjectId };

/** What lies on the imagined disk. Copied when a commit begins, so that a crash can fall back. */
interface Disk {
  readonly documents: Map<DocumentId, StoredDocument>;
  readonly paths: Map<string, DocumentId>;
  readonly entries: Map<DocumentId, Entry[]>;
  readonly snapshots: Map<DocumentId, SnapshotRow>;
  readonly live: Map<DocumentId, LiveRow>;
  readonly cursors: Map<RunnerId, number>;
  readonly mirrors: Map<DocumentId, MirrorRow>;
}

export interface MemoryHistoryLogOptions {
  /** Needed for `delayMs`. */
  readonly clock?: Clock;
  /** How long the next commit takes. Without it a commit ends in a microtask. */
  readonly delayMs?: () => number;
}

export class MemoryHistoryLog implements HistoryLog {
  readonly #options: MemoryHistoryLogOptions;
  /** Batches on disk, in order: the disk can be built anew from any prefix. */
  readonly #kept: CommitBatch[];
  readonly #inFlight: CommitBatch[] = [];
  #disk: Disk;
  #failures: string[] = [];
  #isHeld = false;
  #release: (() => void) | undefined;
  #isDead = false;
  #tail: Promise<void> = Promise.resolve();
  /** Commits that succeeded; to see how well grouping works. */
  commits = 0;

  constructor(options: MemoryHistoryLogOptions = {}, kept: readonly CommitBatch[] = []) {
    this.#options = options;
    this.#kept = [...kept];
    this.#disk = emptyDisk();
    for (const batch of kept) write(this.#disk, batch);
  }

  // ---- faults

  /** The next `count` commits are refused with `history/not-durable`. */
  failNext(count = 1, why = 'the disk is full'): void {
    for (let i = 0; i < count; i += 1) this.#failures.push(why);
  }

  /** Commits wait from now on until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#release?.();
    this.#release = undefined;
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /**
   * The process dies now: commits in progress never answer, nobody hears of this log again. Of those in progress the
   * first `reached` had reached the disk. Returns the log that the next process opens.
   */
  crash(reached = 0, options: MemoryHistoryLogOptions = this.#options): MemoryHistoryLog {
    this.#isDead = true;
    const next = new MemoryHistoryLog(options, this.#kept);
    for (const batch of this.#inFlight.slice(0, reached)) {
      if (refusal(next.#disk, batch) === null) next.#keep(batch);
    }
    return next;
  }

  /** A disk that lied about fsync: after a power cut the last `batches` commits are gone though they were acknowledged. */
  loseTail(batches: number): MemoryHistoryLog {
    this.#isDead = true;
    return new MemoryHistoryLog(this.#options, this.#kept.slice(0, Math.max(0, this.#kept.length - batches)));
  }

  // ---- port

  commit(batch: CommitBatch): Promise<void> {
    const copy = structuredClone(batch);
    this.#inFlight.push(copy);
    const turn = this.#tail.then(() => this.#attempt(copy));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #attempt(batch: CommitBatch): Promise<void> {
    const { clock, delayMs } = this.#options;
    if (clock && delayMs) await new Promise<void>((resolve) => void clock.after(delayMs(), resolve));
    if (this.#isHeld) {
      await new Promise<void>((resolve) => {
        const before = this.#release;
        this.#release = () => {
          before?.();
          resolve();
        };
      });
    }
    if (this.#isDead) await new Promise<never>(() => undefined);
    this.#inFlight.splice(this.#inFlight.indexOf(batch), 1);
    const why = this.#failures.shift() ?? refusal(this.#disk, batch);
    if (why !== null) throw appError('history/not-durable', { details: { why } });
    this.#keep(batch);
  }

  #keep(batch: CommitBatch): void {
    this.#kept.push(batch);
    write(this.#disk, batch);
    this.commits += 1;
  }

  async documentByPath(project: ProjectId, path: string): Promise<DocumentRow | null> {
    const id = this.#disk.paths.get(pathKey(project, path));
    const row = id === undefined ? undefined : this.#disk.documents.get(id);
    return row ? { id: row.id, kind: row.kind, path: row.path, epoch: row.epoch } : null;
  }

  async document(id: DocumentId): Promise<StoredDocument | null> {
    return this.#disk.documents.get(id) ?? null;
  }

  async lastSeq(document: DocumentId): Promise<number> {
    return this.#disk.entries.get(document)?.length ?? 0;
  }

  async entries(document: DocumentId, from: number, to: number): Promise<Entry[]> {
    return (this.#disk.entries.get(document) ?? []).slice(Math.max(0, from - 1), Math.max(0, to));
  }

  async snapshot(document: DocumentId): Promise<SnapshotRow | null> {
    return this.#disk.snapshots.get(document) ?? null;
  }

  async live(document: DocumentId): Promise<LiveRow | null> {
    return this.#disk.live.get(document) ?? null;
  }

  async cursor(runner: RunnerId): Promise<number> {
    return this.#disk.cursors.get(runner) ?? 0;
  }

  async mirror(document: DocumentId): Promise<MirrorRow | null> {
    return this.#disk.mirrors.get(document) ?? null;
  }

  async close(): Promise<void> {
    await this.#tail;
  }
}

function emptyDisk(): Disk {
  return {
    documents: new Map(),
    paths: new Map(),
    entries: new Map(),
    snapshots: new Map(),
    live: new Map(),
    cursors: new Map(),
    mirrors: new Map(),
  };
}

function pathKey(project: ProjectId, path: string): string {
  return JSON.stringify([project, path]);
}

/** Why the batch cannot be kept, or null. */
function refusal(disk: Disk, batch: CommitBatch): string | null {
  const last = new Map<DocumentId, number>();
  for (const entry of batch.entries ?? []) {
    const before = last.get(entry.document) ?? disk.entries.get(entry.document)?.length ?? 0;
    if (entry.seq <= before) return `entry ${entry.seq} is already there; another server writes this project`;
    if (entry.seq !== before + 1) return `entry ${entry.seq} does not follow ${before}`;
    last.set(entry.document, entry.seq);
  }
  return null;
}

function write(disk: Disk, batch: CommitBatch): void {
  for (const row of batch.documents ?? []) {
    const before = disk.documents.get(row.id);
    const oldKey = before && pathKey(before.project, before.path);
    if (oldKey !== undefined && disk.paths.get(oldKey) === row.id) disk.paths.delete(oldKey);
    disk.documents.set(row.id, row);
    disk.paths.set(pathKey(row.project, row.path), row.id);
  }
  for (const entry of batch.entries ?? []) {
    const list = disk.entries.get(entry.document) ?? [];
    list.push(entry);
    disk.entries.set(entry.document, list);
  }
  for (const row of batch.live ?? []) disk.live.set(row.document, row);
  for (const row of batch.mirrors ?? []) disk.mirrors.set(row.document, row);
  for (const row of batch.snapshots ?? []) {
    const before = disk.snapshots.get(row.document);
    if (!before || before.seq <= row.seq) disk.snapshots.set(row.document, row);
  }
  if (batch.cursor) {
    const before = disk.cursors.get(batch.cursor.runner) ?? 0;
    disk.cursors.set(batch.cursor.runner, Math.max(before, batch.cursor.seq));
  }
}
