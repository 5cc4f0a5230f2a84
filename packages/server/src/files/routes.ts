/**
 * HTTP routes about a project's files. Every byte goes through the runner: the server itself never opens a path that
 * a user named. Open rooms learn of renames and removals here.
 */
import { randomBytes } from 'node:crypto';
import { AppError } from '@cahier/base/app-error.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { baseName, joinPath, normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { copyFile, newFile, renameFile } from '@cahier/protocol/http/files.ts';
import { projectId, projectPath } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, type Route } from '../http/route.ts';
import { userBytes } from '../http/user-bytes.ts';
import type { Runner } from '../runners/runner.ts';
import { copyNames, firstFree } from './copy-name.ts';
import { kernelspecResource } from './kernelspec-resource.ts';
import { freeName } from './new-name.ts';
import { newNotebookBytes } from './new-notebook.ts';

/** What these routes need of an open project. */
export interface ProjectFiles {
  readonly runner: Runner;
  /** Somebody looks at this folder: its changes are announced from now on. */
  showFolder(path: string): void;
  /** What is edited at this path now stands in the file. */
  settle(path: string): Promise<void>;
  renamed(from: string, to: string): Promise<void> | void;
  removed(path: string): Promise<void> | void;
}

/** A file passes through memory once on its way. */
export const longestFile = 256 * 1024 * 1024;

const params = z.object({ project: projectId });
const empty = new Uint8Array(0);

export function fileRoutes(open: (project: ProjectId) => Promise<ProjectFiles>): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/files',
      action: 'file.read',
      input: z.object({ params, query: z.object({ path: projectPath.default('') }) }),
      handle: async ({ project, input }) => {
        const files = await open(project);
        const path = normaliseProjectPath(input.query.path);
        const { result } = await files.runner.call({ method: 'file.list', path });
        files.showFolder(path);
        return { path, entries: result.entries };
      },
    }),
    projectRoute({
      method: 'POST',
      path: '/api/projects/:project/files',
      action: 'file.write',
      input: z.object({ params, body: newFile }),
      handle: async ({ project, input }) => {
        const { type, name } = input.body;
        const folder = normaliseProjectPath(input.body.folder);
        if (name !== undefined && (name.includes('/') || normaliseProjectPath(name) !== name)) {
          throw appError('file/outside', { details: { path: name } });
        }
        const { runner } = await open(project);
        return { path: await makeFile(runner, folder, type, name) };
      },
    }),
    projectRoute({
      method: 'POST',
      path: '/api/projects/:project/files/copy',
      action: 'file.write',
      input: z.object({ params, body: copyFile }),
      handle: async ({ project, input }) => {
        const from = named(input.body.path);
        const files = await open(project);
        await files.settle(from);
        return { path: await copyBeside(files.runner, from) };
      },
    }),
    projectRoute({
      method: 'PATCH',
      path: '/api/projects/:project/files',
      action: 'file.write',
      input: z.object({ params, body: renameFile }),
      handle: async ({ project, input }) => {
        const files = await open(project);
        const from = named(input.body.from);
        const to = named(input.body.to);
        await files.runner.call({ method: 'file.rename', from, to });
        await files.renamed(from, to);
        return { path: to };
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/api/projects/:project/files',
      action: 'file.write',
      input: z.object({ params, query: z.object({ path: projectPath }) }),
      handle: async ({ project, input }) => {
        const files = await open(project);
        const path = named(input.query.path);
        await files.runner.call({ method: 'file.remove', path });
        await files.removed(path);
        return null;
      },
    }),
    projectRoute({
      method: 'PUT',
      path: '/api/projects/:project/files/content',
      action: 'file.write',
      maxBytes: longestFile,
      input: z.object({
        params,
        query: z.object({ path: projectPath, overwrite: z.enum(['0', '1']).default('0') }),
      }),
      handle: async ({ project, input, bytes }) => {
        const path = named(input.query.path);
        const { runner } = await open(project);
        const condition = input.query.overwrite === '1' ? {} : { ifHash: null };
        await runner.call({ method: 'file.write', path, ...condition }, bytes);
        return { path };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/files/*',
      action: 'file.read',
      isForPrograms: true,
      isPage: true,
      input: z.object({
        params: params.extend({ '*': projectPath }),
        query: z.object({ download: z.string().optional() }),
      }),
      handle: async ({ project, input }) => {
        const path = named(input.params['*']);
        const { runner } = await open(project);
        const { payload } = await runner.call({ method: 'file.read', path, maxBytes: longestFile });
        return userBytes(payload, baseName(path), !['', '0', undefined].includes(input.query.download));
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/kernelspecs',
      action: 'document.read',
      input: z.object({ params }),
      handle: async ({ project }) => {
        const { runner } = await open(project);
        return (await runner.call({ method: 'kernelspecs.list' })).result;
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/api/projects/:project/kernelspecs/:name/:file',
      action: 'document.read',
      input: z.object({
        params: params.extend({ name: z.string().max(256), file: z.string().max(256) }),
      }),
      handle: async ({ project, input }) => {
        const { name, file } = input.params;
        const { runner } = await open(project);
        return await kernelspecResource(runner, name, file);
      },
    }),
  ];
}

async function copyBeside(runner: Runner, from: string): Promise<string> {
  const folder = from.slice(0, Math.max(0, from.lastIndexOf('/')));
  const { payload } = await runner.call({ method: 'file.read', path: from, maxBytes: longestFile });
  const { result } = await runner.call({ method: 'file.list', path: folder });
  const taken = new Set(result.entries.map(({ name }) => name));
  for (;;) {
    const name = firstFree(copyNames(baseName(from)), taken);
    const path = joinPath(folder, name);
    try {
      await runner.call({ method: 'file.write', path, ifHash: null }, payload);
      return path;
    } catch (error) {
      // somebody made one of this name just now
      if (!(error instanceof AppError && error.code === 'file/exists') || taken.has(name)) throw error;
      taken.add(name);
    }
  }
}

async function makeFile(
  runner: Runner,
  folder: string,
  type: 'notebook' | 'text' | 'directory',
  name: string | undefined,
): Promise<string> {
  const taken = new Set<string>();
  if (name === undefined) {
    const { result } = await runner.call({ method: 'file.list', path: folder });
    for (const entry of result.entries) taken.add(entry.name);
  }
  for (;;) {
    const path = joinPath(folder, name ?? freeName(type, taken));
    try {
      await writeNew(runner, path, type);
      return path;
    } catch (error) {
      const isTaken = error instanceof AppError && error.code === 'file/exists';
      if (!isTaken || name !== undefined || taken.has(baseName(path))) throw error;
      taken.add(baseName(path));
    }
  }
}

async function writeNew(
  runner: Runner,
  path: string,
  type: 'notebook' | 'text' | 'directory',
): Promise<void> {
  if (type === 'directory') {
    await runner.call({ method: 'file.mkdir', path });
    return;
  }
  const bytes = type === 'notebook' ? newNotebookBytes(randomBytes(4).toString('hex')) : empty;
  await runner.call({ method: 'file.write', path, ifHash: null }, bytes);
}

/** A path that names something inside, not the project's folder itself. Throws `file/outside`. */
function named(path: string): string {
  const normal = normaliseProjectPath(path);
  if (normal === '') throw appError('file/outside', { details: { path: '/' } });
  return normal;
}
