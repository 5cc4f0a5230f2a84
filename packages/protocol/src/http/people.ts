/** HTTP bodies about people, projects and invitations. Times in ms since the epoch. */
import { z } from 'zod';
import { personOnWire, setupState } from '../client/down.ts';
import { personId, projectId } from '../ids.ts';

export const role = z.enum(['owner', 'editor', 'viewer']);
export const personName = z.string().trim().min(1).max(80);

/** GET /api/account */
export const me = z.object({
  person: personOnWire,
  projects: z.array(z.object({ id: projectId, name: z.string(), role, openedAt: z.number().nullable() })),
  setup: setupState,
  /** May this person make projects (the server's owner)? */
  mayCreate: z.boolean(),
});
export type Me = z.infer<typeof me>;

/** PATCH /api/account */
export const renameMe = z.object({ name: personName });
/** POST /api/projects → { id } */
export const newProject = z.object({ name: z.string().trim().min(1).max(120) });

/** GET /api/projects/:project */
export const project = z.object({
  id: projectId,
  name: z.string(),
  role,
  people: z.array(personOnWire.extend({ role })),
});
export type Project = z.infer<typeof project>;

/** POST /api/projects/:project/invitations → `invitationMade`; the secret is shown once. */
export const newInvitation = z.object({
  role: z.enum(['editor', 'viewer']),
  expiresInHours: z
    .number()
    .positive()
    .max(24 * 365)
    .default(24 * 14),
  uses: z.int().positive().max(10_000).default(500),
});
export const invitationMade = z.object({ id: z.string(), link: z.string() });
/** GET /api/projects/:project/invitations */
export const invitations = z.array(
  z.object({
    id: z.string(),
    role,
    createdAt: z.number(),
    expiresAt: z.number(),
    usesLeft: z.number(),
  }),
);
/** POST /api/join — the secret travels in the body; in the link it stands behind `#`, so that no log sees it. */
export const join = z.object({ secret: z.string().min(8).max(128), name: personName });
export const joined = z.object({ project: projectId });
/** POST /api/join/look → what the invitation is for, before a name is given. */
export const joinLook = z.object({ secret: z.string().min(8).max(128) });
export const joinSeen = z.object({ projectName: z.string(), role, invitedBy: z.string() });
/** PATCH /api/projects/:project/people/:person ; DELETE removes. */
export const changeRole = z.object({ role });
export const personParam = z.object({ project: projectId, person: personId });
