import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wireError } from '@cahier/protocol/wire-error.ts';
import { fromOwnPage, type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let sample: SampleApp;
beforeAll(async () => {
  sample = await sampleApp();
});
afterAll(() => sample.close());

const codeOf = (body: string): string => wireError.parse(JSON.parse(body)).code;
const host = 'localhost:8400';
const origin = 'http://localhost:8400';
const cookieOf = (who: 'owner' | 'editor') => `cahier-8400=${sample.members[who].secret}`;

describe('requests from other sites', () => {
  const unsafe = [
    ['POST', '/api/projects/:project/files', { folder: '', type: 'text' }],
    ['PATCH', '/api/account', { name: 'X' }],
    ['PUT', '/api/projects/:project/files/content?path=x&overwrite=1', {}],
    ['DELETE', '/api/projects/:project/files?path=x', undefined],
    ['POST', '/api/join', { secret: 'whatever-it-is', name: 'N' }],
    ['POST', '/api/projects', { name: 'N' }],
  ] as const;
  const foreign = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:8401' },
    { origin: 'http://localhost:8400.evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin, 'sec-fetch-site': 'cross-site' },
    {},
  ];

  it.each(unsafe)('are refused: %s %s', async (method, url, payload) => {
    for (const headers of foreign) {
      const answer = await sample.app.inject({
        method,
        url: url.replace(':project', sample.project.id),
        headers: { host, cookie: cookieOf('owner'), ...headers },
        ...(payload ? { payload } : {}),
      });
      expect([headers, answer.statusCode, codeOf(answer.body)]).toEqual([headers, 403, 'access/origin']);
    }
    expect(sample.runner.files.size).toBe(0);
  });

  it('cannot post a form', async () => {
    const answer = await sample.app.inject({
      method: 'POST',
      url: '/api/join',
      headers: { ...fromOwnPage(null), 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'secret=whatever-it-is&name=N',
    });
    expect([answer.statusCode, codeOf(answer.body)]).toEqual([400, 'request/invalid']);
  });

  it('cannot call the server by a name of their own', async () => {
    for (const name of ['evil.example', 'localhost.evil.example:8400']) {
      const answer = await sample.app.inject({ url: '/api/account', headers: { host: name } });
      expect([answer.statusCode, codeOf(answer.body)]).toEqual([403, 'request/host']);
    }
  });

  it('are let in with a token, which no other site has', async () => {
    const answer = await sample.app.inject({
      method: 'PATCH',
      url: '/api/account',
      headers: { host, authorization: `token ${sample.token}` },
      payload: { name: 'Ada' },
    });
    expect(answer.statusCode).toBe(200);
  });
});

describe('errors', () => {
  it('are answered in one shape with the number of the request', async () => {
    const answer = await sample.app.inject({ url: '/api/nothing', headers: { host } });
    expect(answer.statusCode).toBe(404);
    expect(wireError.parse(JSON.parse(answer.body))).toMatchObject({
      code: 'request/no-route',
      requestId: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
  });

  it('of input say what is wrong', async () => {
    const answer = await sample.app.inject({
      method: 'PATCH',
      url: '/api/account',
      headers: fromOwnPage(sample.members.editor),
      payload: { name: '' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('name');
  });

  it.each([
    ['no JSON', '{"name":', 'application/json', 400],
    ['JSON of another kind', '[1]', 'application/json', 400],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(1_100_000) }), 'application/json', 413],
    ['text', 'name', 'text/plain', 400],
  ])('for %s leave the server healthy', async (_what, payload, type, status) => {
    const headers = { ...fromOwnPage(sample.members.editor), 'content-type': type };
    const answer = await sample.app.inject({ method: 'PATCH', url: '/api/account', headers, payload });
    expect(answer.statusCode).toBe(status);
    const after = await sample.app.inject({
      url: '/api/account',
      headers: fromOwnPage(sample.members.editor),
    });
    expect(after.statusCode).toBe(200);
  });

  it('of the server say nothing of what went wrong inside', async () => {
    const { runner } = sample;
    const call = runner.call.bind(runner);
    runner.call = () => Promise.reject(new Error('the secret is 42'));
    const answer = await sample.app.inject({
      url: `/api/projects/${sample.project.id}/files`,
      headers: fromOwnPage(sample.members.viewer),
    });
    runner.call = call;
    expect([answer.statusCode, codeOf(answer.body)]).toEqual([500, 'internal/unexpected']);
    expect(answer.body).not.toContain('42');
    expect(sample.logged()).toContain('the secret is 42');
  });
});

describe('pages', () => {
  it('say what to do while the page is not built', async () => {
    const answer = await sample.app.inject({ url: '/', headers: { host } });
    expect([answer.statusCode, codeOf(answer.body)]).toEqual([503, 'page/not-built']);
  });

  it('are served from the build and from nowhere else', async () => {
    await mkdir(join(sample.web, 'assets'), { recursive: true });
    await writeFile(join(sample.web, 'assets/main-abcdefgh.js'), 'code');
    await writeFile(join(sample.web, 'assets/main-abcdefgh.js.br'), 'brotli');
    await writeFile(join(sample.web, 'output-frame.html'), '<!doctype html>frame');
    await writeFile(join(sample.web, 'index.html'), '<!doctype html>app');
    const get = (url: string, headers = {}) => sample.app.inject({ url, headers: { host, ...headers } });

    for (const url of ['/', '/join', '/p/abc', '/p/abc/edit/deep/a.ipynb', '/p/abc/']) {
      const page = await get(url);
      expect([url, page.statusCode, page.body]).toEqual([url, 200, '<!doctype html>app']);
      expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'/);
      expect(page.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-cache',
      });
      const again = await get(url, { 'if-none-match': page.headers.etag });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    }
    const script = await get('/assets/main-abcdefgh.js', { 'accept-encoding': 'gzip, br' });
    expect(script.body).toBe('brotli');
    expect(script.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await get('/assets/main-abcdefgh.js')).body).toBe('code');
    const frame = await get('/output-frame');
    expect(frame.headers['content-security-policy']).toMatch(
      /^sandbox allow-scripts allow-forms allow-downloads; /,
    );
    expect(frame.headers['content-security-policy']).not.toContain('allow-same-origin');
    for (const url of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/assets/..%2f..%2fpackage.json',
      '/output-frame.html',
    ]) {
      expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
    }
  });
});

describe('the link that the server prints', () => {
  it('signs in, and is shown again without the token', async () => {
    const first = await sample.app.inject({ url: `/?token=${sample.token}&x=1`, headers: { host } });
    expect([first.statusCode, first.headers.location]).toEqual([303, '/?x=1']);
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/^cahier-8400=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
    const headers = { host, cookie: cookie.split(';', 1)[0] ?? '' };
    expect((await sample.app.inject({ url: '/api/account', headers })).statusCode).toBe(200);
  });

  it('works at every page and leads to that page only', async () => {
    const deep = await sample.app.inject({
      url: `/p/abc/edit/a%20b/%C3%BC.ipynb?token=${sample.token}`,
      headers: { host },
    });
    expect(deep.headers.location).toBe('/p/abc/edit/a%20b/%C3%BC.ipynb');
    const sly = await sample.app.inject({ url: `//evil.example/?token=${sample.token}`, headers: { host } });
    expect(sly.headers.location ?? '').not.toContain('evil');
  });

  it('with a wrong token signs nobody in, and is only tried so often', async () => {
    const wrong = () =>
      sample.app.inject({ url: '/?token=wrong-token', headers: { host }, remoteAddress: '127.0.0.77' });
    const first = await wrong();
    expect([first.statusCode, first.headers.location, first.headers['set-cookie']]).toEqual([
      303,
      '/',
      undefined,
    ]);
    const statuses = new Set<number>();
    for (let n = 0; n < 25; n += 1) statuses.add((await wrong()).statusCode);
    expect(statuses).toEqual(new Set([303, 429]));
    sample.clock.advance(10 * 60_000);
    expect((await wrong()).statusCode).toBe(303);
  });
});

it('logs no secret', async () => {
  const { people, members, token, project, invitations } = sample;
  const { secret: invitation } = await invitations.make(project.id, members.owner.id, {
    role: 'editor',
    expiresInHours: 1,
    uses: 1,
  });
  const session = await people.startSession(members.editor.id);
  const requests = [
    { url: `/?token=${token}` },
    { url: `/nothing?token=${token}` },
    { url: '/api/account', headers: { authorization: `token ${token}` } },
    { url: '/api/account', headers: { cookie: `cahier-8400=${session}` } },
    {
      url: `/api/projects/${project.id}/files?path=..&token=${token}`,
      headers: { authorization: `token ${token}` },
    },
    {
      url: '/api/join',
      method: 'POST' as const,
      headers: fromOwnPage(null),
      payload: { secret: invitation, name: 7 },
    },
    {
      url: '/api/join/look',
      method: 'POST' as const,
      headers: fromOwnPage(null),
      payload: { secret: invitation },
    },
    {
      url: '/api/join',
      method: 'POST' as const,
      headers: fromOwnPage(null),
      payload: { secret: invitation, name: 'J' },
    },
  ];
  for (const request of requests) {
    await sample.app.inject({ ...request, headers: { host, ...request.headers } });
  }
  expect(sample.logged()).toContain('"msg":"request"');
  for (const secret of [token, session, invitation]) expect(sample.logged()).not.toContain(secret);
});
