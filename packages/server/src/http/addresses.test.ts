import { asProjectId } from '@cahier/base/ids.ts';
import { type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meantBy, ownApiNames } from './addresses.ts';

const only = asProjectId('f1');
const plain = (url: string) => ({ url, capability: null });

describe('addresses that stand for others', () => {
  it('takes the secret out of a base address, and leads to nothing but the API', () => {
    const secret = 'p1.cahierurl_a-b_c';
    for (const rest of [
      'api',
      'api/kernels?x=1',
      'api/kernels/k/channels',
      'kernelspecs/a/b',
      'files/a.txt',
    ]) {
      expect(meantBy(`/k/${secret}/${rest}`, null)).toEqual({ url: `/p/p1/${rest}`, capability: secret });
    }
    for (const rest of ['', '/', '/login', '/link', '/lab', '/apix', '/../api', '/edit/a.ipynb']) {
      expect(meantBy(`/k/${secret}${rest}`, only)).toEqual(plain('/k/'));
    }
    for (const odd of ['/k/x/api', '/k/p1./api', '/k/p1.%2e%2e/api', '/k/p%2f1.s/api', '/k/p1.s.t/api']) {
      expect(meantBy(odd, only)).toEqual(plain('/k/'));
    }
  });

  it('without a folder everything is what it says', () => {
    for (const url of ['/', '/api', '/api/contents', '/tree', '/p/x/api', '/api/projects/x']) {
      expect(meantBy(url, null)).toEqual(plain(url));
    }
  });

  it('with a folder Jupyter’s addresses are its project’s, and ours stay ours', () => {
    const theirs = ['/api', '/api?x', '/api/', '/api/contents/a?b=1', '/api/me', '/tree', '/login?next=x'];
    for (const url of [...theirs, '/terminals/websocket/1', '/lab/api/settings', '/files/a']) {
      expect(meantBy(url, only)).toEqual(plain(`/p/f1${url}`));
    }
    const ours = ['/', '/join', '/api/projects', '/api/account', '/api/join/look', '/api/sign-out'];
    for (const url of [
      ...ours,
      '/p/f1/api/me',
      '/assets/x.js',
      '/output-frame',
      '/treex',
      '/labx',
      '/apix',
    ]) {
      expect(meantBy(url, only)).toEqual(plain(url));
    }
  });
});

describe('the tables of routes', () => {
  let sample: SampleApp;
  beforeEach(async () => {
    sample = await sampleApp();
  });
  afterEach(() => sample.close());

  it('have no address that is ours and Jupyter’s at once', () => {
    const ours = sample.routes.filter(({ path, dialect }) => !dialect && !path.startsWith('/p/'));
    for (const { path } of ours) {
      expect(meantBy(path, only)).toEqual(plain(path));
      const name = /^\/api\/([^/]+)/.exec(path)?.[1];
      if (name !== undefined) expect(ownApiNames).toContain(name);
    }
    for (const { path } of sample.routes.filter(({ isForPrograms }) => isForPrograms)) {
      const atTop = path.replace('/p/:project', '');
      expect(meantBy(atTop, only)).toEqual(plain(`/p/f1${atTop}`));
    }
  });

  it('answer at / for the one folder, with a token, while the page stays the page', async () => {
    const { token } = await sample.projectTokens.make(sample.project.id, sample.members.owner.id, {
      name: 'Lab',
      scopes: ['read'],
    });
    const ask = async (url: string, headers: Record<string, string> = {}) => {
      const answer = await sample.app.inject({ url, headers: { host: 'localhost:8400', ...headers } });
      return [answer.statusCode, answer.headers['location'] ?? null, answer.body] as const;
    };
    const withToken = { authorization: `token ${token}` };
    expect((await ask('/api/contents', withToken))[0]).toBe(404);
    sample.startOn(sample.project.id);
    expect(JSON.parse((await ask('/api'))[2])).toEqual({ version: expect.stringMatching(/^2\./) });
    expect((await ask('/api/contents', withToken))[0]).toBe(200);
    expect((await ask(`/api/status?token=${token}`))[0]).toBe(200);
    expect(JSON.parse((await ask('/api/me', withToken))[2])).toMatchObject({ identity: { name: 'Ada' } });
    expect((await ask('/api/contents'))[0]).toBe(403);
    expect((await ask('/tree?')).slice(0, 2)).toEqual([
      302,
      expect.stringMatching(/^\/p\/[^/]+\/login\?next=/),
    ]);
    expect((await ask('/api/account', withToken))[0]).toBe(403);
    const cookie = { cookie: `cahier-8400=${sample.members.viewer.secret}` };
    expect(JSON.parse((await ask('/api/account', cookie))[2])).toMatchObject({ person: { name: 'Vi' } });
  });
});
