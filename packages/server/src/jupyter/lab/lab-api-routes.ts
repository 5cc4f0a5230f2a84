/**
 * `/p/:project/lab/api`: settings, workspaces, themes, translations and listings, as JupyterLab asks for them. Settings and
 * workspaces are each person's own in each project. Source: jupyterlab_server (rest-api.yml), @jupyterlab/services.
 */
import type { Clock } from '@cahier/base/clock.ts';
import { appError } from '@cahier/core/errors.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { type ProjectCall, projectRoute, RawAnswer, type Route } from '../../http/route.ts';
import { inDialect, jupyterDialect } from '../dialect.ts';
import type { LabBuild, LabBuilds } from './lab-build.ts';
import { flawOfSetting } from './lab-setting.ts';
import type { LabKind, LabShelf, LabStore, LabText } from './lab-store.ts';

export interface LabApiDeps {
  readonly builds: LabBuilds;
  readonly store: LabStore;
  readonly clock: Clock;
}

/** Characters. A workspace holds the layout of every tab; settings are typed by hand. */
const longestSetting = 64 * 1024;
const longestWorkspace = 512 * 1024;
const mostWorkspaces = 50;

const params = z.object({ project: projectId });
const idParams = params.extend({ '*': z.string().min(1).max(256) });
const settingsQuery = z.looseObject({ ids_only: z.string().optional() });
/** What JupyterLab sends and reads back; it is nobody else's to understand. */
const workspaceBody = z.looseObject({
  data: z.record(z.string(), z.unknown()),
  metadata: z.looseObject({ id: z.string().max(256) }),
});
type WorkspaceBody = z.output<typeof workspaceBody>;

export function labApiRoutes(deps: LabApiDeps): readonly Route[] {
  const routes = [
    ...settingRoutes(deps),
    ...workspaceRoutes(deps),
    ...themeRoutes(deps),
    ...translationRoutes(),
    listingsRoute(),
  ];
  return inDialect(jupyterDialect, routes);
}

function shelf({ project, principal }: ProjectCall<unknown>, kind: LabKind): LabShelf {
  return { project, person: principal.person.id, kind };
}

async function builtLab(builds: LabBuilds): Promise<LabBuild> {
  const build = await builds.current();
  if (!build) throw appError('lab/not-prepared');
  return build;
}

function settingRoutes({ builds, store, clock }: LabApiDeps): readonly Route[] {
  const path = '/p/:project/lab/api/settings';
  return [
    projectRoute({
      method: 'GET',
      path,
      action: 'document.read',
      input: z.object({ params, query: settingsQuery }),
      handle: async (call) => {
        const { settings } = await builtLab(builds);
        if (call.input.query.ids_only === 'true') {
          return { settings: [...settings.keys()].map((id) => ({ id })) };
        }
        const kept = new Map((await store.list(shelf(call, 'setting'))).map((text) => [text.id, text]));
        return {
          settings: [...settings].map(([id, setting]) => settingModel(id, setting, kept.get(id) ?? null)),
        };
      },
    }),
    projectRoute({
      method: 'GET',
      path: `${path}/*`,
      action: 'document.read',
      input: z.object({ params: idParams }),
      handle: async (call) => {
        const id = call.input.params['*'];
        const setting = (await builtLab(builds)).settings.get(id);
        if (!setting) throw appError('lab/no-setting', { details: { id } });
        return settingModel(id, setting, await store.get(shelf(call, 'setting'), id));
      },
    }),
    projectRoute({
      method: 'PUT',
      path: `${path}/*`,
      // a person's own, like the layout of their tabs: viewers have settings, too
      action: 'document.read',
      input: z.object({ params: idParams, body: z.object({ raw: z.string() }) }),
      handle: async (call) => {
        const id = call.input.params['*'];
        const { raw } = call.input.body;
        const setting = (await builtLab(builds)).settings.get(id);
        if (!setting) throw appError('lab/no-setting', { details: { id } });
        if (raw.length > longestSetting) throw tooMuch('settings', `“${id}” is longer than 64 KB`);
        const why = flawOfSetting(raw, setting);
        if (why !== null) throw appError('lab/bad-setting', { details: { id, why } });
        await store.put(shelf(call, 'setting'), id, raw, clock.now());
        return null;
      },
    }),
  ];
}

function settingModel(
  id: string,
  { schema, version }: { readonly schema: object; readonly version: string },
  kept: LabText | null,
): object {
  return {
    id,
    raw: kept?.text ?? '{}',
    schema,
    version,
    settings: {},
    created: kept === null ? null : timeOf(kept.createdAt),
    last_modified: kept === null ? null : timeOf(kept.changedAt),
  };
}

