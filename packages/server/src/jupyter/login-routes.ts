/**
 * `/p/:project/login`, `/logout` and `/tree`: how clients that know only cookies come in, and how they find out that
 * they must. The password is a token of the project, or the owner's; it becomes a cookie of this project alone. So does
 * `?token=` in the address of a page, which is then shown again without it.
 */
import { randomBytes } from 'node:crypto';
import type { ProjectId } from '@cahier/base/ids.ts';
import { projectId } from '@cahier/protocol/ids.ts';
import { z } from 'zod';
import { tokenCookie } from '../http/cookies.ts';
import { openRoute, RawAnswer, type Route } from '../http/route.ts';
import type { ProjectTokens } from '../people/project-tokens.ts';
import { formDialect, inDialect } from './dialect.ts';

export interface LoginRouteDeps {
  readonly tokens: ProjectTokens;
  /** The Set-Cookie header of a session by the owner's token; null when that is wrong. Throws `request/rate-limited`. */
  readonly byOwnerToken: (token: string, ip: string, origin: string) => Promise<string | null>;
  readonly endSession: (session: string) => Promise<void>;
}

const params = z.object({ project: projectId });
const query = z.object({ next: z.string().max(4096).optional(), token: z.string().max(512).optional() });
const form = z.object({ password: z.string().max(512).default('') }).default({ password: '' });

/**
 * The Set-Cookie header for whoever opens a page with a token in its address; null: it is wrong. Throws
 * `request/rate-limited`.
 */
export async function cookieForToken(
  { tokens, byOwnerToken }: Pick<LoginRouteDeps, 'tokens' | 'byOwnerToken'>,
  project: ProjectId,
  token: string,
  { ip, origin }: { readonly ip: string; readonly origin: string },
): Promise<string | null> {
  if (token === '') return null;
  return tokens.isOne(token)
    ? projectCookie(tokens, project, token, origin)
    : byOwnerToken(token, ip, origin);
}

export function loginRoutes(deps: LoginRouteDeps): readonly Route[] {
  const { endSession } = deps;
  return inDialect(formDialect, [
    openRoute({
      method: 'GET',
      path: '/p/:project/login',
      input: z.object({ params, query }),
      handle: async ({ input, origin, ip }) => {
        const { project } = input.params;
        const { token, next } = input.query;
        if (token === undefined) return loginPage(project, origin, false);
        const cookie = await cookieForToken(deps, project, token, { ip, origin });
        if (cookie === null) return loginPage(project, origin, true);
        return redirect(nextPage(project, next), { 'set-cookie': cookie });
      },
    }),
    openRoute({
      method: 'POST',
      path: '/p/:project/login',
      input: z.object({ params, query, body: form }),
      handle: async ({ input, origin, ip }) => {
        const { project } = input.params;
        const cookie = await cookieForToken(deps, project, input.body.password, { ip, origin });
        if (cookie === null) return loginPage(project, origin, true);
        return redirect(nextPage(project, input.query.next), { 'set-cookie': cookie });
      },
    }),
    openRoute({
      method: 'GET',
      path: '/p/:project/logout',
      input: z.object({ params }),
      handle: async ({ input, origin, principal }) => {
        const { host, protocol } = new URL(origin);
        // the session's own cookie then names nothing any more
        if (principal?.session) await endSession(principal.session);
        const gone = tokenCookie('', host, protocol === 'https:', pathOf(input.params.project));
        return redirect(`${pathOf(input.params.project)}login`, { 'set-cookie': gone });
      },
    }),
    openRoute({
      method: 'GET',
      path: '/p/:project/tree',
      input: z.object({ params, query }),
      handle: async ({ input, principal, origin, ip }) => {
        const { project } = input.params;
        const home = `/p/${encodeURIComponent(project)}`;
        const { token } = input.query;
        if (token !== undefined) {
          const cookie = await cookieForToken(deps, project, token, { ip, origin });
          return redirect(`${home}/tree`, cookie === null ? {} : { 'set-cookie': cookie });
        }
        // who came by a token alone is nobody to our own page, but not to JupyterLab's
        if (principal) return redirect(principal.limits ? `${home}/lab` : home, {});
        return redirect(`${home}/login?next=${encodeURIComponent(`${home}/tree`)}`, {});
      },
    }),
  ]);
}

async function projectCookie(
  tokens: ProjectTokens,
  project: ProjectId,
  token: string,
  origin: string,
): Promise<string | null> {
  const principal = await tokens.principal(token);
  if (principal?.limits?.project !== project) return null;
  const { host, protocol } = new URL(origin);
  return tokenCookie(token, host, protocol === 'https:', pathOf(project));
}

const pathOf = (project: ProjectId) => `/p/${encodeURIComponent(project)}/`;

/** Only to pages of this project: an address from outside never leads away. */
function nextPage(project: ProjectId, next: string | undefined): string {
  const home = `/p/${encodeURIComponent(project)}`;
  const isOfProject =
    next !== undefined && next.startsWith(`${home}/`) && !/[\\\s]|\/\/|\/\.\.?(\/|$)/.test(next);
  return isOfProject ? next : home;
}

function redirect(location: string, headers: Readonly<Record<string, string>>): RawAnswer {
  return new RawAnswer('', { location, 'cache-control': 'no-store', ...headers }, 302);
}

function loginPage(project: ProjectId, origin: string, isWrong: boolean): RawAnswer {
  const isHttps = origin.startsWith('https:');
  const xsrf = randomBytes(24).toString('hex');
  const action = `${pathOf(project)}login`;
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in to Cahier</title>
<h1>Sign in</h1>
${isWrong ? '<p role="alert">This token is not valid. Check that all of it was copied.</p>' : ''}
<form method="post" action="${action}">
<input type="hidden" name="_xsrf" value="${xsrf}">
<p><label>Token of the project: <input type="password" name="password" autocomplete="off" required autofocus></label></p>
<p><button>Sign in</button></p>
</form>
</html>
`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // read by the page's own scripts, which repeat it in a header: so it is no HttpOnly
    'set-cookie': `_xsrf=${xsrf}; Path=${pathOf(project)}; SameSite=Lax${isHttps ? '; Secure' : ''}`,
  };
  return new RawAnswer(body, headers, isWrong ? 401 : 200);
}
