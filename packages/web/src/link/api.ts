/** The server's HTTP doors, typed: every answer is parsed, every refusal is an AppError with a sentence to show. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { fileMade, kernelspecs, listing } from '@cahier/protocol/http/files.ts';
import { chunk, timeline } from '@cahier/protocol/http/history.ts';
import { invitationMade, invitations, joined, joinSeen, me, project } from '@cahier/protocol/http/people.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { fromWireError, wireError } from '@cahier/protocol/wire-error.ts';
import { z } from 'zod';
import { randomId } from './random-id.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

interface Ask {
  readonly body?: object;
  readonly bytes?: Blob;
  readonly signal?: AbortSignal;
}

/** Rejects with the server's error, or `link/offline` when it cannot be reached. */
async function ask<S extends z.ZodType>(
  method: Method,
  path: string,
  answer: S,
  options: Ask = {},
): Promise<z.output<S>> {
  const { body, bytes, signal } = options;
  const headers: Record<string, string> = { 'x-request-id': randomId() };
  if (body) headers['content-type'] = 'application/json';
  else if (bytes) headers['content-type'] = 'application/octet-stream';
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : bytes ? { body: bytes } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    throw appError('link/offline', { cause });
  }
  const text = await response.text();
  let value: unknown = null;
  try {
    if (text !== '') value = JSON.parse(text);
  } catch (cause) {
    if (response.ok) throw appError('protocol/mismatch', { cause });
  }
  if (!response.ok) {
    const refused = wireError.safeParse(value);
    throw refused.success ? fromWireError(refused.data) : appError('link/offline');
  }
  const parsed = answer.safeParse(value);
  if (!parsed.success) throw appError('protocol/mismatch', { cause: parsed.error });
  return parsed.data;
}

const nothing = z.unknown();
const made = z.object({ id: projectId });
const of = (project: ProjectId) => `/api/projects/${encodeURIComponent(project)}`;
const query = (values: Record<string, string>) => `?${new URLSearchParams(values).toString()}`;

export const api = {
  me: () => ask('GET', '/api/me', me),
  renameMe: (name: string) => ask('PATCH', '/api/me', nothing, { body: { name } }),
  newProject: (name: string) => ask('POST', '/api/projects', made, { body: { name } }),
  project: (id: ProjectId) => ask('GET', of(id), project),

  joinLook: (secret: string) => ask('POST', '/api/join/look', joinSeen, { body: { secret } }),
  join: (secret: string, name: string) => ask('POST', '/api/join', joined, { body: { secret, name } }),

  invitations: (id: ProjectId) => ask('GET', `${of(id)}/invitations`, invitations),
  invite: (id: ProjectId, role: 'editor' | 'viewer') =>
    ask('POST', `${of(id)}/invitations`, invitationMade, { body: { role } }),
  revokeInvitation: (id: ProjectId, invitation: string) =>
    ask('DELETE', `${of(id)}/invitations/${encodeURIComponent(invitation)}`, nothing),
  changeRole: (id: ProjectId, person: PersonId, role: 'owner' | 'editor' | 'viewer') =>
    ask('PATCH', `${of(id)}/people/${encodeURIComponent(person)}`, nothing, { body: { role } }),
  removePerson: (id: ProjectId, person: PersonId) =>
    ask('DELETE', `${of(id)}/people/${encodeURIComponent(person)}`, nothing),

  files: (id: ProjectId, folder: string) => ask('GET', `${of(id)}/files${query({ path: folder })}`, listing),
  newFile: (
    id: ProjectId,
    body: { folder: string; type: 'notebook' | 'text' | 'directory'; name?: string },
  ) => ask('POST', `${of(id)}/files`, fileMade, { body }),
  renameFile: (id: ProjectId, from: string, to: string) =>
    ask('PATCH', `${of(id)}/files`, nothing, { body: { from, to } }),
  deleteFile: (id: ProjectId, path: string) => ask('DELETE', `${of(id)}/files${query({ path })}`, nothing),
  upload: (id: ProjectId, path: string, bytes: Blob, overwrite: boolean) =>
    ask('PUT', `${of(id)}/files/content${query({ path, overwrite: overwrite ? '1' : '0' })}`, nothing, {
      bytes,
    }),
  kernelspecs: (id: ProjectId) => ask('GET', `${of(id)}/kernelspecs`, kernelspecs),

  timeline: (id: ProjectId, document: string) =>
    ask('GET', `${of(id)}/documents/${encodeURIComponent(document)}/history/timeline`, timeline),
  chunk: (id: ProjectId, document: string, seq: number) =>
    ask(
      'GET',
      `${of(id)}/documents/${encodeURIComponent(document)}/history/chunk${query({ seq: String(seq) })}`,
      chunk,
    ),
} as const;
