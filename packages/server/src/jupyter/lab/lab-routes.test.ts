/** JupyterLab's page and its own API, as its parts ask for them. */
import { fromOwnPage, type SampleApp, sampleApp, type Who } from '@cahier/testkit/sample-app.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const id = '@sample/part:plugin';
const refusal = z.object({ message: z.string() });
const setting = z.object({ id: z.string(), raw: z.string(), created: z.string().nullable() });

let sample: SampleApp;
beforeAll(async () => {
  sample = await sampleApp();
});
afterAll(() => sample.close());

async function ask(who: Who | null, method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object) {
  const own = fromOwnPage(who && sample.members[who]);
  return await sample.app.inject({
    method,
    url: `/p/${sample.project.id}/lab${path}`,
    headers: { ...own, cookie: `${own['cookie'] ?? ''}; _xsrf=x`, 'x-xsrftoken': 'x' },
    ...(body ? { payload: body } : {}),
  });
}

describe('the page', () => {
  it('names this project, holds no secret, and runs no script but the build’s own', async () => {
    const answer = await ask('owner', 'GET', '/tree/a%20b/c%22%3C.ipynb');
    expect(answer.statusCode).toBe(200);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain('script-src http://localhost:8400/jupyterlab/0123456789abcdef/;');
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|'self'|\*|data:|blob:)/);
    expect(policy).toContain("form-action 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    const json = /type="application\/json">(.*?)<\/script>/.exec(answer.body)?.[1] ?? '';
    const config = z.record(z.string(), z.unknown()).parse(JSON.parse(json));
    expect(config).toMatchObject({
      baseUrl: `/p/${sample.project.id}/`,
      treePath: 'a b/c"<.ipynb',
      collaborative: 'true',
      serverSideExecution: 'true',
    });
    expect(config).not.toHaveProperty('token');
    expect(answer.body).not.toContain(sample.members.owner.secret);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^_xsrf=[0-9a-f]{48}; Path=\/p\/[^;]+\/; SameSite=Lax$/,
    );
  });

  it('cannot be broken out of by a name', async () => {
    const answer = await ask('owner', 'GET', '/tree/%3C%2Fscript%3E%3Cscript%3Ealert(1).ipynb');
    expect(answer.body.match(/<script/g)).toHaveLength(2);
  });

  it('leads who is not signed in to the sign-in, and back', async () => {
    const answer = await ask(null, 'GET', '/tree/x.ipynb');
    const next = encodeURIComponent(`/p/${sample.project.id}/lab/tree/x.ipynb`);
    expect([answer.statusCode, answer.headers.location]).toEqual([
      302,
      `/p/${sample.project.id}/login?next=${next}`,
    ]);
  });

  it('takes a token out of the address', async () => {
    const answer = await ask(null, 'GET', `/tree/x.ipynb?token=${sample.token}`);
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe(`/p/${sample.project.id}/lab/tree/x.ipynb`);
    expect(String(answer.headers['set-cookie'])).toMatch(/^cahier-8400=.*HttpOnly/);
    expect(sample.logged()).not.toContain(sample.token);
  });
});

describe('what jupyter-collaboration has and Cahier has of its own', () => {
  it.each([
    ['GET', 'collaboration/timeline/a.ipynb?format=json&&type=notebook'],
    ['PUT', 'collaboration/undo_redo/json:notebook:d1?action=undo&&steps=1&&forkRoom=f'],
    ['PUT', 'collaboration/fork/json:notebook:d1'],
    ['GET', 'collaboration/fork/json:notebook:d1'],
    ['DELETE', 'collaboration/fork/f?merge=true'],
  ] as const)('%s %s is not there, in Jupyter’s words', async (method, path) => {
    const own = fromOwnPage(sample.members.owner);
    const answer = await sample.app.inject({
      method,
      url: `/p/${sample.project.id}/api/${path}`,
      headers: { ...own, cookie: `${own['cookie'] ?? ''}; _xsrf=x`, 'x-xsrftoken': 'x' },
      ...(method === 'PUT' ? { payload: { title: 't', synchronize: true } } : {}),
    });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(z.object({ message: z.string().min(1) }).safeParse(answer.json()).success).toBe(true);
  });

  it('the buttons for it are left out of the page', async () => {
    const answer = await ask('owner', 'GET', '');
    const json = /type="application\/json">(.*?)<\/script>/.exec(answer.body)?.[1] ?? '';
    const { disabledExtensions } = z
      .looseObject({ disabledExtensions: z.array(z.string()) })
      .parse(JSON.parse(json));
    expect(disabledExtensions).toContain('@jupyter/docprovider-extension:statusBarTimeline');
  });
});

