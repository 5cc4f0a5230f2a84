/** What SQLite itself can prove of a database file, and what rows of history.sqlite say of each other. Changes nothing. */
import { DatabaseSync } from 'node:sqlite';
import { asDocumentId, type DocumentId } from '@cahier/base/ids.ts';
import { sqliteReason } from './sqlite-reason.ts';

export interface HistoryProof {
  /** Sentences; none: the file is whole. */
  readonly faults: readonly string[];
  /** The highest entry that anything else in the file knows of: entries up to it were there. */
  readonly knownSeqs: ReadonlyMap<DocumentId, number>;
}

const mostFaults = 5;

/** Sentences of SQLite's own check; none: the file is whole. */
export function databaseFaults(file: string): string[] {
  return asked(file, integrity);
}

export function proveHistory(file: string): HistoryProof {
  const knownSeqs = new Map<DocumentId, number>();
  const faults: string[] = [];
  const found = asked(file, (db) => {
    faults.push(...integrity(db));
    for (const { number } of db.prepare(strays).all())
      faults.push(`a history is there that belongs to no document (number ${String(number)})`);
    for (const { id, seq } of db.prepare(known).all())
      if (typeof id === 'string' && typeof seq === 'number') knownSeqs.set(asDocumentId(id), seq);
    return [];
  });
  return { faults: [...faults, ...found], knownSeqs };
}

function integrity(db: DatabaseSync): string[] {
  return db
    .prepare(`PRAGMA integrity_check(${mostFaults})`)
    .all()
    .flatMap(({ integrity_check: said }) => (said === 'ok' ? [] : [`SQLite says: ${String(said)}`]));
}

/** A page that is no page makes SQLite refuse in the middle: that is a fault, too. */
function asked(file: string, ask: (db: DatabaseSync) => string[]): string[] {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return ask(db);
    } finally {
      db.close();
    }
  } catch (error) {
    return [`SQLite says: ${sqliteReason(error)}`];
  }
}

const strays = `
  SELECT document AS number FROM entries WHERE document NOT IN (SELECT number FROM documents)
  UNION SELECT document FROM segments WHERE document NOT IN (SELECT number FROM documents)`;

const known = `
  SELECT id, max(seq) AS seq FROM document_numbers JOIN (
    SELECT document, seq FROM mirrors
    UNION ALL SELECT document, seq FROM snapshots
    UNION ALL SELECT document, seq FROM step_resumes
    UNION ALL SELECT document, last_seq FROM step_chunks
  ) ON document = number GROUP BY id`;
