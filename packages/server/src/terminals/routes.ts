/** `/api/projects/:project/terminals`: open, list and end terminals from our own page. Rights as in Jupyter's routes. */
import type { ProjectId } from '@cahier/base/ids.ts';
import { normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { startTerminal } from '@cahier/protocol/http/terminals.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import type { Terminals } from './project-terminals.ts';

type OpenTerminals = (project: ProjectId) => Promise<{ readonly terminals: Terminals }>;

const params = z.object({ project: projectId });

export function projectTerminalRoutes(open: OpenTerminals): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/terminals',
      action: 'run',
      input: z.object({ params }),
      handle: async ({ project }) => ({ terminals: await (await open(project)).terminals.list() }),
    }),
    projectRoute({
      method: 'POST',
      path: '/api/projects/:project/terminals',
      action: 'run',
      input: z.object({ params, body: startTerminal }),
      handle: async ({ project, input }) =>
        (await open(project)).terminals.start(null, normaliseProjectPath(input.body.cwd)),
    }),
    projectRoute({
      method: 'DELETE',
      path: '/api/projects/:project/terminals/:terminal',
      action: 'run',
      input: z.object({ params: params.extend({ terminal: z.string().max(64) }) }),
      handle: async ({ project, input }) => {
        await (await open(project)).terminals.end(input.params.terminal);
        return null;
      },
    }),
  ];
}
