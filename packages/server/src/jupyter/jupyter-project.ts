/** What Jupyter's API needs of an open project (projects/open-project.ts has it), and who asks. */
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { Principal } from '../http/principal.ts';
import type { ProjectFiles } from '../files/routes.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Terminals } from '../terminals/project-terminals.ts';
import type { ProjectRuns } from '../runs/project-runs.ts';

export interface JupyterProject extends ProjectFiles {
  readonly rooms: Rooms;
  readonly runs: ProjectRuns;
  readonly terminals: Terminals;
}

export function authorOf({ person }: Principal): EntryAuthor {
  return { person: person.id, name: person.name, session: null };
}
