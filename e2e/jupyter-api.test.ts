/** Item 1 and 3 of issue 3: the real client library of JupyterLab against a live server, each method and each documented error. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import {
  decodeLegacy,
  decodeV1,
  encodeLegacy,
  encodeV1,
  type SocketMessage,
  v1Protocol,
} from '@cahier/core/jupyter/socket-frames.ts';
import {
  ContentsManager,
  KernelManager,
  KernelMessage,
  KernelSpecManager,
  ServerConnection,
  SessionManager,
} from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Client } from './support/client.ts';
import { firstProject, ownerHeaders } from './support/http.ts';
import { ServerProcess } from './support/server-process.ts';

const notebook = {
  cells: [
    {
      cell_type: 'code',
      execution_count: null,
      id: 'one',
      metadata: {},
      outputs: [],
      source: ['a = 1\n', 'print(a)'],
    },
    { cell_type: 'markdown', id: 'two', metadata: {}, source: ['# Title'] },
  ],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};
const cellsOf = z.looseObject({ cells: z.array(z.looseObject({ id: z.string(), source: z.string() })) });
const jupyterError = z.strictObject({ message: z.string().min(1), reason: z.string().nullable() });

let folder: string;
let server: ServerProcess;
let project: string;
let base: string;
let settings: ServerConnection.ISettings;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-jupyter-'));
  writeFileSync(join(folder, 'n.ipynb'), `${JSON.stringify(notebook, null, 1)}\n`);
  writeFileSync(join(folder, 'a.txt'), 'one\ntwo\n');
  writeFileSync(join(folder, 'b.bin'), Buffer.from([0xff, 0, 0xfe]));
  writeFileSync(join(folder, '.hidden'), 'x');
  server = await ServerProcess.start({ folder });
  project = await firstProject(server);
  base = `${server.origin}/p/${project}/`;
  settings = ServerConnection.makeSettings({
    baseUrl: base,
    wsUrl: base.replace('http', 'ws'),
    token: await newToken(['run', 'edit']),
    appendToken: true,
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function newToken(scopes: readonly string[]): Promise<string> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Lab', scopes }),
  });
  return tokenMade.parse(await answer.json()).token;
}

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function ask(path: string, { method, body, headers }: Asked = {}): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: method ?? 'GET',
    redirect: 'manual',
    headers: headers ?? { authorization: `token ${settings.token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function refusal(path: string, asked: Asked = {}): Promise<[number, string | null]> {
  const answer = await ask(path, asked);
  return [answer.status, jupyterError.parse(await answer.json()).reason];
}

describe('who may come in', () => {
  const nobody = {};

  it('answers 403 in Jupyter’s form to whoever brings nothing, and to a wrong token', async () => {
    expect(await refusal('api/contents', { headers: nobody })).toEqual([403, null]);
    expect(await refusal('api/contents', { headers: { authorization: 'token cahier_wrong' } })).toEqual([
      403,
      null,
    ]);
    expect(await refusal('api/kernels', { method: 'POST', headers: nobody })).toEqual([403, null]);
    expect((await ask('api', { headers: nobody })).status).toBe(200);
  });

  it('takes a token as header of any spelling and in the address of a GET', async () => {
    for (const word of ['token', 'Token', 'Bearer', 'bearer', 'BEARER']) {
      const headers = { authorization: `${word} ${settings.token}` };
      expect((await ask('api/status', { headers })).status).toBe(200);
    }
    expect((await ask(`api/status?token=${settings.token}`, { headers: nobody })).status).toBe(200);
    expect(
      (await ask(`api/kernels?token=${settings.token}`, { method: 'POST', headers: nobody })).status,
    ).toBe(403);
    const owner = { authorization: `token ${server.token}` };
    expect((await ask('api/status', { headers: owner })).status).toBe(200);
  });

  it('a token can do no more than its scopes, nothing outside its project, and nothing once revoked', async () => {
    const token = await newToken(['read']);
    const headers = { authorization: `token ${token}` };
    expect((await ask('api/contents/a.txt', { headers })).status).toBe(200);
    const put = { method: 'PUT', headers, body: { type: 'file', format: 'text', content: 'x' } };
    expect(await refusal('api/contents/a.txt', put)).toEqual([403, null]);
    expect(await refusal('api/kernels', { method: 'POST', headers })).toEqual([403, null]);
    for (const path of ['/api/account', '/api/projects', `/api/projects/${project}/tokens`]) {
      const method = path === '/api/projects' ? 'POST' : 'GET';
      const body = method === 'POST' ? { body: JSON.stringify({ name: 'x' }) } : {};
      const answer = await fetch(`${server.origin}${path}`, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        ...body,
      });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    const listed = z
      .array(z.object({ id: z.string(), scopes: z.array(z.string()) }))
      .parse(
        await (
          await fetch(`${server.origin}/api/projects/${project}/tokens`, { headers: ownerHeaders(server) })
        ).json(),
      );
    const mine = listed.find(({ scopes }) => scopes.join() === 'read');
    await fetch(`${server.origin}/api/projects/${project}/tokens/${mine?.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.token}` },
    });
    expect(await refusal('api/contents/a.txt', { headers })).toEqual([403, null]);
  });

  it('tells clients with a cookie where to sign in, and asks them for _xsrf', async () => {
    const probe = await ask('tree?', { headers: nobody });
    expect(probe.status).toBe(302);
    expect(probe.headers.get('location')).toMatch(new RegExp(`^/p/${project}/login\\?next=`));
    const page = await ask('login', { headers: nobody });
    const xsrf = /^_xsrf=([0-9a-f]+);/.exec(page.headers.get('set-cookie') ?? '')?.[1] ?? '';
    const form = (password: string) => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: `_xsrf=${xsrf}` },
      body: new URLSearchParams({ password, _xsrf: xsrf }).toString(),
    });
    expect((await ask('login', form('wrong'))).status).toBe(401);
    const signed = await ask(`login?next=${encodeURIComponent('//evil.example/')}`, form(settings.token));
    expect([signed.status, signed.headers.get('location')]).toEqual([302, `/p/${project}`]);
    const kept = /^(cahier-token-\d+=[^;]+); Path=\/p\/[^;]+\/; HttpOnly/.exec(
      signed.headers.get('set-cookie') ?? '',
    )?.[1];
    const cookie = `${kept}; _xsrf=${xsrf}`;
    expect((await ask('api/contents', { headers: { cookie } })).status).toBe(200);
    const body = { type: 'directory' };
    expect(await refusal('api/contents', { method: 'POST', headers: { cookie }, body })).toEqual([403, null]);
    const wrong = { cookie, 'x-xsrftoken': 'guess' };
    expect(await refusal('api/contents', { method: 'POST', headers: wrong, body })).toEqual([403, null]);
    const foreign = { cookie, 'x-xsrftoken': xsrf, origin: 'http://evil.example' };
    expect(await refusal('api/contents', { method: 'POST', headers: foreign, body })).toEqual([403, null]);
    const right = { cookie, 'x-xsrftoken': xsrf };
    const made = await ask('api/contents', { method: 'POST', headers: right, body });
    expect(made.status).toBe(201);
    await ask('api/contents/Untitled%20Folder', { method: 'DELETE' });
    const out = await ask('logout', { headers: { cookie } });
    expect(out.headers.get('set-cookie')).toMatch(/Max-Age=0/);
    const owner = await ask('login', form(server.token));
    const session = /^(cahier-\d+=[^;]+);/.exec(owner.headers.get('set-cookie') ?? '')?.[1] ?? '';
    expect((await ask('api/contents', { headers: { cookie: session } })).status).toBe(200);
    await ask('logout', { headers: { cookie: session } });
    expect(await refusal('api/contents', { headers: { cookie: session } })).toEqual([403, null]);
  });
});

describe('contents', () => {
  const manager = () => new ContentsManager({ serverSettings: settings });

  it('lists a folder without hidden names and without contents', async () => {
    const { content, type, format, mimetype } = await manager().get('');
    expect([type, format, mimetype]).toEqual(['directory', 'json', null]);
    const listed = z
      .array(z.object({ name: z.string(), type: z.string(), content: z.null() }))
      .parse(content);
    const names = listed.map(({ name, type: kind }) => `${kind} ${name}`);
    expect(names).toEqual(expect.arrayContaining(['file a.txt', 'file b.bin', 'notebook n.ipynb']));
    expect(names.join()).not.toContain('.hidden');
  });

  it('reads text, bytes and notebooks with a true hash and a stable time', async () => {
    const text = await manager().get('a.txt', { hash: true, content: true });
    expect(text).toMatchObject({
      type: 'file',
      format: 'text',
      mimetype: 'text/plain',
      content: 'one\ntwo\n',
    });
    expect(text.hash).toBe(await sha256('one\ntwo\n'));
    expect(text.hash_algorithm).toBe('sha256');
    expect((await manager().get('a.txt')).last_modified).toBe(text.last_modified);
    const bytes = await manager().get('b.bin');
    expect(bytes).toMatchObject({ format: 'base64', content: '/wD+', size: 3 });
    const read = await manager().get('n.ipynb');
    expect(read).toMatchObject({ type: 'notebook', format: 'json', mimetype: null });
    expect(cellsOf.parse(read.content).cells.map(({ source }) => source)).toEqual([
      'a = 1\nprint(a)',
      '# Title',
    ]);
    expect(await manager().get('n.ipynb', { type: 'file', format: 'text', content: true })).toMatchObject({
      type: 'file',
      content: readFileSync(join(folder, 'n.ipynb'), 'utf8'),
    });
    expect((await manager().get('a.txt', { content: false })).content).toBe(null);
  });

  it('makes, copies, renames, saves and deletes, with the reference’s names', async () => {
    const contents = manager();
    const made = [
      await contents.newUntitled({ type: 'notebook' }),
      await contents.newUntitled({ type: 'notebook' }),
      await contents.newUntitled({ type: 'file', ext: '.py' }),
      await contents.newUntitled({ type: 'directory' }),
      await contents.copy('n.ipynb', ''),
    ].map(({ path }) => path);
    expect(made).toEqual([
      'Untitled.ipynb',
      'Untitled1.ipynb',
      'untitled.py',
      'Untitled Folder',
      'n-Copy1.ipynb',
    ]);
    expect((await contents.rename('untitled.py', 'mine.py')).path).toBe('mine.py');
    const first = await ask('api/contents/new%20file.txt', {
      method: 'PUT',
      body: { type: 'file', format: 'text', content: 'x' },
    });
    expect([first.status, first.headers.get('location')]).toEqual([
      201,
      `/p/${project}/api/contents/new%20file.txt`,
    ]);
    const again = await contents.save('new file.txt', { type: 'file', format: 'text', content: 'xy' });
    expect(again).toMatchObject({ name: 'new file.txt', content: null, size: 2 });
    for (const path of [...made.filter((each) => each !== 'untitled.py'), 'mine.py', 'new file.txt']) {
      await contents.delete(path);
    }
    expect(await refusal('api/contents/mine.py')).toEqual([404, null]);
  });

  it('takes a file in chunks', async () => {
    const put = (chunk: number, content: string) =>
      ask('api/contents/big.bin', {
        method: 'PUT',
        body: { type: 'file', format: 'base64', content: Buffer.from(content).toString('base64'), chunk },
      });
    const answers = [await put(1, 'aa'), await put(2, 'bb'), await put(-1, 'c')];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200]);
    expect(readFileSync(join(folder, 'big.bin'), 'utf8')).toBe('aabbc');
    expect((await put(3, 'x')).status).toBe(400);
    rmSync(join(folder, 'big.bin'));
  });

  it('keeps one checkpoint', async () => {
    const contents = manager();
    await contents.save('c.txt', { type: 'file', format: 'text', content: 'first' });
    expect(await contents.listCheckpoints('c.txt')).toEqual([]);
    const { id } = await contents.createCheckpoint('c.txt');
    expect(id).toBe('checkpoint');
    await contents.save('c.txt', { type: 'file', format: 'text', content: 'second' });
    await contents.restoreCheckpoint('c.txt', id);
    expect((await contents.get('c.txt')).content).toBe('first');
    expect(await contents.listCheckpoints('c.txt')).toHaveLength(1);
    await contents.deleteCheckpoint('c.txt', id);
    expect(await refusal('api/contents/c.txt/checkpoints/checkpoint', { method: 'POST' })).toEqual([
      404,
      null,
    ]);
    await contents.delete('c.txt');
  });

  it('reads what people see, and merges what it is given with what they did meanwhile', async () => {
    const person = await Client.connect(server.origin, project, server.token);
    const document = await person.open('n.ipynb');
    cellText(document.ydoc, asCellId('one'))?.insert(0, '# typed\n');
    const contents = manager();
    await expect
      .poll(async () => cellsOf.parse((await contents.get('n.ipynb')).content).cells[0]?.source)
      .toBe('# typed\na = 1\nprint(a)');
    const read = cellsOf.parse((await contents.get('n.ipynb')).content);
    cellText(document.ydoc, asCellId('two'))?.insert(7, ' of theirs');
    await expect
      .poll(() => readFileSync(join(folder, 'n.ipynb'), 'utf8'), { interval: 20 })
      .toContain('of theirs');
    const cells = read.cells.map((cell, at) => (at === 0 ? { ...cell, source: 'a = 2' } : cell));
    await contents.save('n.ipynb', { type: 'notebook', format: 'json', content: { ...read, cells } });
    await expect.poll(() => cellText(document.ydoc, asCellId('one'))?.toString()).toBe('a = 2');
    expect(cellText(document.ydoc, asCellId('two'))?.toString()).toBe('# Title of theirs');
    const now = cellsOf.parse((await contents.get('n.ipynb')).content).cells;
    expect(now.map(({ id, source }) => [id, source])).toEqual([
      ['one', 'a = 2'],
      ['two', '# Title of theirs'],
    ]);
    person.close();
  });

  it('refuses as the reference does', async () => {
    const put = (body: unknown) => ({ method: 'PUT', body });
    const file = { type: 'file', format: 'text', content: 'x' };
    expect(await refusal('api/contents/none')).toEqual([404, null]);
    expect(await refusal('api/contents/.hidden')).toEqual([404, null]);
    expect(await refusal('api/contents/b.bin?format=text')).toEqual([400, 'bad format']);
    expect(await refusal('api/contents/a.txt?type=directory')).toEqual([400, 'bad type']);
    expect(await refusal('api/contents?type=notebook')).toEqual([400, 'bad type']);
    expect(await refusal('api/contents/a.txt', { method: 'POST', body: {} })).toEqual([400, null]);
    expect(await refusal('api/contents/none', { method: 'POST', body: {} })).toEqual([404, null]);
    expect(await refusal('api/contents/x', put({ ...file, copy_from: 'a.txt' }))).toEqual([400, null]);
    expect(await refusal('api/contents/x', put({ format: 'text', content: 'x' }))).toEqual([400, null]);
    expect(await refusal('api/contents/x', put({ type: 'file', format: 'text' }))).toEqual([400, null]);
    expect(await refusal('api/contents/n.ipynb', { method: 'PATCH', body: { path: 'a.txt' } })).toEqual([
      409,
      null,
    ]);
    expect(await refusal('api/contents/none', { method: 'PATCH', body: { path: 'b.txt' } })).toEqual([
      404,
      null,
    ]);
    expect(await refusal('api/contents', { method: 'DELETE' })).toEqual([400, null]);
    expect(await refusal('api/contents/none', { method: 'DELETE' })).toEqual([404, null]);
    await ask('api/contents/full', put({ type: 'directory' }));
    await ask('api/contents/full/x.txt', put(file));
    expect(await refusal('api/contents/full', { method: 'DELETE' })).toEqual([400, null]);
    expect((await ask('api/contents/full/x.txt', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('api/contents/full', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('api/nothing-such')).status).toBe(404);
  });

  it('stays healthy under bad input', async () => {
    const paths = ['..%2fx', '%2e%2e%2fx', 'a%00b', '%2fetc%2fpasswd', 'a%5c..%5cx', 'x'.repeat(300)];
    for (const path of paths) {
      for (const asked of [
        {},
        { method: 'PUT', body: { type: 'file', format: 'text', content: 'x' } },
        { method: 'PATCH', body: { path: 'x' } },
        { method: 'DELETE' },
        { method: 'POST', body: {} },
      ]) {
        const [status] = await refusal(`api/contents/${path}`, asked);
        expect([path, asked.method, status]).toEqual([path, asked.method, 404]);
      }
    }
    const to = (path: string) => ({ method: 'PATCH', body: { path } });
    expect(await refusal('api/contents/a.txt', to('../x'))).toEqual([404, null]);
    const bodies = ['{', 'null', '[]', '"x"', '{"type": 7}', '{"type":"file","content":{}}', '7'];
    for (const body of bodies) {
      expect(await refusal('api/contents/x.txt', { method: 'PUT', body })).toEqual([400, null]);
      expect(await refusal('api/sessions', { method: 'POST', body })).toEqual([400, null]);
    }
    const broken = { type: 'notebook', format: 'json', content: { cells: 7 } };
    expect((await ask('api/contents/n.ipynb', { method: 'PUT', body: broken })).status).toBe(400);
    const fresh = await ask('api/contents/broken.ipynb', { method: 'PUT', body: broken });
    expect([fresh.status, z.object({ message: z.string() }).parse(await fresh.json()).message]).toEqual([
      201,
      expect.stringContaining('validation failed'),
    ]);
    expect((await refusal('api/contents/broken.ipynb'))[0]).toBe(400);
    expect((await ask('api/contents/broken.ipynb', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('api/contents/n.ipynb')).status).toBe(200);
  });
});

describe('the server', () => {
  it('says what it is and who asks', async () => {
    expect(await (await ask('api')).json()).toEqual({ version: expect.stringMatching(/^2\./) });
    expect(await (await ask('api/status')).json()).toMatchObject({ kernels: 0, connections: 0 });
    const asked = encodeURIComponent(
      '{"contents":["read","write"],"terminals":["write"],"server":["execute"],"constructor":["read"]}',
    );
    expect(await (await ask(`api/me?permissions=${asked}`)).json()).toMatchObject({
      identity: { name: 'Owner', initials: 'O' },
      permissions: { contents: ['read', 'write'], terminals: ['write'], server: [], constructor: [] },
    });
    const headers = { authorization: `token ${await newToken(['read'])}` };
    expect(await (await ask(`api/me?permissions=${asked}`, { headers })).json()).toMatchObject({
      permissions: { contents: ['read'], terminals: [], server: [], constructor: [] },
    });
    expect(await refusal('api/me?permissions=x')).toEqual([400, null]);
  });

  it('has kernelspecs with their resources', async () => {
    const specs = new KernelSpecManager({ serverSettings: settings });
    await specs.ready;
    const python = specs.specs?.kernelspecs['python3'];
    expect(specs.specs?.default).toBe('python3');
    expect(python?.argv.join(' ')).toContain('{connection_file}');
    const logo = python?.resources['logo-svg'] ?? python?.resources['logo-64x64'];
    if (logo !== undefined) {
      const answer = await fetch(`${server.origin}${logo}?token=${settings.token}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching(/^image\//),
      ]);
    }
    expect(await refusal('api/kernelspecs/none')).toEqual([404, null]);
    specs.dispose();
    // what jupyter_client's KernelSpec.to_dict has, nothing less
    const one = z.object({ spec: z.record(z.string(), z.unknown()) });
    const { spec } = one.parse(await (await ask('api/kernelspecs/python3')).json());
    expect(Object.keys(spec).sort()).toEqual([
      'argv',
      'display_name',
      'env',
      'interrupt_mode',
      'kernel_protocol_version',
      'language',
      'metadata',
    ]);
    expect(spec['kernel_protocol_version']).toMatch(/^5\.\d+$/);
  });
});

describe('kernels and sessions', () => {
  it('a notebook has one kernel, whoever started it', async () => {
    const sessions = new SessionManager({
      serverSettings: settings,
      kernelManager: new KernelManager({ serverSettings: settings }),
    });
    const post = () =>
      ask('api/sessions', {
        method: 'POST',
        body: { path: 'n.ipynb', name: 'n', type: 'notebook', kernel: { name: 'python3' } },
      });
    const model = z.object({
      id: z.string(),
      path: z.string(),
      kernel: z.object({ id: z.string(), name: z.string(), execution_state: z.string() }),
    });
    const [one, two] = [await post(), await post()];
    expect([one.status, two.status]).toEqual([201, 201]);
    const [first, second] = [model.parse(await one.json()), model.parse(await two.json())];
    expect(second.id).toBe(first.id);
    expect(second.kernel.id).toBe(first.kernel.id);
    expect(one.headers.get('location')).toBe(`/p/${project}/api/sessions/${first.id}`);
    // JupyterLab's way to it: a path that it makes up, then the real one
    const wish = { path: randomUUID(), name: 'n.ipynb', type: 'notebook', kernel: { name: 'python3' } };
    const made = model.parse(await (await ask('api/sessions', { method: 'POST', body: wish })).json());
    expect([made.id, made.path, made.kernel.id]).toEqual([first.id, wish.path, first.kernel.id]);
    const moved = await ask(`api/sessions/${made.id}`, { method: 'PATCH', body: { path: 'n.ipynb' } });
    expect([moved.status, model.parse(await moved.json()).path]).toEqual([200, 'n.ipynb']);
    const person = await Client.connect(server.origin, project, server.token);
    const document = await person.open('n.ipynb');
    await expect.poll(() => document.live?.kernel.kernel).toBe(first.kernel.id);
    await sessions.refreshRunning();
    expect([...sessions.running()].map(({ path }) => path)).toEqual(['n.ipynb']);
    const kernel = `api/kernels/${encodeURIComponent(first.kernel.id)}`;
    expect(await (await ask(kernel)).json()).toMatchObject({ id: first.kernel.id, name: 'python3' });
    expect((await ask(`${kernel}/interrupt`, { method: 'POST' })).status).toBe(204);
    const restarted = await ask(`${kernel}/restart`, { method: 'POST' });
    expect([restarted.status, z.object({ id: z.string() }).parse(await restarted.json()).id]).toEqual([
      200,
      first.kernel.id,
    ]);
    expect(
      await refusal(`api/sessions/${first.id}`, { method: 'PATCH', body: { kernel: { id: 'other' } } }),
    ).toEqual([400, null]);
    expect((await ask(`api/sessions/${first.id}`, { method: 'DELETE' })).status).toBe(204);
    await expect.poll(() => document.live?.kernel.status).toBe('none');
    expect((await ask(`api/sessions/${first.id}`, { method: 'DELETE' })).status).toBe(410);
    expect(await refusal(kernel)).toEqual([404, null]);
    person.close();
    sessions.dispose();
  });

  it('kernels without a notebook are started, listed and ended', async () => {
    const started = await ask('api/kernels', { method: 'POST', body: { name: 'python3' } });
    expect(started.status).toBe(201);
    const { id } = z.object({ id: z.string() }).parse(await started.json());
    const path = `api/kernels/${encodeURIComponent(id)}`;
    expect(started.headers.get('location')).toBe(`/p/${project}/${path}`);
    expect(await (await ask('api/kernels')).json()).toMatchObject([{ id, name: 'python3' }]);
    // as Jupyter's server: one that runs is given to who names it; an id that is not ours is not promised
    const named = await ask('api/kernels', { method: 'POST', body: { name: 'python3', kernel_id: id } });
    expect([named.status, await named.json()]).toEqual([201, expect.objectContaining({ id })]);
    const body = { name: 'python3', kernel_id: 'f0f0f0f0-1111-4222-8333-444444444444' };
    expect(await refusal('api/kernels', { method: 'POST', body })).toEqual([400, null]);
    expect(await (await ask('api/kernels')).json()).toHaveLength(1);
    const console_ = { path: 'console-1', type: 'console', name: 'Console 1', kernel: { id } };
    const session = z
      .object({ id: z.string() })
      .parse(await (await ask('api/sessions', { method: 'POST', body: console_ })).json());
    const renamed = await ask(`api/sessions/${session.id}`, { method: 'PATCH', body: { name: 'Mine' } });
    expect(await renamed.json()).toMatchObject({ name: 'Mine', kernel: { id } });
    expect((await ask(`${path}/restart`, { method: 'POST' })).status).toBe(200);
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
    expect(await (await ask('api/kernels')).json()).toEqual([]);
    expect((await ask(`api/sessions/${session.id}`, { method: 'DELETE' })).status).not.toBe(204);
  });

  it('refuse as the reference does', async () => {
    const session = { path: 'c', type: 'console', kernel: { name: 'none' } };
    const answer = await ask('api/sessions', { method: 'POST', body: session });
    expect([answer.status, await answer.json()]).toEqual([
      501,
      { message: expect.stringContaining("'none'"), short_message: 'none not found' },
    ]);
    for (const path of ['api/kernels/none', 'api/sessions/none']) {
      expect(await refusal(path)).toEqual([404, null]);
      expect(await refusal(path, { method: 'DELETE' })).toEqual([404, null]);
    }
    expect(await refusal('api/kernels/none/restart', { method: 'POST' })).toEqual([404, null]);
    expect(await refusal('api/kernels/none/interrupt', { method: 'POST' })).toEqual([404, null]);
    expect(await refusal('api/sessions/none', { method: 'PATCH', body: {} })).toEqual([404, null]);
  });
});

describe('kernel sockets', () => {
  const reply = z.looseObject({ content: z.looseObject({ status: z.string() }) });

  it('run code, ask for input, and hear what the page runs', async () => {
    const kernels = new KernelManager({ serverSettings: settings });
    const started = await ask('api/kernels', { method: 'POST', body: { name: 'python3', path: 'n.ipynb' } });
    const model = z.object({ id: z.string(), name: z.string() }).parse(await started.json());
    const kernel = kernels.connectTo({ model });
    const person = await Client.connect(server.origin, project, server.token);
    const document = await person.open('n.ipynb');
    await expect.poll(() => document.live?.kernel.kernel).toBe(kernel.id);
    expect((await kernel.info).implementation).toBe('ipython');
    const seen: string[] = [];
    const future = kernel.requestExecute({ code: 'print(40 + 2)' });
    future.onIOPub = ({ header, content }) => {
      seen.push(header.msg_type);
      if ('text' in content) seen.push(String(content.text));
    };
    expect(reply.parse(await future.done).content.status).toBe('ok');
    expect(seen).toEqual(['status', 'execute_input', 'stream', '42\n', 'status']);
    const asking = kernel.requestExecute({ code: 'input("name? ")', allow_stdin: true });
    const results: unknown[] = [];
    asking.onStdin = (message) => {
      if (!KernelMessage.isInputRequestMsg(message)) return;
      kernel.sendInputReply({ status: 'ok', value: 'Ada' }, message.header);
    };
    asking.onIOPub = ({ header, content }) => {
      if (header.msg_type === 'execute_result' && 'data' in content) results.push(content.data);
    };
    await asking.done;
    expect(results).toEqual([{ 'text/plain': "'Ada'" }]);
    const heard: string[] = [];
    kernel.anyMessage.connect((_, { msg, direction }) => {
      if (direction === 'recv' && 'code' in msg.content) heard.push(String(msg.content.code));
    });
    await person.runAndWait(document, [asCellId('one')]);
    await expect.poll(() => heard.join('\n')).toContain('a = 2');
    const status = await (await ask('api/status')).json();
    expect(status).toMatchObject({ kernels: 1, connections: 1 });
    await kernel.restart();
    expect((await kernel.info).status).toBe('ok');
    expect(reply.parse(await kernel.requestExecute({ code: '1' }).done).content.status).toBe('ok');
    await kernel.shutdown();
    await expect.poll(() => document.live?.kernel.status).toBe('none');
    kernel.dispose();
    kernels.dispose();
    person.close();
  });

  it('speak both formats, with buffers, and need no session_id', async () => {
    const started = await ask('api/kernels', { method: 'POST', body: { name: 'python3' } });
    const { id } = z.object({ id: z.string() }).parse(await started.json());
    const url = `${base.replace('http', 'ws')}api/kernels/${encodeURIComponent(id)}/channels?token=${settings.token}`;
    for (const protocols of [[], [v1Protocol]]) {
      const socket = new WebSocket(url, protocols);
      socket.binaryType = 'arraybuffer';
      const heard: SocketMessage[] = [];
      socket.addEventListener('message', ({ data }) => {
        const frame = typeof data === 'string' ? data : new Uint8Array(z.instanceof(ArrayBuffer).parse(data));
        const message =
          typeof frame !== 'string' && protocols.length > 0 ? decodeV1(frame) : decodeLegacy(frame);
        if (message) heard.push(message);
      });
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      expect(socket.protocol).toBe(protocols[0] ?? '');
      const code = [
        'from ipykernel.comm import Comm',
        'c = Comm(target_name="t", data={}, buffers=[b"\\x00\\xff\\x01"])',
      ].join('\n');
      const message = executeRequest(code);
      socket.send(protocols.length > 0 ? encodeV1(message) : (encodeLegacy(message) ?? ''));
      await expect.poll(() => heard.map(typeOf)).toContain('execute_reply');
      await expect.poll(() => heard.map(typeOf)).toContain('comm_open');
      const comm = heard.find((each) => typeOf(each) === 'comm_open');
      expect(comm?.parts.slice(4).map((part) => [...part])).toEqual([[0, 255, 1]]);
      const closed = new Promise<number>((resolve) =>
        socket.addEventListener('close', (event) => resolve(event.code)),
      );
      socket.send(protocols.length > 0 ? new Uint8Array([1, 2, 3]) : '{');
      expect(await closed).toBe(1003);
    }
    expect((await ask(`api/kernels/${encodeURIComponent(id)}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('are refused to whoever may not run, and say 1000 for a kernel that is not there', async () => {
    const path = `${base.replace('http', 'ws')}api/kernels/none/channels`;
    const outcome = (url: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        let isOpen = false;
        socket.addEventListener('open', () => {
          isOpen = true;
        });
        socket.addEventListener('close', ({ code }) => resolve(isOpen ? String(code) : 'refused'));
        socket.addEventListener('error', () => undefined);
      });
    expect(await outcome(path)).toBe('refused');
    expect(await outcome(`${path}?token=${await newToken(['read', 'edit'])}`)).toBe('refused');
    expect(await outcome(`${path}?token=${settings.token}`)).toBe('1000');
  });
});

function executeRequest(code: string): SocketMessage {
  const header = {
    msg_id: crypto.randomUUID(),
    msg_type: 'execute_request',
    session: crypto.randomUUID(),
    username: '',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const parts = [header, {}, {}, { code, silent: false, store_history: false, allow_stdin: false }];
  return { channel: 'shell', parts: parts.map((part) => new TextEncoder().encode(JSON.stringify(part))) };
}

function typeOf({ parts }: SocketMessage): string {
  const header: unknown = JSON.parse(new TextDecoder().decode(parts[0]));
  return z.object({ msg_type: z.string() }).parse(header).msg_type;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
}
