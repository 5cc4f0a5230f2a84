import type { ProjectId } from '@cahier/base/ids.ts';
import { role } from '@cahier/protocol/http/people.ts';
import { personId, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import type { InvitationRow, InvitationStore } from '../../people/invitation-store.ts';
import type { PersonRow } from '../../people/people-store.ts';
import type { MainDatabase } from './main-database.ts';
import { insertPerson } from './people-table.ts';

const invitationRow = z
  .object({
    id: z.string(),
    project: projectId,
    hash: z.string(),
    role,
    created_by: personId,
    created_at: z.number(),
    expires_at: z.number(),
    uses_left: z.number(),
  })
  .transform(
    (row): InvitationRow => ({
      id: row.id,
      project: row.project,
      hash: row.hash,
      role: row.role,
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      usesLeft: row.uses_left,
    }),
  );

export class InvitationTable implements InvitationStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async add(row: InvitationRow): Promise<void> {
    this.#db.sql
      .prepare(
        `insert into invitation (id, project, hash, role, created_by, created_at, expires_at, uses_left)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.project,
        row.hash,
        row.role,
        row.createdBy,
        row.createdAt,
        row.expiresAt,
        row.usesLeft,
      );
  }

  async valid(hash: string, now: number): Promise<InvitationRow | null> {
    return this.#valid(hash, now);
  }

  async listValid(project: ProjectId, now: number): Promise<readonly InvitationRow[]> {
    return this.#db.sql
      .prepare(
        'select * from invitation where project = ? and expires_at > ? and uses_left > 0 order by created_at desc',
      )
      .all(project, now)
      .map((row) => invitationRow.parse(row));
  }

  async remove(project: ProjectId, id: string): Promise<boolean> {
    const { changes } = this.#db.sql
      .prepare('delete from invitation where project = ? and id = ?')
      .run(project, id);
    return Number(changes) > 0;
  }

  async redeem(hash: string, now: number, person: PersonRow, isNew: boolean): Promise<InvitationRow | null> {
    return this.#db.transaction(() => {
      const invitation = this.#valid(hash, now);
      if (!invitation) return null;
      this.#db.sql.prepare('update invitation set uses_left = uses_left - 1 where id = ?').run(invitation.id);
      if (isNew) insertPerson(this.#db, person);
      this.#db.sql
        .prepare('insert into member (project, person, role, joined_at) values (?, ?, ?, ?)')
        .run(invitation.project, person.id, invitation.role, now);
      return invitation;
    });
  }

  #valid(hash: string, now: number): InvitationRow | null {
    const row = this.#db.sql
      .prepare('select * from invitation where hash = ? and expires_at > ? and uses_left > 0')
      .get(hash, now);
    return row ? invitationRow.parse(row) : null;
  }
}
