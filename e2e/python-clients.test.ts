/**
 * Clients of Jupyter that people use from Python, as PyPI has them, against a real server: what they were written for
 * works at a Cahier project without a change.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { cellText, insertCell, orderedCells, readNotebook } from '@cahier/core/notebooks/source-doc.ts';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import { KernelManager, KernelSpecManager, ServerConnection, SessionManager } from '@jupyterlab/services';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Client } from './support/client.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
import { JupyterProcess } from './support/jupyter-process.ts';
import { type PythonEnv, pythonEnv } from './support/python-env.ts';
import { PythonScript } from './support/python-script.ts';
import { ipykernel } from './support/real-kernels.ts';
import { root, ServerProcess } from './support/server-process.ts';

const corpus = resolve(root, '../shared/notebooks');
const executed = z.object({
  status: z.string(),
  execution_count: z.number().nullable(),
  outputs: z.array(z.looseObject({ output_type: z.string() })),
});

const notebookFile = z.object({ cells: z.array(z.looseObject({})) });

let python: PythonEnv;
let folder: string;
let server: ServerProcess;
let project: string;
let url: string;
let token: string;
const running: PythonScript[] = [];

beforeAll(async () => {
  python = await pythonEnv('jupyter');
  folder = mkdtempSync(join(tmpdir(), 'cahier-python-'));
  cpSync(join(corpus, 'pytudes/Cheryl.ipynb'), join(folder, 'Cheryl.ipynb'));
  server = await ServerProcess.start({ folder });
  project = await firstProject(server);
  url = `${server.origin}/p/${project}`;
  token = (await newToken({})).token;
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((script) => script.stop()));
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function newToken(wish: object): Promise<z.infer<typeof tokenMade>> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Python', scopes: ['run', 'edit'], ...wish }),
  });
  return tokenMade.parse(await answer.json());
}

function run(name: string, env: NodeJS.ProcessEnv = {}): PythonScript {
  const file = join(import.meta.dirname, 'python-clients', name);
  const script = new PythonScript(python, file, { CAHIER_URL: url, CAHIER_TOKEN: token, ...env });
  running.push(script);
  return script;
}

describe('jupyter_kernel_client', () => {
  it('starts, runs, answers, interrupts, restarts and ends a kernel, and joins one of the page', async () => {
    const script = run('kernel_client.py');
    const started = await script.next(
      z.object({ id: z.string(), listed: z.array(z.string()), language: z.string() }),
    );
    expect(started).toEqual({ id: started.id, listed: [started.id], language: 'python' });
    expect(await script.next(executed)).toEqual({
      status: 'ok',
      execution_count: 1,
      outputs: [
        { output_type: 'stream', name: 'stdout', text: 'to out 📊 漢字\n' },
        { output_type: 'stream', name: 'stderr', text: 'to err\n' },
        { output_type: 'execute_result', data: { 'text/plain': '42' }, metadata: {}, execution_count: 1 },
      ],
    });
    expect(await script.next(executed)).toMatchObject({
      status: 'error',
      outputs: [{ output_type: 'error', ename: 'ValueError', evalue: 'no 📊' }],
    });
    expect(await script.next(z.unknown())).toEqual({ names: ['kept'] });
    expect(await script.next(executed.extend({ asked: z.array(z.string()) }))).toMatchObject({
      asked: ['name? '],
      outputs: [{ data: { 'text/plain': "'Ada'" } }],
    });
    expect(await script.next(z.unknown())).toEqual({ status: 'error', ename: 'KeyboardInterrupt' });
    expect(await script.next(z.unknown())).toEqual({ before: 'ok', after: 'NameError' });
    expect(await script.next(z.unknown())).toEqual({ gone: true });

    const client = await Client.connect(server.origin, project, server.token);
    const document = await client.open(await newNotebook(server, project));
    const cell = asCellId('page');
    insertCell(
      document.ydoc,
      { id: cell, type: 'code', source: 'from_page = 7' },
      { after: null },
      null,
      'a0',
    );
    await client.runAndWait(document, [cell]);
    script.say({ kernel: document.live.kernel.kernel });
    expect(await script.next(z.unknown())).toEqual({ value: '7' });
    expect(await script.next(z.unknown())).toEqual({ alive: true });
    await script.end();
    await client.request({ t: 'kernel.shutdown', doc: document.doc });
    client.close();
  });
});

describe('jupyter_kernel_test', () => {
  it('finds the kernel that we make conforming, with a project in between', async () => {
    const { spec, suite } = ipykernel;
    const script = run('kernel_conformance.py', {
      CAHIER_KERNEL: spec,
      CAHIER_SAMPLES: JSON.stringify(suite),
    });
    expect(await script.next(z.unknown())).toEqual({
      run: 12,
      skipped: ['History range not supported'],
      wrong: [],
    });
    await script.end();
  });
});

describe('nbclient and papermill', () => {
  it('run notebooks to the end with an address in the environment and nothing else', async () => {
    const own = mkdtempSync(join(tmpdir(), 'cahier-nbclient-'));
    cpSync(join(corpus, 'pytudes/Cheryl.ipynb'), join(own, 'Cheryl.ipynb'));
    const { address } = await newToken({ kind: 'address', hours: 1 });
    const script = run('nbclient_gateway.py', {
      CAHIER_TOKEN: undefined,
      JUPYTER_GATEWAY_URL: address.replace(/\/$/, ''),
      CAHIER_NOTEBOOKS: own,
    });
    const told = z.object({
      run: z.number(),
      code: z.number(),
      errors: z.array(z.unknown()),
      last: z.array(z.string()),
    });
    const cheryl = await script.next(told);
    expect(cheryl.code).toBeGreaterThan(10);
    expect(cheryl).toMatchObject({ run: cheryl.code, errors: [] });
    expect(await script.next(told)).toMatchObject({ run: 3, errors: [], last: ['📊 漢漢漢\n'] });
    await script.end();
    rmSync(own, { recursive: true });
  });
});

describe('jupyter_nbmodel_client', () => {
  const shown = z.object({
    cells: z.array(
      z.object({ source: z.string(), count: z.number().nullable(), outputs: z.array(z.unknown()) }),
    ),
  });

  it('edits and runs the notebook that a person has open: nothing is lost, nothing comes twice', async () => {
    const cells = [
      { cell_type: 'code', id: 'one', metadata: {}, source: 'a = 1', outputs: [], execution_count: null },
      { cell_type: 'code', id: 'two', metadata: {}, source: 'print(a)', outputs: [], execution_count: null },
    ];
    const file = join(folder, 'shared.ipynb');
    writeFileSync(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    const ada = await Client.connect(server.origin, project, server.token);
    const document = await ada.open('shared.ipynb');
    const sources = () => readNotebook(document.ydoc).cells.map(({ source }) => source);
    const script = run('nbmodel_client.py');
    expect((await script.next(shown)).cells.map(({ source }) => source)).toEqual(['a = 1', 'print(a)']);

    const changed = "a = '漢字 changed by the agent'";
    await ada.until(() => sources()[1] === changed);
    const text = cellText(document.ydoc, asCellId('one'));
    text?.insert(text.length, '  # and by Ada 📊');
    const title = '# A title by the agent 📊';
    const code = "print('📊 from the agent 漢字')\n6 * 7";
    const all = [title, `${changed}  # and by Ada 📊`, 'print(a)', code];
    expect((await script.next(shown)).cells.map(({ source }) => source)).toEqual(all);
    await ada.until(() => sources().length === 4);
    expect(sources()).toEqual(all);

    const outputs = [
      { output_type: 'stream', name: 'stdout', text: '📊 from the agent 漢字\n' },
      { output_type: 'execute_result', data: { 'text/plain': '42' }, metadata: {} },
    ];
    const last = orderedCells(document.ydoc).at(-1)?.id ?? asCellId('');
    for (const count of [1, 2, 3]) {
      const { result, count: seen } = await script.next(
        z.object({ result: executed, count: z.number().nullable() }),
      );
      expect([seen, result.execution_count, result.status]).toEqual([count, count, 'ok']);
      expect(result.outputs).toMatchObject(outputs);
    }
    const shownLast = () => document.live.cells[last];
    await ada.until(() => shownLast()?.executionCount === 3 && shownLast()?.state === 'done');
    expect(shownLast()?.outputs).toMatchObject([
      { type: 'stream', name: 'stdout', text: '📊 from the agent 漢字\n' },
      { type: 'execute_result', data: { 'text/plain': '42' }, executionCount: 3 },
    ]);

    expect(await script.next(z.unknown())).toEqual({ asked: 'run by Ada' });
    await ada.runAndWait(document, [asCellId('one'), asCellId('two')]);
    script.say('done');
    const together = (await script.next(shown)).cells;
    expect(together.map(({ source }) => source)).toEqual(all);
    expect(together.map(({ outputs: each }) => each.length)).toEqual([0, 0, 1, 2]);
    expect(await script.next(z.unknown())).toEqual({ asked: 'close' });
    script.say('done');
    expect(await script.next(z.unknown())).toEqual({ closed: true });
    await script.end();

    await ada.until(() => sources().length === 3);
    expect(sources()).toEqual(all.slice(1));
    await expect
      .poll(() => notebookFile.parse(JSON.parse(readFileSync(file, 'utf8'))).cells)
      .toMatchObject([
        { id: 'one', source: [all[1]], outputs: [] },
        { id: 'two', source: ['print(a)'], outputs: [{ text: ['漢字 changed by the agent\n'] }] },
        { outputs: [{ text: ['📊 from the agent 漢字\n'] }, { execution_count: 3 }], execution_count: 3 },
      ]);
    await ada.request({ t: 'kernel.shutdown', doc: document.doc });
    ada.close();
  });
});

describe('jupyter lab --gateway-url', () => {
  let lab: JupyterProcess;
  let settings: ServerConnection.ISettings;

  beforeAll(async () => {
    const own = mkdtempSync(join(folder, 'gateway-'));
    writeFileSync(
      join(own, 'mine.ipynb'),
      JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 }),
    );
    lab = await JupyterProcess.start(python, {
      folder: own,
      args: [`--gateway-url=${url}`],
      env: { JUPYTER_GATEWAY_AUTH_TOKEN: token },
    });
    settings = ServerConnection.makeSettings({
      baseUrl: `${lab.origin}/`,
      wsUrl: `${lab.origin.replace('http', 'ws')}/`,
      token: lab.token,
      appendToken: true,
    });
  });

  afterAll(async () => {
    await lab?.stop();
  });

  it('lists our kernels with their pictures', async () => {
    const specs = new KernelSpecManager({ serverSettings: settings });
    await expect
      .poll(async () => {
        await specs.refreshSpecs();
        return specs.specs?.default;
      })
      .toBe('python3');
    const python3 = specs.specs?.kernelspecs['python3'];
    expect(python3?.display_name).toContain('Python 3');
    const logo = python3?.resources['logo-svg'] ?? python3?.resources['logo-64x64'] ?? '';
    const picture = await ServerConnection.makeRequest(new URL(logo, lab.origin).href, {}, settings);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^image/),
    ]);
    specs.dispose();
  });

  it('runs a notebook of its own on a kernel here', async () => {
    const kernels = new KernelManager({ serverSettings: settings });
    const sessions = new SessionManager({ serverSettings: settings, kernelManager: kernels });
    const session = await sessions.startNew({
      path: 'mine.ipynb',
      name: 'mine',
      type: 'notebook',
      kernel: { name: 'python3' },
    });
    const { kernel } = session;
    if (!kernel) throw new Error('the session has no kernel');
    const heard: string[] = [];
    const states: string[] = [];
    kernel.statusChanged.connect((_, state) => states.push(state));
    const execute = async (code: string): Promise<string> => {
      const future = kernel.requestExecute({ code });
      future.onIOPub = ({ content }) => {
        if ('text' in content) heard.push(String(content.text));
        if ('data' in content) heard.push(JSON.stringify(content.data));
      };
      return (await future.done).content.status;
    };
    expect(await execute('print("📊 漢字")\nkept = 6 * 7\nkept')).toBe('ok');
    expect(heard).toEqual(['📊 漢字\n', '{"text/plain":"42"}']);
    const ours = z
      .array(z.object({ id: z.string() }))
      .parse(await (await fetch(`${url}/api/kernels`, { headers: ownerHeaders(server) })).json());
    expect(ours.map(({ id }) => id)).toContain(kernel.id);

    const asleep = kernel.requestExecute({ code: 'import time\nprint("on", flush=True)\ntime.sleep(100)' });
    await new Promise<void>((done) => {
      asleep.onIOPub = ({ content }) => {
        if ('text' in content) done();
      };
    });
    await kernel.interrupt();
    expect((await asleep.done).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });
    await kernel.restart();
    expect(await execute('kept')).toBe('error');
    expect(states.filter((state) => state === 'autorestarting')).toHaveLength(1);
    // The library asks for it by itself when it has dialled again; nothing of it is left open at the end.
    await kernel.requestKernelInfo();
    await session.shutdown();
    await expect
      .poll(async () => await (await fetch(`${url}/api/kernels`, { headers: ownerHeaders(server) })).json())
      .toEqual([]);
    session.dispose();
    sessions.dispose();
    kernels.dispose();
  });
});
