/**
 * VS Code's “Existing Jupyter Server…”, request by request: what its Jupyter extension asks before it connects, then the
 * client library that it brings, with the headers that it adds. VS Code itself is not here; its steps were read from it.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ContentsManager,
  type Kernel,
  KernelManager,
  KernelSpecManager,
  ServerConnection,
  type Session,
  SessionManager,
} from '@jupyterlab/services';
import { v1Protocol } from '@cahier/core/jupyter/socket-frames.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JupyterProject } from './support/jupyter-project.ts';

const notebook = {
  cells: [{ cell_type: 'code', execution_count: null, id: 'one', metadata: {}, outputs: [], source: ['1'] }],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};

let at: JupyterProject;
beforeAll(async () => {
  at = await JupyterProject.start((folder) => {
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'a.ipynb'), JSON.stringify(notebook));
  });
});
afterAll(() => at.stop());

type Headers = Readonly<Record<string, string>>;

const probe = (url: string, headers: Headers = {}) =>
  fetch(url, { redirect: 'manual', headers: { connection: 'keep-alive', ...headers } });

/** It asks whether a password is needed, and signs in as a person would. */
async function signIn(base: string, password: string): Promise<Headers | null> {
  expect((await probe(`${base}hub/api`)).status).not.toBe(200);
  expect((await probe(`${base}tree?`)).status).not.toBe(200);
  const page = await probe(`${base}login?`);
  const xsrf = page.headers
    .getSetCookie()
    .map((cookie) => /^_xsrf=([^;]+)/.exec(cookie)?.[1])
    .find((value) => value !== undefined);
  if (!page.ok || xsrf === undefined) return null;
  const signed = await fetch(`${base}login?`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: `_xsrf=${xsrf}`,
      connection: 'keep-alive',
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    },
    body: new URLSearchParams({ _xsrf: xsrf, password }).toString(),
  });
  if (signed.status !== 302) return null;
  // the first cookie, with its attributes
  return { Cookie: `_xsrf=${xsrf}; ${signed.headers.getSetCookie()[0]}`, 'X-XSRFToken': xsrf };
}

/** Sockets get the same headers as requests, and no Origin. `legacy`: an older server's only format is asked for. */
function settingsOf(
  base: string,
  { headers, token, legacy = false }: { headers?: Headers; token?: string; legacy?: boolean },
): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: base,
    wsUrl: base.replace('http', 'ws'),
    token: token ?? '',
    appendToken: true,
    init: { cache: 'no-store', credentials: 'same-origin', headers: headers ?? {} },
    WebSocket: new Proxy(WebSocket, {
      construct: (target, [url, protocols]: [string, string[]?]): object =>
        Reflect.construct(target, [url, { protocols: legacy ? [] : (protocols ?? []), headers }]),
    }),
  });
}

async function printed(kernel: Kernel.IKernelConnection, code: string): Promise<string> {
  let text = '';
  const future = kernel.requestExecute({ code, silent: false, stop_on_error: false, allow_stdin: true });
  future.onIOPub = ({ content }) => {
    if ('text' in content) text += String(content.text);
  };
  expect((await future.done).content.status).toBe('ok');
  return text;
}

const kernelOf = ({ kernel }: Session.ISessionConnection): Kernel.IKernelConnection => {
  if (!kernel) throw new Error('the session has no kernel');
  return kernel;
};

const uniquePath = (path: string) => path.replace('.ipynb', `-jvsc-${crypto.randomUUID()}.ipynb`);

