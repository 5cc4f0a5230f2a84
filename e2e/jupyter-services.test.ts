/** Issue 3: JupyterLab's own client library at a project, every method once, and what the reference server answers beside. */
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigSectionManager,
  ContentsManager,
  type Event as JupyterEvent,
  EventManager,
  KernelManager,
  KernelSpecManager,
  SessionManager,
  UserManager,
  WorkspaceManager,
} from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ownerHeaders } from './support/http.ts';
import { JupyterProject } from './support/jupyter-project.ts';

const notebook = {
  cells: [{ cell_type: 'code', execution_count: null, id: 'one', metadata: {}, outputs: [], source: ['1'] }],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};
const withId = z.looseObject({ id: z.string() });

let at: JupyterProject;
beforeAll(async () => {
  at = await JupyterProject.start((folder) => {
    writeFileSync(join(folder, 'n.ipynb'), `${JSON.stringify(notebook, null, 1)}\n`);
    writeFileSync(join(folder, 'a.txt'), 'one\n');
    writeFileSync(join(folder, 'page.html'), '<script>document.title = 1</script>');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'mod.py'), 'x = 1\n');
    symlinkSync('/etc', join(folder, 'out'));
    symlinkSync('/etc/hostname', join(folder, 'leak.txt'));
    symlinkSync('a.txt', join(folder, 'inside.txt'));
  });
});
afterAll(() => at.stop());

describe('events', () => {
  it('tell a listener what the page and programs do', async () => {
    const events = new EventManager({ serverSettings: at.settings() });
    const heard: JupyterEvent.Emission[] = [];
    events.stream.connect((_, event) => heard.push(event));
    const custom = {
      schema_id: 'https://events.jupyter.org/jupyter_server/contents_service/v1',
      version: '1',
      data: { action: 'get', path: 'mine' },
    };
    // the socket opens in its own time: what is posted before is heard by nobody
    await expect
      .poll(async () => {
        await events.emit(custom);
        return heard.length;
      })
      .toBeGreaterThan(0);
    expect(heard[0]).toMatchObject({ schema_id: custom.schema_id, action: 'get', path: 'mine' });
    heard.length = 0;
    const made = await fetch(`${at.server.origin}/api/projects/${at.id}/files`, {
      method: 'POST',
      headers: ownerHeaders(at.server),
      body: JSON.stringify({ folder: '', type: 'text', name: 'by-page.txt' }),
    });
    expect(made.status).toBe(200);
    await at.ask('api/contents/by-page.txt', { method: 'PATCH', body: { path: 'renamed.txt' } });
    await at.ask('api/contents/renamed.txt', { method: 'DELETE' });
    const { id } = withId.parse(await (await at.ask('api/kernels', { method: 'POST' })).json());
    await at.ask(`api/kernels/${id}/interrupt`, { method: 'POST' });
    await at.ask(`api/kernels/${id}/restart`, { method: 'POST' });
    await at.ask(`api/kernels/${id}`, { method: 'DELETE' });
    await expect
      .poll(() =>
        heard.map(({ action, path }) => (path === undefined ? action : `${String(action)} ${String(path)}`)),
      )
      .toEqual([
        'create by-page.txt',
        'rename renamed.txt',
        'delete renamed.txt',
        'start',
        'interrupt',
        'restart',
        'shutdown',
      ]);
    expect(heard.at(-1)).toMatchObject({ kernel_id: id, kernel_name: 'python3', status: 'success' });
    await expect(events.emit({ ...custom, schema_id: 'https://none/v1' })).rejects.toThrow(/400|Unable/);
    events.dispose();
  });
});

