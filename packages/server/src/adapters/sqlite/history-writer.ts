/**
 * The only writer of data/history.sqlite: turns requests into one durable transaction. It lives in the writer's thread
 * (history-writer.worker.ts), because an fsync may take a hundred milliseconds. It never reads for others.
 * Source for durability: https://www.sqlite.org/pragma.html#pragma_synchronous (FULL: each commit fsyncs the WAL).
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Outcome, Slice, WriteRequest } from './history-requests.ts';
import { entryChecksum } from './history-payload.ts';
import { historySchemaVersion, migrateHistory } from './history-schema.ts';
import { sqliteReason } from './sqlite-reason.ts';

/** Somewhat more than jupyter/collaboration goes back to (lab-rooms.ts). */
const labKeptMs = 32 * 24 * 60 * 60_000;

export type Opened =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'storage/too-new'; readonly found: number; readonly known: number }
  | { readonly ok: false; readonly code: 'storage/open-failed'; readonly why: string };

/** Thrown inside a request's savepoint: this request cannot be kept, the others can. */
class Refusal extends Error {}

interface Statements {
  readonly documentNumber: StatementSync;
  readonly addDocumentNumber: StatementSync;
  readonly leavePath: StatementSync;
  readonly document: StatementSync;
  readonly author: StatementSync;
  readonly addAuthor: StatementSync;
  readonly lastSeq: StatementSync;
  readonly entry: StatementSync;
  readonly live: StatementSync;
  readonly cursor: StatementSync;
  readonly mirror: StatementSync;
  readonly snapshot: StatementSync;
  readonly dropChunks: StatementSync;
  readonly chunk: StatementSync;
  readonly resume: StatementSync;
  readonly dropResume: StatementSync;
  readonly hotInRange: StatementSync;
  readonly packedInRange: StatementSync;
  readonly dropHot: StatementSync;
  readonly dropPacked: StatementSync;
  readonly segment: StatementSync;
  readonly leaveFar: StatementSync;
  readonly moved: StatementSync;
  readonly addLeftover: StatementSync;
  readonly dropLeftover: StatementSync;
  readonly dropSnapshot: StatementSync;
  readonly labUpdate: StatementSync;
  readonly labState: StatementSync;
  readonly dropLabUpdates: StatementSync;
  readonly dropLabState: StatementSync;
}

export class HistoryWriter {
  readonly #file: string;
  readonly #busyMs: number;
  #db: DatabaseSync | null = null;
  #sql: Statements | null = null;
  /** Known numbers; forgotten when a transaction is rolled back. */
  readonly #documents = new Map<string, number>();
  readonly #authors = new Map<string, number>();
  readonly #lastSeqs = new Map<number, number>();

  /** `busyMs`: how long to wait for another program's lock. */
  constructor(file: string, busyMs: number) {
    this.#file = file;
    this.#busyMs = busyMs;
  }

  /** Opens the file and brings it to this schema. */
  open(now: number): Opened {
    try {
      const db = this.#connect();
      const tooNew = migrateHistory(db, now);
      if (tooNew) {
        this.close();
        return { ok: false, code: 'storage/too-new', found: tooNew.tooNew, known: historySchemaVersion };
      }
      this.#sql = prepare(db);
      forgetOldLabs(db, now - labKeptMs);
      return { ok: true };
    } catch (error) {
      this.close();
      return { ok: false, code: 'storage/open-failed', why: sqliteReason(error) };
    }
  }

  close(): void {
    this.#forget();
    this.#sql = null;
    const db = this.#db;
    this.#db = null;
    if (db?.isOpen) db.close();
  }

  /** One transaction for all. A request that contradicts what is there is refused alone; a bad disk refuses all. */
  write(requests: readonly WriteRequest[]): Outcome[] {
    const outcomes: Outcome[] = [];
    try {
      const db = this.#connect();
      this.#sql ??= prepare(db);
      const sql = this.#sql;
      db.exec('BEGIN IMMEDIATE');
      for (const request of requests) {
        db.exec('SAVEPOINT request');
        try {
          this.#apply(sql, request);
          db.exec('RELEASE request');
          outcomes.push({ id: request.id, why: null });
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          db.exec('ROLLBACK TO request');
          db.exec('RELEASE request');
          this.#forget();
          outcomes.push({ id: request.id, why: error.message });
        }
      }
      db.exec('COMMIT');
      const isPurging = requests.some(isPurge);
      if (isPurging || requests.some(({ segment, far }) => segment ?? far)) tidy(db, isPurging);
      return outcomes;
    } catch (error) {
      const why = sqliteReason(error);
      this.#recover();
      return requests.map(({ id }) => ({ id, why }));
    }
  }

