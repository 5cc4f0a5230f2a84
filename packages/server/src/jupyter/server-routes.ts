/** `/p/:project/api`: version, status, identity, kernelspecs. What Jupyter's clients ask first. */
import type { Clock } from '@cahier/base/clock.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { may } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import type { Action } from '@cahier/core/access/rights.ts';
import { appError } from '@cahier/core/errors.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import type { KernelspecOnWire } from '@cahier/protocol/runner/up.ts';
import { z } from 'zod';
import { openRoute, type ProjectCall, projectRoute, type Route } from '../http/route.ts';
import { kernelspecResource } from '../files/kernelspec-resource.ts';
import type { JupyterProject } from './jupyter-project.ts';
import { Kernels } from './kernels.ts';

export interface ServerRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
  readonly clock: Clock;
  readonly connections: (project: ProjectId) => number;
}

/** The jupyter_server whose API this is: clients choose what they use by it. */
const apiVersion = '2.17.0';
const params = z.object({ project: projectId });
const permissionsQuery = z.object({ permissions: z.string().max(4096).optional() });

export function serverRoutes({ open, clock, connections }: ServerRouteDeps): readonly Route[] {
  const startedAt = clock.now();
  return [
    openRoute({
      method: 'GET',
      path: '/p/:project/api',
      input: z.object({ params }),
      handle: async () => ({ version: apiVersion }),
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/status',
      action: 'document.read',
      input: z.object({ params }),
      handle: async ({ project }) => {
        const models = await new Kernels(await open(project)).list();
        const last = Math.max(startedAt, ...models.map((kernel) => Date.parse(kernel.last_activity)));
        return {
          started: new Date(startedAt).toISOString(),
          last_activity: new Date(last).toISOString(),
          connections: connections(project),
          kernels: models.length,
        };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/me',
      action: 'document.read',
      input: z.object({ params, query: permissionsQuery }),
      handle: async (call) => {
        const { id, name, color } = call.principal.person;
        return {
          identity: {
            username: id,
            name,
            display_name: name,
            initials: initialsOf(name),
            avatar_url: null,
            color,
          },
          permissions: permissionsOf(call, call.input.query.permissions),
        };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/kernelspecs',
      action: 'document.read',
      input: z.object({ params }),
      handle: async ({ project }) => {
        const { runner } = await open(project);
        const { result } = await runner.call({ method: 'kernelspecs.list' });
        const models = result.specs.map((spec) => [spec.name, kernelspecModel(project, spec)]);
        return { default: result.default ?? '', kernelspecs: Object.fromEntries(models) };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/kernelspecs/:name',
      action: 'document.read',
      input: z.object({ params: params.extend({ name: z.string().max(256) }) }),
      handle: async ({ project, input }) => {
        const { runner } = await open(project);
        const { specs } = (await runner.call({ method: 'kernelspecs.list' })).result;
        const spec = specs.find(({ name }) => name === input.params.name);
        if (!spec) throw appError('kernelspec/not-found', { details: { name: input.params.name } });
        return kernelspecModel(project, spec);
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/kernelspecs/:name/:file',
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

function kernelspecModel(project: ProjectId, spec: KernelspecOnWire): object {
  const resources = spec.resources.map((file) => [
    file.startsWith('logo-') ? file.replace(/\.[^.]*$/, '') : file,
    `/p/${project}/kernelspecs/${encodeURIComponent(spec.name)}/${encodeURIComponent(file)}`,
  ]);
  return {
    name: spec.name,
    spec: {
      argv: spec.argv ?? [],
      env: spec.env ?? {},
      display_name: spec.displayName,
      language: spec.language,
      interrupt_mode: spec.interruptMode,
      metadata: spec.metadata,
    },
    resources: Object.fromEntries(resources),
  };
}

/** Jupyter's words for what may be done → ours. */
const actions: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  contents: { read: 'file.read', write: 'file.write' },
  kernels: { read: 'document.read', write: 'run', execute: 'run' },
  kernelspecs: { read: 'document.read' },
  sessions: { read: 'document.read', write: 'run' },
};

/** `?permissions={"contents": ["read", "write"]}`: those of them that are granted. */
function permissionsOf(call: ProjectCall<unknown>, asked: string | undefined): object {
  if (asked === undefined) return {};
  const wish = z.record(z.string(), z.array(z.string())).safeParse(parsedJson(asked));
  if (!wish.success) {
    const why = 'permissions should be a JSON object of resource: [actions]';
    throw appError('jupyter/refused', { details: { why } });
  }
  const { limits } = call.principal;
  const isGranted = (resource: string, name: string): boolean => {
    const action = Object.hasOwn(actions, resource) ? actions[resource]?.[name] : undefined;
    return action !== undefined && may(call.role, action) && (!limits || scopesAllow(limits.scopes, action));
  };
  return Object.fromEntries(
    Object.entries(wish.data).map(([resource, names]) => [
      resource,
      names.filter((name) => isGranted(resource, name)),
    ]),
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return words
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .slice(0, 2)
    .join('');
}