/** What it does with a server once it knows how to speak to it: find kernels, run a local notebook, come back, let go. */
async function useKernels(settings: ServerConnection.ISettings, protocol: string): Promise<void> {
  const specs = new KernelSpecManager({ serverSettings: settings });
  const kernels = new KernelManager({ serverSettings: settings });
  const sessions = new SessionManager({ serverSettings: settings, kernelManager: kernels });
  const contents = new ContentsManager({ serverSettings: settings });
  await Promise.all([specs.ready, kernels.ready, sessions.ready]);
  expect(specs.specs?.default).toBe('python3');
  expect((await contents.get('')).type).toBe('directory');
  const before = readdirSync(join(at.folder, 'sub'));

  const wish = { name: 'a.ipynb', type: 'notebook', kernel: { name: 'python3' } } as const;
  const path = uniquePath('sub/a.ipynb');
  const session = await sessions.startNew(
    { ...wish, path },
    { kernelConnectionOptions: { handleComms: true } },
  );
  const kernel = kernelOf(session);
  expect(session.path).toBe(path);
  await kernel.info;
  expect(await socketProtocols(kernel, settings)).toBe(protocol);
  expect(await printed(kernel, 'import os; kept = 6 * 7; print(os.path.basename(os.getcwd()), kept)')).toBe(
    'sub 42\n',
  );

  // the same file in another window, and the project's own notebook of that name: three kernels
  const other = await sessions.startNew({ ...wish, path: uniquePath('sub/a.ipynb') });
  const own = await sessions.startNew({ ...wish, path: 'sub/a.ipynb' });
  expect(new Set([session, other, own].map((each) => kernelOf(each).id)).size).toBe(3);
  await Promise.all([other.shutdown(), own.shutdown()]);

  const sleeping = kernel.requestExecute({ code: 'import time\nprint("on", flush=True)\ntime.sleep(600)' });
  await new Promise<void>((resolve) => {
    sleeping.onIOPub = ({ content }) => {
      if ('text' in content) resolve();
    };
  });
  await kernel.interrupt();
  expect((await sleeping.done).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });

  // the window is closed and opened again: the session goes on
  session.dispose();
  await sessions.refreshRunning();
  const model = await sessions.findByPath(path);
  expect(model?.kernel?.id).toBe(kernel.id);
  if (!model) throw new Error('the session is gone');
  const back = sessions.connectTo({ model });
  expect(await printed(kernelOf(back), 'print(kept)')).toBe('42\n');
  await kernelOf(back).restart();
  await kernelOf(back).info;
  expect(await printed(kernelOf(back), 'print("kept" in globals())')).toBe('False\n');

  await back.shutdown();
  await kernels.refreshRunning();
  expect([...kernels.running()]).toEqual([]);
  expect(readdirSync(join(at.folder, 'sub'))).toEqual(before);
  for (const each of [sessions, kernels, specs, contents]) each.dispose();
}

/** Which format the server takes from such a client. */
async function socketProtocols(
  { id }: Kernel.IKernelConnection,
  settings: ServerConnection.ISettings,
): Promise<string> {
  const token = settings.token === '' ? '' : `&token=${settings.token}`;
  const url = `${settings.wsUrl}api/kernels/${id}/channels?session_id=probe${token}`;
  const socket = new settings.WebSocket(url, [v1Protocol]);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const { protocol } = socket;
  socket.close();
  return protocol;
}

const places = [
  ['the project’s address', () => at.base],
  ['the address of a server started on a folder', () => `${at.server.origin}/`],
] as const;

describe.each(places)('VS Code at %s', (_, base) => {
  it('runs notebooks with a token in the address', async () => {
    await useKernels(settingsOf(base(), { token: at.token }), v1Protocol);
  });

  it('runs notebooks with the token as the password', async () => {
    const headers = await signIn(base(), at.token);
    if (!headers) throw new Error('the password was refused');
    expect((await probe(`${base()}api/kernels`)).status).toBe(403);
    await useKernels(settingsOf(base(), { headers }), v1Protocol);
  });

  it('is told that a password is wrong', async () => {
    expect(await signIn(base(), 'guess')).toBeNull();
  });
});

describe('VS Code of the server’s owner', () => {
  it('runs notebooks with the owner’s password, in the older format', async () => {
    const headers = await signIn(at.base, at.server.token);
    if (!headers) throw new Error('the password was refused');
    await useKernels(settingsOf(at.base, { headers, legacy: true }), '');
  });
});
