/**
 * The history log on SQLite (data/history.sqlite; WAL, synchronous FULL). Writing happens in a thread of its own, so
 * that a slow fsync never stalls the event loop; commits that arrive during one are joined into the next transaction.
 * Reading happens here on a read-only connection, which sees everything acknowledged. Owned by the composition root.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { BlobHash, DocumentId, ProjectId, RunnerId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import type {
  CommitBatch,
  HistoryLog,
  KeptLab,
  LiveRow,
  MirrorRow,
  SnapshotRow,
} from '../../history/history-log.ts';
import type { StepChunkRow, StepChunkSummary, StepLog, StepResumeRow } from '../../history/step-log.ts';
import type { HistoryStore, HotStretch, SegmentPlace } from '../../history/history-store.ts';
import type { FarSegments, SegmentBytes } from '../../history/far-segments.ts';
import type { ObjectStore } from '../../blobs/object-store.ts';
import { FarSegment, HistoryReads } from './history-reads.ts';
import { makeSegment } from './history-segment.ts';
import {
  batchRequest,
  farRequest,
  type FromWriter,
  segmentRequest,
  stepsRequest,
  type ToWriter,
  type WriteRequest,
  type WriterSettings,
} from './history-requests.ts';
import { sqliteReason } from './sqlite-reason.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface SqliteHistoryOptions {
  /** How long a write waits for another program's lock before it fails, ms. */
  readonly busyMs?: number;
  /** Where moved segments are. */
  readonly far?: Pick<ObjectStore, 'get'>;
}

const mostFetched = 5;

/** Rows read before other work of the process gets its turn. */
const rowsPerTurn = 2_000;

export class SqliteHistoryLog implements HistoryLog, StepLog, HistoryStore, FarSegments {
  readonly #spawn: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker;
  #reads: HistoryReads;
  readonly #far: Pick<ObjectStore, 'get'> | null;
  #nextId = 1;
  #isClosing = false;

  private constructor(
    spawn: () => Worker,
    worker: Worker,
    reads: HistoryReads,
    far: Pick<ObjectStore, 'get'> | null,
  ) {
    this.#far = far;
    this.#spawn = spawn;
    this.#reads = reads;
    this.#worker = worker;
    this.#listen(worker);
  }

  /** Opens or makes the file. Throws `storage/too-new`, `storage/open-failed`. */
  static async open(file: string, options: SqliteHistoryOptions = {}): Promise<SqliteHistoryLog> {
    const settings: WriterSettings = { file, busyMs: options.busyMs ?? 2_000 };
    const spawn = () =>
      new Worker(new URL('./history-writer.worker.ts', import.meta.url), { workerData: settings });
    const worker = await started(spawn(), file);
    try {
      return new SqliteHistoryLog(spawn, worker, new HistoryReads(file), options.far ?? null);
    } catch (error) {
      await worker.terminate();
      throw appError('storage/open-failed', {
        details: { path: file, why: sqliteReason(error) },
        cause: error,
      });
    }
  }

  #listen(worker: Worker): void {
    worker.on('message', (message: FromWriter) => {
      if (message.t !== 'outcomes') return;
      for (const { id, why } of message.outcomes) this.#settle(id, why);
    });
    const onEnd = (error?: Error) => {
      if (worker !== this.#worker) return;
      for (const id of [...this.#waiting.keys()]) {
        this.#settle(id, error?.message ?? 'the thread that writes has ended');
      }
    };
    worker.on('error', onEnd);
    worker.on('exit', () => onEnd());
  }

  #settle(id: number, why: string | null): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (why === null) waiting.resolve();
    else waiting.reject(appError('history/not-durable', { details: { why } }));
  }

