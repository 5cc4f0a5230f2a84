/** What a new data folder begins with: a project with a tour to run and try together. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersonId } from '@cahier/base/ids.ts';
import type { Projects } from './projects.ts';
import { welcomeNotebook } from './welcome-notebook.ts';

export async function makeFirstProject(projects: Projects, owner: PersonId): Promise<void> {
  const { home } = await projects.create('Welcome', owner);
  await writeFile(
    join(home, 'Welcome.ipynb'),
    welcomeNotebook(() => randomBytes(4).toString('hex')),
  );
}
