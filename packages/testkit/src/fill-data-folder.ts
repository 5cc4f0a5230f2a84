/** A data folder as if a server had run there: one project with its people and files; histories are put in by `fill`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProjectId } from '@cahier/base/ids.ts';
import { DiskBlobStore } from '@cahier/server/adapters/disk/disk-blob-store.ts';
import { openDataFolder } from '@cahier/server/adapters/local/data-folder.ts';
import { SqliteHistoryLog } from '@cahier/server/adapters/sqlite/history-log.ts';
import { MainDatabase } from '@cahier/server/adapters/sqlite/main-database.ts';
import { PeopleTable } from '@cahier/server/adapters/sqlite/people-table.ts';
import { ProjectTable } from '@cahier/server/adapters/sqlite/project-table.ts';
import type { Person } from '@cahier/server/http/principal.ts';

export interface FilledProject {
  readonly id: ProjectId;
  readonly name: string;
  readonly createdAt: number;
  /** The first owns project and server, the others may edit. */
  readonly people: readonly Person[];
}

export interface Filling {
  readonly log: SqliteHistoryLog;
  readonly blobs: DiskBlobStore;
  /** Writes a file of the project. */
  file(path: string, content: string | Uint8Array): Promise<void>;
}

/** `data`: a folder that no server uses; made when it is not there. */
export async function fillDataFolder(
  data: string,
  { id, name, people, createdAt }: FilledProject,
  fill: (filling: Filling) => Promise<void>,
): Promise<void> {
  const [owner] = people;
  if (!owner) throw new Error('a project has an owner');
  const folder = await openDataFolder(data, 'testkit');
  const home = join(folder.projects, id);
  const db = new MainDatabase(folder.mainDatabase);
  const log = await SqliteHistoryLog.open(folder.historyDatabase);
  try {
    const table = new PeopleTable(db);
    for (const person of people) {
      await table.addPerson({ ...person, isServerOwner: person === owner, createdAt });
    }
    await new ProjectTable(db).add({ id, name, home, isOwnFolder: true, createdAt }, owner.id);
    const addMember = db.sql.prepare(
      'insert into member (project, person, role, joined_at) values (?, ?, ?, ?)',
    );
    for (const person of people.slice(1)) addMember.run(id, person.id, 'editor', createdAt);
    await mkdir(home, { recursive: true, mode: 0o700 });
    await fill({
      log,
      blobs: new DiskBlobStore({ folder: folder.blobs }),
      file: async (path, content) => {
        await mkdir(dirname(join(home, path)), { recursive: true, mode: 0o700 });
        await writeFile(join(home, path), content);
      },
    });
  } finally {
    await log.close();
    db.close();
    await folder.release();
  }
}
