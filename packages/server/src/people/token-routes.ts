/** HTTP routes about a project's tokens; its owner's only, and never by a token itself. */
import { appError } from '@cahier/core/errors.ts';
import { newToken, type TokenListed } from '@cahier/protocol/http/tokens.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import type { ProjectTokens } from './project-tokens.ts';

const params = z.object({ project: projectId });

export function tokenRoutes(tokens: ProjectTokens): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/tokens',
      action: 'project.manage',
      input: z.object({ params }),
      handle: async ({ project }) =>
        (await tokens.list(project)).map(
          ({ id, name, scopes, createdAt, usedAt }): TokenListed => ({
            id,
            name,
            scopes: [...scopes],
            createdAt,
            usedAt,
          }),
        ),
    }),
    projectRoute({
      method: 'POST',
      path: '/api/projects/:project/tokens',
      action: 'project.manage',
      input: z.object({ params, body: newToken }),
      handle: ({ project, principal, input }) => tokens.make(project, principal.person.id, input.body),
    }),
    projectRoute({
      method: 'DELETE',
      path: '/api/projects/:project/tokens/:token',
      action: 'project.manage',
      input: z.object({ params: params.extend({ token: z.string().max(64) }) }),
      handle: async ({ project, input }) => {
        if (!(await tokens.remove(project, input.params.token))) throw appError('token/unknown');
        return null;
      },
    }),
  ];
}
