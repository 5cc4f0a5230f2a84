/** Port: what people must know of projects (projects/projects.ts implements it). */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';

interface NamedProject {
  readonly id: ProjectId;
  readonly name: string;
}

export interface ProjectDirectory {
  /** Throws `project/not-found`. */
  get(project: ProjectId): Promise<NamedProject>;
  ofPerson(
    person: PersonId,
  ): Promise<
    readonly { readonly project: NamedProject; readonly role: Role; readonly openedAt: number | null }[]
  >;
  /** null: not in it. */
  role(project: ProjectId, person: PersonId): Promise<Role | null>;
}
