/** Reads data/history.sqlite on a read-only connection. Synchronous and short; damaged rows are named, never returned. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import {
  asBlobHash,
  asDocumentId,
  asProjectId,
  type BlobHash,
  type DocumentId,
  type ProjectId,
  type RunnerId,
} from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { DocumentRow, Entry, EntryAuthor } from '@cahier/core/history/entry.ts';
import type { KeptLab, LiveRow, MirrorRow, SnapshotRow } from '../../history/history-log.ts';
import type { HotStretch, SegmentPlace } from '../../history/history-store.ts';
import type { StepChunkRow, StepChunkSummary, StepResumeRow } from '../../history/step-log.ts';
import { entryKinds } from './history-schema.ts';
import { authorOf, type Cell, entryOf } from './history-rows.ts';
import { hashesIn } from '../../blobs/blob-collector.ts';
import { openSegment } from './history-segment.ts';

type Row = Record<string, Cell>;

/** The question needs the bytes of a segment that are in the object store: hand them to `hold`, then ask again. */
export class FarSegment {
  readonly document: DocumentId;
  readonly key: string;
  readonly sha256: Uint8Array;

  constructor(document: DocumentId, key: string, sha256: Uint8Array) {
    this.document = document;
    this.key = key;
    this.sha256 = sha256;
  }
}

/** Unpacked segments that are kept for the next question. */
const segmentsInMemory = 4;

export class HistoryReads {
  readonly #db: DatabaseSync;
  readonly #authors = new Map<number, EntryAuthor>();
  readonly #numbers = new Map<DocumentId, number>();
  /** By SHA-256; null: damaged. */
  readonly #unpacked = new Map<string, readonly Entry[] | null>();
  readonly #sql: Record<
    | 'number'
    | 'byPath'
    | 'document'
    | 'lastSeq'
    | 'entries'
    | 'author'
    | 'snapshot'
    | 'live'
    | 'cursor'
    | 'mirror'
    | 'labState'
    | 'labUpdates'
    | 'chunk'
    | 'summaries'
    | 'resume'
    | 'segments'
    | 'segment'
    | 'nearSegments'
    | 'leftovers'
    | 'hotStretch'
    | 'documents'
    | 'liveRows'
    | 'hotRuns',
    StatementSync
  >;

