import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';

/** A person's role in a project became another. */
export interface RoleChange {
  readonly project: ProjectId;
  readonly person: PersonId;
  /** null: no longer in the project. */
  readonly role: Role | null;
}
