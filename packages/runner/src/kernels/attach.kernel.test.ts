/** Jupyter's own tools attach to a kernel that the runner started, from inside the project: `jupyter console --existing`. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asTerminalName } from '@cahier/base/ids.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../run-program.ts';
import { KernelSession, patience } from '../testing/kernel-session.ts';
import { LinkServer } from '../testing/link-server.ts';
import { pythonWith } from '../testing/python-tools.ts';
import { RunnerProcess, testKernelPaths } from '../testing/runner-process.ts';

const server = new LinkServer();
let runner: RunnerProcess;
let kernel: KernelSession;
let python: string;
let runtime: string;

beforeAll(async () => {
  python = await pythonWith('jupyter-tools', ['nbconvert', 'ipykernel', 'jupyter-console']);
  const kernelPaths = await testKernelPaths();
  await server.open();
  runner = new RunnerProcess(server, { kernelPaths, env: { ...process.env, SHELL: '/bin/sh' } });
  kernel = new KernelSession(server);
  await kernel.until(() => server.hellos.length > 0);
  await kernel.start();
  runtime = join(runner.stateDir, 'kernels');
});

afterAll(async () => {
  await runner.end();
  await server.close();
});

const client = `
from jupyter_client import BlockingKernelClient, find_connection_file
client = BlockingKernelClient(connection_file=find_connection_file())
client.load_connection_file()
client.start_channels()
client.wait_for_ready(timeout=30)
client.execute_interactive("theirs = ours + 1; print('ours is', ours)", timeout=30)
`;

describe('a kernel of the project', () => {
  it('is where Jupyter’s tools look, for its owner only', () => {
    const files = readdirSync(runtime).filter((name) => name.endsWith('.json'));
    expect(files).toEqual([expect.stringMatching(/^kernel-[\w-]+\.json$/)]);
    expect(statSync(join(runtime, files[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(statSync(runtime).mode & 0o777).toBe(0o700);
  });

  it('knows the place itself, and so do terminals', async () => {
    const { run } = await kernel.run('import os; print(os.environ["JUPYTER_RUNTIME_DIR"]); ours = 41');
    expect(kernel.text(run).trim()).toBe(runtime);
  });

  it('is used by a client and by the page at once, and both see what the other does', async () => {
    await server.call({ method: 'kernel.listen', kernel: kernel.kernel, isOn: true });
    const env = { ...process.env, JUPYTER_RUNTIME_DIR: runtime };
    const end = await runProgram(python, ['-c', client], { env, timeoutMs: 60_000 });
    expect([end.code, end.stdout]).toEqual([0, 'ours is 41']);
    const { run } = await kernel.run('print("theirs is", theirs)');
    expect(kernel.text(run)).toBe('theirs is 42\n');
    const heard = server.messages.map(({ parts }) => Buffer.from(parts[3] ?? []).toString());
    expect(heard.some((content) => content.includes('ours is 41'))).toBe(true);
  });

  it('takes jupyter console --existing, typed in a terminal', async () => {
    const terminal = asTerminalName('console');
    await server.call({ method: 'terminal.start', terminal, cwd: '' });
    await server.call({ method: 'terminal.resize', terminal, rows: 40, columns: 120 });
    await server.call({ method: 'terminal.watch', terminal, isOn: true });
    const type = (text: string) => server.call({ method: 'terminal.type', terminal }, Buffer.from(text));
    const shown = () =>
      Buffer.concat(
        server.shown.filter((each) => each.terminal === terminal).map(({ bytes }) => bytes),
      ).toString();
    const shows = (what: RegExp) => vi.waitFor(() => expect(shown()).toMatch(what), patience);
    await type(`${python} -m jupyter_console --existing\r`);
    await shows(/In \[/);
    await type('print("in the console:", ours + 100)\r');
    await shows(/in the console: 141/);
    const { run } = await kernel.run('print(theirs)');
    expect(kernel.text(run)).toBe('42\n');
    await server.call({ method: 'terminal.end', terminal });
    await vi.waitFor(
      () => expect(server.signals.some((signal) => signal.s === 'terminal.ended')).toBe(true),
      patience,
    );
    expect(await kernel.run('print("alive")')).toMatchObject({ finished: { status: 'ok' } });
  });

  it('leaves no file behind', async () => {
    await server.call({ method: 'kernel.shutdown', kernel: kernel.kernel });
    expect(readdirSync(runtime)).toEqual([]);
  });
});
