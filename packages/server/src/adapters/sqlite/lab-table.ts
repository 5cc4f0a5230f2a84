import { z } from 'zod';
import type { LabShelf, LabStore, LabText } from '../../jupyter/lab/lab-store.ts';
import type { MainDatabase } from './main-database.ts';

const labRow = z
  .object({ id: z.string(), text: z.string(), created_at: z.number(), changed_at: z.number() })
  .transform(
    ({ id, text, created_at, changed_at }): LabText => ({
      id,
      text,
      createdAt: created_at,
      changedAt: changed_at,
    }),
  );

const ofShelf = 'project = ? and person = ? and kind = ?';

export class LabTable implements LabStore {
  readonly #db: MainDatabase;

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  async get({ project, person, kind }: LabShelf, id: string): Promise<LabText | null> {
    const row = this.#db.sql
      .prepare(`select id, text, created_at, changed_at from lab_text where ${ofShelf} and id = ?`)
      .get(project, person, kind, id);
    return row ? labRow.parse(row) : null;
  }

  async list({ project, person, kind }: LabShelf): Promise<readonly LabText[]> {
    return this.#db.sql
      .prepare(`select id, text, created_at, changed_at from lab_text where ${ofShelf} order by id`)
      .all(project, person, kind)
      .map((row) => labRow.parse(row));
  }

  async put({ project, person, kind }: LabShelf, id: string, text: string, at: number): Promise<void> {
    this.#db.sql
      .prepare(
        `insert into lab_text (project, person, kind, id, text, created_at, changed_at)
         values (?, ?, ?, ?, ?, ?, ?) on conflict (project, person, kind, id) do update
         set text = excluded.text, changed_at = excluded.changed_at`,
      )
      .run(project, person, kind, id, text, at, at);
  }

  async remove({ project, person, kind }: LabShelf, id: string): Promise<boolean> {
    const { changes } = this.#db.sql
      .prepare(`delete from lab_text where ${ofShelf} and id = ?`)
      .run(project, person, kind, id);
    return Number(changes) > 0;
  }
}
