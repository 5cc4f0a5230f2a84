/**
 * `/p/:project/lab…`: JupyterLab's page, for who is signed in and in the project; others are led to the sign-in. The
 * files of a build are the same for everybody and hold nothing of anybody.
 */
import { randomBytes } from 'node:crypto';
import type { ProjectId } from '@cahier/base/ids.ts';
import { may, type Role } from '@cahier/core/access/rights.ts';
import { scopesAllow } from '@cahier/core/access/scopes.ts';
import { appError } from '@cahier/core/errors.ts';
import { labState } from '@cahier/protocol/http/jupyterlab.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { tokenCookie } from '../../http/cookies.ts';
import type { Principal } from '../../http/principal.ts';
import { type OpenCall, openRoute, projectRoute, RawAnswer, type Route } from '../../http/route.ts';
import { inDialect, jupyterDialect } from '../dialect.ts';
import type { LabBuilds, LabPreparation } from './lab-build.ts';
import { labFiles, labPage, labPolicy } from './lab-page.ts';

export interface LabPageDeps {
  readonly builds: LabBuilds;
  readonly preparation: LabPreparation;
  /** Null: not in it. */
  readonly projectOf: (
    project: ProjectId,
    principal: Principal,
  ) => Promise<{ readonly name: string; readonly role: Role } | null>;
  /** The Set-Cookie header of a session by the owner's token; null when that is wrong. Throws `request/rate-limited`. */
  readonly byOwnerToken: (token: string, ip: string, origin: string) => Promise<string | null>;
}

const pages = [
  '/p/:project/lab',
  '/p/:project/lab/tree',
  '/p/:project/lab/tree/*',
  '/p/:project/lab/workspaces/:workspace',
  '/p/:project/lab/workspaces/:workspace/tree/*',
];

const pageInput = z.object({
  params: z.object({
    project: projectId,
    workspace: z.string().max(256).default('default'),
    '*': z.string().max(4096).default(''),
  }),
  query: z.looseObject({ token: z.string().max(512).optional() }),
});
type PageCall = OpenCall<z.output<typeof pageInput>>;

export function labPageRoutes(deps: LabPageDeps): readonly Route[] {
  const { builds, preparation } = deps;
  const shown = pages.map((path) =>
    openRoute({ method: 'GET', path, input: pageInput, handle: (call) => page(call, deps) }),
  );
  const files = openRoute({
    method: 'GET',
    path: `${labFiles}/:key/*`,
    input: z.object({ params: z.object({ key: z.string().max(64), '*': z.string() }) }),
    handle: async ({ input, acceptEncoding, ifNoneMatch }) => {
      const path = input.params['*'];
      const build = await builds.byKey(input.params.key);
      const found = await build?.files.read(path, acceptEncoding);
      if (!found)
        throw appError('request/no-route', { details: { path: `${labFiles}/${path.slice(0, 200)}` } });
      return found.headers['etag'] === ifNoneMatch
        ? new RawAnswer('', found.headers, 304)
        : new RawAnswer(found.bytes, found.headers);
    },
  });
  const ofProject = { path: '/api/projects/:project/jupyterlab', input: z.unknown() } as const;
  return [
    ...inDialect(jupyterDialect, shown),
    files,
    projectRoute({
      ...ofProject,
      method: 'GET',
      action: 'document.read',
      handle: async () => labState.parse(await preparation.state()),
    }),
    projectRoute({
      ...ofProject,
      method: 'POST',
      action: 'document.edit',
      handle: async () => {
        preparation.start();
        return labState.parse(await preparation.state());
      },
    }),
  ];
}

async function page(call: PageCall, deps: LabPageDeps): Promise<RawAnswer> {
  const { principal, input, origin } = call;
  const { project, workspace, '*': path } = input.params;
  const home = `/p/${encodeURIComponent(project)}`;
  const here = `${home}/lab${workspace === 'default' ? '' : `/workspaces/${encodeURIComponent(workspace)}`}${
    path === '' ? '' : `/tree/${path.split('/').map(encodeURIComponent).join('/')}`
  }`;
  if (!principal) return redirect(`${home}/login?next=${encodeURIComponent(here)}`);
  const { token } = input.query;
  if (token !== undefined) {
    const cookie = await cookieFor(token, call, deps, project);
    return redirect(here, cookie === null ? {} : { 'set-cookie': cookie });
  }
  const { limits } = principal;
  const isElsewhere = limits !== undefined && limits.project !== project;
  const found = isElsewhere ? null : await deps.projectOf(project, principal);
  if (!found) throw appError('project/not-found');
  const build = await deps.builds.current();
  // our page shows how far the preparation is
  if (!build) return redirect(`${home}?jupyterlab=${encodeURIComponent(path)}`);
  const isHttps = origin.startsWith('https:');
  return new RawAnswer(
    labPage({
      build,
      project: encodeURIComponent(project),
      name: found.name,
      path,
      workspace,
      mayRun: may(found.role, 'run') && (!limits || scopesAllow(limits.scopes, 'run')),
    }),
    {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': labPolicy(origin, build.key),
      // read by JupyterLab's scripts, which repeat it in a header: so it is no HttpOnly
      'set-cookie': `_xsrf=${randomBytes(24).toString('hex')}; Path=${home}/; SameSite=Lax${isHttps ? '; Secure' : ''}`,
    },
  );
}

/** A token in the address becomes a cookie, so that it stays in no history. */
async function cookieFor(
  token: string,
  { principal, ip, origin }: PageCall,
  { byOwnerToken }: LabPageDeps,
  project: ProjectId,
): Promise<string | null> {
  if (principal?.limits === undefined) return byOwnerToken(token, ip, origin);
  if (principal.limits.project !== project) return null;
  const { host, protocol } = new URL(origin);
  return tokenCookie(token, host, protocol === 'https:', `/p/${encodeURIComponent(project)}/`);
}

function redirect(location: string, headers: Readonly<Record<string, string>> = {}): RawAnswer {
  return new RawAnswer('', { location, 'cache-control': 'no-store', ...headers }, 302);
}