describe('contents', () => {
  it('every method', async () => {
    const contents = new ContentsManager({ serverSettings: at.settings() });
    const { path } = await contents.newUntitled({ path: 'sub', type: 'file', ext: 'md' });
    expect(path).toBe('sub/untitled.md');
    await contents.save(path, { type: 'file', format: 'text', content: '# Title\n' });
    expect((await contents.get(path)).content).toBe('# Title\n');
    expect((await contents.copy(path, '')).path).toBe('untitled.md');
    expect((await contents.copy('untitled.md', '')).path).toBe('untitled-Copy1.md');
    const folder = await contents.copy('sub', '');
    expect([folder.type, folder.path]).toEqual(['directory', 'sub-Copy1']);
    expect((await contents.get('sub-Copy1/mod.py')).content).toBe('x = 1\n');
    for (const name of ['mod.py', 'untitled.md']) await contents.delete(`sub-Copy1/${name}`);
    await contents.delete('sub-Copy1');
    const url = await contents.getDownloadUrl(path);
    const token = new URL(url).searchParams.has('token')
      ? ''
      : `${url.includes('?') ? '&' : '?'}token=${at.token}`;
    expect(await (await fetch(`${url}${token}`)).text()).toBe('# Title\n');
    await contents.rename('untitled.md', 'sub/renamed.md');
    await contents.overwrite('untitled-Copy1.md', 'sub/renamed.md');
    const listed = z.array(z.object({ name: z.string() })).parse((await contents.get('sub')).content);
    expect(listed.map(({ name }) => name).sort()).toEqual(['mod.py', 'renamed.md', 'untitled.md']);
    const { id } = await contents.createCheckpoint(path);
    await contents.save(path, { type: 'file', format: 'text', content: 'other' });
    expect((await contents.listCheckpoints(path)).map((each) => each.id)).toEqual([id]);
    await contents.restoreCheckpoint(path, id);
    expect((await contents.get(path)).content).toBe('# Title\n');
    await contents.deleteCheckpoint(path, id);
    await contents.delete(path);
    await contents.delete('sub/renamed.md');
    contents.dispose();
  });

  it('a file’s time and hash stay what they are over reads and a restart of the server', async () => {
    utimesSync(join(at.folder, 'a.txt'), 1_700_000_000.123, 1_700_000_000.123);
    const model = z.object({
      last_modified: z.string(),
      hash: z.string(),
      hash_algorithm: z.literal('sha256'),
    });
    const look = async (path: string) =>
      model.parse(await (await at.ask(`api/contents/${path}?hash=1`)).json());
    const before = { text: await look('a.txt'), notebook: await look('n.ipynb') };
    expect(before.text.last_modified).toBe(
      new Date(statSync(join(at.folder, 'a.txt')).mtimeMs).toISOString(),
    );
    expect(await look('a.txt')).toEqual(before.text);
    await at.server.restart();
    expect({ text: await look('a.txt'), notebook: await look('n.ipynb') }).toEqual(before);
  });

  it('nothing outside the project is read, written or followed to', async () => {
    for (const path of ['out', 'out/hostname', 'out/passwd', 'leak.txt']) {
      const asks = [
        {},
        { method: 'PUT', body: { type: 'file', format: 'text', content: 'x' } },
        { method: 'POST', body: {} },
        { method: 'PATCH', body: { path: 'moved' } },
      ];
      for (const asked of asks) {
        const answer = await at.ask(`api/contents/${path}`, asked);
        expect([path, asked.method, answer.status >= 400 && answer.status < 500]).toEqual([
          path,
          asked.method,
          true,
        ]);
      }
      expect((await at.ask(`files/${path}`)).status).toBeGreaterThanOrEqual(400);
      expect((await at.ask(`view/${path}`)).status).toBeGreaterThanOrEqual(400);
    }
    const into = { method: 'PATCH', body: { path: 'out/x' } };
    expect((await at.ask('api/contents/a.txt', into)).status).toBe(404);
    const copied = { method: 'POST', body: { copy_from: 'out/passwd' } };
    expect((await at.ask('api/contents', copied)).status).toBe(404);
    expect(readFileSync(join(at.folder, 'a.txt'), 'utf8')).toBe('one\n');
    expect((await at.ask('api/contents/inside.txt')).status).toBe(200);
    for (const raw of [
      '..%2f..%2fetc%2fpasswd',
      'a%00b',
      '%2fetc%2fpasswd',
      'a%5c..%5cb',
      'x'.repeat(3000),
    ]) {
      expect([raw, (await at.refusal(`api/contents/${raw}`))[0]]).toEqual([raw, 404]);
    }
  });

  it('a file’s kind is told with and without what is in it', async () => {
    const told = z.object({ mimetype: z.string().nullable(), type: z.string() });
    const look = async (path: string) => told.parse(await (await at.ask(`api/contents/${path}`)).json());
    const listed = z
      .object({ content: z.array(told.extend({ name: z.string() })) })
      .parse(await (await at.ask('api/contents')).json()).content;
    expect(listed).toEqual(
      expect.arrayContaining([
        { name: 'a.txt', mimetype: 'text/plain', type: 'file' },
        { name: 'page.html', mimetype: 'text/html', type: 'file' },
        { name: 'n.ipynb', mimetype: null, type: 'notebook' },
        { name: 'sub', mimetype: null, type: 'directory' },
      ]),
    );
    expect(await look('sub/mod.py?content=0')).toEqual({ mimetype: 'text/x-python', type: 'file' });
    expect(await look('n.ipynb?type=file')).toEqual({ mimetype: 'text/plain', type: 'file' });
    const file = await at.ask('files/n.ipynb');
    expect([file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([
      'application/x-ipynb+json',
      expect.stringMatching(/^attachment/),
    ]);
  });

  it('what is asked of folders and files that are not there is refused as such', async () => {
    const file = { type: 'file', format: 'text', content: 'x' };
    expect(await at.refusal('api/contents/none/x.txt', { method: 'PUT', body: file })).toEqual([404, null]);
    expect(await at.refusal('api/contents/none/d', { method: 'PUT', body: { type: 'directory' } })).toEqual([
      404,
      null,
    ]);
    expect(await at.refusal('api/contents/a.txt', { method: 'PATCH', body: { path: 'none/a.txt' } })).toEqual(
      [404, null],
    );
    expect(await at.refusal('api/contents/a.txt/x', { method: 'PUT', body: file })).toEqual([404, null]);
    expect(await at.refusal('api/contents/sub', { method: 'PUT', body: file })).toEqual([400, 'bad type']);
    expect(await at.refusal('api/contents/sub?type=file')).toEqual([400, 'bad type']);
    expect(await at.refusal('api/contents/sub?format=odd')).toEqual([400, null]);
    expect(await at.refusal('api/contents/a.txt?format=json')).toEqual([400, null]);
    const unsaid = { method: 'PUT', body: { type: 'file', content: 'x' } };
    expect(await at.refusal('api/contents/a.txt', unsaid)).toEqual([400, null]);
    const firstPart = { method: 'PUT', body: { ...file, chunk: 1 } };
    expect(await at.refusal('api/contents/none/x.txt', firstPart)).toEqual([404, null]);
    expect(await at.refusal('api/contents/sub', firstPart)).toEqual([400, 'bad type']);
    expect((await at.ask('api/nothing-such', unsaid)).status).toBe(404);
    expect(await at.refusal('api/contents/a.txt', { method: 'PATCH', body: { path: 'sub' } })).toEqual([
      409,
      null,
    ]);
    expect(await at.refusal('api/contents/a.txt', { method: 'PATCH', body: { path: '.hidden' } })).toEqual([
      400,
      null,
    ]);
    expect(await at.refusal('api/contents/a.txt', { method: 'PATCH', body: {} })).toEqual([400, null]);
    expect(await at.refusal('api/contents', { method: 'POST', body: { copy_from: 'none' } })).toEqual([
      404,
      null,
    ]);
    const again = await at.ask('api/contents/sub', { method: 'PUT', body: { type: 'directory' } });
    expect([again.status, again.headers.get('location')]).toEqual([200, `/p/${at.id}/api/contents/sub`]);
    const renamed = await at.ask('api/contents/a.txt', { method: 'PATCH', body: { path: 'b.txt' } });
    expect([renamed.status, renamed.headers.get('location')]).toEqual([
      200,
      `/p/${at.id}/api/contents/b.txt`,
    ]);
    expect((await at.ask('api/contents/b.txt', { method: 'PATCH', body: { path: 'a.txt' } })).status).toBe(
      200,
    );
  });

  it('trust is answered, as nothing here needs it', async () => {
    const post = { method: 'POST' };
    const answer = await at.ask('api/contents/n.ipynb/trust', post);
    expect([answer.status, await answer.text()]).toEqual([201, '']);
    expect(await at.refusal('api/contents/none.ipynb/trust', post)).toEqual([404, null]);
  });
});

describe('kernels and sessions', () => {
  it('every method of the managers', async () => {
    const serverSettings = at.settings();
    const kernels = new KernelManager({ serverSettings });
    const one = await kernels.startNew({ name: 'python3' });
    const two = await kernels.startNew({ name: 'python3' });
    await kernels.refreshRunning();
    expect([...kernels.running()].map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    expect((await kernels.findById(one.id))?.name).toBe('python3');
    expect(await kernels.findById('0-0-0-0-0')).toBeUndefined();
    await kernels.shutdown(two.id);
    await kernels.shutdownAll();
    await kernels.refreshRunning();
    expect([...kernels.running()]).toEqual([]);

    const sessions = new SessionManager({ serverSettings, kernelManager: kernels });
    const wish = { path: 'console-1', type: 'console', name: 'Console', kernel: { name: 'python3' } };
    const session = await sessions.startNew(wish);
    expect((await sessions.findById(session.id))?.path).toBe('console-1');
    expect((await sessions.findByPath('console-1'))?.id).toBe(session.id);
    await session.setPath('console-2');
    await session.setName('Mine');
    await session.setType('file');
    await sessions.refreshRunning();
    expect(await sessions.findById(session.id)).toMatchObject({
      path: 'console-2',
      name: 'Mine',
      type: 'file',
    });
    const first = session.kernel?.id;
    await session.changeKernel({ name: 'python3' });
    expect(session.kernel?.id).not.toBe(first);
    await sessions.stopIfNeeded('console-2');
    expect(await sessions.findByPath('console-2')).toBeUndefined();
    await sessions.startNew({ ...wish, path: 'console-3' });
    await sessions.shutdownAll();
    await sessions.refreshRunning();
    expect([...sessions.running()]).toEqual([]);
    sessions.dispose();
    kernels.dispose();
  });

  it('who remembers a kernel that is gone gets another', async () => {
    const body = { path: 'console-9', type: 'console', kernel: { id: '0-0-0-0-0', name: 'python3' } };
    const made = await at.ask('api/sessions', { method: 'POST', body });
    const { id, kernel } = z.looseObject({ id: z.string(), kernel: withId }).parse(await made.json());
    expect([made.status, kernel.id === '0-0-0-0-0']).toEqual([201, false]);
    expect((await at.ask(`api/kernels/${kernel.id}`)).status).toBe(200);
    expect((await at.ask(`api/sessions/${id}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('every request to a kernel', async () => {
    const kernels = new KernelManager({ serverSettings: at.settings() });
    const kernel = await kernels.startNew({ name: 'python3' });
    // before it is connected no request can be sent
    await kernel.info;
    expect((await kernel.requestKernelInfo())?.content.status).toBe('ok');
    await kernel.requestExecute({ code: 'value = 1' }).done;
    expect((await kernel.requestComplete({ code: 'val', cursor_pos: 3 })).content).toMatchObject({
      matches: expect.arrayContaining(['value']),
    });
    expect(
      (await kernel.requestInspect({ code: 'value', cursor_pos: 2, detail_level: 0 })).content,
    ).toMatchObject({
      found: true,
    });
    expect((await kernel.requestIsComplete({ code: 'for x in y:' })).content).toMatchObject({
      status: 'incomplete',
    });
    const history = { output: false, raw: true, hist_access_type: 'tail', n: 5 } as const;
    expect((await kernel.requestHistory(history)).content).toMatchObject({ status: 'ok' });
    expect((await kernel.requestCommInfo({})).content).toMatchObject({ status: 'ok', comms: {} });
    const code = [
      'from ipykernel.comm import Comm',
      'def opened(comm, message):',
      '    comm.on_msg(lambda said: comm.send({"echo": said["content"]["data"]["n"] + 1}))',
      'get_ipython().kernel.comm_manager.register_target("echo", opened)',
    ];
    await kernel.requestExecute({ code: code.join('\n') }).done;
    const comm = kernel.createComm('echo');
    const echoed = new Promise<unknown>((resolve) => {
      comm.onMsg = ({ content }) => resolve(content.data);
    });
    await comm.open().done;
    comm.send({ n: 41 });
    expect(await echoed).toEqual({ echo: 42 });
    await comm.close().done;
    const sleeping = kernel.requestExecute({ code: 'import time; time.sleep(600)' });
    await new Promise<void>((resolve) => {
      sleeping.onIOPub = ({ header }) => {
        if (header.msg_type === 'execute_input') resolve();
      };
    });
    await kernel.interrupt();
    expect((await sleeping.done).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });
    await kernel.reconnect();
    expect((await kernel.requestExecute({ code: 'assert value == 1' }).done).content.status).toBe('ok');
    await kernel.shutdown();
    kernel.dispose();
    kernels.dispose();
  });

  it('VS Code’s made-up paths make no file and open no room, and have a kernel of their own', async () => {
    const path = 'n-jvsc-0a1b2c3d-0000-4444-8888-0123456789ab.ipynb';
    const body = { path, name: 'n.ipynb', type: 'notebook', kernel: { name: 'python3' } };
    const model = z.object({ id: z.string(), path: z.string(), kernel: withId });
    const post = async (wish: object) => {
      const answer = await at.ask('api/sessions', { method: 'POST', body: wish });
      return [answer.status, model.parse(await answer.json())] as const;
    };
    const [status, session] = await post(body);
    expect([status, session.path]).toEqual([201, path]);
    const [, own] = await post({ ...body, path: 'n.ipynb' });
    const [, missing] = await post({ ...body, path: 'gone/none.ipynb' });
    expect(new Set([session, own, missing].map(({ kernel }) => kernel.id)).size).toBe(3);
    const { content } = await new ContentsManager({ serverSettings: at.settings() }).get('');
    const names = z.array(z.object({ name: z.string() })).parse(content);
    expect(
      names.map(({ name }) => name).filter((name) => name !== 'n.ipynb' && name.endsWith('.ipynb')),
    ).toEqual([]);
    for (const { id } of [session, own, missing]) {
      expect((await at.ask(`api/sessions/${id}`, { method: 'DELETE' })).status).toBe(204);
    }
  });
});

describe('the server', () => {
  it('knows kernelspecs and who asks', async () => {
    const specs = new KernelSpecManager({ serverSettings: at.settings() });
    await specs.refreshSpecs();
    expect(specs.specs?.default).toBe('python3');
    specs.dispose();
    const kept = new Map<string, string>();
    const localStorage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    };
    // this manager knows only browsers
    vi.stubGlobal('window', { localStorage });
    const users = new UserManager({ serverSettings: at.settings() });
    await users.ready;
    expect(users.identity).toMatchObject({ name: 'Owner', initials: 'O' });
    users.dispose();
    vi.unstubAllGlobals();
  });

  it('lets people change their name, and tokens not', async () => {
    const patch = (body: object, headers = ownerHeaders(at.server)) =>
      at.ask('api/me', { method: 'PATCH', body, headers });
    const me = z.object({ permissions: z.object({ updatable_fields: z.array(z.string()) }) });
    const byToken = await (await at.ask('api/me')).json();
    expect(me.parse(byToken).permissions.updatable_fields).toEqual([]);
    const byOwner = await (await at.ask('api/me', { headers: ownerHeaders(at.server) })).json();
    expect(me.parse(byOwner).permissions.updatable_fields).toEqual(['name', 'display_name']);
    const renamed = await patch({ display_name: 'Ada' });
    expect([renamed.status, await renamed.json()]).toEqual([
      200,
      { identity: expect.objectContaining({ name: 'Ada', display_name: 'Ada', initials: 'A' }) },
    ]);
    expect((await patch({ name: 'Owner' })).status).toBe(200);
    expect(await at.refusal('api/me', { method: 'PATCH', body: { name: 'X' } })).toEqual([400, null]);
    const refused = await patch({ color: 'red' });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { message: expect.stringContaining('Field color is not updatable'), reason: null },
    ]);
  });

  it('keeps configuration by sections', async () => {
    const sections = new ConfigSectionManager({ serverSettings: at.settings() });
    const section = await sections.create({ name: 'notebook' });
    expect(section.data).toEqual({});
    expect(await section.update({ a: { x: 1, y: 2 }, b: [1] })).toEqual({ a: { x: 1, y: 2 }, b: [1] });
    expect(await section.update({ a: { x: null } })).toEqual({ a: { y: 2 }, b: [1] });
    await at.server.restart();
    expect((await sections.create({ name: 'notebook' })).data).toEqual({ a: { y: 2 }, b: [1] });
    expect((await at.ask('api/config/notebook', { method: 'PUT', body: { c: 3 } })).status).toBe(204);
    expect(await (await at.ask('api/config/notebook')).json()).toEqual({ c: 3 });
    const large = { text: 'x'.repeat(300_000) };
    expect((await at.refusal('api/config/notebook', { method: 'PUT', body: large }))[0]).toBe(413);
    expect((await at.refusal('api/config/a.b'))[0]).toBe(400);
  });

  it('keeps workspaces', async () => {
    const workspaces = new WorkspaceManager({ serverSettings: at.settings() });
    await workspaces.save('mine', { data: { layout: 1 }, metadata: { id: 'mine' } });
    expect((await workspaces.fetch('mine')).data).toEqual({ layout: 1 });
    expect((await workspaces.list()).ids).toContain('mine');
    await workspaces.remove('mine');
    expect((await workspaces.list()).ids).not.toContain('mine');
  });

  it('describes itself', async () => {
    const answer = await at.ask('api/spec.yaml');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('yaml'),
    ]);
    const spec = z
      .object({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(parse(await answer.text()));
    expect(Object.keys(spec.paths)).toEqual(
      expect.arrayContaining([
        '/p/{project}/api/contents/{path}',
        '/p/{project}/api/kernels/{kernel}/restart',
      ]),
    );
    expect(Object.keys(spec.paths['/p/{project}/api/contents/{path}'] ?? {}).sort()).toEqual([
      'delete',
      'get',
      'patch',
      'post',
      'put',
    ]);
  });

  it('finds the files that tracebacks name', async () => {
    const resolved = async (query: string) => {
      const answer = await at.ask(`api/resolvePath?${query}`);
      return z
        .object({ resolved: z.array(z.object({ scope: z.string(), path: z.string() })) })
        .parse(await answer.json()).resolved;
    };
    const server = (path: string) => [{ scope: 'server', path }];
    expect(await resolved('path=sub/mod.py')).toEqual(server('sub/mod.py'));
    expect(await resolved(`path=${encodeURIComponent(join(at.folder, 'sub/mod.py'))}`)).toEqual(
      server('sub/mod.py'),
    );
    expect(await resolved('path=sub/../a.txt')).toEqual(server('a.txt'));
    for (const path of ['/etc/passwd', '../x', 'out/passwd', 'none', join(tmpdir(), 'x')]) {
      expect([path, await resolved(`path=${encodeURIComponent(path)}`)]).toEqual([path, []]);
    }
    expect((await at.refusal('api/resolvePath'))[0]).toBe(400);
    expect((await at.refusal('api/resolvePath?path=a&kernel=none'))[0]).toBe(404);
  });

  it('is not stopped by a client, and shows files as what they may be', async () => {
    const post = { method: 'POST' };
    const refused = await at.ask('api/shutdown', post);
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { message: expect.stringMatching(/cannot stop the server/), reason: null },
    ]);
    const report = { ...post, body: { 'csp-report': { 'blocked-uri': 'x' } } };
    expect((await at.ask('api/security/csp-report', report)).status).toBe(204);
    for (const path of ['metrics', 'static/x.js', 'api/nothing'])
      expect((await at.ask(path)).status).toBe(404);
    const view = await at.ask('view/page.html');
    expect([
      view.status,
      view.headers.get('content-type'),
      view.headers.get('content-security-policy'),
    ]).toEqual([200, 'text/html; charset=utf-8', expect.stringMatching(/^sandbox allow-scripts/)]);
    expect(view.headers.get('content-security-policy')).not.toContain('allow-same-origin');
    const text = await at.ask('view/sub/mod.py');
    expect([text.status, text.headers.get('location')]).toEqual([302, `/p/${at.id}/files/sub/mod.py`]);
    const shown = await at.ask('files/sub/mod.py');
    const saved = await at.ask('files/sub/mod.py?download=1');
    const page = await at.ask('files/page.html');
    expect(
      [shown, saved, page].map(({ headers }) => headers.get('content-disposition')?.split(';')[0]),
    ).toEqual(['inline', 'attachment', 'attachment']);
    for (const { headers } of [shown, saved, page]) {
      expect(headers.get('content-security-policy')).toMatch(/^sandbox;/);
    }
    expect((await at.ask(`files/a.txt?token=${at.token}`, { headers: {} })).status).toBe(200);
    const old = await at.ask('api/notebooks/sub/n.ipynb');
    expect([old.status, old.headers.get('location')]).toEqual([302, `/p/${at.id}/api/contents/sub/n.ipynb`]);
    const put = await at.ask('api/notebooks/x.ipynb', { method: 'PUT', body: {} });
    expect(put.status).toBe(307);
  });
});
