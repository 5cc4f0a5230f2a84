import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import { role } from '@cahier/protocol/http/people.ts';
import { personId, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import type { MemberRow, ProjectRow, ProjectStore } from '../../projects/project-store.ts';
import type { MainDatabase } from './main-database.ts';

const flag = z.number().transform((n) => n !== 0);

const projectRow = z
  .object({ id: projectId, name: z.string(), home: z.string(), is_own_folder: flag, created_at: z.number() })
  .transform(
    (row): ProjectRow => ({
      id: row.id,
      name: row.name,
      home: row.home,
      isOwnFolder: row.is_own_folder,
      createdAt: row.created_at,
    }),
  );
const membership = z.object({ role, opened_at: z.number().nullable() });
const memberRow = z.object({ id: personId, name: z.string(), color: z.string(), role }).transform(
  (row): MemberRow => ({
    person: { id: row.id, name: row.name, color: row.color },
    role: row.role,
  }),
);

export class ProjectTable implements ProjectStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async add(row: ProjectRow, owner: PersonId): Promise<void> {
    this.#db.transaction(() => {
      this.#db.sql
        .prepare('insert into project (id, name, home, is_own_folder, created_at) values (?, ?, ?, ?, ?)')
        .run(row.id, row.name, row.home, row.isOwnFolder ? 1 : 0, row.createdAt);
      this.#db.sql
        .prepare("insert into member (project, person, role, joined_at) values (?, ?, 'owner', ?)")
        .run(row.id, owner, row.createdAt);
    });
  }

  async project(id: ProjectId): Promise<ProjectRow | null> {
    const row = this.#db.sql.prepare('select * from project where id = ?').get(id);
    return row ? projectRow.parse(row) : null;
  }

  async all(): Promise<readonly ProjectRow[]> {
    return this.#db.sql
      .prepare('select * from project order by created_at, id')
      .all()
      .map((row) => projectRow.parse(row));
  }

  async ofPerson(person: PersonId) {
    return this.#db.sql
      .prepare(
        `select project.*, member.role, member.opened_at from member join project on project.id = member.project
         where member.person = ? order by coalesce(member.opened_at, member.joined_at) desc, project.id`,
      )
      .all(person)
      .map((row) => {
        const { role: itsRole, opened_at: openedAt } = membership.parse(row);
        return { project: projectRow.parse(row), role: itsRole, openedAt };
      });
  }

  async role(project: ProjectId, person: PersonId): Promise<Role | null> {
    const row = this.#db.sql
      .prepare('select role from member where project = ? and person = ?')
      .get(project, person);
    return row ? role.parse(row['role']) : null;
  }

  async members(project: ProjectId): Promise<readonly MemberRow[]> {
    return this.#db.sql
      .prepare(
        `select person.id, person.name, person.color, member.role from member join person on person.id = member.person
         where member.project = ? order by member.joined_at, person.id`,
      )
      .all(project)
      .map((row) => memberRow.parse(row));
  }

  async setRole(project: ProjectId, person: PersonId, newRole: Role): Promise<boolean> {
    const { changes } = this.#db.sql
      .prepare('update member set role = ? where project = ? and person = ?')
      .run(newRole, project, person);
    return Number(changes) > 0;
  }

  async removeMember(project: ProjectId, person: PersonId): Promise<boolean> {
    const { changes } = this.#db.sql
      .prepare('delete from member where project = ? and person = ?')
      .run(project, person);
    return Number(changes) > 0;
  }

  async markOpened(project: ProjectId, person: PersonId, at: number): Promise<void> {
    // Every tab and every reconnect comes by here; nobody waits for the disk because the time has moved by seconds.
    this.#db.sql
      .prepare(
        'update member set opened_at = ?1 where project = ?2 and person = ?3 and (opened_at is null or opened_at < ?1 - 10000)',
      )
      .run(at, project, person);
  }
}
