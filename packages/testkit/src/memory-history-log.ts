/**
 * A history log in memory for tests and simulations, with faults on request. It keeps the port's promise (all or
 * nothing, order of the calls, unique numbers without gaps) and can be told to break the disk under it: refuse commits,
 * take its time, stop in mid-commit, or forget what an fsync had claimed to keep.
 * It never copies behaviour from SQLite: both pass the same contract suite.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { BlobHash, DocumentId, ProjectId, RunnerId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { packEntries, unpackEntries } from '@cahier/core/history/entry-codec.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import type {
  CommitBatch,
  HistoryLog,
  KeptLab,
  LabStateRow,
  LabUpdateRow,
  LiveRow,
  MirrorRow,
  SnapshotRow,
} from '@cahier/server/history/history-log.ts';
import type { HistoryStore, HotStretch, SegmentPlace } from '@cahier/server/history/history-store.ts';

type StoredDocument = DocumentRow & { readonly project: ProjectId };

/** Packed entries: only their bytes are kept. */
interface Segment extends SegmentPlace {
  readonly document: DocumentId;
  readonly bytes: Uint8Array;
  /** Snapshots made of what was there before go as well. */
  readonly isPurge: boolean;
}

/** What reaches the disk all at once, or not at all. */
type Write = { readonly batch: CommitBatch } | { readonly segment: Segment };

/** What lies on the imagined disk. Copied when a commit begins, so that a crash can fall back. */
interface Disk {
  readonly documents: Map<DocumentId, StoredDocument>;
  readonly paths: Map<string, DocumentId>;
  /** By number; packed entries have their segment in their place. */
  readonly entries: Map<DocumentId, (Entry | Segment)[]>;
  readonly snapshots: Map<DocumentId, SnapshotRow>;
  readonly live: Map<DocumentId, LiveRow>;
  readonly cursors: Map<RunnerId, number>;
  readonly mirrors: Map<DocumentId, MirrorRow>;
  readonly labStates: Map<DocumentId, LabStateRow>;
  readonly labUpdates: Map<DocumentId, LabUpdateRow[]>;
}

export interface MemoryHistoryLogOptions {
  /** Needed for `delayMs`. */
  readonly clock?: Clock;
  /** How long the next commit takes. Without it a commit ends in a microtask. */
  readonly delayMs?: () => number;
}

export class MemoryHistoryLog implements HistoryLog, HistoryStore {
  readonly #options: MemoryHistoryLogOptions;
  /** Writes on disk, in order: the disk can be built anew from any prefix. */
  readonly #kept: Write[];
  readonly #inFlight: Write[] = [];
  #disk: Disk;
  #failures: string[] = [];
  #isHeld = false;
  #release: (() => void) | undefined;
  #isDead = false;
  #tail: Promise<void> = Promise.resolve();
  /** Commits that succeeded; to see how well grouping works. */
  commits = 0;

