import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromOwnPage, type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { appError } from '@cahier/core/errors.ts';
import { z } from 'zod';
import { wireError } from '@cahier/protocol/wire-error.ts';
import type { Method } from './route.ts';

/**
 * Who may call what, written down once more and by hand: the routes' own access rules are what is tested. A route that
 * is missing here fails the last test.
 */
const everyone = ['nobody', 'stranger', 'viewer', 'editor', 'owner'] as const;
type Caller = (typeof everyone)[number];
const signedIn: readonly Caller[] = ['stranger', 'viewer', 'editor', 'owner'];
const members: readonly Caller[] = ['viewer', 'editor', 'owner'];
const editors: readonly Caller[] = ['editor', 'owner'];
const owners: readonly Caller[] = ['owner'];

interface Row {
  readonly method: Method;
  readonly path: string;
  readonly url?: string;
  readonly body?: object;
  readonly may: readonly Caller[];
}

const hash = 'a'.repeat(64);
const table: readonly Row[] = [
  { method: 'GET', path: '/', may: everyone },
  { method: 'GET', path: '/join', may: everyone },
  { method: 'GET', path: '/help/:topic', url: '/help/history', may: everyone },
  { method: 'GET', path: '/p/:project', may: everyone },
  { method: 'GET', path: '/p/:project/history', may: everyone },
  { method: 'GET', path: '/p/:project/edit/*', url: '/p/:project/edit/a.ipynb', may: everyone },
  {
    method: 'GET',
    path: '/p/:project/terminals/:terminal',
    url: '/p/:project/terminals/1',
    may: everyone,
  },
  { method: 'GET', path: '/output-frame', may: everyone },
  { method: 'GET', path: '/*', url: '/assets/main.js', may: everyone },
  { method: 'POST', path: '/api/join/look', body: { secret: 'not-a-secret' }, may: everyone },
  { method: 'POST', path: '/api/join', body: { secret: 'not-a-secret', name: 'N' }, may: everyone },
  { method: 'GET', path: '/api/account', may: signedIn },
  { method: 'PATCH', path: '/api/account', body: { name: 'New' }, may: signedIn },
  { method: 'POST', path: '/api/sign-out', body: {}, may: signedIn },
  { method: 'POST', path: '/api/projects', body: { name: 'P' }, may: owners },
  { method: 'GET', path: '/api/projects/:project', may: members },
  {
    method: 'PATCH',
    path: '/api/projects/:project/people/:person',
    url: '/api/projects/:project/people/nobody-such',
    body: { role: 'viewer' },
    may: owners,
  },
  {
    method: 'DELETE',
    path: '/api/projects/:project/people/:person',
    url: '/api/projects/:project/people/nobody-such',
    may: owners,
  },
  { method: 'GET', path: '/api/projects/:project/invitations', may: owners },
  { method: 'POST', path: '/api/projects/:project/invitations', body: { role: 'viewer' }, may: owners },
  {
    method: 'DELETE',
    path: '/api/projects/:project/invitations/:invitation',
    url: '/api/projects/:project/invitations/none',
    may: owners,
  },
  { method: 'GET', path: '/api/projects/:project/files', may: members },
  {
    method: 'POST',
    path: '/api/projects/:project/files',
    body: { folder: '', type: 'notebook' },
    may: editors,
  },
  {
    method: 'POST',
    path: '/api/projects/:project/files/copy',
    body: { path: 'no' },
    may: editors,
  },
  { method: 'PATCH', path: '/api/projects/:project/files', body: { from: 'no', to: 'so' }, may: editors },
  {
    method: 'DELETE',
    path: '/api/projects/:project/files',
    url: '/api/projects/:project/files?path=no',
    may: editors,
  },
  {
    method: 'PUT',
    path: '/api/projects/:project/files/content',
    url: '/api/projects/:project/files/content?path=up&overwrite=1',
    body: {},
    may: editors,
  },
  { method: 'GET', path: '/p/:project/files/*', url: '/p/:project/files/a.txt', may: members },
  { method: 'GET', path: '/api/projects/:project/kernelspecs', may: members },
  {
    method: 'GET',
    path: '/api/projects/:project/kernelspecs/:name/:file',
    url: '/api/projects/:project/kernelspecs/python3/logo-svg',
    may: members,
  },
  { method: 'GET', path: '/p/:project/blobs/:hash', url: `/p/:project/blobs/${hash}`, may: members },
  {
    method: 'GET',
    path: '/api/projects/:project/documents/:document/history/timeline',
    url: '/api/projects/:project/documents/d1/history/timeline',
    may: editors,
  },
  {
    method: 'GET',
    path: '/api/projects/:project/documents/:document/history/chunk',
    url: '/api/projects/:project/documents/d1/history/chunk?seq=0',
    may: editors,
  },
  {
    method: 'GET',
    path: '/api/projects/:project/documents/:document/history/steps',
    url: '/api/projects/:project/documents/d1/history/steps?from=1&to=9',
    may: editors,
  },
  {
    method: 'GET',
    path: '/api/projects/:project/documents/:document/history/export',
    url: '/api/projects/:project/documents/d1/history/export',
    may: editors,
  },
  { method: 'GET', path: '/api/projects/:project/histories', may: editors },
  { method: 'GET', path: '/api/projects/:project/histories/export', may: editors },
  {
    method: 'GET',
    path: '/api/projects/:project/documents/:document/history/names',
    url: '/api/projects/:project/documents/d1/history/names',
    may: editors,
  },
  {
    method: 'PUT',
    path: '/api/projects/:project/documents/:document/history/names',
    url: '/api/projects/:project/documents/d1/history/names',
    body: { seq: 1, name: 'Handed out' },
    may: editors,
  },
  {
    method: 'GET',
    path: '/api/projects/:project/git/log',
    url: '/api/projects/:project/git/log?path=a.txt',
    may: editors,
  },
  {
    method: 'GET',
    path: '/api/projects/:project/git/file',
    url: `/api/projects/:project/git/file?path=a.txt&revision=${hash.slice(0, 40)}`,
    may: editors,
  },
  {
    method: 'POST',
    path: '/api/projects/:project/documents/:document/history/purge',
    url: '/api/projects/:project/documents/d1/history/purge',
    body: { from: 1, to: 1 },
    may: owners,
  },
  {
    method: 'GET',
    path: '/api/projects/:project/documents',
    url: '/api/projects/:project/documents?deleted=1',
    may: editors,
  },
  {
    method: 'POST',
    path: '/api/projects/:project/documents/:document/recover',
    url: '/api/projects/:project/documents/d1/recover',
    body: {},
    may: editors,
  },
  { method: 'GET', path: '/api/projects/:project/tokens', may: members },
  {
    method: 'POST',
    path: '/api/projects/:project/tokens',
    body: { name: 'Lab', scopes: ['read'] },
    may: members,
  },
  {
    method: 'DELETE',
    path: '/api/projects/:project/tokens/:token',
    url: '/api/projects/:project/tokens/none',
    may: members,
  },
  { method: 'GET', path: '/p/:project/login', may: everyone },
  { method: 'POST', path: '/p/:project/login', body: { password: '' }, may: everyone },
  { method: 'GET', path: '/p/:project/logout', may: everyone },
  { method: 'GET', path: '/p/:project/tree', may: everyone },
  { method: 'GET', path: '/p/:project/api', may: everyone },
  { method: 'GET', path: '/p/:project/api/status', may: members },
  { method: 'GET', path: '/p/:project/api/me', may: members },
  {
    method: 'GET',
    path: '/p/:project/api/resolvePath',
    url: '/p/:project/api/resolvePath?path=a.txt',
    may: members,
  },
  ...(['GET', 'PUT', 'PATCH'] as const).map(
    (method): Row => ({
      method,
      path: '/p/:project/api/config/:section',
      url: '/p/:project/api/config/notebook',
      ...(method === 'GET' ? {} : { body: {} }),
      may: method === 'GET' ? members : editors,
    }),
  ),
  ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).flatMap((method): Row[] => {
    const may = method === 'GET' ? members : editors;
    return [
      { method, path: '/p/:project/api/notebooks', may },
      { method, path: '/p/:project/api/notebooks/*', url: '/p/:project/api/notebooks/a.ipynb', may },
    ];
  }),
  { method: 'POST', path: '/p/:project/api/security/csp-report', body: {}, may: members },
  { method: 'POST', path: '/p/:project/api/shutdown', may: members },
  { method: 'GET', path: '/p/:project/api/spec.yaml', may: members },
  { method: 'GET', path: '/p/:project/view/*', url: '/p/:project/view/a.txt', may: members },
  { method: 'PATCH', path: '/p/:project/api/me', body: { name: 'New' }, may: members },
  { method: 'GET', path: '/p/:project/api/kernelspecs', may: members },
  {
    method: 'GET',
    path: '/p/:project/api/kernelspecs/:name',
    url: '/p/:project/api/kernelspecs/python3',
    may: members,
  },
  {
    method: 'GET',
    path: '/p/:project/kernelspecs/:name/:file',
    url: '/p/:project/kernelspecs/python3/logo-svg',
    may: members,
  },
  { method: 'GET', path: '/p/:project/api/contents', may: members },
  {
    method: 'GET',
    path: '/p/:project/api/contents/*',
    url: '/p/:project/api/contents/a.txt',
    may: members,
  },
  { method: 'POST', path: '/p/:project/api/contents', body: { ext: '.py' }, may: editors },
  {
    method: 'POST',
    path: '/p/:project/api/contents/*',
    url: '/p/:project/api/contents/no',
    body: {},
    may: editors,
  },
  {
    method: 'PUT',
    path: '/p/:project/api/contents/*',
    url: '/p/:project/api/contents/new.bin',
    body: { type: 'file', format: 'base64', content: 'AAAA' },
    may: editors,
  },
  {
    method: 'PATCH',
    path: '/p/:project/api/contents/*',
    url: '/p/:project/api/contents/no',
    body: { path: 'so' },
    may: editors,
  },
  { method: 'DELETE', path: '/p/:project/api/contents', may: editors },
  {
    method: 'DELETE',
    path: '/p/:project/api/contents/*',
    url: '/p/:project/api/contents/no',
    may: editors,
  },
  {
    method: 'POST',
    path: '/p/:project/api/events',
    body: {
      schema_id: 'https://events.jupyter.org/jupyter_server/contents_service/v1',
      version: 1,
      data: { action: 'save', path: 'a.txt' },
    },
    may: editors,
  },
  { method: 'GET', path: '/p/:project/api/kernels', may: members },
  { method: 'POST', path: '/p/:project/api/kernels', body: { name: 'none' }, may: editors },
  ...(
    [
      ['GET', '', members],
      ['DELETE', '', editors],
      ['POST', '/interrupt', editors],
      ['POST', '/restart', editors],
    ] as const
  ).map(
    ([method, end, may]): Row => ({
      method,
      path: `/p/:project/api/kernels/:kernel${end}`,
      url: `/p/:project/api/kernels/none${end}`,
      may,
    }),
  ),
  {
    method: 'PUT',
    path: '/p/:project/api/collaboration/session/*',
    url: '/p/:project/api/collaboration/session/none.ipynb',
    body: { format: 'json', type: 'notebook' },
    may: members,
  },
  {
    method: 'GET',
    path: '/p/:project/api/fileid/id',
    url: '/p/:project/api/fileid/id?path=none.ipynb',
    may: members,
  },
  {
    method: 'GET',
    path: '/p/:project/api/fileid/path',
    url: '/p/:project/api/fileid/path?id=none',
    may: members,
  },
  {
    method: 'POST',
    path: '/p/:project/api/fileid/index',
    url: '/p/:project/api/fileid/index?path=none.ipynb',
    may: members,
  },
  {
    method: 'POST',
    path: '/p/:project/api/kernels/:kernel/execute',
    url: '/p/:project/api/kernels/undefined/execute',
    body: { cell_id: 'a', document_id: 'json:notebook:none' },
    may: editors,
  },
  {
    method: 'GET',
    path: '/p/:project/api/kernels/:kernel/requests/:request',
    url: '/p/:project/api/kernels/none/requests/none',
    may: editors,
  },
  {
    method: 'POST',
    path: '/p/:project/api/kernels/:kernel/input',
    url: '/p/:project/api/kernels/none/input',
    body: { input: '' },
    may: editors,
  },
  { method: 'GET', path: '/api/projects/:project/terminals', may: editors },
  { method: 'POST', path: '/api/projects/:project/terminals', body: {}, may: editors },
  {
    method: 'DELETE',
    path: '/api/projects/:project/terminals/:terminal',
    url: '/api/projects/:project/terminals/1',
    may: editors,
  },
  { method: 'GET', path: '/p/:project/api/terminals', may: editors },
  { method: 'POST', path: '/p/:project/api/terminals', body: {}, may: editors },
  ...(['GET', 'DELETE'] as const).map(
    (method): Row => ({
      method,
      path: '/p/:project/api/terminals/:terminal',
      url: '/p/:project/api/terminals/1',
      may: editors,
    }),
  ),
  { method: 'GET', path: '/p/:project/api/nbconvert', may: members },
  {
    method: 'GET',
    path: '/p/:project/nbconvert/:format/*',
    url: '/p/:project/nbconvert/html/n.ipynb',
    may: editors,
  },
  {
    method: 'POST',
    path: '/p/:project/nbconvert/:format',
    url: '/p/:project/nbconvert/html',
    body: { name: 'n.ipynb', content: { cells: [] } },
    may: editors,
  },
  { method: 'GET', path: '/p/:project/api/sessions', may: members },
  {
    method: 'POST',
    path: '/p/:project/api/sessions',
    body: { path: 'c', type: 'console', kernel: { name: 'none' } },
    may: editors,
  },
  ...(
    [
      ['GET', members],
      ['PATCH', editors],
      ['DELETE', editors],
    ] as const
  ).map(
    ([method, may]): Row => ({
      method,
      path: '/p/:project/api/sessions/:session',
      url: '/p/:project/api/sessions/none',
      ...(method === 'PATCH' ? { body: {} } : {}),
      may,
    }),
  ),
  // who is not signed in is led to the sign-in
  ...['', '/tree', '/tree/*', '/workspaces/:workspace', '/workspaces/:workspace/tree/*'].map(
    (end): Row => ({
      method: 'GET',
      path: `/p/:project/lab${end}`,
      url: `/p/:project/lab${end.replace(':workspace', 'w').replace('*', 'a.ipynb')}`,
      may: ['nobody', ...members],
    }),
  ),
  { method: 'GET', path: '/jupyterlab/:key/*', url: '/jupyterlab/none/assets/lab.js', may: everyone },
  { method: 'GET', path: '/api/projects/:project/jupyterlab', may: members },
  { method: 'POST', path: '/api/projects/:project/jupyterlab', body: {}, may: editors },
  ...(
    [
      ['GET', 'settings', undefined],
      ['GET', 'settings/*', undefined],
      ['PUT', 'settings/*', { raw: '{}' }],
      ['GET', 'workspaces', undefined],
      ['GET', 'workspaces/*', undefined],
      ['PUT', 'workspaces/*', { data: {}, metadata: { id: 'default' } }],
      ['DELETE', 'workspaces/*', undefined],
      ['GET', 'themes/*', undefined],
      ['GET', 'translations', undefined],
      ['GET', 'translations/:language', undefined],
      ['GET', 'listings/@jupyterlab/extensionmanager-extension/listings.json', undefined],
    ] as const
  ).map(
    ([method, end, body]): Row => ({
      method,
      path: `/p/:project/lab/api/${end}`,
      url: `/p/:project/lab/api/${end
        .replace('settings/*', 'settings/@sample/part:plugin')
        .replace('*', 'default')
        .replace(':language', 'en')}`,
      ...(body ? { body } : {}),
      may: members,
    }),
  ),
  { method: 'GET', path: '/api/projects/:project/settings', may: owners },
  {
    method: 'PATCH',
    path: '/api/projects/:project/settings',
    body: { keepHistoryDays: null },
    may: owners,
  },
];

