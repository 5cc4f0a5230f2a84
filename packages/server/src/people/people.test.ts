import { wireError } from '@cahier/protocol/wire-error.ts';
import { fromOwnPage, type Member, type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { colorOf, presenceColors } from './colors.ts';
import { RateLimit } from './rate-limit.ts';

let sample: SampleApp;
beforeEach(async () => {
  sample = await sampleApp();
});
afterEach(() => sample.close());

const hour = 3_600_000;
const day = 24 * hour;
const codeOf = (body: string): string => wireError.parse(JSON.parse(body)).code;

function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  who: Member | null,
  payload?: object,
) {
  return sample.app.inject({
    method,
    url: url.replace(':project', sample.project.id),
    headers: fromOwnPage(who),
    ...(payload ? { payload } : {}),
  });
}

async function invite(wish: object): Promise<{ id: string; secret: string }> {
  const answer = await call('POST', '/api/projects/:project/invitations', sample.members.owner, wish);
  const { id, link }: { id: string; link: string } = answer.json();
  const [page, secret = ''] = link.split('#');
  expect(page).toBe('http://localhost:8400/join');
  return { id, secret };
}

const memberOf = (cookie: unknown): Member => ({
  id: sample.members.owner.id,
  secret: /^cahier-8400=([^;]+)/.exec(String(cookie))?.[1] ?? '',
});

describe('an invitation', () => {
  it('tells what it is for, then lets a new person in with its role', async () => {
    const { secret } = await invite({ role: 'viewer' });
    const look = await call('POST', '/api/join/look', null, { secret });
    expect(look.json()).toEqual({ projectName: 'Class', role: 'viewer', invitedBy: 'Ada' });
    const joined = await call('POST', '/api/join', null, { secret, name: '  Grace  ' });
    expect(joined.json()).toEqual({ project: sample.project.id });
    const me = await call('GET', '/api/account', memberOf(joined.headers['set-cookie']));
    expect(me.json()).toMatchObject({
      person: { name: 'Grace' },
      projects: [{ name: 'Class', role: 'viewer' }],
      mayCreate: false,
    });
  });

  it('is used up, runs out, and can be taken back', async () => {
    const once = await invite({ role: 'editor', uses: 1 });
    expect((await call('POST', '/api/join', null, { secret: once.secret, name: 'A' })).statusCode).toBe(200);
    expect((await call('POST', '/api/join', null, { secret: once.secret, name: 'B' })).statusCode).toBe(404);

    const back = await invite({ role: 'editor' });
    expect(
      (await call('GET', '/api/projects/:project/invitations', sample.members.owner)).json(),
    ).toHaveLength(1);
    await call('DELETE', `/api/projects/:project/invitations/${back.id}`, sample.members.owner);
    expect((await call('POST', '/api/join', null, { secret: back.secret, name: 'C' })).statusCode).toBe(404);

    const short = await invite({ role: 'editor', expiresInHours: 1 });
    sample.clock.advance(hour);
    const late = await call('POST', '/api/join/look', null, { secret: short.secret });
    expect([late.statusCode, codeOf(late.body)]).toEqual([404, 'invitation/unknown']);
    expect((await call('GET', '/api/projects/:project/invitations', sample.members.owner)).json()).toEqual(
      [],
    );
  });

  it('never makes an owner, and never changes who is in already', async () => {
    const wish = await call('POST', '/api/projects/:project/invitations', sample.members.owner, {
      role: 'owner',
    });
    expect(wish.statusCode).toBe(400);
    const { secret } = await invite({ role: 'viewer', uses: 1 });
    const owner = await call('POST', '/api/join', sample.members.owner, { secret, name: 'Other' });
    expect([owner.statusCode, owner.headers['set-cookie']]).toEqual([200, undefined]);
    const { people } = (await call('GET', '/api/projects/:project', sample.members.owner)).json<{
      people: { name: string; role: string }[];
    }>();
    expect(people).toContainEqual(expect.objectContaining({ name: 'Ada', role: 'owner' }));
    expect((await call('POST', '/api/join/look', null, { secret })).statusCode, 'not used up').toBe(200);
  });

  it('lets somebody join who is signed in, as who they are', async () => {
    const { secret } = await invite({ role: 'editor' });
    await call('POST', '/api/join', sample.members.stranger, { secret, name: 'Somebody else' });
    const me = await call('GET', '/api/account', sample.members.stranger);
    expect(me.json()).toMatchObject({
      person: { name: 'Sam' },
      projects: expect.arrayContaining([
        expect.objectContaining({ name: 'Class' }),
        expect.objectContaining({ name: 'Elsewhere' }),
      ]),
    });
  });

  it('cannot be found by trying, while a whole class joins from one address', async () => {
    const { secret } = await invite({ role: 'editor' });
    for (let n = 0; n < 60; n += 1) {
      expect((await call('POST', '/api/join', null, { secret, name: `S${n}` })).statusCode).toBe(200);
    }
    const codes: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      codes.push(codeOf((await call('POST', '/api/join/look', null, { secret: `wrong-${n}-secret` })).body));
    }
    expect(codes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'invitation/unknown'));
    expect(codes.slice(20)).toEqual(Array.from({ length: 10 }, () => 'request/rate-limited'));
  });
});

