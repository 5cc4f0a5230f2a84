import type { ProjectId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { jsonObject } from '@cahier/protocol/json.ts';
import { z } from 'zod';
import type { ConfigStore } from '../../jupyter/config-store.ts';
import type { MainDatabase } from './main-database.ts';

const sectionRow = z.object({ data: z.string().transform((text) => jsonObject.parse(JSON.parse(text))) });
const countRow = z.object({ n: z.number() });

export class JupyterConfigTable implements ConfigStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async get(project: ProjectId, section: string): Promise<JsonObject> {
    return this.#get(project, section);
  }

  async update(
    project: ProjectId,
    section: string,
    change: (now: JsonObject, otherSections: number) => JsonObject,
  ): Promise<JsonObject> {
    return this.#db.transaction(() => {
      const others = this.#db.sql
        .prepare('select count(*) as n from jupyter_config where project = ? and section <> ?')
        .get(project, section);
      const data = change(this.#get(project, section), countRow.parse(others).n);
      this.#db.sql
        .prepare(
          `insert into jupyter_config values (?, ?, ?)
           on conflict (project, section) do update set data = excluded.data`,
        )
        .run(project, section, JSON.stringify(data));
      return data;
    });
  }

  #get(project: ProjectId, section: string): JsonObject {
    const row = this.#db.sql
      .prepare('select data from jupyter_config where project = ? and section = ?')
      .get(project, section);
    return row ? sectionRow.parse(row).data : {};
  }
}
