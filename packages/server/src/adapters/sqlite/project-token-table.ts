import type { ProjectId } from '@cahier/base/ids.ts';
import { tokenKind, tokenScope } from '@cahier/protocol/http/tokens.ts';
import { personId, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import type { ProjectTokenRow, ProjectTokenStore } from '../../people/project-token-store.ts';
import type { MainDatabase } from './main-database.ts';

const tokenRow = z
  .object({
    id: z.string(),
    project: projectId,
    hash: z.string(),
    name: z.string(),
    scopes: z.string().transform((text) => z.array(tokenScope).parse(text.split(' '))),
    kind: tokenKind,
    created_by: personId,
    created_at: z.number(),
    used_at: z.number().nullable(),
    expires_at: z.number().nullable(),
  })
  .transform(
    ({ created_by, created_at, used_at, expires_at, ...row }): ProjectTokenRow => ({
      ...row,
      createdBy: created_by,
      createdAt: created_at,
      usedAt: used_at,
      expiresAt: expires_at,
    }),
  );

export class ProjectTokenTable implements ProjectTokenStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async add(row: ProjectTokenRow): Promise<void> {
    this.#db.sql
      .prepare(
        `insert into project_token
           (id, project, hash, name, scopes, created_by, created_at, used_at, kind, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.project,
        row.hash,
        row.name,
        row.scopes.join(' '),
        row.createdBy,
        row.createdAt,
        row.usedAt,
        row.kind,
        row.expiresAt,
      );
  }

  async byHash(hash: string): Promise<ProjectTokenRow | null> {
    const row = this.#db.sql.prepare('select * from project_token where hash = ?').get(hash);
    return row ? tokenRow.parse(row) : null;
  }

  async list(project: ProjectId): Promise<readonly ProjectTokenRow[]> {
    return this.#db.sql
      .prepare('select * from project_token where project = ? order by created_at desc, id')
      .all(project)
      .map((row) => tokenRow.parse(row));
  }

  async remove(project: ProjectId, id: string): Promise<boolean> {
    const { changes } = this.#db.sql
      .prepare('delete from project_token where project = ? and id = ?')
      .run(project, id);
    return Number(changes) > 0;
  }

  async touch(id: string, usedAt: number): Promise<void> {
    this.#db.sql.prepare('update project_token set used_at = ? where id = ?').run(usedAt, id);
  }

  async nextExpiry(after: number): Promise<number | null> {
    const row = this.#db.sql
      .prepare('select min(expires_at) as at from project_token where expires_at > ?')
      .get(after);
    return z.object({ at: z.number().nullable() }).parse(row).at;
  }

  async expiredBetween(after: number, until: number): Promise<readonly string[]> {
    return this.#db.sql
      .prepare(
        'select id from project_token where expires_at > ? and expires_at <= ? order by expires_at, id',
      )
      .all(after, until)
      .map((row) => z.object({ id: z.string() }).parse(row).id);
  }
}