  #connect(): DatabaseSync {
    if (this.#db) return this.#db;
    const db = new DatabaseSync(this.#file, { timeout: this.#busyMs });
    this.#db = db;
    // Only a new file takes it; an older one gives its space to later entries instead.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA journal_size_limit = 67108864');
    // Rows that were packed must not lie about when their segment is purged some day.
    db.exec('PRAGMA secure_delete = ON');
    return db;
  }

  /** After a failed write the connection is given up: what it had in mind must not reach the disk later. */
  #recover(): void {
    try {
      if (this.#db?.isTransaction) this.#db.exec('ROLLBACK');
    } finally {
      this.close();
    }
  }

  #forget(): void {
    this.#documents.clear();
    this.#authors.clear();
    this.#lastSeqs.clear();
  }

  #apply(sql: Statements, request: WriteRequest): void {
    const bytes = ([offset, length]: Slice) => request.bytes.subarray(offset, offset + length);
    for (const row of request.documents) {
      const number = this.#documentNumber(sql, row.id);
      sql.leavePath.run(row.project, row.path, number);
      sql.document.run(number, row.project, row.kind, row.path, row.epoch);
    }
    for (const row of request.entries) {
      const number = this.#documentNumber(sql, row.document);
      const before = this.#lastSeq(sql, number);
      if (row.seq <= before) {
        throw new Refusal(`entry ${row.seq} is already there; another server writes this project`);
      }
      if (row.seq !== before + 1) throw new Refusal(`entry ${row.seq} does not follow ${before}`);
      const payload = bytes(row.payload);
      const author = this.#authorNumber(sql, row.person, row.name, row.session);
      const checksum = entryChecksum(row, payload);
      try {
        sql.entry.run(number, row.seq, row.at, author, row.origin, row.kind, checksum, payload);
      } catch (error) {
        if (isConstraint(error)) {
          throw new Refusal(`entry ${row.seq} is already there; another server writes this project`);
        }
        throw error;
      }
      this.#lastSeqs.set(number, row.seq);
    }
    for (const row of request.live) sql.live.run(this.#documentNumber(sql, row.document), row.json);
    for (const row of request.mirrors) {
      sql.mirror.run(this.#documentNumber(sql, row.document), row.hash, row.seq, row.next ?? null);
    }
    for (const row of request.snapshots) {
      const state = bytes(row.state);
      sql.snapshot.run(this.#documentNumber(sql, row.document), row.seq, crc32(state), state);
    }
    this.#applyLab(sql, request, bytes);
    if (request.cursor) sql.cursor.run(request.cursor.runner, request.cursor.seq);
    if (request.steps) this.#applySteps(sql, request.steps, bytes);
    if (request.segment) this.#applySegment(sql, request.segment, bytes);
    if (request.far) this.#applyFar(sql, request.far);
  }

  #applyFar(sql: Statements, far: NonNullable<WriteRequest['far']>): void {
    if ('removed' in far) sql.dropLeftover.run(far.removed);
    else if ('leaves' in far) sql.addLeftover.run(far.leaves);
    else {
      const { changes } = sql.moved.run(this.#documentNumber(sql, far.document), far.from, far.key);
      if (changes > 0) sql.dropLeftover.run(far.key);
    }
  }

  /** A batch may come a second time when its answer was lost: what is there already is written again. */
  #applyLab(sql: Statements, request: WriteRequest, bytes: (slice: Slice) => Uint8Array): void {
    for (const { document, epoch, n, ...row } of request.labUpdates) {
      const update = bytes(row.bytes);
      sql.labUpdate.run(this.#documentNumber(sql, document), epoch, n, crc32(update), update);
    }
    for (const { document, epoch, n, usedAt, ...row } of request.labStates) {
      const number = this.#documentNumber(sql, document);
      const state = bytes(row.bytes);
      sql.dropLabUpdates.run(number, epoch, n);
      sql.labState.run(number, epoch, n, usedAt, crc32(state), state);
    }
  }

  /** The entries leave their old places in the transaction that gives them the new one. */
  #applySegment(
    sql: Statements,
    { document, from, to, isPurge, ...segment }: NonNullable<WriteRequest['segment']>,
    bytes: (slice: Slice) => Uint8Array,
  ): void {
    const number = this.#documentNumber(sql, document);
    const there =
      (numberIn(sql.hotInRange.get(number, from, to)) ?? 0) +
      (numberIn(sql.packedInRange.get(number, from, to)) ?? 0);
    if (there !== to - from + 1) throw new Refusal(`entries ${from} to ${to} are not all there to be packed`);
    sql.dropHot.run(number, from, to);
    sql.leaveFar.run(number, from, to);
    sql.dropPacked.run(number, from, to);
    const packed = bytes(segment.bytes);
    sql.segment.run(
      number,
      from,
      to,
      createHash('sha256').update(packed).digest(),
      bytes(segment.blobs),
      packed,
    );
    if (!isPurge) return;
    sql.dropChunks.run(number, 0);
    sql.dropResume.run(number);
    sql.dropSnapshot.run(number);
    // JupyterLab's clients get a new one, made of what is left
    sql.dropLabState.run(number);
    sql.dropLabUpdates.run(number, '', Number.MAX_SAFE_INTEGER);
  }

  #applySteps(
    sql: Statements,
    { document, chunks, resume }: NonNullable<WriteRequest['steps']>,
    bytes: (slice: Slice) => Uint8Array,
  ): void {
    const number = this.#documentNumber(sql, document);
    if (!resume) sql.dropResume.run(number);
    sql.dropChunks.run(number, resume ? (chunks[0]?.from ?? Number.MAX_SAFE_INTEGER) : 0);
    for (const chunk of chunks) {
      const summary = bytes(chunk.summary);
      const base = bytes(chunk.base);
      const steps = bytes(chunk.steps);
      const { from, to, baseDictionary } = chunk;
      const checksum = crc32(steps, crc32(base));
      sql.chunk.run(number, from, to, crc32(summary), summary, checksum, baseDictionary, base, steps);
    }
    if (resume) {
      const replica = bytes(resume.replica);
      sql.resume.run(number, resume.seq, crc32(replica), replica);
    }
  }

