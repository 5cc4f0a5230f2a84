/**
 * `/p/:project/api/terminals`; the sockets are in terminal-sockets.ts. A terminal is the whole home of the project: to open one, to
 * look at it and to type needs the right to run code, which owners and editors have. Source: jupyter_server_terminals.
 */
import { asTerminalName, type ProjectId } from '@cahier/base/ids.ts';
import { normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { newTerminal } from '@cahier/protocol/http/jupyter.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import type { TerminalRow } from '../terminals/project-terminals.ts';
import type { JupyterProject } from './jupyter-project.ts';

export interface TerminalRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
}

const params = z.object({ project: projectId });
const one = params.extend({ terminal: z.string().max(64) });

export function terminalRoutes(deps: TerminalRouteDeps): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/terminals',
      action: 'run',
      input: z.object({ params }),
      handle: async ({ project }) => (await (await deps.open(project)).terminals.list()).map(model),
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/terminals',
      action: 'run',
      input: z.object({ params, body: newTerminal }),
      handle: async ({ project, input }) => {
        const { terminals } = await deps.open(project);
        const { name, cwd } = input.body;
        const wanted = name === undefined ? null : asTerminalName(name);
        return model(await terminals.start(wanted, normaliseProjectPath((cwd ?? '').replace(/^\/+/, ''))));
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/terminals/:terminal',
      action: 'run',
      input: z.object({ params: one }),
      handle: async ({ project, input }) =>
        model(await (await deps.open(project)).terminals.find(input.params.terminal)),
    }),
    projectRoute({
      method: 'DELETE',
      path: '/p/:project/api/terminals/:terminal',
      action: 'run',
      input: z.object({ params: one }),
      handle: async ({ project, input }) => {
        await (await deps.open(project)).terminals.end(input.params.terminal);
        return null;
      },
    }),
  ];
}

function model({ name, lastActivity }: TerminalRow) {
  return { name, last_activity: new Date(lastActivity).toISOString() };
}