let sample: SampleApp;
beforeAll(async () => {
  sample = await sampleApp();
});
afterAll(() => sample.close());

/** Jupyter's errors have a sentence and no code. */
const jupyterError = z
  .object({ message: z.string(), reason: z.string().nullable() })
  .transform(({ message }) => {
    if (message === appError('access/sign-in').message) return 'access/sign-in';
    if (message === appError('project/not-found').message) return 'project/not-found';
    return message.startsWith('You may not') ? 'access/forbidden' : message;
  });
const codeOf = (body: string): string =>
  body.startsWith('<!doctype html>')
    ? 'a page'
    : z.union([wireError.transform(({ code }) => code), jupyterError]).parse(JSON.parse(body));
const codesOfRefusal = new Set(['access/sign-in', 'access/forbidden', 'project/not-found', 'access/origin']);

function withXsrf(headers: Record<string, string>): Record<string, string> {
  const cookie = [headers['cookie'], '_xsrf=x'].filter((each) => each !== undefined).join('; ');
  return { ...headers, cookie, 'x-xsrftoken': 'x' };
}

describe.each(table)('$method $path', (row) => {
  it.each(everyone)('%s', async (caller) => {
    // a session of its own: the route that signs out ends it
    const member = caller === 'nobody' ? null : sample.members[caller];
    const session = member && { ...member, secret: await sample.people.startSession(member.id) };
    const answer = await sample.app.inject({
      method: row.method,
      url: (row.url ?? row.path).replace(':project', sample.project.id),
      headers: withXsrf(fromOwnPage(session)),
      ...(row.body ? { payload: row.body } : {}),
    });
    const isRefused = [401, 403, 404].includes(answer.statusCode) && codesOfRefusal.has(codeOf(answer.body));
    expect({ caller, isRefused }).toEqual({ caller, isRefused: !row.may.includes(caller) });
    expect(answer.statusCode, answer.body).not.toBe(500);
  });
});

