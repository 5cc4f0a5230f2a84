/** `/p/:project/api/config/:section`: what Jupyter's front ends keep on their server. Ours takes nothing from it. */
import type { JsonObject } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { jsonObject } from '@cahier/protocol/json.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import { mergedConfig } from './config-merge.ts';
import type { ConfigStore } from './config-store.ts';

export interface ConfigRouteDeps {
  readonly config: ConfigStore;
}

const longestSection = 256 * 1024;
const mostSections = 200;

const params = z.object({ project: projectId, section: z.string().regex(/^\w{1,128}$/) });
const path = '/p/:project/api/config/:section';

export function configRoutes({ config }: ConfigRouteDeps): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path,
      action: 'document.read',
      input: z.object({ params }),
      handle: ({ project, input }) => config.get(project, input.params.section),
    }),
    projectRoute({
      method: 'PUT',
      path,
      action: 'document.edit',
      input: z.object({ params, body: jsonObject }),
      handle: async ({ project, input }) => {
        await config.update(project, input.params.section, (_, others) => bounded(input.body, others));
        return null;
      },
    }),
    projectRoute({
      method: 'PATCH',
      path,
      action: 'document.edit',
      input: z.object({ params, body: jsonObject }),
      handle: ({ project, input }) =>
        config.update(project, input.params.section, (now, others) =>
          bounded(mergedConfig(now, input.body), others),
        ),
    }),
  ];
}

/** Throws `request/too-large`, `jupyter/refused`. */
function bounded(section: JsonObject, others: number): JsonObject {
  if (JSON.stringify(section).length > longestSection) {
    throw appError('request/too-large', { details: { limit: `${longestSection / 1024} kB a section` } });
  }
  if (others >= mostSections) {
    const why = `A project keeps at most ${mostSections} sections of configuration.`;
    throw appError('jupyter/refused', { details: { why } });
  }
  return section;
}
