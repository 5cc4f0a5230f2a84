/**
 * `/p/:project/api/sessions`: which document has which kernel. The session of a notebook is the notebook itself, so the
 * page and every client have the same one. Those of consoles and programs live in memory, as in the reference server.
 */
import { randomUUID } from 'node:crypto';
import { AppError } from '@cahier/base/app-error.ts';
import { asDocumentId, type KernelId, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { baseName, normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import { changeSession, newSession } from '@cahier/protocol/http/jupyter.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { type Answer, projectRoute, RawAnswer, type Route } from '../http/route.ts';
import { isNotebook } from './contents-model.ts';
import { authorOf, type JupyterProject } from './jupyter-project.ts';
import { createdAt, type KernelRouteDeps } from './kernel-routes.ts';
import { type FoundKernel, Kernels } from './kernels.ts';

interface FreeSession {
  readonly id: string;
  readonly project: ProjectId;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: KernelId;
}

const params = z.object({ project: projectId });
const one = params.extend({ session: z.string().max(256) });

export function sessionRoutes(deps: KernelRouteDeps): readonly Route[] {
  const free = new Map<string, FreeSession>();
  const freeOf = (project: ProjectId) => [...free.values()].filter((session) => session.project === project);

  const around = async (project: ProjectId) => {
    const open = await deps.open(project);
    return { open, kernels: new Kernels(open, (kernel) => deps.trafficOf(project, kernel)) };
  };

  const list = async (project: ProjectId) => {
    const { open, kernels } = await around(project);
    const all = await kernels.all();
    const notebooks = all.map((kernel) => notebookSession(open, kernels, kernel));
    const others = freeOf(project).map((session) => {
      const kernel = all.find(({ id }) => id === session.kernel);
      if (!kernel) free.delete(session.id);
      return kernel ? freeModel(session, kernels, kernel) : null;
    });
    return [...notebooks, ...others].filter((model) => model !== null);
  };

  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/sessions',
      action: 'document.read',
      input: z.object({ params }),
      handle: ({ project }) => list(project),
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/sessions',
      action: 'run',
      input: z.object({ params, body: newSession }),
      handle: async ({ project, principal, input }) => {
        const { open, kernels } = await around(project);
        const { type, kernel } = input.body;
        const answered = (model: { readonly id: string }) =>
          createdAt(`/p/${project}/api/sessions/${encodeURIComponent(model.id)}`, model);
        return orNoSuchKernel(kernel?.name, async () => {
          const { path: shown, name } = input.body;
          const path = type === 'notebook' ? await notebookAt(open, shown, name) : null;
          if (path !== null) {
            const notebook = await kernels.notebook(path);
            refuseForeign(kernel?.id, notebook.live.kernel.kernel);
            // who comes second joins the kernel that is there, whatever kernelspec it had in mind
            const wish = notebook.hasKernel ? undefined : kernel?.name;
            const started = await kernels.startFor(path, wish, authorOf(principal));
            const model = notebookSession(open, kernels, started) ?? noSession(shown);
            // who made up a path waits for its echo, and then asks for the real one
            const echoed = isMadeUp(shown) ? { ...model, path: shown } : model;
            return answered(echoed);
          }
          const known = freeOf(project).find((session) => session.path === shown && session.type === type);
          const running = known && (await orNull(kernels.find(known.kernel)));
          if (known && running) return answered(freeModel(known, kernels, running));
          const cwd = folderOf(shown);
          // a client may remember a kernel that is gone: it gets another, as from the reference server
          const joined = kernel?.id === undefined ? null : await orNull(kernels.find(kernel.id));
          const found = joined ?? (await kernels.startFree(kernel?.name, cwd));
          const session = {
            id: randomUUID(),
            project,
            path: shown,
            name: name ?? '',
            type,
            kernel: found.id,
          };
          free.set(session.id, session);
          return answered(freeModel(session, kernels, found));
        });
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/sessions/:session',
      action: 'document.read',
      input: z.object({ params: one }),
      handle: async ({ project, input }) => {
        const found = (await list(project)).find(({ id }) => id === input.params.session);
        return found ?? noSession(input.params.session);
      },
    }),
    projectRoute({
      method: 'PATCH',
      path: '/p/:project/api/sessions/:session',
      action: 'kernel.control',
      input: z.object({ params: one, body: changeSession }),
      handle: async ({ project, principal, input }): Promise<Answer> => {
        const { open, kernels } = await around(project);
        const { kernel, ...news } = input.body;
        const session = free.get(input.params.session);
        return orNoSuchKernel(kernel?.name, async () => {
          if (session?.project !== project) {
            // a notebook's session has its notebook's path: it follows when the file is renamed
            const path = open.rooms.byDocument(asDocumentId(input.params.session))?.path;
            if (path === undefined) return noSession(input.params.session);
            const notebook = await kernels.notebook(path);
            refuseForeign(kernel?.id, notebook.live.kernel.kernel);
            const started = await kernels.startFor(path, kernel?.name, authorOf(principal));
            return notebookSession(open, kernels, started) ?? noSession(input.params.session);
          }
          let found: FoundKernel;
          if (kernel?.id !== undefined) found = await kernels.find(kernel.id);
          else if (kernel?.name === undefined) found = await kernels.find(session.kernel);
          else {
            found = await kernels.startFree(kernel.name, folderOf(session.path));
            const old = await orNull(kernels.find(session.kernel));
            if (old) await kernels.shutdown(old, authorOf(principal));
          }
          const changed: FreeSession = {
            ...session,
            path: news.path ?? session.path,
            name: news.name ?? session.name,
            type: news.type ?? session.type,
            kernel: found.id,
          };
          free.set(session.id, changed);
          return freeModel(changed, kernels, found);
        });
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/p/:project/api/sessions/:session',
      action: 'kernel.control',
      input: z.object({ params: one }),
      handle: async ({ project, principal, input }): Promise<Answer> => {
        const { open, kernels } = await around(project);
        const id = input.params.session;
        const session = free.get(id);
        if (session?.project === project) {
          free.delete(id);
          const kernel = await orNull(kernels.find(session.kernel));
          if (!kernel) return kernelGone();
          await kernels.shutdown(kernel, authorOf(principal));
          return null;
        }
        const all = await kernels.all();
        const kernel = all.find((each) => each.notebook !== null && String(each.notebook.document) === id);
        if (kernel) {
          await kernels.shutdown(kernel, authorOf(principal));
          return null;
        }
        return open.rooms.byDocument(asDocumentId(id)) ? kernelGone() : noSession(id);
      },
    }),
  ];
}

/**
 * JupyterLab asks for a notebook's session by a UUID in the notebook's folder and the notebook's name, and changes the
 * path when it has one. Source: @jupyterlab/apputils, sessioncontext.ts.
 */
function isMadeUp(shown: string): boolean {
  return /(^|\/)[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(shown);
}

/**
 * The notebook that a session is about; null when it is about none of this project: VS Code names its own files by paths
 * that it makes up (`…-jvsc-…`), others by ones that are not here. They get a kernel of their own, and no file.
 */
async function notebookAt(
  open: JupyterProject,
  asked: string,
  name: string | undefined,
): Promise<string | null> {
  const shown = isMadeUp(asked) && name !== undefined ? asked.replace(/[^/]*$/, () => name) : asked;
  if (!isNotebook(shown) || shown.includes('-jvsc-')) return null;
  const path = normaliseProjectPath(shown);
  const { entry } = (await open.runner.call({ method: 'file.stat', path })).result;
  return entry?.type === 'file' ? path : null;
}

/** Where a kernel of a console or a made-up path begins; the project's folder when it names no other. */
function folderOf(path: string): string {
  try {
    return parentPath(normaliseProjectPath(path));
  } catch {
    return '';
  }
}

/** Null when the notebook was closed this moment, or the kernel has none. */
function notebookSession(open: JupyterProject, kernels: Kernels, kernel: FoundKernel) {
  const room = kernel.notebook && open.rooms.byDocument(kernel.notebook.document);
  if (!room) return null;
  const name = baseName(room.path);
  return {
    id: String(room.id),
    path: room.path,
    name,
    type: 'notebook',
    kernel: kernels.model(kernel),
    notebook: { path: room.path, name },
  };
}

function freeModel({ id, path, name, type }: FreeSession, kernels: Kernels, kernel: FoundKernel) {
  const model = { id, path, name, type, kernel: kernels.model(kernel) };
  return type === 'notebook' ? { ...model, notebook: { path, name } } : model;
}

/** A notebook has one kernel, its own, which all see: it cannot be tied to another's. */
function refuseForeign(wanted: string | undefined, own: KernelId | undefined): void {
  if (wanted === undefined || wanted === own) return;
  const why = 'A notebook has a kernel of its own, which everybody in it shares. Name a kernelspec instead.';
  throw appError('jupyter/refused', { details: { why } });
}

/** The reference answers so when a session asks for a kernelspec that is not installed. */
async function orNoSuchKernel(name: string | undefined, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'kernelspec/not-found')) throw error;
    const shown = name ?? '';
    const message = `The '${shown}' kernel is not available. Please pick another suitable kernel instead, or install that kernel.`;
    return new RawAnswer(
      JSON.stringify({ message, short_message: `${shown} not found` }),
      { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
      501,
    );
  }
}

function kernelGone(): RawAnswer {
  return new RawAnswer(
    JSON.stringify({ message: 'Kernel deleted before session', reason: null }),
    { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    410,
  );
}

function noSession(session: string): never {
  throw appError('jupyter/no-session', { details: { session: session.slice(0, 200) } });
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof AppError && error.code === 'jupyter/no-kernel') return null;
    throw error;
  }
}
