/** `/p/:project/api/contents`: Jupyter's contents API. Statuses and `Location` as jupyter_server gives them. */
import type { Clock } from '@cahier/base/clock.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { may } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import { appError } from '@cahier/core/errors.ts';
import { baseName, normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { contentsQuery, newContents, renameContents, saveContents } from '@cahier/protocol/http/jupyter.ts';
import { projectId, projectPath } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { longestFile } from '../files/routes.ts';
import { type ProjectCall, projectRoute, RawAnswer, type Route } from '../http/route.ts';
import type { DocumentKinds } from '../rooms/document-kinds.ts';
import { Checkpoints } from './checkpoints.ts';
import { ChunkedUploads } from './chunked-uploads.ts';
import { Contents, fileBytes } from './contents.ts';
import { type ContentsModel, modelOf } from './contents-model.ts';
import { authorOf, type JupyterProject } from './jupyter-project.ts';
import { ReadMarks } from './read-marks.ts';

export interface ContentsRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
  readonly kinds: DocumentKinds;
  readonly clock: Clock;
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
}

/** Base64 in JSON is a third longer than what it stands for. */
const longestBody = Math.ceil((longestFile * 4) / 3) + 1024 * 1024;
const atRoot = z.object({ params: z.object({ project: projectId }) });
const below = z.object({ params: z.object({ project: projectId, '*': projectPath }) });
const checkpointsOf = /^(.+)\/checkpoints$/;
/** The reference would sign it. Here active outputs never run in the page, so nobody need vouch for them. */
const trustOf = /^(.+\.ipynb)\/trust$/i;
const checkpointOf = /^(.+)\/checkpoints\/([^/]+)$/;

