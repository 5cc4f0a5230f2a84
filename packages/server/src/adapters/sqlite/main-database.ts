/**
 * The server's own tables in one SQLite file: people, sessions, invitations, projects, runner tokens. History is not
 * here. WAL with synchronous FULL: what a statement has answered is on disk. Migrations only ever add to the list.
 */
import { DatabaseSync } from 'node:sqlite';
import { appError } from '@cahier/core/errors.ts';
import { sqliteReason } from './sqlite-reason.ts';

const migrations: readonly string[] = [
  `
  create table person (
    id text primary key, name text not null, color text not null,
    is_server_owner integer not null, created_at integer not null
  ) strict;
  create table session (
    hash text primary key, person text not null references person(id) on delete cascade,
    created_at integer not null, seen_at integer not null
  ) strict;
  create index session_person on session(person);
  create table project (
    id text primary key, name text not null, home text not null unique,
    is_own_folder integer not null, created_at integer not null
  ) strict;
  create table member (
    project text not null references project(id) on delete cascade,
    person text not null references person(id) on delete cascade,
    role text not null check (role in ('owner', 'editor', 'viewer')),
    joined_at integer not null, opened_at integer,
    primary key (project, person)
  ) strict, without rowid;
  create index member_person on member(person);
  create table invitation (
    id text primary key, project text not null references project(id) on delete cascade,
    hash text not null unique, role text not null, created_by text not null references person(id),
    created_at integer not null, expires_at integer not null, uses_left integer not null
  ) strict;
  create index invitation_project on invitation(project);
  create table runner_token (
    runner text primary key, project text not null, hash text not null, created_at integer not null
  ) strict;
  create index runner_token_project on runner_token(project);
  `,
  `
  create table project_settings (
    project text primary key references project(id) on delete cascade,
    history_for text not null check (history_for in ('owner', 'editor', 'viewer')),
    keep_history_days integer
  ) strict;
  `,
  `
  create table project_token (
    id text primary key, project text not null references project(id) on delete cascade,
    hash text not null unique, name text not null, scopes text not null,
    created_by text not null references person(id), created_at integer not null, used_at integer
  ) strict;
  create index project_token_project on project_token(project);
  `,
  `
  create table jupyter_config (
    project text not null references project(id) on delete cascade,
    section text not null, data text not null, primary key (project, section)
  ) strict, without rowid;
  `,
  `
  alter table project_token add column kind text not null default 'header' check (kind in ('header', 'address'));
  alter table project_token add column expires_at integer;
  create index project_token_expires on project_token(expires_at);
  `,
  `
  create table lab_text (
    project text not null references project(id) on delete cascade,
    person text not null references person(id) on delete cascade,
    kind text not null check (kind in ('setting', 'workspace')),
    id text not null, text text not null, created_at integer not null, changed_at integer not null,
    primary key (project, person, kind, id)
  ) strict, without rowid;
  `,
];

export class MainDatabase {
  readonly sql: DatabaseSync;

  /** `path` of the file, or `:memory:`. Throws `storage/too-new`, `storage/open-failed`. */
  constructor(path: string) {
    this.sql = opened(path);
    this.#migrate(path);
  }

  /** Runs `work` in one transaction: all of it or nothing. */
  transaction<T>(work: () => T): T {
    this.sql.exec('begin immediate');
    try {
      const result = work();
      this.sql.exec('commit');
      return result;
    } catch (error) {
      this.sql.exec('rollback');
      throw error;
    }
  }

  close(): void {
    this.sql.close();
  }

  #migrate(path: string): void {
    const row = this.sql.prepare('pragma user_version').get();
    const from = Number(row?.['user_version'] ?? 0);
    if (from > migrations.length) {
      throw appError('storage/too-new', { details: { path, found: from, known: migrations.length } });
    }
    for (const [index, migration] of migrations.entries()) {
      if (index < from) continue;
      this.transaction(() => {
        this.sql.exec(migration);
        this.sql.exec(`pragma user_version = ${index + 1}`);
      });
    }
  }
}

function opened(path: string): DatabaseSync {
  try {
    const sql = new DatabaseSync(path);
    sql.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
    return sql;
  } catch (error) {
    throw appError('storage/open-failed', { details: { path, why: sqliteReason(error) }, cause: error });
  }
}
