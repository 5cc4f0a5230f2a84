/** `/p/:project/api/kernels`: start, look, interrupt, restart, end. */
import type { KernelId, ProjectId } from '@cahier/base/ids.ts';
import { startKernel } from '@cahier/protocol/http/jupyter.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { projectRoute, RawAnswer, type Route } from '../http/route.ts';
import { authorOf, type JupyterProject } from './jupyter-project.ts';
import { Kernels, type KernelTraffic } from './kernels.ts';

export interface KernelRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
  /** The folder of a project, absolute. */
  readonly homeOf: (project: ProjectId) => Promise<string>;
  readonly trafficOf: (project: ProjectId, kernel: KernelId) => KernelTraffic;
}

const params = z.object({ project: projectId });
const one = params.extend({ kernel: z.string().max(256) });

export function kernelRoutes(deps: KernelRouteDeps): readonly Route[] {
  const kernelsOf = async (project: ProjectId) =>
    new Kernels(await deps.open(project), (kernel) => deps.trafficOf(project, kernel));
  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/kernels',
      action: 'document.read',
      input: z.object({ params }),
      handle: async ({ project }) => (await kernelsOf(project)).list(),
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/kernels',
      action: 'run',
      input: z.object({ params, body: startKernel }),
      handle: async ({ project, principal, input }) => {
        const kernels = await kernelsOf(project);
        const { name, path, kernel_id: wanted, env } = input.body;
        const folder = env?.KERNEL_WORKING_DIR;
        const at = path ?? (folder === undefined ? '' : insideOf(await deps.homeOf(project), folder));
        const kernel =
          wanted === undefined
            ? await kernels.start(name, at, authorOf(principal))
            : await kernels.running(wanted);
        const model = kernels.model(kernel);
        return createdAt(`/p/${project}/api/kernels/${encodeURIComponent(model.id)}`, model);
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/kernels/:kernel',
      action: 'document.read',
      input: z.object({ params: one }),
      handle: async ({ project, input }) => {
        const kernels = await kernelsOf(project);
        return kernels.model(await kernels.find(input.params.kernel));
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: '/p/:project/api/kernels/:kernel',
      action: 'kernel.control',
      input: z.object({ params: one }),
      handle: async ({ project, principal, input }) => {
        const kernels = await kernelsOf(project);
        await kernels.shutdown(await kernels.find(input.params.kernel), authorOf(principal));
        return null;
      },
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/kernels/:kernel/interrupt',
      action: 'kernel.control',
      input: z.object({ params: one }),
      handle: async ({ project, principal, input }) => {
        const kernels = await kernelsOf(project);
        await kernels.interrupt(await kernels.find(input.params.kernel), authorOf(principal));
        return null;
      },
    }),
    projectRoute({
      method: 'POST',
      path: '/p/:project/api/kernels/:kernel/restart',
      action: 'kernel.control',
      input: z.object({ params: one }),
      handle: async ({ project, principal, input }) => {
        const kernels = await kernelsOf(project);
        await kernels.restart(await kernels.find(input.params.kernel), authorOf(principal));
        return kernels.model(await kernels.find(input.params.kernel));
      },
    }),
  ];
}

/** The folder of a gateway's client is one of its own machine, unless that is this one. */
function insideOf(home: string, folder: string): string {
  return folder.startsWith(`${home}/`) ? folder.slice(home.length + 1) : '';
}

export function createdAt(location: string, body: object): RawAnswer {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    location,
  };
  return new RawAnswer(JSON.stringify(body), headers, 201);
}