it('has a row for every route', () => {
  const listed = new Set(table.map(({ method, path }) => `${method} ${path}`));
  const unlisted = sample.routes
    .map(({ method, path }) => `${method} ${path}`)
    .filter((it) => !listed.has(it));
  expect(unlisted).toEqual([]);
  expect(sample.routes.length).toBe(table.length);
});

it('does not tell a stranger whether a project exists', async () => {
  const headers = fromOwnPage(sample.members.stranger);
  const real = await sample.app.inject({ url: `/api/projects/${sample.project.id}`, headers });
  const unreal = await sample.app.inject({ url: '/api/projects/no-such-project', headers });
  expect([real.statusCode, codeOf(real.body)]).toEqual([unreal.statusCode, codeOf(unreal.body)]);
});

it('the owner decides who reads history, and it counts from the next request on', async () => {
  const path = `/api/projects/${sample.project.id}`;
  const status = async (who: 'viewer' | 'editor', url: string) =>
    (await sample.app.inject({ url: `${path}${url}`, headers: fromOwnPage(sample.members[who]) })).statusCode;
  const decide = async (settings: object) =>
    sample.app.inject({
      method: 'PATCH',
      url: `${path}/settings`,
      headers: fromOwnPage(sample.members.owner),
      payload: settings,
    });
  const timeline = '/documents/d1/history/timeline';
  const seen: number[][] = [];
  for (const historyFor of ['viewer', 'owner', 'editor']) {
    const answer = await decide({ historyFor });
    expect(answer.json()).toEqual({ historyFor, keepHistoryDays: null });
    seen.push([await status('viewer', timeline), await status('editor', timeline)]);
  }
  expect(seen).toEqual([
    [200, 200],
    [403, 403],
    [403, 200],
  ]);
  expect((await decide({ keepHistoryDays: 0 })).statusCode).toBe(400);
  expect((await decide({ keepHistoryDays: 365 })).json()).toEqual({
    historyFor: 'editor',
    keepHistoryDays: 365,
  });
  await decide({ keepHistoryDays: null });
});
