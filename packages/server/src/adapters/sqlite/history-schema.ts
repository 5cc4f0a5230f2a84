/** Tables of data/history.sqlite and how older data becomes newer. A migration, once released, is never changed. */
import type { DatabaseSync } from 'node:sqlite';

/** `entries.kind` is the place in this list, `entries.origin` that in core's `origins`; append only. */
export const entryKinds = ['update', 'run', 'mark'] as const;

const migrations: readonly string[] = [
  `
  CREATE TABLE document_numbers (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    epoch TEXT NOT NULL,
    -- 0: another document has taken this path over
    holds_path INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX documents_path ON documents (project, path) WHERE holds_path = 1;

  CREATE TABLE authors (
    number INTEGER PRIMARY KEY,
    person TEXT,
    name TEXT NOT NULL,
    session TEXT
  ) STRICT;
  CREATE INDEX authors_session ON authors (session);

  -- The hot log. checksum: CRC-32 of seq, at and payload.
  CREATE TABLE entries (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (document, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE snapshots (
    document INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    state BLOB NOT NULL
  ) STRICT;

  CREATE TABLE live (document INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE cursors (runner TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE mirrors (document INTEGER PRIMARY KEY, hash TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;

  -- Derived from entries; may be emptied at any time.
  CREATE TABLE step_chunks (
    document INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    summary_checksum INTEGER NOT NULL,
    summary BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    base_dictionary INTEGER,
    base BLOB NOT NULL,
    steps BLOB NOT NULL,
    PRIMARY KEY (document, first_seq)
  ) STRICT;
  CREATE TABLE step_resumes (
    document INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    replica BLOB NOT NULL
  ) STRICT;
  `,
  // Hash of a write in progress: after a crash the file is known as our own.
  `ALTER TABLE mirrors ADD COLUMN next TEXT`,
  // Entries that are no longer hot: packed (core/history/entry-codec.ts), compressed, named by the SHA-256 of the bytes.
  // blobs: hashes that its runs name, 32 bytes each, so that a damaged segment still says what must be kept.
  `
  CREATE TABLE segments (
    document INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    blobs BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document, first_seq)
  ) STRICT;
  `,
  // What JupyterLab's clients share of a document: a state and the updates after it. checksum: CRC-32 of the bytes.
  `
  CREATE TABLE lab_states (
    document INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL,
    n INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    state BLOB NOT NULL
  ) STRICT;
  CREATE TABLE lab_updates (
    document INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    n INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document, epoch, n)
  ) STRICT, WITHOUT ROWID;
  `,
  // far_key: where the bytes of a segment are in the object store; then `bytes` is empty. far_leftovers: objects that no
  // segment names any more.
  `
  ALTER TABLE segments ADD COLUMN far_key TEXT;
  CREATE TABLE far_leftovers (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
];

export const historySchemaVersion = migrations.length;

/** Brings the file to this program's schema; `{ tooNew }`, and nothing touched, when a newer program wrote it. */
export function migrateHistory(db: DatabaseSync, now: number): { readonly tooNew: number } | null {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT',
  );
  const row = db.prepare('SELECT max(version) AS version FROM migrations').get();
  const found = typeof row?.version === 'number' ? row.version : 0;
  if (found > migrations.length) return { tooNew: found };
  migrations.slice(found).forEach((sql, index) => {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(sql);
      db.prepare('INSERT INTO migrations (version, applied_at) VALUES (?, ?)').run(found + index + 1, now);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  });
  return null;
}
