/** The server's HTTP doors, typed: every answer is parsed, every refusal is an AppError with a sentence to show. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { fileMade, kernelspecs, listing } from '@cahier/protocol/http/files.ts';
import { gitLog } from '@cahier/protocol/http/git.ts';
import {
  chunk,
  deletedDocuments,
  histories,
  namedMoments,
  purged,
  recovered,
  timeline,
} from '@cahier/protocol/http/history.ts';
import type { PackedSteps } from '@cahier/protocol/http/packed-steps.ts';
import { type ProjectSettings, projectSettings } from '@cahier/protocol/http/settings.ts';
import { labState } from '@cahier/protocol/http/jupyterlab.ts';
import { invitationMade, invitations, joined, joinSeen, me, project } from '@cahier/protocol/http/people.ts';
import { tokenListed, tokenMade } from '@cahier/protocol/http/tokens.ts';
import { terminalList, terminalRow } from '@cahier/protocol/http/terminals.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { fromWireError, wireError } from '@cahier/protocol/wire-error.ts';
import { z } from 'zod';
import { attachedName } from '../jupyter/export-formats.ts';
import { randomId } from './random-id.ts';
import { exportUrl } from './urls.ts';

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
const exporters = z.record(z.string(), z.unknown());
const of = (project: ProjectId) => `/api/projects/${encodeURIComponent(project)}`;
const query = (values: Record<string, string>) => `?${new URLSearchParams(values).toString()}`;

async function bytesAt(url: string): Promise<Response> {
  const response = await fetch(url, { headers: { 'x-request-id': randomId() } }).catch((cause: unknown) => {
    throw appError('link/offline', { cause });
  });
  if (response.ok) return response;
  const refused = wireError.safeParse(await response.json().catch(() => null));
  throw refused.success ? fromWireError(refused.data) : appError('link/offline');
}

const historyOf = (id: ProjectId, document: string) =>
  `${of(id)}/documents/${encodeURIComponent(document)}/history`;

export const api = {
  me: () => ask('GET', '/api/account', me),
  renameMe: (name: string) => ask('PATCH', '/api/account', nothing, { body: { name } }),
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

  tokens: (id: ProjectId) => ask('GET', `${of(id)}/tokens`, z.array(tokenListed)),
  makeToken: (
    id: ProjectId,
    body: {
      name: string;
      kind: 'header' | 'address';
      scopes: readonly ('read' | 'run' | 'edit')[];
      hours: number | null;
    },
  ) => ask('POST', `${of(id)}/tokens`, tokenMade, { body }),
  takeBackToken: (id: ProjectId, token: string) =>
    ask('DELETE', `${of(id)}/tokens/${encodeURIComponent(token)}`, nothing),

  files: (id: ProjectId, folder: string) => ask('GET', `${of(id)}/files${query({ path: folder })}`, listing),
  copyFile: (id: ProjectId, path: string) =>
    ask('POST', `${of(id)}/files/copy`, fileMade, { body: { path } }),
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
  lab: (id: ProjectId) => ask('GET', `${of(id)}/jupyterlab`, labState),
  prepareLab: (id: ProjectId) => ask('POST', `${of(id)}/jupyterlab`, labState, { body: {} }),
  terminals: (id: ProjectId) => ask('GET', `${of(id)}/terminals`, terminalList),
  newTerminal: (id: ProjectId, cwd: string) =>
    ask('POST', `${of(id)}/terminals`, terminalRow, { body: { cwd } }),
  endTerminal: (id: ProjectId, name: string) =>
    ask('DELETE', `${of(id)}/terminals/${encodeURIComponent(name)}`, nothing),
  kernelspecs: (id: ProjectId) => ask('GET', `${of(id)}/kernelspecs`, kernelspecs),

  timeline: (id: ProjectId, document: string) => ask('GET', `${historyOf(id, document)}/timeline`, timeline),
  /** `seq` null: the newest chunk. */
  chunk: (id: ProjectId, document: string, seq: number | null) =>
    ask('GET', `${historyOf(id, document)}/chunk${seq === null ? '' : query({ seq: String(seq) })}`, chunk),
  steps: async (id: ProjectId, document: string, from: number, to: number): Promise<PackedSteps> => {
    const stretch = query({ from: String(from), to: String(to) });
    // Beside the request: only who wants every step needs it.
    const reading = import('@cahier/protocol/http/packed-steps.ts');
    const response = await bytesAt(`${historyOf(id, document)}/steps${stretch}`);
    const { parsePackedSteps } = await reading;
    try {
      return parsePackedSteps(new Uint8Array(await response.arrayBuffer()));
    } catch (cause) {
      throw appError('protocol/mismatch', { cause });
    }
  },
  names: (id: ProjectId, document: string) => ask('GET', `${historyOf(id, document)}/names`, namedMoments),
  nameMoment: (id: ProjectId, document: string, seq: number, name: string) =>
    ask('PUT', `${historyOf(id, document)}/names`, nothing, { body: { seq, name } }),
  purge: (id: ProjectId, document: string, from: number, to: number) =>
    ask('POST', `${historyOf(id, document)}/purge`, purged, { body: { from, to } }),
  exportUrl: (id: ProjectId, document: string, withOutputs: boolean) =>
    `${historyOf(id, document)}/export${query({ outputs: withOutputs ? '1' : '0' })}`,
  histories: (id: ProjectId) => ask('GET', `${of(id)}/histories`, histories),
  exportAllUrl: (id: ProjectId, withOutputs: boolean) =>
    `${of(id)}/histories/export${query({ outputs: withOutputs ? '1' : '0' })}`,
  deletedDocuments: (id: ProjectId) =>
    ask('GET', `${of(id)}/documents${query({ deleted: '1' })}`, deletedDocuments),
  recover: (id: ProjectId, document: string, path?: string) =>
    ask('POST', `${of(id)}/documents/${encodeURIComponent(document)}/recover`, recovered, {
      body: path === undefined ? {} : { path },
    }),

  settings: (id: ProjectId) => ask('GET', `${of(id)}/settings`, projectSettings),
  changeSettings: (id: ProjectId, settings: Partial<ProjectSettings>) =>
    ask('PATCH', `${of(id)}/settings`, projectSettings, { body: settings }),

  gitLog: (id: ProjectId, path: string) => ask('GET', `${of(id)}/git/log${query({ path })}`, gitLog),
  gitFileUrl: (id: ProjectId, path: string, revision: string) =>
    `${of(id)}/git/file${query({ path, revision })}`,
  /** The bytes at an address of a project. Rejects as the others do. */
  bytes: async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await bytesAt(url)).arrayBuffer()),

  /** What the project's nbconvert can write; nothing when there is none. */
  exporters: (id: ProjectId) => ask('GET', `/p/${encodeURIComponent(id)}/api/nbconvert`, exporters),
  /** The notebook at `path`, written as `format`. */
  exported: async (id: ProjectId, format: string, path: string) => {
    const response = await bytesAt(exportUrl(id, format, path));
    return {
      name: attachedName(response.headers.get('content-disposition')) ?? `${path}.${format}`,
      type: response.headers.get('content-type') ?? 'application/octet-stream',
      bytes: await response.arrayBuffer(),
    };
  },
} as const;