  #documentNumber(sql: Statements, id: string): number {
    const known = this.#documents.get(id) ?? numberIn(sql.documentNumber.get(id));
    const number = known ?? Number(sql.addDocumentNumber.run(id).lastInsertRowid);
    this.#documents.set(id, number);
    return number;
  }

  #authorNumber(sql: Statements, person: string | null, name: string, session: string | null): number {
    const key = JSON.stringify([person, name, session]);
    const known = this.#authors.get(key) ?? numberIn(sql.author.get(session, person, name));
    const number = known ?? Number(sql.addAuthor.run(person, name, session).lastInsertRowid);
    if (this.#authors.size > 10_000) this.#authors.clear();
    this.#authors.set(key, number);
    return number;
  }

  #lastSeq(sql: Statements, document: number): number {
    return this.#lastSeqs.get(document) ?? numberIn(sql.lastSeq.get(document)) ?? 0;
  }
}

function prepare(db: DatabaseSync): Statements {
  return {
    documentNumber: db.prepare('SELECT number FROM document_numbers WHERE id = ?'),
    addDocumentNumber: db.prepare('INSERT INTO document_numbers (id) VALUES (?)'),
    leavePath: db.prepare(
      'UPDATE documents SET holds_path = 0 WHERE project = ? AND path = ? AND holds_path = 1 AND number <> ?',
    ),
    document: db.prepare(
      `INSERT INTO documents (number, project, kind, path, epoch, holds_path) VALUES (?, ?, ?, ?, ?, 1)
       ON CONFLICT (number) DO UPDATE SET project = excluded.project, kind = excluded.kind, path = excluded.path,
         epoch = excluded.epoch, holds_path = 1`,
    ),
    author: db.prepare('SELECT number FROM authors WHERE session IS ? AND person IS ? AND name = ?'),
    addAuthor: db.prepare('INSERT INTO authors (person, name, session) VALUES (?, ?, ?)'),
    lastSeq: db.prepare(
      `SELECT max(coalesce((SELECT max(seq) FROM entries WHERE document = ?1), 0),
                  coalesce((SELECT last_seq FROM segments WHERE document = ?1 ORDER BY first_seq DESC LIMIT 1), 0)) AS number`,
    ),
    entry: db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    live: db.prepare(
      'INSERT INTO live VALUES (?, ?) ON CONFLICT (document) DO UPDATE SET json = excluded.json',
    ),
    cursor: db.prepare(
      'INSERT INTO cursors VALUES (?, ?) ON CONFLICT (runner) DO UPDATE SET seq = max(seq, excluded.seq)',
    ),
    mirror: db.prepare(
      `INSERT INTO mirrors (document, hash, seq, next) VALUES (?, ?, ?, ?)
        ON CONFLICT (document) DO UPDATE SET hash = excluded.hash, seq = excluded.seq, next = excluded.next`,
    ),
    snapshot: db.prepare(
      `INSERT INTO snapshots VALUES (?, ?, ?, ?) ON CONFLICT (document) DO UPDATE
       SET seq = excluded.seq, checksum = excluded.checksum, state = excluded.state WHERE excluded.seq >= seq`,
    ),
    dropChunks: db.prepare('DELETE FROM step_chunks WHERE document = ? AND first_seq >= ?'),
    chunk: db.prepare('INSERT INTO step_chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    resume: db.prepare('INSERT OR REPLACE INTO step_resumes VALUES (?, ?, ?, ?)'),
    dropResume: db.prepare('DELETE FROM step_resumes WHERE document = ?'),
    hotInRange: db.prepare(
      'SELECT count(*) AS number FROM entries WHERE document = ? AND seq BETWEEN ? AND ?',
    ),
    packedInRange: db.prepare(
      `SELECT sum(last_seq - first_seq + 1) AS number FROM segments
       WHERE document = ?1 AND first_seq >= ?2 AND last_seq <= ?3`,
    ),
    dropHot: db.prepare('DELETE FROM entries WHERE document = ? AND seq BETWEEN ? AND ?'),
    dropPacked: db.prepare('DELETE FROM segments WHERE document = ? AND first_seq >= ? AND last_seq <= ?'),
    segment: db.prepare(
      'INSERT INTO segments (document, first_seq, last_seq, sha256, blobs, bytes) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    leaveFar: db.prepare(
      `INSERT OR IGNORE INTO far_leftovers SELECT far_key FROM segments
       WHERE document = ? AND first_seq >= ? AND last_seq <= ? AND far_key IS NOT NULL`,
    ),
    moved: db.prepare(
      `UPDATE segments SET bytes = x'', far_key = ?3
       WHERE document = ?1 AND first_seq = ?2 AND lower(hex(sha256)) = substr(?3, -64)`,
    ),
    addLeftover: db.prepare('INSERT OR IGNORE INTO far_leftovers VALUES (?)'),
    dropLeftover: db.prepare('DELETE FROM far_leftovers WHERE key = ?'),
    dropSnapshot: db.prepare('DELETE FROM snapshots WHERE document = ?'),
    labUpdate: db.prepare('INSERT OR REPLACE INTO lab_updates VALUES (?, ?, ?, ?, ?)'),
    labState: db.prepare('INSERT OR REPLACE INTO lab_states VALUES (?, ?, ?, ?, ?, ?)'),
    dropLabUpdates: db.prepare('DELETE FROM lab_updates WHERE document = ?1 AND (epoch <> ?2 OR n <= ?3)'),
    dropLabState: db.prepare('DELETE FROM lab_states WHERE document = ?'),
  };
}

/** What JupyterLab shared and nobody has used for longer than anybody may go on from it. Failing is only untidy. */
function forgetOldLabs(db: DatabaseSync, before: number): void {
  try {
    db.prepare('DELETE FROM lab_states WHERE used_at < ?').run(before);
    db.exec('DELETE FROM lab_updates WHERE document NOT IN (SELECT document FROM lab_states)');
  } catch {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

/** Steps that are thrown away were made of what a purge removed, or could not be read. */
function isPurge({ segment, steps }: WriteRequest): boolean {
  return segment?.isPurge === true || (steps !== null && steps.resume === null);
}

/** Gives freed space back; after a purge nothing of it stays in the journal either. What fails here is only tidiness. */
function tidy(db: DatabaseSync, isPurge: boolean): void {
  try {
    db.exec('PRAGMA incremental_vacuum(2000)');
    if (isPurge) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

function numberIn(row: Record<string, unknown> | undefined): number | undefined {
  return typeof row?.number === 'number' ? row.number : undefined;
}

function isConstraint(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 19
  );
}
