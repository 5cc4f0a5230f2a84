import type { PersonId } from '@cahier/base/ids.ts';
import { personId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import type { PeopleStore, PersonRow, SessionRow } from '../../people/people-store.ts';
import type { MainDatabase } from './main-database.ts';

const flag = z.number().transform((n) => n !== 0);

const personRow = z
  .object({
    id: personId,
    name: z.string(),
    color: z.string(),
    is_server_owner: flag,
    created_at: z.number(),
  })
  .transform(
    (row): PersonRow => ({
      id: row.id,
      name: row.name,
      color: row.color,
      isServerOwner: row.is_server_owner,
      createdAt: row.created_at,
    }),
  );

const sessionRow = z
  .object({ hash: z.string(), person: personId, session_created_at: z.number(), seen_at: z.number() })
  .transform(
    (row): SessionRow => ({
      hash: row.hash,
      person: row.person,
      createdAt: row.session_created_at,
      seenAt: row.seen_at,
    }),
  );

export class PeopleTable implements PeopleStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async serverOwner(): Promise<PersonRow | null> {
    const row = this.#db.sql.prepare('select * from person where is_server_owner = 1').get();
    return row ? personRow.parse(row) : null;
  }

  async person(id: PersonId): Promise<PersonRow | null> {
    const row = this.#db.sql.prepare('select * from person where id = ?').get(id);
    return row ? personRow.parse(row) : null;
  }

  async addPerson(row: PersonRow): Promise<void> {
    insertPerson(this.#db, row);
  }

  async rename(id: PersonId, name: string): Promise<void> {
    this.#db.sql.prepare('update person set name = ? where id = ?').run(name, id);
  }

  async countPeople(): Promise<number> {
    return Number(this.#db.sql.prepare('select count(*) as n from person').get()?.['n'] ?? 0);
  }

  async addSession(row: SessionRow): Promise<void> {
    this.#db.sql
      .prepare('insert into session (hash, person, created_at, seen_at) values (?, ?, ?, ?)')
      .run(row.hash, row.person, row.createdAt, row.seenAt);
  }

  async session(hash: string): Promise<{ readonly session: SessionRow; readonly person: PersonRow } | null> {
    const row = this.#db.sql
      .prepare(
        `select person.*, session.hash, session.person, session.created_at as session_created_at, session.seen_at
         from session join person on person.id = session.person where session.hash = ?`,
      )
      .get(hash);
    return row ? { session: sessionRow.parse(row), person: personRow.parse(row) } : null;
  }

  async touchSession(hash: string, seenAt: number): Promise<void> {
    this.#db.sql.prepare('update session set seen_at = ? where hash = ?').run(seenAt, hash);
  }

  async removeSession(hash: string): Promise<void> {
    this.#db.sql.prepare('delete from session where hash = ?').run(hash);
  }

  async removeStaleSessions(seenBefore: number, createdBefore: number): Promise<void> {
    this.#db.sql
      .prepare('delete from session where seen_at < ? or created_at < ?')
      .run(seenBefore, createdBefore);
  }
}

export function insertPerson(db: MainDatabase, row: PersonRow): void {
  db.sql
    .prepare('insert into person (id, name, color, is_server_owner, created_at) values (?, ?, ?, ?, ?)')
    .run(row.id, row.name, row.color, row.isServerOwner ? 1 : 0, row.createdAt);
}
