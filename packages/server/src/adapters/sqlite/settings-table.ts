import type { ProjectId } from '@cahier/base/ids.ts';
import { defaultAccess } from '@cahier/core/access/rights.ts';
import { type ProjectSettings, projectSettings } from '@cahier/protocol/http/settings.ts';
import type { SettingsStore } from '../../projects/settings-store.ts';
import type { MainDatabase } from './main-database.ts';

const byDefault: ProjectSettings = { ...defaultAccess, keepHistoryDays: null };

/** Asked for every frame of every tab: read once, and kept. This server is the only one that writes them. */
export class SettingsTable implements SettingsStore {
  readonly #db: MainDatabase;
  readonly #known = new Map<ProjectId, ProjectSettings>();

  constructor(db: MainDatabase) {
    this.#db = db;
  }

  of(project: ProjectId): ProjectSettings {
    const known = this.#known.get(project);
    if (known) return known;
    const row = this.#db.sql.prepare('select * from project_settings where project = ?').get(project);
    const settings = row
      ? projectSettings.parse({
          historyFor: row['history_for'],
          keepHistoryDays: row['keep_history_days'],
        })
      : byDefault;
    this.#known.set(project, settings);
    return settings;
  }

  set(project: ProjectId, settings: ProjectSettings): void {
    this.#db.sql
      .prepare(
        `insert into project_settings values (?, ?, ?) on conflict (project) do update
         set history_for = excluded.history_for, keep_history_days = excluded.keep_history_days`,
      )
      .run(project, settings.historyFor, settings.keepHistoryDays);
    this.#known.set(project, settings);
  }
}
