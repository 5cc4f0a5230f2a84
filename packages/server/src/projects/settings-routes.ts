/** HTTP routes of a project's settings: its owners only. */
import { changeSettings } from '@cahier/protocol/http/settings.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import type { SettingsStore } from './settings-store.ts';

const params = z.object({ project: projectId });
const path = '/api/projects/:project/settings';

export function settingsRoutes(settings: SettingsStore): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path,
      action: 'project.manage',
      input: z.object({ params }),
      handle: async ({ project }) => settings.of(project),
    }),
    projectRoute({
      method: 'PATCH',
      path,
      action: 'project.manage',
      input: z.object({ params, body: changeSettings }),
      handle: async ({ project, input }) => {
        const { historyFor, keepHistoryDays } = input.body;
        const before = settings.of(project);
        settings.set(project, {
          historyFor: historyFor ?? before.historyFor,
          keepHistoryDays: keepHistoryDays === undefined ? before.keepHistoryDays : keepHistoryDays,
        });
        return settings.of(project);
      },
    }),
  ];
}
