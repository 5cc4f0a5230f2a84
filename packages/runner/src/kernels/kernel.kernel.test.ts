import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asKernelId, asRunId } from '@cahier/base/ids.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelSession } from '../testing/kernel-session.ts';
import { LinkServer } from '../testing/link-server.ts';
import { RunnerProcess, testKernelPaths } from '../testing/runner-process.ts';

const server = new LinkServer();
let runner: RunnerProcess;
let kernel: KernelSession;

const programs: Record<string, string[]> = {
  'no-program': ['/nowhere/at/all/python', '-f', '{connection_file}'],
  'dies-at-once': ['/bin/sh', '-c', 'echo "ImportError: the moon is missing" >&2; exit 3'],
};

beforeAll(async () => {
  const kernelPaths = await testKernelPaths();
  await server.open();
  const own = join(server.folder, 'jupyter');
  for (const [name, argv] of Object.entries(programs)) {
    mkdirSync(join(own, 'kernels', name), { recursive: true });
    const spec = { argv, display_name: name, language: 'python' };
    writeFileSync(join(own, 'kernels', name, 'kernel.json'), JSON.stringify(spec));
  }
  mkdirSync(join(own, 'kernels', 'broken'));
  writeFileSync(join(own, 'kernels', 'broken', 'kernel.json'), '{"argv": [');
  runner = new RunnerProcess(server, {
    kernelPaths: [own, ...kernelPaths],
    env: { ...process.env, CAHIER_TOKEN: 'the owner’s', JUPYTER_TOKEN: 'another' },
  });
  mkdirSync(join(runner.home, 'lessons'));
  kernel = new KernelSession(server);
  await kernel.until(() => server.hellos.length > 0);
  await kernel.start('python3', 'lessons/gone', 'lessons/gone/one.ipynb');
});

afterAll(async () => {
  await runner.end();
  await server.close();
});