describe('people of a project', () => {
  it('change roles, and the change is announced', async () => {
    const { members, projects, project } = sample;
    const changes: unknown[] = [];
    projects.roleChanged.on((change) => changes.push(change));
    const url = `/api/projects/:project/people/${members.editor.id}`;
    expect((await call('PATCH', url, members.owner, { role: 'viewer' })).statusCode).toBe(204);
    expect(
      (await call('POST', '/api/projects/:project/files', members.editor, { folder: '', type: 'text' }))
        .statusCode,
    ).toBe(403);
    expect((await call('DELETE', url, members.owner)).statusCode).toBe(204);
    expect((await call('GET', '/api/projects/:project', members.editor)).statusCode).toBe(404);
    expect(changes).toEqual([
      { project: project.id, person: members.editor.id, role: 'viewer' },
      { project: project.id, person: members.editor.id, role: null },
    ]);
  });

  it('keep an owner', async () => {
    const url = `/api/projects/:project/people/${sample.members.owner.id}`;
    for (const answer of [
      await call('DELETE', url, sample.members.owner),
      await call('PATCH', url, sample.members.owner, { role: 'editor' }),
    ]) {
      expect([answer.statusCode, codeOf(answer.body)]).toEqual([409, 'people/last-owner']);
    }
    await call('PATCH', `/api/projects/:project/people/${sample.members.editor.id}`, sample.members.owner, {
      role: 'owner',
    });
    expect((await call('PATCH', url, sample.members.editor, { role: 'viewer' })).statusCode).toBe(204);
  });

  it('rename themselves, and their open pages hear of it', async () => {
    const answer = await call('PATCH', '/api/account', sample.members.editor, { name: 'Edith' });
    expect(answer.json()).toMatchObject({ name: 'Edith' });
    expect(sample.renamed).toEqual([sample.members.editor.id]);
    expect(
      (await call('PATCH', '/api/account', sample.members.editor, { name: 'x'.repeat(81) })).statusCode,
    ).toBe(400);
  });

  it('cannot say who they are in a body', async () => {
    const answer = await call('PATCH', '/api/account', sample.members.viewer, {
      name: 'Mallory',
      id: sample.members.owner.id,
      person: sample.members.owner.id,
    });
    expect(answer.json()).toMatchObject({ id: sample.members.viewer.id });
    expect((await call('GET', '/api/account', sample.members.owner)).json()).toMatchObject({
      person: { name: 'Ada' },
    });
  });
});

describe('a session', () => {
  const status = async (secret: string) =>
    (await call('GET', '/api/account', { id: sample.members.owner.id, secret })).statusCode;

  it('is prolonged while it is used, for 90 days at most', async () => {
    const secret = await sample.people.startSession(sample.members.owner.id);
    let renewals = 0;
    for (let days = 0; days < 89; days += 20) {
      const answer = await call('GET', '/api/account', { id: sample.members.owner.id, secret });
      expect(answer.statusCode).toBe(200);
      if (String(answer.headers['set-cookie']).includes(secret)) renewals += 1;
      sample.clock.advance(20 * day);
    }
    expect(renewals).toBe(4);
    expect(await status(secret)).toBe(401);
  });

  it('ends when it was not used for 30 days', async () => {
    const secret = await sample.people.startSession(sample.members.owner.id);
    sample.clock.advance(30 * day + 1);
    expect(await status(secret)).toBe(401);
  });

  it('ends with signing out, and says so', async () => {
    const ended: string[] = [];
    sample.people.sessionEnded.on(({ session }) => ended.push(session));
    const answer = await call('POST', '/api/sign-out', sample.members.editor, {});
    expect(String(answer.headers['set-cookie'])).toMatch(/^cahier-8400=; .*Max-Age=0/);
    expect(await status(sample.members.editor.secret)).toBe(401);
    expect(ended).toHaveLength(1);
  });
});

describe('presence colours', () => {
  const channel = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) =>
      channel(Number.parseInt(color.slice(at, at + 2), 16) / 255),
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  it('are many, different, and carry white text', () => {
    expect(new Set(presenceColors).size).toBeGreaterThanOrEqual(12);
    for (const color of presenceColors) {
      expect(1.05 / (luminance(color) + 0.05), color).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('are given in turn', () => {
    expect(new Set(Array.from({ length: presenceColors.length }, (_, n) => colorOf(n))).size).toBe(
      presenceColors.length,
    );
    expect(colorOf(presenceColors.length)).toBe(colorOf(0));
  });
});

describe('a rate limit', () => {
  it('allows a burst, then one at a time, for each key alone', () => {
    const limit = new RateLimit({ burst: 3, everyMs: 1_000 }, sample.clock);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([true, true, true, false]);
    expect(limit.take('b')).toBe(true);
    expect(limit.waitMs('a')).toBe(1_000);
    sample.clock.advance(1_000);
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
  });

  it('forgets keys instead of growing without end', () => {
    const limit = new RateLimit({ burst: 1, everyMs: 1_000 }, sample.clock);
    for (let n = 0; n < 30_000; n += 1) limit.take(`key ${n}`);
    expect(limit.size).toBeLessThanOrEqual(10_000);
  });
});