describe('settings', () => {
  it('are each person’s own, in the words that were typed', async () => {
    const raw = '{\n  // mine\n  "a": 1,\n}';
    expect((await ask('editor', 'PUT', `/api/settings/${id}`, { raw })).statusCode).toBe(204);
    const mine = setting.parse((await ask('editor', 'GET', `/api/settings/${id}`)).json());
    expect([mine.raw, mine.created]).toEqual([raw, expect.any(String)]);
    const theirs = setting.parse((await ask('viewer', 'GET', `/api/settings/${id}`)).json());
    expect([theirs.raw, theirs.created]).toEqual(['{}', null]);
    const all = (await ask('editor', 'GET', '/api/settings')).json();
    expect(all).toMatchObject({ settings: [{ id, raw, schema: { type: 'object' }, version: '1.0.0' }] });
    expect((await ask('editor', 'GET', '/api/settings?ids_only=true&1234')).json()).toEqual({
      settings: [{ id }],
    });
  });

  it.each([
    ['an unknown plugin', '@sample/none:x', { raw: '{}' }, 404],
    ['a number', id, { raw: 1 }, 400],
    ['nothing', id, {}, 400],
    ['what is no JSON', id, { raw: '{ "a": 1' }, 400],
    ['nothing but a comment', id, { raw: '// mine' }, 400],
    ['a list', id, { raw: '[]' }, 400],
    ['what the plugin’s schema does not know', id, { raw: '{ "colour": "red" }' }, 400],
    ['too much', id, { raw: 'x'.repeat(70_000) }, 413],
  ])('refuse %s with a sentence', async (_, name, body, status) => {
    const answer = await ask('editor', 'PUT', `/api/settings/${name}`, body);
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      { message: expect.any(String), reason: null },
    ]);
  });
});

describe('settings that do not fit', () => {
  it('are named with the place and the reason, and change nothing', async () => {
    const path = `/api/settings/${id}`;
    expect((await ask('owner', 'PUT', path, { raw: '{ "a": 2 }' })).statusCode).toBe(204);
    const sayings = [
      ['{ "a": "two" }', /@sample\/part:plugin.*it\/a must be number/],
      ['{ "a": 2, }, }', /JSON5: invalid character ',' at 1:12/],
    ] as const;
    for (const [raw, saying] of sayings) {
      const { message } = refusal.parse((await ask('owner', 'PUT', path, { raw })).json());
      expect(message).toMatch(saying);
    }
    expect(setting.parse((await ask('owner', 'GET', path)).json()).raw).toBe('{ "a": 2 }');
  });
});

it('no extension is blocked and none allowed', async () => {
  const path = '/api/listings/@jupyterlab/extensionmanager-extension/listings.json';
  const answer = await ask('viewer', 'GET', path);
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    {
      blocked_extensions_uris: [],
      allowed_extensions_uris: [],
      blocked_extensions: [],
      allowed_extensions: [],
    },
  ]);
});

describe('workspaces', () => {
  const layout = { data: { 'layout-restorer:data': { main: { x: 1 } } }, metadata: { id: 'auto-1' } };

  it('are kept, listed, and taken away', async () => {
    expect((await ask('viewer', 'PUT', '/api/workspaces/auto-1', layout)).statusCode).toBe(204);
    expect((await ask('viewer', 'GET', '/api/workspaces/auto-1')).json()).toMatchObject(layout);
    expect((await ask('viewer', 'GET', '/api/workspaces')).json()).toMatchObject({
      workspaces: { ids: ['auto-1'], values: [layout] },
    });
    expect((await ask('owner', 'GET', '/api/workspaces')).json()).toEqual({
      workspaces: { ids: [], values: [] },
    });
    expect((await ask('viewer', 'DELETE', '/api/workspaces/auto-1')).statusCode).toBe(204);
    expect((await ask('viewer', 'GET', '/api/workspaces/auto-1')).json()).toEqual({
      data: {},
      metadata: { id: 'auto-1' },
    });
  });

  it('that are not there cannot be taken away', async () => {
    for (const who of ['viewer', 'owner'] as const) {
      const answer = await ask(who, 'DELETE', '/api/workspaces/auto-1');
      expect([answer.statusCode, refusal.parse(answer.json()).message]).toEqual([
        404,
        'JupyterLab has no workspace called “auto-1” here.',
      ]);
    }
  });

  it('of another name, too large, or too many are refused', async () => {
    expect((await ask('viewer', 'PUT', '/api/workspaces/other', layout)).statusCode).toBe(400);
    const large = { data: { x: 'x'.repeat(600_000) }, metadata: { id: 'large' } };
    expect((await ask('viewer', 'PUT', '/api/workspaces/large', large)).statusCode).toBe(413);
    const statuses = [];
    for (let n = 0; n <= 50; n += 1) {
      const body = { data: {}, metadata: { id: `w${n}` } };
      statuses.push((await ask('viewer', 'PUT', `/api/workspaces/w${n}`, body)).statusCode);
    }
    expect([statuses.filter((each) => each === 204).length, statuses.at(-1)]).toEqual([50, 413]);
  });
});
