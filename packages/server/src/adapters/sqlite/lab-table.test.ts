import { labStoreContract } from '../../jupyter/lab/lab-store.contract.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { Projects } from '../../projects/projects.ts';
import { LabTable } from './lab-table.ts';
import { MainDatabase } from './main-database.ts';
import { PeopleTable } from './people-table.ts';
import { ProjectTable } from './project-table.ts';
import { asPersonId } from '@cahier/base/ids.ts';

labStoreContract('SQLite', async () => {
  const db = new MainDatabase(':memory:');
  const people = new PeopleTable(db);
  const row = (id: string) => ({
    id: asPersonId(id),
    name: id,
    color: '#000000',
    isServerOwner: false,
    createdAt: 1,
  });
  const [ann, bob] = [row('ann'), row('bob')];
  await people.addPerson(ann);
  await people.addPerson(bob);
  const projects = new Projects({ store: new ProjectTable(db), clock: new FakeClock(), folder: '/nowhere' });
  const first = await projects.serveFolder('/nowhere/a', ann.id);
  const second = await projects.serveFolder('/nowhere/b', ann.id);
  return {
    store: new LabTable(db),
    projects: [first.id, second.id],
    people: [ann.id, bob.id],
    removeProject: async (project) => void db.sql.prepare('delete from project where id = ?').run(project),
    end: async () => db.close(),
  };
});