  async #write(request: (id: number) => WriteRequest): Promise<void> {
    if (this.#isClosing)
      throw appError('history/not-durable', { details: { why: 'the server is stopping' } });
    // threadId is -1 once a thread has ended (it crashed): the next write begins with a new one.
    if (this.#worker.threadId === -1) {
      this.#worker = this.#spawn();
      this.#listen(this.#worker);
    }
    const write = request(this.#nextId++);
    const message: ToWriter = { t: 'write', write };
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(write.id, { resolve, reject });
      this.#worker.postMessage(message, [write.bytes.buffer]);
    });
  }

  commit(batch: CommitBatch): Promise<void> {
    return this.#write((id) => batchRequest(id, batch));
  }

  async documentByPath(project: ProjectId, path: string): Promise<DocumentRow | null> {
    return this.#reads.documentByPath(project, path);
  }

  async document(id: DocumentId): Promise<(DocumentRow & { readonly project: ProjectId }) | null> {
    return this.#reads.document(id);
  }

  async lastSeq(document: DocumentId): Promise<number> {
    return this.#reads.lastSeq(document);
  }

  async entries(document: DocumentId, from: number, to: number): Promise<Entry[]> {
    const all: Entry[] = [];
    for (let start = from; ; ) {
      const part = await this.#part(document, start, to);
      for (const entry of part) all.push(entry);
      const last = part.at(-1);
      if (!last || last.seq >= to) return all;
      start = last.seq + 1;
      await nextTurn();
    }
  }

  /** Fetches moved segments that it needs. Throws `object/unreachable`; one that is gone or altered is damaged. */
  async #part(document: DocumentId, from: number, to: number): Promise<Entry[]> {
    for (let fetched = 0; ; fetched += 1) {
      const part = this.#reads.entries(document, from, to, rowsPerTurn);
      if (!(part instanceof FarSegment)) return part;
      // Others may push out what was fetched before it is read.
      if (fetched > mostFetched) throw unreachable('too much was asked of it at once');
      if (!this.#far) throw unreachable('none is set up (CAHIER_S3_BUCKET)');
      this.#reads.hold(part, await this.#far.get(part.key));
    }
  }

  async snapshot(document: DocumentId): Promise<SnapshotRow | null> {
    return this.#reads.snapshot(document);
  }

  async live(document: DocumentId): Promise<LiveRow | null> {
    return this.#reads.live(document);
  }

  async cursor(runner: RunnerId): Promise<number> {
    return this.#reads.cursor(runner);
  }

  async mirror(document: DocumentId): Promise<MirrorRow | null> {
    return this.#reads.mirror(document);
  }

  async lab(document: DocumentId): Promise<KeptLab | null> {
    return this.#reads.lab(document);
  }

  keep(chunks: readonly StepChunkRow[], resume: StepResumeRow): Promise<void> {
    return this.#write((id) => stepsRequest(id, resume.document, chunks, resume));
  }

  async chunk(document: DocumentId, seq: number): Promise<StepChunkRow | null> {
    return this.#reads.chunk(document, seq);
  }

  async summaries(document: DocumentId): Promise<StepChunkSummary[]> {
    return this.#reads.summaries(document);
  }

  async resume(document: DocumentId): Promise<StepResumeRow | null> {
    return this.#reads.resume(document);
  }

  clear(document: DocumentId): Promise<void> {
    return this.#write((id) => stepsRequest(id, document, [], null));
  }

  async documents(): Promise<(DocumentRow & { readonly project: ProjectId })[]> {
    return this.#reads.documents();
  }

  async hotStretch(document: DocumentId): Promise<HotStretch | null> {
    return this.#reads.hotStretch(document);
  }

  async segments(document: DocumentId, from: number, to: number): Promise<SegmentPlace[]> {
    return this.#reads.segments(document, from, to);
  }

  async nearSegments(document: DocumentId): Promise<SegmentPlace[]> {
    return this.#reads.nearSegments(document);
  }

  async segmentBytes(document: DocumentId, from: number): Promise<SegmentBytes | null> {
    const found = this.#reads.segmentBytes(document, from);
    const row = this.#reads.document(document);
    if (!found || !row) return null;
    const key = `segments/${encodeURIComponent(row.project)}/${encodeURIComponent(document)}/${found.sha256}`;
    return { key, bytes: found.bytes };
  }

  segmentLeaves(key: string): Promise<void> {
    return this.#write((id) => farRequest(id, { leaves: key }));
  }

  segmentMoved(document: DocumentId, from: number, key: string): Promise<void> {
    return this.#write((id) => farRequest(id, { document, from, key }));
  }

  async leftovers(): Promise<string[]> {
    return this.#reads.leftovers();
  }

  leftoverRemoved(key: string): Promise<void> {
    return this.#write((id) => farRequest(id, { removed: key }));
  }

  async runBlobs(document: DocumentId): Promise<BlobHash[]> {
    return this.#reads.runBlobs(document);
  }

  async liveOf(project: ProjectId): Promise<string[]> {
    return this.#reads.liveOf(project);
  }

  async pack(entries: readonly Entry[]): Promise<void> {
    await this.#segment(entries, false);
  }

  async replace(entries: readonly Entry[]): Promise<void> {
    await this.#segment(entries, true);
  }

  async #segment(entries: readonly Entry[], isPurge: boolean): Promise<void> {
    const [first] = entries;
    if (!first) return;
    const { document, seq: from } = first;
    const { bytes, blobs } = await makeSegment(entries);
    const to = from + entries.length - 1;
    await this.#write((id) => segmentRequest(id, { document, from, to, blobs, bytes, isPurge }));
  }

  /** Waits for the writes under way, then closes both connections. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const worker = this.#worker;
    if (worker.threadId !== -1) {
      await new Promise<void>((resolve) => {
        worker.once('exit', () => resolve());
        const message: ToWriter = { t: 'close' };
        worker.postMessage(message);
      });
    }
    this.#reads.close();
  }
}

function unreachable(why: string): Error {
  return appError('object/unreachable', { details: { why } });
}

/** The writer's thread once it has opened the file. */
async function started(worker: Worker, file: string): Promise<Worker> {
  const said = await new Promise<FromWriter>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (said.t !== 'refused') return worker;
  await worker.terminate();
  throw said.code === 'storage/too-new'
    ? appError(said.code, { details: { path: file, found: said.found, known: said.known } })
    : appError(said.code, { details: { path: file, why: said.why } });
}
