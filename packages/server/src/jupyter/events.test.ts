import type { AddressInfo } from 'node:net';
import { Emitter } from '@cahier/base/emitter.ts';
import { asKernelId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { contentsSchema, kernelActionsSchema } from '@cahier/protocol/http/jupyter-events.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { type SampleApp, sampleApp } from '@cahier/testkit/sample-app.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { UpgradeGate } from '../link/upgrade-gate.ts';
import type { AnsweredCall } from '../runners/runner-client.ts';
import { JupyterEvents } from './events.ts';

let sample: SampleApp;
let events: JupyterEvents;
let port = 0;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  sample = await sampleApp();
  events = new JupyterEvents({ clock: new FakeClock(), watchLiveness: () => ({ dispose: () => undefined }) });
  const gate = new UpgradeGate({
    authenticate: sample.authenticate,
    sites: sample.sites,
    roleIn: sample.roleIn,
    byCapability: sample.byCapability,
    only: () => null,
    logger: sample.logger,
    onClient: (socket) => socket.terminate(),
    doors: [events.door],
  });
  gate.guard(sample.app.server);
  await sample.app.listen({ host: '127.0.0.1', port: 0 });
  port = portOf(sample.app.server.address());
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await sample.close();
});

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address ? address.port : 0;

async function listener(token: string, project = String(sample.project.id)) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/p/${project}/api/events/subscribe?token=${token}`);
  sockets.push(socket);
  const heard: object[] = [];
  socket.on('message', (data) => {
    const event: object = JSON.parse(String(data));
    heard.push(event);
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.on('open', () => resolve(true));
    socket.on('error', () => resolve(false));
  });
  return { socket, heard, closed, isOpen };
}

async function tokenFor(project = sample.project.id, by = sample.members.owner.id): Promise<string> {
  return (await sample.projectTokens.make(project, by, { name: 'Lab', scopes: ['read'] })).token;
}

describe('events', { timeout: 60_000 }, () => {
  it('tell listeners of a project what was done there, and nobody else', async () => {
    const here = await listener(await tokenFor());
    const other = await sample.projects.create('Other', sample.members.owner.id);
    const there = await listener(await tokenFor(other.id), other.id);
    const answered = new Emitter<AnsweredCall>();
    events.watch(sample.project.id, answered);
    const kernel = asKernelId('kernel-of-program-python3-1');
    const done = (call: AnsweredCall['call']) => answered.emit({ call, error: null });
    done({ method: 'kernel.start', kernel, spec: 'python3', cwd: '', notebook: '' });
    done({ method: 'file.list', path: '' });
    done({ method: 'file.write', path: '.ipynb_checkpoints/a-checkpoint.ipynb', ifHash: null });
    done({ method: 'file.write', path: 'a.txt', ifHash: null });
    done({ method: 'file.write', path: 'a.txt', ifHash: 'h' });
    done({ method: 'file.mkdir', path: 'd' });
    done({ method: 'file.rename', from: 'a.txt', to: 'b.txt' });
    done({ method: 'file.remove', path: 'b.txt' });
    answered.emit({ call: { method: 'file.remove', path: 'b.txt' }, error: appError('file/not-found') });
    answered.emit({
      call: { method: 'kernel.interrupt', kernel },
      error: appError('runner/unreachable'),
    });
    done({ method: 'kernel.restart', kernel });
    done({ method: 'kernel.shutdown', kernel });
    const kernelOf = (action: string) => ({ action, kernel_id: kernel, kernel_name: 'python3' });
    await expect
      .poll(() => here.heard)
      .toMatchObject([
        {
          ...kernelOf('start'),
          schema_id: kernelActionsSchema,
          __schema__: kernelActionsSchema,
          __schema_version__: '1',
          __metadata_version__: 1,
          __timestamp__: expect.stringMatching(/^\d{4}-.*Z$/),
          status: 'success',
        },
        { schema_id: contentsSchema, action: 'create', path: 'a.txt' },
        { action: 'save', path: 'a.txt' },
        { action: 'create', path: 'd' },
        { action: 'rename', path: 'b.txt', source_path: 'a.txt' },
        { action: 'delete', path: 'b.txt' },
        { ...kernelOf('interrupt'), status: 'error', status_code: 503 },
        kernelOf('restart'),
        kernelOf('shutdown'),
      ]);
    events.contents(other.id, { action: 'get', path: 'mine' });
    await expect.poll(() => there.heard).toMatchObject([{ action: 'get', path: 'mine' }]);
    expect(here.heard).toHaveLength(9);
  });

  it('are heard by whoever may read, and no longer when the right is gone', async () => {
    expect((await listener('cahier_wrong')).isOpen).toBe(false);
    const elsewhere = await sample.projects.create('Other', sample.members.owner.id);
    expect((await listener(await tokenFor(elsewhere.id))).isOpen).toBe(false);
    const here = await listener(await tokenFor());
    events.closeWhere(({ principal }) => principal.person.id === sample.members.owner.id);
    expect(await here.closed).toBe(1008);
    const late = await listener(await tokenFor());
    events.closeAll();
    expect(await late.closed).toBe(1012);
  });

  it('a listener that does not read is cut off; others hear everything', async () => {
    const slow = await listener(await tokenFor());
    const quick = await listener(await tokenFor());
    slow.socket.pause();
    const path = 'x'.repeat(3_000);
    let sent = 0;
    while (sent < 20_000 && events.size === 2) {
      for (let n = 0; n < 50; n += 1) events.contents(sample.project.id, { action: 'save', path });
      sent += 50;
      await expect.poll(() => quick.heard.length, { interval: 1, timeout: 20_000 }).toBe(sent);
    }
    slow.socket.resume();
    expect(await slow.closed).toBe(1013);
    events.contents(sample.project.id, { action: 'delete', path: 'last' });
    await expect.poll(() => quick.heard.at(-1)).toMatchObject({ action: 'delete', path: 'last' });
    expect(quick.heard).toHaveLength(sent + 1);
  });
});

describe('posting an event', { timeout: 60_000 }, () => {
  const post = async (body: unknown, scopes: readonly ('read' | 'edit')[] = ['edit']) => {
    const { token } = await sample.projectTokens.make(sample.project.id, sample.members.owner.id, {
      name: 'Lab',
      scopes,
    });
    const answer = await sample.app.inject({
      method: 'POST',
      url: `/p/${sample.project.id}/api/events`,
      headers: { host: 'localhost:8400', authorization: `token ${token}` },
      payload: JSON.stringify(body),
    });
    return [answer.statusCode, answer.body === '' ? null : answer.json<object>()];
  };
  const good = { schema_id: contentsSchema, version: 1, data: { action: 'save', path: 'a.txt' } };
  const refused = (message: string) => [400, { message: expect.stringContaining(message), reason: null }];

  it('is taken from who may edit, when it is of its schema', async () => {
    expect(await post(good)).toEqual([204, null]);
    expect(await post({ ...good, version: '1', timestamp: '2026-01-02T03:04:05Z' })).toEqual([204, null]);
    const kernel = { schema_id: kernelActionsSchema, version: '1', data: { action: 'start', msg: 'x' } };
    expect(await post(kernel)).toEqual([204, null]);
    expect(await post(good, ['read'])).toMatchObject([403, { reason: null }]);
    expect(await post({ ...good, schema_id: 'https://none/v1' })).toEqual(refused('Unable to find schema'));
    expect(await post({ ...good, version: 2 })).toEqual(refused('Unregistered version'));
    expect(await post({ ...good, data: { action: 'fly', path: 'a' } })).toEqual(refused('data.action'));
    expect(await post({ schema_id: contentsSchema, version: 1 })).toEqual(refused('data'));
    expect(await post({ ...good, timestamp: 'soon' })).toEqual(refused('timestamp'));
    for (const bad of [null, 7, [], 'x']) expect(await post(bad)).toMatchObject([400, { reason: null }]);
  });
});
