/** Port: projects and who is in them. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import type { Person } from '../http/principal.ts';

export interface ProjectRow {
  readonly id: ProjectId;
  readonly name: string;
  /** Absolute folder of its files. */
  readonly home: string;
  /** Is the folder one of ours (under the data folder), or one that was named on the command line? */
  readonly isOwnFolder: boolean;
  readonly createdAt: number;
}

export interface MemberRow {
  readonly person: Person;
  readonly role: Role;
}

export interface ProjectStore {
  /** Adds the project with its first member, the owner. */
  add(row: ProjectRow, owner: PersonId): Promise<void>;
  project(id: ProjectId): Promise<ProjectRow | null>;
  all(): Promise<readonly ProjectRow[]>;
  ofPerson(
    person: PersonId,
  ): Promise<
    readonly { readonly project: ProjectRow; readonly role: Role; readonly openedAt: number | null }[]
  >;
  role(project: ProjectId, person: PersonId): Promise<Role | null>;
  members(project: ProjectId): Promise<readonly MemberRow[]>;
  setRole(project: ProjectId, person: PersonId, role: Role): Promise<boolean>;
  removeMember(project: ProjectId, person: PersonId): Promise<boolean>;
  markOpened(project: ProjectId, person: PersonId, at: number): Promise<void>;
}
