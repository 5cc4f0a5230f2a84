import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { AdmittedClient } from '../http/door.ts';
import { UpgradeGate } from './upgrade-gate.ts';

let sample: SampleApp;
let gate: UpgradeGate;
let port = 0;
let only: ProjectId | null = null;
const admitted: AdmittedClient[] = [];
const kernels: string[] = [];

beforeAll(async () => {
  sample = await sampleApp();
  gate = new UpgradeGate({
    authenticate: sample.authenticate,
    sites: sample.sites,
    roleIn: sample.roleIn,
    byCapability: sample.byCapability,
    only: () => only,
    logger: sample.logger,
    onClient: (socket, client) => {
      admitted.push(client);
      socket.terminate();
    },
    doors: [
      {
        path: /^\/p\/([A-Za-z0-9_-]{1,128})\/api\/kernels\/([^/?]{1,512})\/channels$/,
        action: 'run',
        longestMessage: 1024,
        onSocket: (socket, { names }) => {
          kernels.push(...names);
          socket.terminate();
        },
      },
    ],
  });
  gate.guard(sample.app.server);
  await sample.app.listen({ host: '127.0.0.1', port: 0 });
  port = portOf(sample.app.server.address());
});
afterAll(() => sample.close());
beforeEach(() => {
  admitted.length = 0;
  kernels.length = 0;
});

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address ? address.port : 0;