describe('a real ipykernel', () => {
  it('executes, with start, result and end in order', async () => {
    const { run, finished, outputs } = await kernel.run('6 * 7');
    expect(kernel.eventsOf(run).map(({ e }) => e)).toEqual(['run.started', 'run.output', 'run.finished']);
    expect(finished).toMatchObject({ status: 'ok', executionCount: 1 });
    expect(outputs).toMatchObject([{ type: 'execute_result', content: { data: { 'text/plain': '42' } } }]);
  });

  it('says starting, idle, then busy and idle for each run, never for completions', async () => {
    await kernel.until(() => kernel.statuses().length === 4);
    expect(kernel.statuses()).toEqual(['starting', 'idle', 'busy', 'idle']);
    const before = kernel.statuses().length;
    const { result } = await server.call({
      method: 'kernel.request',
      kernel: kernel.kernel,
      type: 'complete_request',
      content: { code: 'impo', cursor_pos: 4 },
      timeoutMs: 20_000,
    });
    expect(result).toMatchObject({ content: { matches: ['import'] } });
    expect(kernel.statuses()).toHaveLength(before);
  });

  it('runs in the nearest folder that is there and sees no secret of the server', async () => {
    const { outputs } = await kernel.run(
      "import os; (os.getcwd(), os.environ.get('CAHIER_TOKEN'), os.environ.get('JUPYTER_TOKEN'), 'PATH' in os.environ, os.environ['JPY_SESSION_NAME'])",
    );
    const folder = join(runner.home, 'lessons');
    expect(outputs[0]?.content['data']).toMatchObject({
      'text/plain': `('${folder}',\n None,\n None,\n True,\n '${join(folder, 'gone', 'one.ipynb')}')`,
    });
  });

  it('joins stream chunks and keeps stdout and stderr apart', async () => {
    const { run } = await kernel.run(
      "import sys\nfor i in range(1000): print(i)\nprint('bad', file=sys.stderr)",
    );
    expect(kernel.text(run)).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
    expect(kernel.text(run, 'stderr')).toBe('bad\n');
  });

  it('passes errors, displays, updates and clears as they came', async () => {
    const { outputs } = await kernel.run(
      [
        'from IPython.display import display, update_display, clear_output',
        "display('one', display_id='d')",
        "update_display('two', display_id='d')",
        'clear_output(wait=True)',
        '1 / 0',
      ].join('\n'),
    );
    expect(outputs.map(({ type }) => type)).toEqual([
      'display_data',
      'update_display_data',
      'clear_output',
      'error',
    ]);
    expect(outputs[1]?.content).toMatchObject({ transient: { display_id: 'd' } });
    expect(outputs[2]?.content).toMatchObject({ wait: true });
    expect(outputs[3]?.content).toMatchObject({ ename: 'ZeroDivisionError' });
  });

  it('asks for input and goes on with the answer, once', async () => {
    const run = await kernel.send(
      "import getpass; a = input('name? '); b = getpass.getpass('word? '); print(a, b)",
    );
    const asked = (prompt: string) =>
      kernel.until(() =>
        kernel.eventsOf(run).find((event) => event.e === 'run.input' && event.prompt === prompt),
      );
    expect(await asked('name? ')).toMatchObject({ isPassword: false });
    await server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'Ada' });
    expect(await asked('word? ')).toMatchObject({ isPassword: true });
    await server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'x\u{2BB4E}' });
    await kernel.result(run);
    expect(kernel.text(run)).toContain('Ada x\u{2BB4E}\n');
    await expect(
      server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'again' }),
    ).rejects.toMatchObject({ code: 'run/no-input' });
  });

  it('is interrupted, also before it took up the run', async () => {
    const run = await kernel.send('import time; time.sleep(100)');
    await server.call({ method: 'kernel.interrupt', kernel: kernel.kernel });
    const { finished, outputs } = await kernel.result(run);
    expect(finished.status).toBe('error');
    expect(outputs.at(-1)?.content).toMatchObject({ ename: 'KeyboardInterrupt' });
  });

  it('runs a run id once, however often it is sent', async () => {
    const run = asRunId('run-sent-twice');
    await kernel.run('hits = 0');
    await kernel.send('hits += 1', run);
    await kernel.send('hits += 1', run);
    await kernel.result(run);
    await kernel.send('hits += 1', run);
    const { outputs } = await kernel.run('hits');
    expect(outputs[0]?.content['data']).toEqual({ 'text/plain': '1' });
  });

  it('completes during a run when it has subshells, else says in time that it cannot', async () => {
    const run = await kernel.send('import time; time.sleep(3)');
    await kernel.until(() => kernel.eventsOf(run).length > 0);
    const completed = server
      .call({
        method: 'kernel.request',
        kernel: kernel.kernel,
        type: 'complete_request',
        content: { code: 'impo', cursor_pos: 4 },
        timeoutMs: 2_000,
      })
      .then(
        () => 'answered',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
    const info = server.events().find((event) => event.e === 'kernel.status' && event.info !== undefined);
    const hasSubshells = JSON.stringify(info).includes('kernel subshells');
    expect(await completed).toBe(hasSubshells ? 'answered' : 'kernel/timeout');
    expect(kernel.eventsOf(run).some(({ e }) => e === 'run.finished')).toBe(false);
    await kernel.result(run);
  });

  it('hands its messages on as they are while somebody listens', async () => {
    await server.call({ method: 'kernel.listen', kernel: kernel.kernel, isOn: true });
    await kernel.run("print('heard')");
    await kernel.until(() =>
      server.messages.some(
        ({ channel, parts }) => channel === 'iopub' && new TextDecoder().decode(parts[3]).includes('heard'),
      ),
    );
    await server.call({ method: 'kernel.listen', kernel: kernel.kernel, isOn: false });
    server.messages.length = 0;
    await kernel.run("print('not heard')");
    expect(server.messages).toEqual([]);
  });

  it('restarts under the same id: variables are gone, the active run is lost, the queue aborted', async () => {
    await kernel.run('kept = 1');
    const active = await kernel.send('import time; time.sleep(100)');
    await kernel.until(() => kernel.eventsOf(active).some(({ e }) => e === 'run.started'));
    const queued = await kernel.send('print("never")');
    await server.call({ method: 'kernel.restart', kernel: kernel.kernel });
    expect((await kernel.result(active)).finished.status).toMatch(/lost|error/);
    expect((await kernel.result(queued)).finished.status).toBe('aborted');
    expect(kernel.statuses().slice(-3)).toEqual(['busy', 'restarting', 'idle']);
    const { outputs } = await kernel.run("'kept' in globals()");
    expect(outputs[0]?.content['data']).toEqual({ 'text/plain': 'False' });
  });

  it('is seen dead at once when it is killed, after its last output; and lives again', async () => {
    const { outputs } = await kernel.run('import os; os.getpid()');
    const data = outputs[0]?.content['data'];
    const pid = Number(
      typeof data === 'object' && data !== null && 'text/plain' in data ? data['text/plain'] : 0,
    );
    const run = await kernel.send("import time\nprint('last', flush=True)\ntime.sleep(100)");
    await kernel.until(() => kernel.text(run) === 'last\n');
    const signalsBefore = server.signals.length;
    process.kill(pid, 'SIGKILL');
    const promised = { timeout: 3_000, interval: 10 };
    await kernel.until(
      () => server.signals.slice(signalsBefore).some((signal) => signal.s === 'kernel.status'),
      promised,
    );
    expect((await kernel.result(run)).finished.status).toBe('lost');
    const dead = await kernel.until(() =>
      server.events().findLast((event) => event.e === 'kernel.status' && event.status === 'dead'),
    );
    expect(dead).toMatchObject({ reason: expect.stringContaining('memory') });
    await expect(kernel.send('1')).rejects.toMatchObject({ code: 'kernel/dead' });
    await kernel.start();
    expect((await kernel.run('1')).finished.status).toBe('ok');
  });

  it('keeps executing what is sent while it starts', async () => {
    const other = new KernelSession(server);
    const starting = other.start();
    const { outputs } = await other.run('2 + 2');
    expect(outputs[0]?.content['data']).toEqual({ 'text/plain': '4' });
    await starting;
    await server.call({ method: 'kernel.shutdown', kernel: other.kernel });
    expect(other.statuses().at(-1)).toBe('dead');
    await expect(other.send('1')).rejects.toMatchObject({ code: 'kernel/not-running' });
  });

  it('shuts down in the middle of a cell, with everything that the cell started', async () => {
    const other = new KernelSession(server);
    await other.start();
    const run = await other.send(
      "import subprocess; p = subprocess.Popen(['sleep', '1000']); print(p.pid, flush=True); p.wait()",
    );
    const pid = Number(await other.until(() => /\d+/.exec(other.text(run))?.[0]));
    await server.call({ method: 'kernel.shutdown', kernel: other.kernel });
    await other.until(() => !isAlive(pid));
  });
});

