/**
 * `/p/:project/api/nbconvert` and `/p/:project/nbconvert/…`: the project's own nbconvert writes the notebook as people see
 * it, in the runner. Source: jupyter_server (nbconvert/handlers.py and services/nbconvert), as observed.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import { appError } from '@cahier/core/errors.ts';
import { baseName, normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { convertNotebook } from '@cahier/protocol/http/jupyter.ts';
import { exporterName, projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, RawAnswer, type Route } from '../http/route.ts';
import { outputFramePolicy } from '../http/security-headers.ts';
import { contentDisposition } from '../http/user-bytes.ts';
import { isNotebook } from './contents-model.ts';
import type { JupyterProject } from './jupyter-project.ts';

export interface NbconvertRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
}

const params = z.object({ project: projectId });
const query = z.object({ download: z.string().optional() });
const largestNotebook = 256 * 1024 * 1024;

export function nbconvertRoutes({ open }: NbconvertRouteDeps): readonly Route[] {
  const convert = async (project: ProjectId, format: string, path: string, notebook: Uint8Array) => {
    const { runner } = await open(project);
    return runner.call({ method: 'nbconvert.convert', format, path }, notebook);
  };
  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/nbconvert',
      action: 'document.read',
      input: z.object({ params }),
      handle: async ({ project }) => {
        const { runner } = await open(project);
        try {
          const { exporters } = (await runner.call({ method: 'nbconvert.list' })).result;
          return Object.fromEntries(exporters.map(({ name, mime }) => [name, { output_mimetype: mime }]));
        } catch (error) {
          // JupyterLab makes its menu of this: without nbconvert it has no entries
          if (error instanceof AppError && error.code === 'nbconvert/not-installed') return {};
          throw error;
        }
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/nbconvert/:format/*',
      action: 'run',
      isPage: true,
      input: z.object({ params: params.extend({ format: exporterName, '*': z.string() }), query }),
      handle: async ({ project, input }) => {
        const path = normaliseProjectPath(input.params['*']);
        if (!isNotebook(path))
          throw appError('jupyter/bad-type', { details: { path, what: 'not a notebook' } });
        const { rooms, runner } = await open(project);
        await rooms.flush(path);
        const { payload } = await runner.call({ method: 'file.read', path, maxBytes: largestNotebook });
        const { result, payload: bytes } = await convert(project, input.params.format, path, payload);
        return answer(bytes, result.mime, result.fileName, isDownload(input.query));
      },
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/nbconvert/:format',
      action: 'run',
      maxBytes: largestNotebook,
      input: z.object({ params: params.extend({ format: exporterName }), query, body: convertNotebook }),
      handle: async ({ project, input }) => {
        const { content, name = 'notebook.ipynb' } = input.body;
        if (!isJsonObject(content))
          throw appError('request/invalid', { details: { why: 'the body has no notebook as content' } });
        const notebook = new TextEncoder().encode(JSON.stringify(content));
        const { result, payload } = await convert(project, input.params.format, baseName(name), notebook);
        return answer(payload, result.mime, result.fileName, isDownload(input.query));
      },
    }),
  ];
}

const isDownload = ({ download }: { readonly download?: string | undefined }) =>
  /^(?:1|true|yes)$/i.test(download ?? '');

function answer(bytes: Uint8Array, mime: string, fileName: string, isSaved: boolean): RawAnswer {
  const isArchive = mime === 'application/zip';
  const isText = /^text\/|json$|javascript$|xml$/.test(mime);
  return new RawAnswer(bytes, {
    'content-type': isText ? `${mime}; charset=utf-8` : mime,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // what a notebook contains is not ours: it must reach nothing of this origin
    'content-security-policy': outputFramePolicy,
    'content-disposition': contentDisposition(isSaved || isArchive ? 'attachment' : 'inline', fileName),
  });
}