export function contentsRoutes(deps: ContentsRouteDeps): readonly Route[] {
  const marks = new ReadMarks();
  const uploads = new ChunkedUploads(deps.clock);
  const readerOf = ({ project, principal }: ProjectCall<unknown>) =>
    `${project} ${principal.limits?.token ?? principal.person.id}`;
  const contentsFor = async (call: ProjectCall<unknown>) =>
    new Contents({
      ...deps,
      project: await deps.open(call.project),
      marks,
      reader: readerOf(call),
      author: authorOf(call.principal),
      mayWrite: mayWrite(call),
    });

  const read = async (
    call: ProjectCall<unknown>,
    path: string,
    query: z.output<typeof contentsQuery>,
  ): Promise<object> => {
    const contents = await contentsFor(call);
    const listed = checkpointsOf.exec(path)?.[1];
    if (listed !== undefined) return new Checkpoints(contents, await deps.open(call.project)).list(listed);
    const { type, format, content, hash } = query;
    const known = type === undefined || type === 'notebook' || type === 'directory' ? type : 'file';
    return contents.get(path, { type: known, format, hasContent: content === '1', hasHash: hash === '1' });
  };

  const make = async (
    call: ProjectCall<unknown>,
    path: string,
    body: z.output<typeof newContents>,
  ): Promise<object | null> => {
    const contents = await contentsFor(call);
    const checkpoints = new Checkpoints(contents, await deps.open(call.project));
    const kept = checkpointsOf.exec(path)?.[1];
    if (kept !== undefined) {
      const made = await checkpoints.make(kept);
      return created(call.project, `${normaliseProjectPath(kept)}/checkpoints/${made.id}`, made);
    }
    const trusted = trustOf.exec(path)?.[1];
    if (trusted !== undefined) {
      await contents.get(trusted, { type: 'notebook', hasContent: true, hasHash: false });
      return new RawAnswer('', { 'cache-control': 'no-store' }, 201);
    }
    const [, restored, id] = checkpointOf.exec(path) ?? [];
    if (restored !== undefined && id !== undefined) {
      await checkpoints.restore(restored, id);
      return null;
    }
    const model =
      body.copy_from === undefined
        ? await contents.create(path, body)
        : await contents.copy(body.copy_from.replace(/^\/+/, ''), path);
    return created(call.project, model.path, model);
  };

  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/contents',
      action: 'file.read',
      input: atRoot.extend({ query: contentsQuery }),
      handle: (call) => read(call, '', call.input.query),
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/contents/*',
      action: 'file.read',
      input: below.extend({ query: contentsQuery }),
      handle: (call) => read(call, call.input.params['*'], call.input.query),
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/contents',
      action: 'file.write',
      input: atRoot.extend({ body: newContents }),
      handle: (call) => make(call, '', call.input.body),
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/contents/*',
      action: 'file.write',
      input: below.extend({ body: newContents }),
      handle: (call) => make(call, call.input.params['*'], call.input.body),
    }),
    projectRoute({
      method: 'PUT',
      path: '/p/:project/api/contents/*',
      action: 'file.write',
      maxBytes: longestBody,
      input: below.extend({ body: saveContents }),
      handle: async (call) => {
        const { body, params } = call.input;
        const path = normaliseProjectPath(params['*']);
        if (body.copy_from !== undefined) throw refused('Cannot copy with PUT, only POST');
        const contents = await contentsFor(call);
        if (body.chunk === undefined) return saved(call.project, await contents.save(path, body));
        const { chunk, type, content, format } = body;
        if (type !== 'file') throw refused('Chunked upload is for files only.');
        if (chunk === 0) throw refused('Chunks are counted from 1.');
        if (typeof content !== 'string') throw refused('The content of a chunk must be a string.');
        const part = fileBytes(content, format);
        if (chunk === 1) await contents.mayBeSaved(path);
        const key = `${readerOf(call)}\n${path}`;
        const whole = uploads.add(key, chunk, part, path);
        if (whole === null) {
          const model = growing(path, uploads.sizeOf(key), deps.clock.now());
          return saved(call.project, { model, isNew: chunk === 1 });
        }
        const base64 = Buffer.from(whole).toString('base64');
        const whole64 = { ...body, chunk: undefined, format: 'base64', content: base64 } as const;
        return located(call.project, (await contents.save(path, whole64)).model);
      },
    }),
    projectRoute({
      method: 'PATCH',
      path: '/p/:project/api/contents/*',
      action: 'file.write',
      input: below.extend({ body: renameContents }),
      handle: async (call) => {
        const from = normaliseProjectPath(call.input.params['*']);
        const contents = await contentsFor(call);
        const model = await contents.rename(from, call.input.body.path.replace(/^\/+/, ''));
        await new Checkpoints(contents, await deps.open(call.project)).moved(from, model.path);
        return located(call.project, model);
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/p/:project/api/contents',
      action: 'file.write',
      input: atRoot,
      handle: async (call) => (await contentsFor(call)).remove('').then(() => null),
    }),
    projectRoute({
      method: 'DELETE',
      path: '/p/:project/api/contents/*',
      action: 'file.write',
      input: below,
      handle: async (call) => {
        const path = call.input.params['*'];
        const contents = await contentsFor(call);
        const checkpoints = new Checkpoints(contents, await deps.open(call.project));
        const [, file, id] = checkpointOf.exec(path) ?? [];
        if (file !== undefined && id !== undefined) await checkpoints.remove(file, id);
        else {
          await contents.remove(path);
          await checkpoints.forget(path);
        }
        return null;
      },
    }),
  ];
}

const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } as const;

export function created(project: ProjectId, path: string, body: object): RawAnswer {
  return new RawAnswer(JSON.stringify(body), { ...json, location: location(project, path) }, 201);
}

function saved(project: ProjectId, { model, isNew }: { model: ContentsModel; isNew: boolean }): RawAnswer {
  return isNew ? created(project, model.path, model) : located(project, model);
}

function located(project: ProjectId, model: ContentsModel): RawAnswer {
  return new RawAnswer(JSON.stringify(model), { ...json, location: location(project, model.path) });
}

function location(project: ProjectId, path: string): string {
  return `/p/${project}/api/contents/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** A file of which not all has come. */
function growing(path: string, size: number, now: number): ContentsModel {
  const entry = {
    name: baseName(path),
    path,
    type: 'file',
    size,
    modifiedAt: now,
    isWritable: true,
  } as const;
  return modelOf(entry, true);
}

function mayWrite({ role, principal }: ProjectCall<unknown>): boolean {
  return may(role, 'file.write') && (!principal.limits || scopesAllow(principal.limits.scopes, 'file.write'));
}

const refused = (why: string) => appError('jupyter/refused', { details: { why } });
