/**
 * Addresses that Jupyter's pages and clients open in a browser: a notebook's HTML shown (`/view`), old names of the API,
 * reports of the content policy, and the wish to stop the server. Files themselves: files/routes.ts.
 */
import type { ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { baseName, normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import { projectId, projectPath } from '@cahier/protocol/ids.ts';
import type { Logger } from 'pino';
import { z } from 'zod';
import { longestFile } from '../files/routes.ts';
import { type Method, projectRoute, RawAnswer, type Route } from '../http/route.ts';
import { outputFramePolicy } from '../http/security-headers.ts';
import { contentDisposition } from '../http/user-bytes.ts';
import { formDialect, inDialect, jupyterDialect } from './dialect.ts';
import { isHidden } from './contents-model.ts';
import type { JupyterProject } from './jupyter-project.ts';

export interface PageRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
  readonly logger: Logger;
}

const params = z.object({ project: projectId });
const below = params.extend({ '*': projectPath });
const shownInFrame: Readonly<Record<string, string>> = {
  htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
};
const report = z.preprocess((body) => body ?? {}, z.unknown());
const longestReport = 2_000;

export function pageRoutes({ open, logger }: PageRouteDeps): readonly Route[] {
  const view = projectRoute({
    method: 'GET',
    path: '/p/:project/view/*',
    action: 'file.read',
    isPage: true,
    input: z.object({ params: below }),
    handle: async ({ project, input }) => {
      const path = normaliseProjectPath(input.params['*']);
      if (path === '' || isHidden(path)) throw appError('file/not-found', { details: { path } });
      const { runner } = await open(project);
      const { entry } = (await runner.call({ method: 'file.stat', path })).result;
      if (entry?.type !== 'file') throw appError('file/not-found', { details: { path } });
      const type = shownInFrame[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
      if (type === undefined) return redirect(project, `files/${escaped(path)}`, 302);
      const { payload } = await runner.call({ method: 'file.read', path, maxBytes: longestFile });
      // an opaque origin without a network of ours: the page may move, and reach nothing
      return new RawAnswer(payload, {
        'content-type': type,
        'content-disposition': contentDisposition('inline', baseName(path)),
        'content-security-policy': outputFramePolicy,
        'cache-control': 'private, no-cache',
      });
    },
  });
  const oldNames = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).flatMap((method) => [
    moved(method, '/p/:project/api/notebooks'),
    moved(method, '/p/:project/api/notebooks/*'),
  ]);
  const shutdown = projectRoute({
    method: 'POST',
    path: '/p/:project/api/shutdown',
    action: 'document.read',
    input: z.object({ params }),
    handle: async () => {
      throw appError('jupyter/no-shutdown');
    },
  });
  const policyReport = projectRoute({
    method: 'POST',
    path: '/p/:project/api/security/csp-report',
    action: 'document.read',
    input: z.object({ params, body: report }),
    handle: async ({ project, input }) => {
      const text = JSON.stringify(input.body).slice(0, longestReport);
      logger.warn({ project, report: text }, 'a content policy was broken');
      return null;
    },
  });
  return [
    ...inDialect(jupyterDialect, [view, ...oldNames, shutdown]),
    // browsers send reports by themselves and add no header of ours
    ...inDialect(formDialect, [policyReport]),
  ];
}

/** What `/api/notebooks` once was is `/api/contents` now; the method stays. */
function moved(method: Method, path: string): Route {
  return projectRoute({
    method,
    path,
    action: method === 'GET' ? 'file.read' : 'file.write',
    input: z.object({ params: params.extend({ '*': projectPath.optional() }) }),
    handle: async ({ project, input }) => {
      const at = normaliseProjectPath(input.params['*'] ?? '');
      return redirect(
        project,
        at === '' ? 'api/contents' : `api/contents/${escaped(at)}`,
        method === 'GET' ? 302 : 307,
      );
    },
  });
}

function redirect(project: ProjectId, path: string, status: 302 | 307): RawAnswer {
  const location = `/p/${encodeURIComponent(project)}/${path}`;
  return new RawAnswer('', { location, 'cache-control': 'no-store' }, status);
}

const escaped = (path: string) => path.split('/').map(encodeURIComponent).join('/');
