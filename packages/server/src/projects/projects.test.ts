import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asPersonId } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newNotebookBytes } from '../files/new-notebook.ts';
import { MainDatabase } from '../adapters/sqlite/main-database.ts';
import { PeopleTable } from '../adapters/sqlite/people-table.ts';
import { ProjectTable } from '../adapters/sqlite/project-table.ts';
import { Projects } from './projects.ts';
import { ShownFolders } from './shown-folders.ts';
import { welcomeNotebook } from './welcome-notebook.ts';

const ada = asPersonId('ada');
let folder = '';
let db: MainDatabase;
const newProjects = () => new Projects({ store: new ProjectTable(db), clock: new FakeClock(), folder });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-projects-'));
  db = new MainDatabase(':memory:');
  await new PeopleTable(db).addPerson({
    id: ada,
    name: 'Ada',
    color: '#000',
    isServerOwner: true,
    createdAt: 0,
  });
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true, force: true });
});

describe('projects', () => {
  it('have a folder of their own that only this user may enter', async () => {
    const { home, id } = await newProjects().create('../../etc', ada);
    expect(home).toBe(join(folder, id));
    expect((await stat(home)).mode & 0o077).toBe(0);
  });

  it('of the data folder are served together', async () => {
    const projects = newProjects();
    const one = await projects.create('One', ada);
    await projects.create('Two', ada);
    expect((await projects.all()).map(({ name }) => name).sort()).toEqual(['One', 'Two']);
    expect(await projects.role(one.id, ada)).toBe('owner');
  });

  it('named on the command line are served alone, and are the same ones at the next start', async () => {
    const kept = await newProjects().create('Kept', ada);
    const projects = newProjects();
    const named = await projects.serveFolder('/home/ada/work', ada);
    expect(named).toMatchObject({ name: 'work', home: '/home/ada/work' });
    expect((await projects.ofPerson(ada)).map(({ project }) => project.id)).toEqual([named.id]);
    expect(await projects.role(kept.id, ada)).toBeNull();
    await expect(projects.get(kept.id)).rejects.toMatchObject({ code: 'project/not-found' });
    expect((await newProjects().serveFolder('/home/ada/work', ada)).id).toBe(named.id);
    const without = newProjects();
    expect((await without.all()).map(({ id }) => id)).toEqual([kept.id]);
    expect(await without.role(named.id, ada)).toBeNull();
  });
});

describe('the notebooks that we write', () => {
  let n = 0;
  const newId = () => {
    n += 1;
    return n.toString(16).padStart(8, '0');
  };

  it.each([
    ['the tour', () => welcomeNotebook(newId)],
    ['a new one', () => newNotebookBytes(newId())],
  ])('%s has the form of the reference writer', (_name, make) => {
    const bytes = make();
    const parsed = kinds.notebook.fromFile(bytes, 'a.ipynb', newId);
    if (!parsed.ok) throw new Error(parsed.code);
    expect(new TextDecoder().decode(kinds.notebook.toFile(parsed.plain))).toBe(
      new TextDecoder().decode(bytes),
    );
  });
});

describe('shown folders', () => {
  it('are told apart, and the oldest is forgotten', () => {
    const folders = new ShownFolders();
    expect([folders.show('a'), folders.show('b'), folders.show('a')]).toEqual([true, true, false]);
    for (let i = 0; i < 29; i += 1) folders.show(`f${i}`);
    expect(folders.all).toHaveLength(30);
    expect(folders.all).toContain('a');
    expect(folders.all).not.toContain('b');
  });
});