describe('kernels that cannot start', () => {
  it('are listed with the reason, and broken ones left out', async () => {
    const { result } = await server.call({ method: 'kernelspecs.list' });
    expect(result).toMatchObject({
      default: 'python3',
      specs: expect.arrayContaining([
        expect.objectContaining({ name: 'no-program', problem: expect.stringContaining('/nowhere/at/all') }),
      ]),
    });
    expect(JSON.stringify(result)).not.toContain('broken');
  });

  it.each([
    ['no-program', /does not exist/],
    ['dies-at-once', /exit code 3[^]*the moon is missing/],
  ])('%s: the failure says why', async (spec, why) => {
    const other = new KernelSession(server);
    const starting = other.start(spec);
    const run = await other.send('1').catch(() => null);
    await expect(starting).rejects.toMatchObject({
      code: 'kernel/start-failed',
      message: expect.stringMatching(why),
    });
    await other.until(() => other.statuses().at(-1) === 'dead');
    if (run !== null) expect((await other.result(run)).finished.status).toBe('aborted');
  });

  it('refuses names that are not there', async () => {
    await expect(new KernelSession(server).start('cobol')).rejects.toMatchObject({
      code: 'kernelspec/not-found',
    });
    await expect(
      server.call({ method: 'kernel.interrupt', kernel: asKernelId('nobody') }),
    ).rejects.toMatchObject({ code: 'kernel/not-running' });
  });
});

describe('the state folder', () => {
  it('names the process, privately', () => {
    const note: unknown = JSON.parse(readFileSync(join(runner.stateDir, 'runner.json'), 'utf8'));
    expect(note).toMatchObject({ pid: runner.child.pid, runner: 'runner-1', project: 'project-1' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}
