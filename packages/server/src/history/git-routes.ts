/**
 * HTTP routes of what Git keeps of a file (bodies: protocol/http/git.ts). The runner asks Git, inside the project; the
 * past that Git shows is history, so it needs the right to read history.
 */
import type { ProjectId } from '@cahier/base/ids.ts';
import { baseName } from '@cahier/core/files/project-path.ts';
import { gitFile, gitLogOf } from '@cahier/protocol/http/git.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import { userBytes } from '../http/user-bytes.ts';
import type { Runner } from '../runners/runner.ts';

/** What these routes need of an open project. */
export interface GitProject {
  readonly runner: Pick<Runner, 'call'>;
}

const params = z.object({ project: projectId });
const mostCommits = 500;
/** Files are compared in the page; longer ones would stop it. */
const longestFile = 64 * 1024 * 1024;

export function gitRoutes(open: (project: ProjectId) => Promise<GitProject>): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/git/log',
      action: 'history.read',
      input: z.object({ params, query: gitLogOf }),
      handle: async ({ project, input }) => {
        const { runner } = await open(project);
        return (await runner.call({ method: 'git.log', path: input.query.path, most: mostCommits })).result;
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/git/file',
      action: 'history.read',
      input: z.object({ params, query: gitFile }),
      handle: async ({ project, input }) => {
        const { runner } = await open(project);
        const { path, revision } = input.query;
        const { payload } = await runner.call({ method: 'git.show', path, revision, maxBytes: longestFile });
        return userBytes(payload, baseName(path), true);
      },
    }),
  ];
}
