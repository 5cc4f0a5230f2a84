import type { ProjectId, RunnerId } from '@cahier/base/ids.ts';
import { projectId, runnerId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import type { RunnerTokenRow, RunnerTokenStore } from '../../runners/runner-token-store.ts';
import type { MainDatabase } from './main-database.ts';

const tokenRow = z
  .object({ runner: runnerId, project: projectId, hash: z.string(), created_at: z.number() })
  .transform(
    (row): RunnerTokenRow => ({
      runner: row.runner,
      project: row.project,
      hash: row.hash,
      createdAt: row.created_at,
    }),
  );

export class RunnerTokenTable implements RunnerTokenStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async add(row: RunnerTokenRow): Promise<void> {
    this.#db.sql
      .prepare('insert into runner_token (runner, project, hash, created_at) values (?, ?, ?, ?)')
      .run(row.runner, row.project, row.hash, row.createdAt);
  }

  async token(runner: RunnerId): Promise<RunnerTokenRow | null> {
    const row = this.#db.sql.prepare('select * from runner_token where runner = ?').get(runner);
    return row ? tokenRow.parse(row) : null;
  }

  async removeOthers(project: ProjectId, keep: RunnerId): Promise<void> {
    this.#db.sql.prepare('delete from runner_token where project = ? and runner <> ?').run(project, keep);
  }
}
