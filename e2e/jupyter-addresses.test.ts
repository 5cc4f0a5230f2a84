/** Issue 3, line 3: the ways in that programs know: at the top of the server, by a base address, as VS Code probes, as a gateway. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeLegacy, encodeLegacy, type SocketMessage } from '@cahier/core/jupyter/socket-frames.ts';
import { KernelManager, SessionManager } from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { JupyterProject } from './support/jupyter-project.ts';

const withId = z.looseObject({ id: z.string(), name: z.string() });

let at: JupyterProject;
beforeAll(async () => {
  at = await JupyterProject.start((folder) => {
    writeFileSync(join(folder, 'a.txt'), 'one\n');
    mkdirSync(join(folder, 'sub'));
  });
});
afterAll(() => at.stop());

/** As `nbclient` and Notebook 6 do it: no sub-protocol, no session_id, no header. */
async function runBySocket(url: string, code: string): Promise<string> {
  const socket = new WebSocket(url);
  const encoder = new TextEncoder();
  const header = {
    msg_id: crypto.randomUUID(),
    msg_type: 'execute_request',
    session: crypto.randomUUID(),
    username: '',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const content = { code, silent: false, store_history: false, allow_stdin: false };
  const request: SocketMessage = {
    channel: 'shell',
    parts: [header, {}, {}, content].map((part) => encoder.encode(JSON.stringify(part))),
  };
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let printed = '';
  const done = new Promise<void>((resolve) =>
    socket.on('message', (data) => {
      const message = decodeLegacy(String(data));
      const [head, , , body] = (message?.parts ?? []).map((part): unknown =>
        JSON.parse(String(Buffer.from(part))),
      );
      const { msg_type: type } = z.looseObject({ msg_type: z.string() }).parse(head);
      if (type === 'stream') printed += z.looseObject({ text: z.string() }).parse(body).text;
      if (type === 'execute_reply') resolve();
    }),
  );
  socket.send(encodeLegacy(request) ?? '');
  await done;
  socket.close();
  return printed;
}

describe('at / of a server started on a folder', () => {
  it('JupyterLab’s client library works', async () => {
    const serverSettings = at.settings(`${at.server.origin}/`);
    const kernels = new KernelManager({ serverSettings });
    const sessions = new SessionManager({ serverSettings, kernelManager: kernels });
    const session = await sessions.startNew({
      path: 'x',
      type: 'console',
      name: 'x',
      kernel: { name: 'python3' },
    });
    const printed: unknown[] = [];
    const future = session.kernel?.requestExecute({ code: 'print(6 * 7)' });
    if (future) {
      future.onIOPub = ({ content }) => {
        if ('text' in content) printed.push(content.text);
      };
    }
    await future?.done;
    expect(printed).toEqual(['42\n']);
    await session.shutdown();
    sessions.dispose();
    kernels.dispose();
    const page = await fetch(`${at.server.origin}/`);
    expect(page.headers.get('content-type')).toMatch(/^(text\/html|application\/json)/);
  });

  it('VS Code finds out what it must know', async () => {
    const top = `${at.server.origin}/`;
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${top}${path}`, { redirect: 'manual', ...init });
    expect((await ask('hub/api')).status).toBe(404);
    const probe = await ask('tree?');
    expect([probe.status, probe.headers.get('location')]).toEqual([302, expect.stringMatching(/\/login\?/)]);
    const page = await ask('login?');
    const xsrf = /^_xsrf=([^;]+)/.exec(page.headers.getSetCookie()[0] ?? '')?.[1] ?? '';
    const body = new URLSearchParams({ _xsrf: xsrf, password: at.token });
    const signed = await ask('login?', { method: 'POST', headers: { cookie: `_xsrf=${xsrf}` }, body });
    expect(signed.status).toBe(302);
    // VS Code takes the first cookie, its attributes included
    const cookie = `_xsrf=${xsrf}; ${signed.headers.getSetCookie()[0]}`;
    const headers = { cookie, 'x-xsrftoken': xsrf };
    const path = 'sub/a-jvsc-0a1b2c3d.ipynb';
    const wish = { path, name: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } };
    const made = await ask('api/sessions', { method: 'POST', headers, body: JSON.stringify(wish) });
    expect(made.status).toBe(201);
    const { kernel, id } = z.looseObject({ id: z.string(), kernel: withId }).parse(await made.json());
    expect((await ask(`api/kernels/${kernel.id}`, { headers })).status).toBe(200);
    expect((await ask('tree?', { headers })).headers.get('location')).toBe(`/p/${at.id}/lab`);
    const deleted = await ask(`api/sessions/${id}`, { method: 'DELETE', headers });
    expect(deleted.status).toBe(204);
  });

  it('a token in the address of a page becomes a cookie and is gone from the address', async () => {
    for (const path of ['tree', `p/${at.id}/tree`]) {
      const answer = await fetch(`${at.server.origin}/${path}?token=${at.token}`, { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `/p/${at.id}/tree`]);
      const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      expect(cookie).toMatch(/^cahier-token-\d+=cahier_/);
      expect((await fetch(`${at.base}api/contents`, { headers: { cookie } })).status).toBe(200);
    }
    const page = await fetch(`${at.base}?token=${at.token}`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([303, `/p/${at.id}/tree?token=${at.token}`]);
    const wrong = await fetch(`${at.base}tree?token=cahier_wrong`, { redirect: 'manual' });
    expect([wrong.status, wrong.headers.getSetCookie()]).toEqual([302, []]);
    const next = encodeURIComponent(`/p/${at.id}/tree`);
    const login = await fetch(`${at.base}login?next=${next}&token=${at.token}`, { redirect: 'manual' });
    expect([login.status, login.headers.get('location')]).toEqual([302, `/p/${at.id}/tree`]);
  });
});

describe('by a base address with a secret in it', () => {
  it('a gateway’s client that sends no header starts a kernel, runs code, restarts and ends it', async () => {
    const { address } = await at.newToken({ kind: 'address', scopes: ['run'] });
    const base = `${address}/`;
    const ask = (path: string, method = 'GET', body?: object) =>
      fetch(`${base}${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    expect(
      z.looseObject({ default: z.string() }).parse(await (await ask('api/kernelspecs')).json()).default,
    ).toBe('python3');
    const folder = join(at.folder, 'sub');
    const started = await ask('api/kernels', 'POST', {
      name: 'python3',
      env: { KERNEL_WORKING_DIR: folder },
    });
    expect(started.status).toBe(201);
    const model = withId
      .extend({
        last_activity: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$/),
        execution_state: z.string(),
        connections: z.int(),
      })
      .parse(await started.json());
    const channels = `${base.replace('http', 'ws')}api/kernels/${model.id}/channels`;
    expect(await runBySocket(channels, 'import os; x = 1; print(os.path.basename(os.getcwd()))')).toBe(
      'sub\n',
    );
    expect((await ask(`api/kernels/${model.id}/interrupt`, 'POST')).status).toBe(204);
    expect((await ask(`api/kernels/${model.id}/restart`, 'POST')).status).toBe(200);
    expect(await runBySocket(channels, 'print("x" in globals())')).toBe('False\n');
    expect((await ask(`api/kernels/${model.id}`, 'DELETE')).status).toBe(204);
    expect((await ask(`api/kernels/${model.id}`)).status).toBe(404);
    const elsewhere = { name: 'python3', env: { KERNEL_WORKING_DIR: '/somebody/elses/machine' } };
    const other = withId.parse(await (await ask('api/kernels', 'POST', elsewhere)).json());
    const place = `${base.replace('http', 'ws')}api/kernels/${other.id}/channels`;
    expect(await runBySocket(place, 'import os; print(os.path.realpath(os.getcwd()))')).toBe(
      `${at.folder}\n`,
    );
    expect((await ask(`api/kernels/${other.id}`, 'DELETE')).status).toBe(204);
    expect(at.server.log).not.toContain(address.split('.').at(-1));
  });

  it('ends for open sockets, too, when it is taken back', async () => {
    const made = await at.newToken({ kind: 'address', scopes: ['run'] });
    const kernel = withId.parse(await (await at.ask('api/kernels', { method: 'POST' })).json());
    const socket = new WebSocket(`${made.address.replace('http', 'ws')}/api/kernels/${kernel.id}/channels`);
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    const gone = await fetch(`${at.server.origin}/api/projects/${at.id}/tokens/${made.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${at.server.token}` },
    });
    expect([gone.status, await closed]).toEqual([204, 1008]);
    await at.ask(`api/kernels/${kernel.id}`, { method: 'DELETE' });
  });
});
