/** HTTP routes about projects: making one, its people, its invitations. */
import { appError } from '@cahier/core/errors.ts';
import { changeRole, newInvitation, newProject, personParam } from '@cahier/protocol/http/people.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { personRoute, projectRoute, type Route } from '../http/route.ts';
import type { Invitations } from '../people/invitations.ts';
import type { Projects } from './projects.ts';

interface ProjectRouteDeps {
  readonly projects: Projects;
  readonly invitations: Invitations;
}

const params = z.object({ project: projectId });

export function projectRoutes({ projects, invitations }: ProjectRouteDeps): readonly Route[] {
  return [
    personRoute({
      method: 'POST',
      path: '/api/projects',
      access: 'server-owner',
      input: z.object({ body: newProject }),
      handle: async ({ input, principal }) => {
        const { id } = await projects.create(input.body.name, principal.person.id);
        return { id };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project',
      action: 'people.read',
      input: z.object({ params }),
      handle: async ({ project, role }) => {
        const row = await projects.get(project);
        const members = await projects.members(project);
        return {
          id: row.id,
          name: row.name,
          role,
          people: members.map((member) => ({ ...member.person, role: member.role })),
        };
      },
    }),
    projectRoute({
      method: 'PATCH',
      path: '/api/projects/:project/people/:person',
      action: 'project.manage',
      input: z.object({ params: personParam, body: changeRole }),
      handle: async ({ project, input }) => {
        await projects.changeRole(project, input.params.person, input.body.role);
        return null;
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/api/projects/:project/people/:person',
      action: 'project.manage',
      input: z.object({ params: personParam }),
      handle: async ({ project, input }) => {
        await projects.changeRole(project, input.params.person, null);
        return null;
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/invitations',
      action: 'people.invite',
      input: z.object({ params }),
      handle: async ({ project }) =>
        (await invitations.list(project)).map(({ id, role, createdAt, expiresAt, usesLeft }) => ({
          id,
          role,
          createdAt,
          expiresAt,
          usesLeft,
        })),
    }),
    projectRoute({
      method: 'POST',
      path: '/api/projects/:project/invitations',
      action: 'people.invite',
      input: z.object({ params, body: newInvitation }),
      handle: async ({ project, principal, input, origin }) => {
        const { id, secret } = await invitations.make(project, principal.person.id, input.body);
        return { id, link: `${origin}/join#${secret}` };
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/api/projects/:project/invitations/:invitation',
      action: 'people.invite',
      input: z.object({ params: params.extend({ invitation: z.string().max(64) }) }),
      handle: async ({ project, input }) => {
        if (!(await invitations.remove(project, input.params.invitation)))
          throw appError('invitation/unknown');
        return null;
      },
    }),
  ];
}
