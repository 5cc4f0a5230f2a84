/**
 * HTTP routes about a project's tokens, and never by a token itself. Everybody in a project makes their own: a token can
 * do no more than who made it. Owners see and take back all of them.
 */
import { appError } from '@cahier/core/errors.ts';
import { may } from '@cahier/core/access/rights.ts';
import {
  addressHoursDefault,
  newToken,
  type TokenListed,
  type TokenMade,
} from '@cahier/protocol/http/tokens.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { type ProjectCall, projectRoute, type Route } from '../http/route.ts';
import type { ProjectTokenRow } from './project-token-store.ts';
import type { ProjectTokens } from './project-tokens.ts';

export interface TokenRouteDeps {
  readonly tokens: ProjectTokens;
  readonly nameOf: (person: ProjectTokenRow['createdBy']) => Promise<string>;
}

const params = z.object({ project: projectId });

export function tokenRoutes({ tokens, nameOf }: TokenRouteDeps): readonly Route[] {
  const visible = async (call: ProjectCall<unknown>): Promise<readonly ProjectTokenRow[]> => {
    refuseTokens(call);
    const all = await tokens.list(call.project);
    return may(call.role, 'project.manage')
      ? all
      : all.filter(({ createdBy }) => createdBy === call.principal.person.id);
  };
  return [
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/tokens',
      action: 'document.read',
      input: z.object({ params }),
      handle: async (call) =>
        Promise.all(
          (await visible(call)).map(
            async ({
              id,
              name,
              scopes,
              kind,
              createdAt,
              expiresAt,
              usedAt,
              createdBy,
            }): Promise<TokenListed> => ({
              id,
              name,
              scopes: [...scopes],
              kind,
              createdAt,
              expiresAt,
              usedAt,
              madeBy: await nameOf(createdBy),
            }),
          ),
        ),
    }),
    projectRoute({
      method: 'POST',
      path: '/api/projects/:project/tokens',
      action: 'document.read',
      input: z.object({ params, body: newToken }),
      handle: async (call): Promise<TokenMade> => {
        refuseTokens(call);
        const { project, principal, input, origin } = call;
        const { kind, hours } = input.body;
        const made = await tokens.make(project, principal.person.id, {
          ...input.body,
          hours: kind === 'address' ? (hours ?? addressHoursDefault) : hours,
        });
        const path = kind === 'address' ? `/k/${made.token}` : `/p/${encodeURIComponent(project)}`;
        return { ...made, address: `${origin}${path}` };
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/api/projects/:project/tokens/:token',
      action: 'document.read',
      input: z.object({ params: params.extend({ token: z.string().max(64) }) }),
      handle: async (call) => {
        const { token } = call.input.params;
        const isMine = (await visible(call)).some(({ id }) => id === token);
        if (!isMine || !(await tokens.remove(call.project, token))) throw appError('token/unknown');
        return null;
      },
    }),
  ];
}

/** A program must not give itself more time, or more rights, than it was given. */
function refuseTokens({ principal }: ProjectCall<unknown>): void {
  if (principal.limits) {
    throw appError('access/forbidden', { details: { action: 'manage tokens with a token' } });
  }
}