/** The status with which an upgrade is answered; 101 when the socket is open. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        host: `localhost:${port}`,
        ...headers,
      },
    });
    const done = (answer: IncomingMessage) => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    };
    asked.on('response', done);
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      done(answer);
    });
    asked.on('error', reject);
    asked.end();
  });
}

const linkPath = () => `/p/${sample.project.id}/link`;
const origin = () => `http://localhost:${port}`;
const cookie = (who: keyof SampleApp['members']) => `cahier-${port}=${sample.members[who].secret}`;

describe('the gate of all sockets', () => {
  it('lets members in from our own page', async () => {
    for (const who of ['owner', 'editor', 'viewer'] as const) {
      expect(await upgrade(linkPath(), { origin: origin(), cookie: cookie(who) })).toBe(101);
      expect(admitted.pop()).toMatchObject({ project: sample.project.id, role: who });
    }
  });

  it('lets programs in with a token, whether they name an origin of ours or none', async () => {
    const authorization = `Bearer ${sample.token}`;
    expect(await upgrade(linkPath(), { authorization })).toBe(101);
    expect(await upgrade(linkPath(), { authorization, origin: origin() })).toBe(101);
  });

  it.each([
    ['nobody', () => ({ origin: origin() }), 401],
    ['nobody, without an origin', () => ({}), 401],
    ['a session that never was', () => ({ origin: origin(), cookie: `cahier-${port}=wrong` }), 401],
    [
      'the cookie of another port',
      () => ({ origin: origin(), cookie: cookie('owner').replace(`${port}`, '1') }),
      401,
    ],
    ['a wrong token', () => ({ authorization: 'token wrong' }), 401],
    ['a cookie without an origin', () => ({ cookie: cookie('owner') }), 403],
    ['an opaque origin', () => ({ origin: 'null', cookie: cookie('owner') }), 403],
    [
      'an opaque origin with a token',
      () => ({ origin: 'null', authorization: `token ${sample.token}` }),
      403,
    ],
    ['another site', () => ({ origin: 'http://evil.example', cookie: cookie('owner') }), 403],
    ['another port', () => ({ origin: 'http://localhost:1', cookie: cookie('owner') }), 403],
    ['another scheme', () => ({ origin: `https://localhost:${port}`, cookie: cookie('owner') }), 403],
    ['our name as a prefix', () => ({ origin: `${origin()}.evil.example`, cookie: cookie('owner') }), 403],
    [
      'another name of this machine',
      () => ({ origin: `http://127.0.0.1:${port}`, cookie: cookie('owner') }),
      403,
    ],
    [
      'a rebound name',
      () => ({ host: 'evil.example', origin: 'http://evil.example', cookie: cookie('owner') }),
      403,
    ],
    ['somebody from another project', () => ({ origin: origin(), cookie: cookie('stranger') }), 404],
  ])('refuses %s', async (_who, headers, status) => {
    expect(await upgrade(linkPath(), headers())).toBe(status);
    expect(admitted).toEqual([]);
  });

  it('has no other path, whoever asks', async () => {
    const headers = { origin: origin(), cookie: cookie('owner') };
    const paths = [
      '/',
      '/runner-link',
      '/link',
      '/p/link',
      `/p/${sample.project.id}`,
      `/p/${sample.project.id}/terminal`,
      `/p/${sample.project.id}/link/x`,
      `/p/${sample.project.id}/../${sample.project.id}/link`,
      `/p/${encodeURIComponent('../x')}/link`,
      '/api/account',
      '/api/kernels/x/channels',
    ];
    for (const path of paths) expect([path, await upgrade(path, headers)]).toEqual([path, 404]);
    expect(await upgrade('/p/no-such-project/link', headers)).toBe(404);
    expect(admitted).toEqual([]);
  });

  it('lets people to kernels by their cookie from our own pages only, and only who may run code', async () => {
    const channels = `/p/${sample.project.id}/api/kernels/k/channels`;
    expect(await upgrade(channels, { origin: origin(), cookie: cookie('editor') })).toBe(101);
    expect(await upgrade(channels, { origin: origin(), cookie: cookie('viewer') })).toBe(403);
    expect(await upgrade(channels, { origin: origin(), cookie: cookie('stranger') })).toBe(404);
    expect(await upgrade(channels, { cookie: cookie('editor') })).toBe(403);
    expect(await upgrade(channels, { origin: 'http://evil.example', cookie: cookie('editor') })).toBe(403);
    expect(await upgrade(channels, {})).toBe(401);
  });

  it('lets a program to kernels that has signed in by a cookie and repeats it, and to nothing of ours', async () => {
    const channels = `/p/${sample.project.id}/api/kernels/k/channels`;
    const signed = `_xsrf=abc; ${cookie('editor')}`;
    expect(await upgrade(channels, { cookie: signed, 'x-xsrftoken': 'abc' })).toBe(101);
    expect(await upgrade(channels, { cookie: signed })).toBe(403);
    expect(await upgrade(channels, { cookie: signed, 'x-xsrftoken': 'abd' })).toBe(403);
    expect(await upgrade(channels, { cookie: cookie('editor'), 'x-xsrftoken': '' })).toBe(403);
    expect(await upgrade(`${channels}?_xsrf=abc`, { cookie: signed })).toBe(403);
    for (const from of ['http://evil.example', 'null'])
      expect(await upgrade(channels, { cookie: signed, 'x-xsrftoken': 'abc', origin: from })).toBe(403);
    expect(await upgrade(linkPath(), { cookie: signed, 'x-xsrftoken': 'abc' })).toBe(403);
  });

  it('lets nobody in whose session was ended or who was removed', async () => {
    const { people, projects, members, project } = sample;
    const secret = await people.startSession(members.viewer.id);
    const headers = { origin: origin(), cookie: `cahier-${port}=${secret}` };
    expect(await upgrade(linkPath(), headers)).toBe(101);
    const proof = await people.bySession(secret);
    await people.endSession(proof?.principal.session ?? '');
    expect(await upgrade(linkPath(), headers)).toBe(401);
    await projects.changeRole(project.id, members.viewer.id, null);
    expect(await upgrade(linkPath(), { origin: origin(), cookie: cookie('viewer') })).toBe(404);
  });

  it('lets a token of the project to kernels when it may run code, and never to the page’s link', async () => {
    const { project, members, projectTokens } = sample;
    const make = async (scopes: readonly ('read' | 'run' | 'edit')[], id = project.id) =>
      (await projectTokens.make(id, members.owner.id, { name: 'Lab', scopes })).token;
    const channels = `/p/${project.id}/api/kernels/k-1~2/channels`;
    const withHeader = (token: string) => ({ authorization: `Token ${token}` });
    const runs = await make(['run']);
    expect(await upgrade(`${channels}?session_id=s&token=${runs}`, {})).toBe(101);
    expect(await upgrade(channels, withHeader(runs))).toBe(101);
    expect(kernels).toEqual(['k-1~2', 'k-1~2']);
    expect(await upgrade(channels, withHeader(await make(['read', 'edit'])))).toBe(403);
    expect(await upgrade(linkPath(), withHeader(runs))).toBe(403);
    expect(await upgrade(`${linkPath()}?token=${runs}`, {})).toBe(401);
    const elsewhere = await sample.projects.create('Other', members.owner.id);
    expect(await upgrade(channels, withHeader(await make(['run'], elsewhere.id)))).toBe(404);
    for (const { id } of await projectTokens.list(project.id)) await projectTokens.remove(project.id, id);
    expect(await upgrade(channels, withHeader(runs))).toBe(401);
    expect(admitted).toEqual([]);
  });

  it('knows base addresses with a secret, and at / the project of the one folder', async () => {
    const { project, members, projectTokens } = sample;
    const wish = { name: 'Lab', scopes: ['run'], kind: 'address', hours: 1 } as const;
    const made = await projectTokens.make(project.id, members.owner.id, wish);
    const channels = (token: string) => `/k/${token}/api/kernels/k-1/channels`;
    expect(await upgrade(channels(made.token), {})).toBe(101);
    expect(await upgrade(channels(`${project.id}.cahierurl_guess`), {})).toBe(401);
    const cookies = { origin: origin(), cookie: cookie('owner') };
    expect(await upgrade(channels(`${project.id}.cahierurl_guess`), cookies)).toBe(401);
    expect(await upgrade(`/k/${made.token}/link`, cookies)).toBe(404);
    expect(await upgrade(channels(made.token), { origin: 'http://evil.example' })).toBe(403);
    await projectTokens.remove(project.id, made.id);
    expect(await upgrade(channels(made.token), {})).toBe(401);
    expect(sample.logged()).not.toContain(made.token.split('.')[1]);
    const atTop = '/api/kernels/k-1/channels';
    expect(await upgrade(atTop, cookies)).toBe(404);
    only = project.id;
    expect(await upgrade(atTop, cookies)).toBe(101);
    expect(await upgrade('/link', cookies)).toBe(404);
    only = null;
  });

  it('lets pages of named sites in with a token, and with no cookie', async () => {
    const { project, members, projectTokens } = sample;
    const { token } = await projectTokens.make(project.id, members.owner.id, {
      name: 'Lab',
      scopes: ['run'],
    });
    const channels = `/p/${project.id}/api/kernels/k-1/channels`;
    const named = 'https://notes.example';
    expect(await upgrade(`${channels}?token=${token}`, { origin: named })).toBe(101);
    expect(await upgrade(`${channels}?token=${token}`, { origin: 'https://evil.example' })).toBe(403);
    expect(await upgrade(channels, { origin: named, cookie: cookie('owner') })).toBe(403);
    const repeated = { origin: named, cookie: `_xsrf=abc; ${cookie('owner')}`, 'x-xsrftoken': 'abc' };
    expect(await upgrade(channels, repeated)).toBe(403);
    await projectTokens.remove(project.id, (await projectTokens.list(project.id))[0]?.id ?? '');
  });

  it('is closed when the server stops', async () => {
    gate.close();
    expect(await upgrade(linkPath(), { origin: origin(), cookie: cookie('owner') })).toBe(503);
  });
});
