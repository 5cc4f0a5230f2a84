/** `/p/:project/api`: version, status, identity, kernelspecs. What Jupyter's clients ask first. */
import type { Clock } from '@cahier/base/clock.ts';
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import { may } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import type { Action } from '@cahier/core/access/rights.ts';
import { appError } from '@cahier/core/errors.ts';
import { changeIdentity } from '@cahier/protocol/http/jupyter.ts';
import { projectId, projectPath } from '@cahier/protocol/ids.ts';
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';
import { z } from 'zod';
import { openRoute, type ProjectCall, projectRoute, type Route } from '../http/route.ts';
import type { Person, Principal } from '../http/principal.ts';
import { kernelspecResource } from '../files/kernelspec-resource.ts';
import type { JupyterProject } from './jupyter-project.ts';
import { Kernels } from './kernels.ts';
import { resolvePath } from './resolve-path.ts';
import { kernelspecNamed } from '../runs/kernel-choice.ts';

export interface ServerRouteDeps {
  readonly open: (project: ProjectId) => Promise<JupyterProject>;
  readonly clock: Clock;
  readonly connections: (project: ProjectId) => number;
  /** The folder of a project, absolute. */
  readonly homeOf: (project: ProjectId) => Promise<string>;
  /** The person's name, everywhere. */
  readonly rename: (person: PersonId, name: string) => Promise<void>;
}

/** The jupyter_server whose API this is: clients choose what they use by it. */
export const apiVersion = '2.17.0';
const params = z.object({ project: projectId });
const resolveQuery = z.object({ path: projectPath, kernel: z.string().max(256).optional() });
const permissionsQuery = z.object({ permissions: z.string().max(4096).optional() });

export function serverRoutes({
  open,
  clock,
  connections,
  rename,
  homeOf,
}: ServerRouteDeps): readonly Route[] {
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
      handle: async (call) => ({
        identity: identityOf(call.principal.person),
        permissions: {
          ...permissionsOf(call, call.input.query.permissions),
          updatable_fields: updatableBy(call.principal),
        },
      }),
    }),
    projectRoute({
      method: 'PATCH',
      path: '/p/:project/api/me',
      action: 'document.read',
      input: z.object({ params, body: changeIdentity }),
      handle: async ({ principal, input }) => {
        const asked = Object.keys(input.body);
        const updatable = updatableBy(principal);
        const refusedField = asked.find((field) => !updatable.includes(field));
        if (refusedField !== undefined) {
          const why = `Field ${refusedField.slice(0, 100)} is not updatable.`;
          throw appError('jupyter/refused', { details: { why } });
        }
        const name = input.body.display_name ?? input.body.name;
        if (name === undefined) {
          throw appError('jupyter/refused', { details: { why: 'Invalid or missing JSON data.' } });
        }
        await rename(principal.person.id, name);
        return { identity: identityOf({ ...principal.person, name }) };
      },
    }),
    projectRoute({
      method: 'GET',
      path: '/p/:project/api/resolvePath',
      action: 'file.read',
      input: z.object({ params, query: resolveQuery }),
      handle: async ({ project, input }) => {
        const files = await open(project);
        const { path, kernel } = input.query;
        const found = kernel === undefined ? null : await new Kernels(files).find(kernel);
        return { resolved: await resolvePath(files, await homeOf(project), path, found) };
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
        const spec = kernelspecNamed(specs, input.params.name);
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
      kernel_protocol_version: spec.protocolVersion ?? '',
    },
    resources: Object.fromEntries(resources),
  };
}

/** Jupyter's words for what may be done → ours. */
const actions: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  api: { read: 'document.read' },
  config: { read: 'document.read', write: 'document.edit' },
  contents: { read: 'file.read', write: 'file.write' },
  csp: { write: 'document.read' },
  events: { read: 'document.read', write: 'document.edit' },
  kernels: { read: 'document.read', write: 'run', execute: 'run' },
  kernelspecs: { read: 'document.read' },
  nbconvert: { read: 'run', write: 'run' },
  sessions: { read: 'document.read', write: 'run' },
  terminals: { read: 'run', write: 'run', execute: 'run' },
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

function identityOf({ id, name, color }: Person): object {
  return { username: id, name, display_name: name, initials: initialsOf(name), avatar_url: null, color };
}

/** A name belongs to the person in all projects: a token of one of them does not reach it. */
function updatableBy({ limits }: Principal): readonly string[] {
  return limits ? [] : ['name', 'display_name'];
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return words
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .slice(0, 2)
    .join('');
}