  constructor(file: string) {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 2_000 });
    this.#db = db;
    const documents = `SELECT n.id, d.project, d.kind, d.path, d.epoch FROM documents d JOIN document_numbers n USING (number)`;
    this.#sql = {
      number: db.prepare('SELECT number FROM document_numbers WHERE id = ?'),
      byPath: db.prepare(`${documents} WHERE d.project = ? AND d.path = ? AND d.holds_path = 1`),
      document: db.prepare(`${documents} WHERE n.id = ?`),
      lastSeq: db.prepare(
        `SELECT max(coalesce((SELECT max(seq) FROM entries WHERE document = ?1), 0),
          coalesce((SELECT last_seq FROM segments WHERE document = ?1 ORDER BY first_seq DESC LIMIT 1), 0)) AS seq`,
      ),
      // Segments of a document do not overlap: the first that may hold ?2 is the last that begins at or before it.
      segments: db.prepare(
        `SELECT first_seq, last_seq, sha256 FROM segments WHERE document = ?1 AND last_seq >= ?2 AND first_seq <= ?3
           AND first_seq >= coalesce((SELECT max(first_seq) FROM segments WHERE document = ?1 AND first_seq <= ?2), 0)
         ORDER BY first_seq LIMIT ?4`,
      ),
      segment: db.prepare(
        'SELECT sha256, blobs, bytes, far_key FROM segments WHERE document = ? AND first_seq = ?',
      ),
      nearSegments: db.prepare(
        'SELECT first_seq, last_seq FROM segments WHERE document = ? AND far_key IS NULL ORDER BY first_seq',
      ),
      leftovers: db.prepare(
        `SELECT key FROM far_leftovers
         WHERE key NOT IN (SELECT far_key FROM segments WHERE far_key IS NOT NULL) ORDER BY key`,
      ),
      hotStretch: db.prepare(
        `SELECT min(seq) AS first_seq, max(seq) AS last_seq, count(*) AS count, sum(length(payload)) AS bytes,
           min(at) AS oldest FROM entries WHERE document = ?`,
      ),
      documents: db.prepare(`${documents} ORDER BY n.number`),
      liveRows: db.prepare(
        'SELECT json FROM live JOIN documents d ON d.number = live.document WHERE d.project = ?',
      ),
      hotRuns: db.prepare(
        `SELECT payload FROM entries WHERE document = ? AND kind = ${entryKinds.indexOf('run')}`,
      ),
      entries: db.prepare(
        `SELECT seq, at, origin, kind, checksum, payload, author FROM entries
         WHERE document = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`,
      ),
      author: db.prepare('SELECT person, name, session FROM authors WHERE number = ?'),
      snapshot: db.prepare('SELECT seq, checksum, state FROM snapshots WHERE document = ?'),
      live: db.prepare('SELECT json FROM live WHERE document = ?'),
      cursor: db.prepare('SELECT seq FROM cursors WHERE runner = ?'),
      mirror: db.prepare('SELECT hash, seq, next FROM mirrors WHERE document = ?'),
      labState: db.prepare('SELECT epoch, n, used_at, checksum, state FROM lab_states WHERE document = ?'),
      labUpdates: db.prepare(
        'SELECT n, checksum, bytes FROM lab_updates WHERE document = ? AND epoch = ? AND n > ? ORDER BY n',
      ),
      chunk: db.prepare(
        `SELECT first_seq, last_seq, summary_checksum, summary, checksum, base_dictionary, base, steps
         FROM step_chunks WHERE document = ? AND first_seq <= ? AND last_seq >= ? ORDER BY first_seq DESC LIMIT 1`,
      ),
      summaries: db.prepare(
        `SELECT first_seq, last_seq, summary_checksum, summary FROM step_chunks
         WHERE document = ? ORDER BY first_seq`,
      ),
      resume: db.prepare('SELECT seq, checksum, replica FROM step_resumes WHERE document = ?'),
    };
    this.#sql.entries.setReturnArrays(true);
    this.#sql.author.setReturnArrays(true);
  }

  close(): void {
    this.#db.close();
  }

  documentByPath(project: ProjectId, path: string): DocumentRow | null {
    return documentIn(this.#sql.byPath.get(project, path));
  }

  document(id: DocumentId): (DocumentRow & { readonly project: ProjectId }) | null {
    const row = this.#sql.document.get(id);
    const found = documentIn(row);
    return found && typeof row?.project === 'string' ? { ...found, project: asProjectId(row.project) } : null;
  }

  lastSeq(document: DocumentId): number {
    const number = this.#number(document);
    return number === null ? 0 : (numberAt(this.#sql.lastSeq.get(number), 'seq') ?? 0);
  }

  /**
   * At most `limit` entries from `from` on, hot and packed; fewer when a moved segment is in the way. Throws
   * `history/damaged`.
   */
  entries(document: DocumentId, from: number, to: number, limit: number): Entry[] | FarSegment {
    const number = this.#number(document);
    if (number === null || from > to) return [];
    // One view of the file: meanwhile the writer's thread may move entries into a segment.
    this.#db.exec('BEGIN');
    try {
      return this.#entries(document, number, Math.max(1, from), to, limit);
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  #entries(
    document: DocumentId,
    number: number,
    from: number,
    to: number,
    limit: number,
  ): Entry[] | FarSegment {
    const found: Entry[] = [];
    let next = from;
    const end = Math.min(to, next + limit - 1, Number.MAX_SAFE_INTEGER);
    for (const { from: first, to: last } of this.#segments(number, next, end, limit)) {
      this.#addHot(found, document, number, next, Math.min(end, first - 1));
      next = Math.max(next, first);
      const reached = found.at(-1)?.seq ?? from - 1;
      if (reached !== next - 1) throw damaged(document, reached + 1);
      const unpacked = this.#unpackedAt(document, number, first);
      if (unpacked instanceof FarSegment) return found.length > 0 ? found : unpacked;
      if (!unpacked) throw damaged(document, next, `${document} ${first}–${last}`);
      for (const entry of unpacked.slice(next - first, end - first + 1)) found.push(entry);
      next = last + 1;
    }
    this.#addHot(found, document, number, next, end);
    return found;
  }

  /** Hot entries of a stretch; whatever lies behind it must follow without a gap. */
  #addHot(found: Entry[], document: DocumentId, number: number, from: number, to: number): void {
    if (from > to) return;
    let expected = from;
    for (const row of this.#rows(document, number, from, to, to - from + 1)) {
      const cells = Array.isArray(row) ? row : [];
      const entry = entryOf(cells, document, this.#author(cells[6]));
      if (!entry || entry.seq !== expected) throw damaged(document, expected);
      expected = entry.seq + 1;
      found.push(entry);
    }
  }

  /** Segments that hold entries of a stretch, in order. */
  segments(document: DocumentId, from: number, to: number): SegmentPlace[] {
    const number = this.#number(document);
    return number === null ? [] : this.#segments(number, from, to, -1);
  }

  #segments(number: number, from: number, to: number, limit: number): SegmentPlace[] {
    return this.#sql.segments.all(number, from, to, limit).map((row) => ({
      from: numberAt(row, 'first_seq') ?? 0,
      to: numberAt(row, 'last_seq') ?? 0,
    }));
  }

  /** The entries of a segment; null when it is damaged. */
  #unpackedAt(document: DocumentId, number: number, first: number): readonly Entry[] | FarSegment | null {
    let row: Row | undefined;
    try {
      row = this.#sql.segment.get(number, first);
    } catch (error) {
      if (isCorrupt(error)) return null;
      throw error;
    }
    const sha256 = bytesAt(row, 'sha256');
    const bytes = bytesAt(row, 'bytes');
    if (!sha256 || !bytes) return null;
    const key = `${document} ${Buffer.from(sha256).toString('hex')}`;
    const known = this.#unpacked.get(key);
    if (known !== undefined) return known;
    if (typeof row?.far_key === 'string') return new FarSegment(document, row.far_key, sha256);
    return this.#keep(key, openSegment(document, sha256, bytes));
  }

  /** The bytes of a moved segment, as the object store gave them; null: it has none. */
  hold({ document, sha256 }: FarSegment, bytes: Uint8Array | null): void {
    const key = `${document} ${Buffer.from(sha256).toString('hex')}`;
    this.#keep(key, bytes && openSegment(document, sha256, bytes));
  }

  #keep(key: string, entries: readonly Entry[] | null): readonly Entry[] | null {
    this.#unpacked.set(key, entries);
    for (const oldest of this.#unpacked.keys()) {
      if (this.#unpacked.size <= segmentsInMemory) break;
      this.#unpacked.delete(oldest);
    }
    return entries;
  }

  nearSegments(document: DocumentId): SegmentPlace[] {
    const number = this.#number(document);
    if (number === null) return [];
    return this.#sql.nearSegments.all(number).map((row) => ({
      from: numberAt(row, 'first_seq') ?? 0,
      to: numberAt(row, 'last_seq') ?? 0,
    }));
  }

  /** Null: no such segment here, or its bytes are others than its name says. */
  segmentBytes(document: DocumentId, from: number): { sha256: string; bytes: Uint8Array } | null {
    const number = this.#number(document);
    const row = number === null ? undefined : this.#sql.segment.get(number, from);
    const sha256 = bytesAt(row, 'sha256');
    const bytes = bytesAt(row, 'bytes');
    if (!sha256 || !bytes || typeof row?.far_key === 'string') return null;
    if (!openSegment(document, sha256, bytes)) return null;
    return { sha256: Buffer.from(sha256).toString('hex'), bytes };
  }

  leftovers(): string[] {
    return this.#sql.leftovers.all().flatMap(({ key }) => (typeof key === 'string' ? [key] : []));
  }

  /** What is not packed yet; null when everything is. */
  hotStretch(document: DocumentId): HotStretch | null {
    const row = this.#one(this.#sql.hotStretch, document);
    const from = numberAt(row, 'first_seq');
    const to = numberAt(row, 'last_seq');
    if (from === null || to === null) return null;
    const count = numberAt(row, 'count') ?? 0;
    return { from, to, count, bytes: numberAt(row, 'bytes') ?? 0, oldestAt: numberAt(row, 'oldest') ?? 0 };
  }

  /** All documents, those whose file is gone as well. */
  documents(): (DocumentRow & { readonly project: ProjectId })[] {
    return this.#sql.documents.all().flatMap((row) => {
      const found = documentIn(row);
      return found && typeof row.project === 'string'
        ? [{ ...found, project: asProjectId(row.project) }]
        : [];
    });
  }

  /** Hashes of blobs that the runs of a document name, damaged ones too. */
  runBlobs(document: DocumentId): BlobHash[] {
    const number = this.#number(document);
    if (number === null) return [];
    const found = new Set<BlobHash>();
    for (const { from } of this.#segments(number, 1, Number.MAX_SAFE_INTEGER, -1)) {
      const names = Buffer.from(bytesAt(this.#sql.segment.get(number, from), 'blobs') ?? []);
      for (let at = 0; at + 32 <= names.length; at += 32) {
        found.add(asBlobHash(names.toString('hex', at, at + 32)));
      }
    }
    for (const row of this.#sql.hotRuns.all(number)) {
      for (const hash of hashesIn(Buffer.from(bytesAt(row, 'payload') ?? []).toString('latin1')))
        found.add(hash);
    }
    return [...found];
  }

  /** Live documents of a project, as JSON. */
  liveOf(project: ProjectId): string[] {
    return this.#sql.liveRows.all(project).flatMap(({ json }) => (typeof json === 'string' ? [json] : []));
  }

  #rows(document: DocumentId, number: number, from: number, to: number, limit: number): unknown[] {
    try {
      return this.#sql.entries.all(number, from, Math.min(to, Number.MAX_SAFE_INTEGER), limit);
    } catch (error) {
      throw isCorrupt(error) ? damaged(document, from) : error;
    }
  }

  /** A snapshot is a cache: a damaged one is as good as none. */
  snapshot(document: DocumentId): SnapshotRow | null {
    const row = this.#one(this.#sql.snapshot, document);
    const seq = numberAt(row, 'seq');
    const state = bytesAt(row, 'state');
    if (seq === null || state === null || crc32(state) !== row?.checksum) return null;
    return { document, seq, state };
  }

  live(document: DocumentId): LiveRow | null {
    const json = this.#one(this.#sql.live, document)?.json;
    return typeof json === 'string' ? { document, json } : null;
  }

  cursor(runner: RunnerId): number {
    return numberAt(this.#sql.cursor.get(runner), 'seq') ?? 0;
  }

  mirror(document: DocumentId): MirrorRow | null {
    const row = this.#one(this.#sql.mirror, document);
    const seq = numberAt(row, 'seq');
    if (seq === null || typeof row?.hash !== 'string') return null;
    return { document, hash: row.hash, seq, ...(typeof row.next === 'string' ? { next: row.next } : {}) };
  }

  /** Without every part of it there is nothing to go on from. */
  lab(document: DocumentId): KeptLab | null {
    this.#db.exec('BEGIN');
    try {
      return this.#lab(document);
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  #lab(document: DocumentId): KeptLab | null {
    const number = this.#number(document);
    const row = number === null ? undefined : this.#sql.labState.get(number);
    const first = numberAt(row, 'n');
    const usedAt = numberAt(row, 'used_at');
    const state = bytesAt(row, 'state');
    const epoch = row?.epoch;
    if (number === null || first === null || usedAt === null || state === null) return null;
    if (typeof epoch !== 'string' || crc32(state) !== row?.checksum) return null;
    const updates = [state];
    let n = first;
    for (const each of this.#sql.labUpdates.all(number, epoch, first)) {
      const bytes = bytesAt(each, 'bytes');
      if (bytes === null || numberAt(each, 'n') !== n + 1 || crc32(bytes) !== each.checksum) return null;
      updates.push(bytes);
      n += 1;
    }
    return { epoch, n, usedAt, updates };
  }

  chunk(document: DocumentId, seq: number): StepChunkRow | null {
    const number = this.#number(document);
    const row = number === null ? undefined : this.#sql.chunk.get(number, seq, seq);
    if (!row) return null;
    const base = bytesAt(row, 'base');
    const steps = bytesAt(row, 'steps');
    const head = summaryIn(document, row);
    if (!base || !steps || crc32(steps, crc32(base)) !== row.checksum) throw damaged(document, head.from);
    return { ...head, base, steps, baseDictionary: numberAt(row, 'base_dictionary') };
  }

  summaries(document: DocumentId): StepChunkSummary[] {
    const number = this.#number(document);
    if (number === null) return [];
    return this.#sql.summaries.all(number).map((row) => summaryIn(document, row));
  }

  resume(document: DocumentId): StepResumeRow | null {
    const row = this.#one(this.#sql.resume, document);
    const seq = numberAt(row, 'seq');
    const replica = bytesAt(row, 'replica');
    if (seq === null || !replica || crc32(replica) !== row?.checksum) return null;
    return { document, seq, replica };
  }

  #one(statement: StatementSync, document: DocumentId): Row | undefined {
    const number = this.#number(document);
    return number === null ? undefined : statement.get(number);
  }

  #number(document: DocumentId): number | null {
    const known = this.#numbers.get(document);
    if (known !== undefined) return known;
    const number = numberAt(this.#sql.number.get(document), 'number');
    if (number !== null) this.#numbers.set(document, number);
    return number;
  }

  #author(number: unknown): EntryAuthor {
    const key = typeof number === 'number' ? number : -1;
    const known = this.#authors.get(key);
    if (known) return known;
    const row: unknown = this.#sql.author.get(key);
    const author = authorOf(Array.isArray(row) ? row : undefined);
    if (this.#authors.size > 10_000) this.#authors.clear();
    this.#authors.set(key, author);
    return author;
  }
}

/** SQLite itself found a page that is no page: the rows on it are damaged. */
function isCorrupt(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 11
  );
}

function damaged(document: DocumentId, seq: number, segment = `${document} ${seq}`): Error {
  return appError('history/damaged', { details: { segment, seq } });
}

function numberAt(row: Row | undefined, key: string): number | null {
  const value = row?.[key];
  return typeof value === 'number' ? value : null;
}

function bytesAt(row: Row | undefined, key: string): Uint8Array | null {
  const value = row?.[key];
  return value instanceof Uint8Array ? value : null;
}

function documentIn(row: Row | undefined): DocumentRow | null {
  if (!row) return null;
  const { id, kind, path, epoch } = row;
  if (typeof id !== 'string' || typeof path !== 'string' || typeof epoch !== 'string') return null;
  if (kind !== 'notebook' && kind !== 'text') return null;
  return { id: asDocumentId(id), kind, path, epoch };
}

function summaryIn(document: DocumentId, row: Row): StepChunkSummary {
  const from = numberAt(row, 'first_seq') ?? 0;
  const to = numberAt(row, 'last_seq') ?? 0;
  const summary = bytesAt(row, 'summary');
  if (!summary || crc32(summary) !== row.summary_checksum) throw damaged(document, from);
  return { document, from, to, summary };
}