  constructor(options: MemoryHistoryLogOptions = {}, kept: readonly Write[] = []) {
    this.#options = options;
    this.#kept = [...kept];
    this.#disk = emptyDisk();
    for (const each of kept) write(this.#disk, each);
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
    for (const each of this.#inFlight.slice(0, reached)) {
      if (refusal(next.#disk, each) === null) next.#keep(each);
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
    return this.#write({ batch: structuredClone(batch) });
  }

  #write(write: Write): Promise<void> {
    this.#inFlight.push(write);
    const turn = this.#tail.then(() => this.#attempt(write));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #attempt(each: Write): Promise<void> {
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
    this.#inFlight.splice(this.#inFlight.indexOf(each), 1);
    const why = this.#failures.shift() ?? refusal(this.#disk, each);
    if (why !== null) throw appError('history/not-durable', { details: { why } });
    this.#keep(each);
  }

  #keep(each: Write): void {
    this.#kept.push(each);
    write(this.#disk, each);
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
    const found: Entry[] = [];
    const opened = new Map<Segment, readonly Entry[]>();
    const slots = (this.#disk.entries.get(document) ?? []).slice(Math.max(0, from - 1), Math.max(0, to));
    slots.forEach((slot, i) => {
      if (!('bytes' in slot)) return found.push(slot);
      const packed = opened.get(slot) ?? unpackEntries(slot.bytes, document);
      opened.set(slot, packed);
      const entry = packed[Math.max(1, from) + i - slot.from];
      return entry && found.push(entry);
    });
    return found;
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

  async lab(document: DocumentId): Promise<KeptLab | null> {
    const kept = this.#disk.labStates.get(document);
    if (!kept) return null;
    const { epoch, usedAt, state } = kept;
    const later = (this.#disk.labUpdates.get(document) ?? [])
      .filter((row) => row.epoch === epoch && row.n > kept.n)
      .toSorted((a, b) => a.n - b.n);
    if (later.some(({ n }, i) => n !== kept.n + 1 + i)) return null;
    return {
      epoch,
      n: kept.n + later.length,
      usedAt,
      updates: [state, ...later.map(({ update }) => update)],
    };
  }

  async close(): Promise<void> {
    await this.#tail;
  }

  // ---- as those see it that look after it

  async documents(): Promise<StoredDocument[]> {
    return [...this.#disk.documents.values()];
  }

  async hotStretch(document: DocumentId): Promise<HotStretch | null> {
    const hot = (this.#disk.entries.get(document) ?? []).flatMap((slot) => ('bytes' in slot ? [] : [slot]));
    const [first] = hot;
    const last = hot.at(-1);
    if (!first || !last) return null;
    const bytes = hot.reduce((sum, entry) => sum + (entry.kind === 'update' ? entry.update.length : 100), 0);
    const oldestAt = hot.reduce((oldest, { at }) => Math.min(oldest, at), first.at);
    return { from: first.seq, to: last.seq, count: hot.length, bytes, oldestAt };
  }

  async segments(document: DocumentId, from: number, to: number): Promise<SegmentPlace[]> {
    const slots = (this.#disk.entries.get(document) ?? []).slice(Math.max(0, from - 1), Math.max(0, to));
    return [...new Set(slots.flatMap((slot) => ('bytes' in slot ? [slot] : [])))];
  }

  async runBlobs(document: DocumentId): Promise<BlobHash[]> {
    const entries = await this.entries(document, 1, Number.MAX_SAFE_INTEGER);
    return [...new Set(entries.flatMap((entry) => (entry.kind === 'run' ? [entry.outputs] : [])))];
  }

  async liveOf(project: ProjectId): Promise<string[]> {
    return [...this.#disk.live.values()]
      .filter(({ document }) => this.#disk.documents.get(document)?.project === project)
      .map(({ json }) => json);
  }

  pack(entries: readonly Entry[]): Promise<void> {
    return this.#pack(entries, false);
  }

  replace(entries: readonly Entry[]): Promise<void> {
    return this.#pack(entries, true);
  }

  async #pack(entries: readonly Entry[], isPurge: boolean): Promise<void> {
    const [first] = entries;
    if (!first) return;
    const { document, seq: from } = first;
    const bytes = packEntries(entries);
    await this.#write({ segment: { document, from, to: from + entries.length - 1, bytes, isPurge } });
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
    labStates: new Map(),
    labUpdates: new Map(),
  };
}

function pathKey(project: ProjectId, path: string): string {
  return JSON.stringify([project, path]);
}

/** Why the batch cannot be kept, or null. */
function refusal(disk: Disk, each: Write): string | null {
  if ('segment' in each) return segmentRefusal(disk, each.segment);
  const { batch } = each;
  const last = new Map<DocumentId, number>();
  for (const entry of batch.entries ?? []) {
    const before = last.get(entry.document) ?? disk.entries.get(entry.document)?.length ?? 0;
    if (entry.seq <= before) return `entry ${entry.seq} is already there; another server writes this project`;
    if (entry.seq !== before + 1) return `entry ${entry.seq} does not follow ${before}`;
    last.set(entry.document, entry.seq);
  }
  return null;
}

function segmentRefusal(disk: Disk, { document, from, to }: Segment): string | null {
  const slots = disk.entries.get(document)?.slice(from - 1, to) ?? [];
  const isWhole = slots.every((slot) => !('bytes' in slot) || (slot.from >= from && slot.to <= to));
  return slots.length === to - from + 1 && isWhole
    ? null
    : `entries ${from} to ${to} are not all there to be packed`;
}

function writeSegment(disk: Disk, segment: Segment): void {
  const { document, from, to, isPurge } = segment;
  disk.entries.get(document)?.fill(segment, from - 1, to);
  if (!isPurge) return;
  disk.snapshots.delete(document);
  disk.labStates.delete(document);
  disk.labUpdates.delete(document);
}

function write(disk: Disk, each: Write): void {
  if ('segment' in each) {
    writeSegment(disk, each.segment);
    return;
  }
  const { batch } = each;
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
  for (const row of batch.labUpdates ?? []) {
    const others = (disk.labUpdates.get(row.document) ?? []).filter(
      ({ epoch, n }) => epoch !== row.epoch || n !== row.n,
    );
    disk.labUpdates.set(row.document, [...others, row]);
  }
  for (const row of batch.labStates ?? []) {
    disk.labStates.set(row.document, row);
    const later = (disk.labUpdates.get(row.document) ?? []).filter(
      ({ epoch, n }) => epoch === row.epoch && n > row.n,
    );
    disk.labUpdates.set(row.document, later);
  }
  if (batch.cursor) {
    const before = disk.cursors.get(batch.cursor.runner) ?? 0;
    disk.cursors.set(batch.cursor.runner, Math.max(before, batch.cursor.seq));
  }
}
