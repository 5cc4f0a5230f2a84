/** HTTP bodies of a project's settings, under /api/projects/:project/settings (its owners only). */
import { z } from 'zod';
import { role } from './people.ts';

/** GET; PATCH takes any of these. */
export const projectSettings = z.object({
  /** Who may read history: this role and those above it. */
  historyFor: role,
  /** History older than so many days is removed for ever; null: all of it is kept. */
  keepHistoryDays: z.int().min(1).max(36_500).nullable(),
});
export type ProjectSettings = z.infer<typeof projectSettings>;

export const changeSettings = projectSettings.partial();
