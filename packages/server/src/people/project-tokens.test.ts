import type { TokenMade } from '@cahier/protocol/http/tokens.ts';
import { fromOwnPage, type Member, type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let sample: SampleApp;
beforeEach(async () => {
  sample = await sampleApp();
});
afterEach(() => sample.close());

const host = 'localhost:8400';
const hour = 3_600_000;

function tokens(method: 'GET' | 'POST' | 'DELETE', who: Member, payload?: object, id = '') {
  return sample.app.inject({
    method,
    url: `/api/projects/${sample.project.id}/tokens${id}`,
    headers: fromOwnPage(who),
    ...(payload ? { payload } : {}),
  });
}

async function made(who: Member, wish: object): Promise<TokenMade> {
  const answer = await tokens('POST', who, { name: 'Lab', ...wish });
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  return answer.json<TokenMade>();
}

const byToken = async (token: string, path = 'api/status', method: 'GET' | 'PUT' = 'GET') =>
  (
    await sample.app.inject({
      method,
      url: `/p/${sample.project.id}/${path}`,
      headers: { host, authorization: `token ${token}` },
      ...(method === 'PUT' ? { payload: { type: 'file', format: 'text', content: 'x' } } : {}),
    })
  ).statusCode;

async function byAddress(address: string, path: string, more: object = {}) {
  const url = address.replace('http://localhost:8400', '');
  return sample.app.inject({ url: `${url}/${path}`, headers: { host }, ...more });
}

describe('tokens of a project', () => {
  it('are made by everybody for themselves; owners see and take back all', async () => {
    const { owner, editor, viewer } = sample.members;
    const one = await made(editor, { scopes: ['edit', 'run', 'run'] });
    await made(owner, { scopes: ['read'] });
    const list = async (who: Member) =>
      (await tokens('GET', who)).json<{ madeBy: string; scopes: string[] }[]>().map(({ madeBy }) => madeBy);
    expect(await list(editor)).toEqual(['Ed']);
    expect(await list(viewer)).toEqual([]);
    expect((await list(owner)).sort()).toEqual(['Ada', 'Ed']);
    expect((await tokens('DELETE', viewer, undefined, `/${one.id}`)).statusCode).toBe(404);
    expect(await byToken(one.token)).toBe(200);
    expect((await tokens('DELETE', owner, undefined, `/${one.id}`)).statusCode).toBe(204);
    expect(await byToken(one.token)).toBe(403);
  });

  it('can do no more than who made them, whatever their scopes say', async () => {
    const { token } = await made(sample.members.viewer, { scopes: ['read', 'run', 'edit'] });
    expect(await byToken(token, 'api/contents')).toBe(200);
    expect(await byToken(token, 'api/contents/x.txt', 'PUT')).toBe(403);
  });

  it('end in their time, which those who hold a socket by them are told', async () => {
    const told: string[] = [];
    sample.projectTokens.revoked.on(({ token }) => told.push(token));
    await sample.projectTokens.watchExpiry();
    const short = await made(sample.members.owner, { scopes: ['read'], hours: 1 });
    const twin = await made(sample.members.owner, { scopes: ['read'], hours: 1 });
    const long = await made(sample.members.owner, { scopes: ['read'], hours: 48 });
    const ever = await made(sample.members.owner, { scopes: ['read'] });
    expect(short.expiresAt).toBe(sample.clock.now() + hour);
    expect(ever.expiresAt).toBeNull();
    sample.clock.advance(hour - 1);
    expect([await byToken(short.token), told]).toEqual([200, []]);
    sample.clock.advance(1);
    expect(await byToken(short.token)).toBe(403);
    await expect.poll(() => [...told].sort()).toEqual([short.id, twin.id].sort());
    expect([await byToken(long.token), await byToken(ever.token)]).toEqual([200, 200]);
    await expect
      .poll(() => {
        sample.clock.advance(24 * hour);
        return told.at(-1);
      })
      .toBe(long.id);
    expect([await byToken(long.token), await byToken(ever.token)]).toEqual([403, 200]);
    sample.projectTokens.dispose();
  });

  it('are never made by a token, and ask for sensible things', async () => {
    const { token } = await made(sample.members.owner, { scopes: ['edit'] });
    const url = `/api/projects/${sample.project.id}/tokens`;
    const headers = { host, authorization: `token ${token}` };
    const payload = { name: 'More', scopes: ['edit'] };
    expect((await sample.app.inject({ method: 'POST', url, headers, payload })).statusCode).toBe(403);
    expect((await sample.app.inject({ url, headers })).statusCode).toBe(403);
    for (const bad of [
      { scopes: [] },
      { scopes: ['all'] },
      { name: ' ' },
      { scopes: ['read'], hours: 0 },
      { scopes: ['read'], kind: 'address', hours: 721 },
    ]) {
      const wish = { name: 'Lab', ...bad };
      expect((await tokens('POST', sample.members.owner, wish)).statusCode).toBe(400);
    }
  });
});

describe('a base address with a secret in it', () => {
  it('works without headers for reading and for changing, within its scopes and its day', async () => {
    const wish = { kind: 'address', scopes: ['edit'] };
    const { address, token, expiresAt } = await made(sample.members.owner, wish);
    expect(address).toBe(`http://${host}/k/${token}`);
    expect(expiresAt).toBe(sample.clock.now() + 24 * hour);
    expect((await byAddress(address, 'api/contents')).statusCode).toBe(200);
    const put = await byAddress(address, 'api/contents/new.bin', {
      method: 'PUT',
      payload: { type: 'file', format: 'base64', content: 'AAAA' },
    });
    expect([put.statusCode, put.headers['referrer-policy']]).toEqual([201, 'no-referrer']);
    const run = await byAddress(address, 'api/kernels', { method: 'POST' });
    expect(run.statusCode).toBe(403);
    sample.clock.advance(24 * hour);
    expect((await byAddress(address, 'api/contents')).statusCode).toBe(403);
  });

  it('is the only proof that counts there, and counts nowhere else', async () => {
    const { owner } = sample.members;
    const address = await made(owner, { kind: 'address', scopes: ['read'] });
    const header = await made(owner, { scopes: ['edit'] });
    expect(await byToken(address.token)).toBe(403);
    expect(await byToken(address.token.split('.')[1] ?? '')).toBe(403);
    const wrong = `http://${host}/k/${sample.project.id}.${header.token}`;
    expect((await byAddress(wrong, 'api/contents')).statusCode).toBe(403);
    const proofs = { host, cookie: fromOwnPage(owner)['cookie'], authorization: `token ${header.token}` };
    const headers = { ...proofs, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    expect((await byAddress(wrong, 'api/contents', { headers })).statusCode).toBe(403);
    const put = { method: 'PUT', payload: { type: 'file', format: 'text', content: 'x' }, headers };
    expect((await byAddress(address.address, 'api/contents/x', put)).statusCode).toBe(403);
    const other = await sample.projects.create('Other', owner.id);
    const elsewhere = address.token.replace(String(sample.project.id), String(other.id));
    expect((await byAddress(`http://${host}/k/${elsewhere}`, 'api/contents')).statusCode).toBe(403);
    for (const path of ['login', 'tree', 'link', 'edit/a.ipynb']) {
      expect((await byAddress(address.address, path)).statusCode).toBe(404);
    }
    expect((await tokens('DELETE', owner, undefined, `/${address.id}`)).statusCode).toBe(204);
    expect((await byAddress(address.address, 'api/contents')).statusCode).toBe(403);
  });

  it('is in no log and in no answer but the one that made it, whatever goes wrong', async () => {
    const { token, address } = await made(sample.members.owner, { kind: 'address', scopes: ['edit'] });
    const secret = token.split('.')[1] ?? 'none';
    const call = sample.runner.call.bind(sample.runner);
    const bodies = [
      await byAddress(address, 'api/contents/none.txt'),
      await byAddress(address, 'api/nothing'),
      await byAddress(address, 'nothing/at/all'),
      await byAddress(address, 'api/contents/..%2f..%2fx'),
      await byAddress(address, 'api/contents', { method: 'PUT' }),
    ];
    sample.runner.call = () => Promise.reject(new Error('broken'));
    bodies.push(await byAddress(address, 'api/contents'));
    sample.runner.call = call;
    expect(bodies.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 404, 500]);
    const said = bodies.map((answer) => answer.body + JSON.stringify(answer.headers)).join('\n');
    expect(said).not.toContain(secret);
    expect(sample.logged()).not.toContain(secret);
    expect((await tokens('GET', sample.members.owner)).body).not.toContain(secret);
  });

  it('has nothing that is lost when a program writes it small', async () => {
    const { address } = await made(sample.members.owner, { kind: 'address', scopes: ['read'] });
    expect(address).toBe(address.toLowerCase());
  });

  it('is not to be guessed', async () => {
    const { address } = await made(sample.members.owner, { kind: 'address', scopes: ['read'] });
    const guess = `http://${host}/k/${sample.project.id}.cahierurl_guess`;
    const seen = new Set<number>();
    for (let n = 0; n < 40; n += 1) seen.add((await byAddress(guess, 'api/contents')).statusCode);
    expect([...seen]).toEqual([403, 429]);
    expect((await byAddress(address, 'api/contents')).statusCode).toBe(200);
    sample.clock.advance(60_000);
    expect((await byAddress(guess, 'api/contents')).statusCode).toBe(403);
  });
});

describe('pages of other sites', () => {
  const ask = (origin: string, method: 'GET' | 'OPTIONS', more: Record<string, string> = {}) =>
    sample.app.inject({
      method,
      url: `/p/${sample.project.id}/api/contents`,
      headers: { host, origin, 'access-control-request-method': 'PUT', ...more },
    });

  it('may call with a token when they are named, and are told so before they do', async () => {
    const preflight = await ask('https://notes.example', 'OPTIONS');
    expect([preflight.statusCode, preflight.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': 'https://notes.example',
        'access-control-allow-headers': 'accept, content-type, authorization, x-xsrftoken',
        vary: 'Origin',
      },
    ]);
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
    const { token } = await made(sample.members.owner, { scopes: ['read'] });
    const answer = await ask('https://notes.example', 'GET', { authorization: `token ${token}` });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([
      200,
      'https://notes.example',
    ]);
  });

  it('may not when they are not', async () => {
    for (const origin of [
      'https://evil.example',
      'https://notes.example.evil',
      'http://notes.example',
      'null',
    ]) {
      const answers = [await ask(origin, 'OPTIONS'), await ask(origin, 'GET')];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 403]);
      for (const { headers } of answers) expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    const rebound = await ask('https://notes.example', 'OPTIONS', { host: 'evil.example' });
    expect(rebound.statusCode).toBe(403);
    const account = await sample.app.inject({
      method: 'OPTIONS',
      url: '/api/account',
      headers: { host, origin: 'https://notes.example', 'access-control-request-method': 'PATCH' },
    });
    expect([account.statusCode, account.headers['access-control-allow-origin']]).toEqual([404, undefined]);
  });
});
