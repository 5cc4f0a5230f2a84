/**
 * The pages: the app's one HTML file for every address of the app, its assets, and the frame for outputs with scripts.
 * A page opened with `?token=` signs in and is shown again without it, so that the token stays in no history or log.
 */
import { appError } from '@cahier/core/errors.ts';
import { z } from 'zod';
import type { BuiltFiles } from './built-files.ts';
import { type OpenCall, openRoute, RawAnswer, type Route } from './route.ts';
import { openOutputFramePolicy, outputFramePolicy } from './security-headers.ts';

const pagePaths = [
  '/',
  '/join',
  '/help/:topic',
  '/p/:project',
  '/p/:project/history',
  '/p/:project/edit/*',
  '/p/:project/terminals/:terminal',
];

const pageInput = z.object({
  params: z.record(z.string(), z.string()),
  query: z.looseObject({ token: z.string().max(512).optional() }),
});
type PageInput = z.output<typeof pageInput>;

/** The Set-Cookie header of a new session, or null: the token is wrong, or who is asking is signed in by it already. */
export type SignInByLink = (token: string, call: OpenCall<unknown>) => Promise<string | null>;

/** `isOfProgram`: this token is one of a project, for programs; it opens JupyterLab's page and never ours. */
export function pageRoutes(
  files: BuiltFiles,
  signIn: SignInByLink,
  isOfProgram: (token: string) => boolean = () => false,
): readonly Route[] {
  const pages = pagePaths.map((path) =>
    openRoute({
      method: 'GET',
      path,
      input: pageInput,
      handle: async (call) => {
        const { token } = call.input.query;
        const { project } = call.input.params;
        if (token !== undefined && isOfProgram(token)) return forProgram(project, token);
        return (await signedIn(call, signIn, path)) ?? appPage(call, files);
      },
    }),
  );
  const outputFrame = openRoute({
    method: 'GET',
    path: '/output-frame',
    input: z.object({ query: z.looseObject({ internet: z.string().optional() }) }),
    handle: async (call) => {
      const isOpen = call.input.query.internet === 'yes';
      const answer = await fileAnswer('output-frame.html', call, files);
      if (!answer) throw notBuilt();
      return new RawAnswer(
        answer.body,
        {
          ...answer.headers,
          'content-security-policy': isOpen ? openOutputFramePolicy : outputFramePolicy,
          'x-dns-prefetch-control': 'off',
          'cache-control': 'public, max-age=3600',
        },
        answer.status,
      );
    },
  });
  const assets = openRoute({
    method: 'GET',
    path: '/*',
    input: z.object({ params: z.object({ '*': z.string() }) }),
    handle: async (call) => {
      const path = call.input.params['*'];
      const answer = path.endsWith('.html') ? null : await fileAnswer(path, call, files);
      if (!answer) throw appError('request/no-route', { details: { path: `/${path.slice(0, 200)}` } });
      return answer;
    },
  });
  return [...pages, outputFrame, assets];
}

/** To where Jupyter's clients exchange their token for a cookie; without a project there is nothing to exchange it for. */
function forProgram(project: string | undefined, token: string): RawAnswer {
  const query = new URLSearchParams({ token }).toString();
  const location = project === undefined ? '/' : `/p/${encodeURIComponent(project)}/tree?${query}`;
  return new RawAnswer('', { location, 'cache-control': 'no-store' }, 303);
}

async function appPage(call: OpenCall<unknown>, files: BuiltFiles): Promise<RawAnswer> {
  const answer = await fileAnswer('index.html', call, files);
  if (!answer) throw notBuilt();
  return answer;
}

async function fileAnswer(
  path: string,
  call: OpenCall<unknown>,
  files: BuiltFiles,
): Promise<RawAnswer | null> {
  const found = await files.read(path, call.acceptEncoding);
  if (!found) return null;
  const isKnown = found.headers['etag'] === call.ifNoneMatch;
  return isKnown ? new RawAnswer('', found.headers, 304) : new RawAnswer(found.bytes, found.headers);
}

async function signedIn(
  call: OpenCall<PageInput>,
  signIn: SignInByLink,
  pattern: string,
): Promise<RawAnswer | null> {
  const { token, ...rest } = call.input.query;
  if (token === undefined) return null;
  const cookie = await signIn(token, call);
  const location = pageAddress(pattern, call.input.params, rest);
  const headers = { location, 'cache-control': 'no-store' };
  return new RawAnswer('', cookie === null ? headers : { ...headers, 'set-cookie': cookie }, 303);
}

/** Built from the route's own pattern, so that it can only lead to a page of ours. */
function pageAddress(
  pattern: string,
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, unknown>>,
): string {
  const path = pattern
    .replace(':project', () => encodeURIComponent(params['project'] ?? ''))
    .replace('*', () => (params['*'] ?? '').split('/').map(encodeURIComponent).join('/'));
  const kept = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (typeof value === 'string') kept.append(key, value);
  const rest = kept.toString();
  return rest === '' ? path : `${path}?${rest}`;
}

function notBuilt() {
  return appError('page/not-built');
}
