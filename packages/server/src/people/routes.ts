/** HTTP routes about oneself and about joining by invitation. */
import type { SetupState } from '@cahier/protocol/client/down.ts';
import { join, joinLook, type Me, renameMe } from '@cahier/protocol/http/people.ts';
import { z } from 'zod';
import { sessionCookie } from '../http/cookies.ts';
import { openRoute, personRoute, RawAnswer, type Route } from '../http/route.ts';
import { type People, sessionIdleMs } from './people.ts';
import type { ProjectDirectory } from './project-directory.ts';

interface PeopleRouteDeps {
  readonly people: People;
  readonly projects: ProjectDirectory;
  readonly setup: () => SetupState;
  /** Open pages of the person show the new name. */
  readonly onRenamed: (person: Me['person']['id']) => void;
}

export function peopleRoutes({ people, projects, setup, onRenamed }: PeopleRouteDeps): readonly Route[] {
  return [
    personRoute({
      method: 'GET',
      path: '/api/account',
      input: z.unknown(),
      handle: async ({ principal }): Promise<Me> => {
        const mine = await projects.ofPerson(principal.person.id);
        return {
          person: principal.person,
          projects: mine.map(({ project, role, openedAt }) => ({
            id: project.id,
            name: project.name,
            role,
            openedAt,
          })),
          setup: setup(),
          mayCreate: principal.isServerOwner,
        };
      },
    }),
    personRoute({
      method: 'PATCH',
      path: '/api/account',
      input: z.object({ body: renameMe }),
      handle: async ({ principal, input }) => {
        await people.rename(principal.person.id, input.body.name);
        onRenamed(principal.person.id);
        return { ...principal.person, name: input.body.name };
      },
    }),
    personRoute({
      method: 'POST',
      path: '/api/sign-out',
      input: z.unknown(),
      handle: async ({ principal, origin }) => {
        if (principal.session !== null) await people.endSession(principal.session);
        const { host, protocol } = new URL(origin);
        return new RawAnswer('', { 'set-cookie': sessionCookie('', host, protocol === 'https:', 0) }, 204);
      },
    }),
    openRoute({
      method: 'POST',
      path: '/api/join/look',
      input: z.object({ body: joinLook }),
      handle: async ({ input, ip }) => {
        const invitation = await people.lookAtInvitation(input.body.secret, ip);
        const project = await projects.get(invitation.project);
        return {
          projectName: project.name,
          role: invitation.role,
          invitedBy: await people.nameOf(invitation.createdBy),
        };
      },
    }),
    openRoute({
      method: 'POST',
      path: '/api/join',
      input: z.object({ body: join }),
      handle: async ({ input, principal, ip, origin }) => {
        const { secret, name } = input.body;
        const isMember = async (...of: Parameters<ProjectDirectory['role']>) =>
          (await projects.role(...of)) !== null;
        const joined = await people.join(secret, name, principal, isMember, ip);
        const body = JSON.stringify({ project: joined.project });
        const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
        if (!joined.isNewPerson) return new RawAnswer(body, headers);
        const { host, protocol } = new URL(origin);
        const session = await people.startSession(joined.person);
        const cookie = sessionCookie(session, host, protocol === 'https:', sessionIdleMs / 1000);
        return new RawAnswer(body, { ...headers, 'set-cookie': cookie });
      },
    }),
  ];
}