function workspaceRoutes({ store, clock }: LabApiDeps): readonly Route[] {
  const path = '/p/:project/lab/api/workspaces';
  return [
    projectRoute({
      method: 'GET',
      path,
      action: 'document.read',
      input: z.object({ params }),
      handle: async (call) => {
        const kept = await store.list(shelf(call, 'workspace'));
        return { workspaces: { ids: kept.map(({ id }) => id), values: kept.map(workspaceModel) } };
      },
    }),
    projectRoute({
      method: 'GET',
      path: `${path}/*`,
      action: 'document.read',
      input: z.object({ params: idParams }),
      handle: async (call) => {
        const id = call.input.params['*'];
        const kept = await store.get(shelf(call, 'workspace'), id);
        return kept ? workspaceModel(kept) : { data: {}, metadata: { id } };
      },
    }),
    projectRoute({
      method: 'PUT',
      path: `${path}/*`,
      action: 'document.read',
      input: z.object({ params: idParams, body: workspaceBody }),
      handle: async (call) => {
        const id = call.input.params['*'];
        const { body } = call.input;
        if (body.metadata.id !== id) {
          throw appError('jupyter/refused', {
            details: { why: `its metadata.id is “${body.metadata.id}”, its address says “${id}”.` },
          });
        }
        const text = JSON.stringify({ data: body.data, metadata: { id } });
        if (text.length > longestWorkspace) throw tooMuch('workspaces', `“${id}” is larger than 512 KB`);
        const own = shelf(call, 'workspace');
        const others = (await store.list(own)).filter((each) => each.id !== id);
        if (others.length >= mostWorkspaces)
          throw tooMuch('workspaces', `there are ${mostWorkspaces} of them`);
        await store.put(own, id, text, clock.now());
        return null;
      },
    }),
    projectRoute({
      method: 'DELETE',
      path: `${path}/*`,
      action: 'document.read',
      input: z.object({ params: idParams }),
      handle: async (call) => {
        const id = call.input.params['*'];
        const isRemoved = await store.remove(shelf(call, 'workspace'), id);
        if (!isRemoved) throw appError('lab/no-workspace', { details: { id } });
        return null;
      },
    }),
  ];
}

function workspaceModel({ id, text, createdAt, changedAt }: LabText): WorkspaceBody {
  const { data } = workspaceBody.parse(JSON.parse(text));
  return { data, metadata: { id, created: timeOf(createdAt), last_modified: timeOf(changedAt) } };
}

/** A theme's style sheet and what it names: files of the build. */
function themeRoutes({ builds }: LabApiDeps): readonly Route[] {
  return [
    projectRoute({
      method: 'GET',
      path: '/p/:project/lab/api/themes/*',
      action: 'document.read',
      input: z.object({ params: params.extend({ '*': z.string().max(512) }) }),
      handle: async ({ input, acceptEncoding, ifNoneMatch }) => {
        const path = input.params['*'];
        const found = await (await builtLab(builds)).files.read(`themes/${path}`, acceptEncoding);
        if (!found) throw appError('request/no-route', { details: { path: path.slice(0, 200) } });
        return found.headers['etag'] === ifNoneMatch
          ? new RawAnswer('', found.headers, 304)
          : new RawAnswer(found.bytes, found.headers);
      },
    }),
  ];
}

/** JupyterLab's words are English here; there are no language packs. */
function translationRoutes(): readonly Route[] {
  const path = '/p/:project/lab/api/translations';
  const input = z.object({ params });
  return [
    projectRoute({
      method: 'GET',
      path,
      action: 'document.read',
      input,
      handle: async () => ({ data: { en: { displayName: 'English', nativeName: 'English' } }, message: '' }),
    }),
    projectRoute({
      method: 'GET',
      path: `${path}/:language`,
      action: 'document.read',
      input,
      handle: async () => ({ data: {}, message: '' }),
    }),
  ];
}

/** What its extension manager may install: it has none here, so nothing is listed either way. */
function listingsRoute(): Route {
  return projectRoute({
    method: 'GET',
    path: '/p/:project/lab/api/listings/@jupyterlab/extensionmanager-extension/listings.json',
    action: 'document.read',
    input: z.object({ params }),
    handle: async () => ({
      blocked_extensions_uris: [],
      allowed_extensions_uris: [],
      blocked_extensions: [],
      allowed_extensions: [],
    }),
  });
}

const timeOf = (at: number) => new Date(at).toISOString();

function tooMuch(what: string, why: string) {
  return appError('lab/too-much', { details: { what, why } });
}
