/**
 * Rules of Jupyter's messaging that are easy to get wrong, with a real ipykernel, and where none can be made to do it with
 * one that plays a part. docs/kernels.md names the test of each rule.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelSession } from '../testing/kernel-session.ts';
import { LinkServer } from '../testing/link-server.ts';
import { RunnerProcess, testKernelPaths } from '../testing/runner-process.ts';

const fakeKernel = fileURLToPath(new URL('../testing/fake-kernel.ts', import.meta.url));
const server = new LinkServer();
let runner: RunnerProcess;
let kernel: KernelSession;

beforeAll(async () => {
  const kernelPaths = await testKernelPaths();
  await server.open();
  const own = join(server.folder, 'jupyter');
  for (const part of ['strict', 'chatty']) {
    mkdirSync(join(own, 'kernels', part), { recursive: true });
    const argv = [process.execPath, fakeKernel, '{connection_file}', part];
    writeFileSync(join(own, 'kernels', part, 'kernel.json'), JSON.stringify({ argv, language: 'fake' }));
  }
  runner = new RunnerProcess(server, { kernelPaths: [own, ...kernelPaths] });
  kernel = new KernelSession(server);
  await kernel.until(() => server.hellos.length > 0);
  await kernel.start();
});

afterAll(async () => {
  await runner.end();
  await server.close();
});

const asked = (of: KernelSession, run: string, prompt: string) =>
  of.until(() =>
    of.server
      .events()
      .find((event) => event.e === 'run.input' && event.run === run && event.prompt === prompt),
  );
const interrupt = () => server.call({ method: 'kernel.interrupt', kernel: kernel.kernel });

describe('what is sent', () => {
  it('never has the signature of anything before: a kernel that refuses repetitions hears everything', async () => {
    const strict = new KernelSession(server);
    await strict.start('strict');
    for (let i = 0; i < 5; i++) expect((await strict.run('the same code')).finished.status).toBe('ok');
    expect(strict.statuses()).not.toContain('dead');
  });

  it('counts the cursor in characters, also outside the basic plane', async () => {
    const name = '\u{2BB4E}\u{2BB4E}long';
    await kernel.run(`${name} = 1`);
    const code = `"📊📊"; \u{2BB4E}\u{2BB4E}lo`;
    const { result } = await server.call({
      method: 'kernel.request',
      kernel: kernel.kernel,
      type: 'complete_request',
      content: { code: `${code} + 1`, cursor_pos: [...code].length },
      timeoutMs: 20_000,
    });
    const end = [...code].length;
    expect(result).toMatchObject({
      content: { matches: [name], cursor_start: end - 4, cursor_end: end },
    });
  });
});

describe('what a kernel says beside the specification', () => {
  it('unknown messages and fields harm no run, and are no results', async () => {
    const chatty = new KernelSession(server);
    await chatty.start('chatty');
    const { finished, outputs } = await chatty.run('go');
    expect(finished).toMatchObject({ status: 'ok', executionCount: 1 });
    expect(outputs.map(({ type }) => type)).toEqual(['execute_result']);
  });
});

describe('a question of a running cell', () => {
  it('holds up what comes after it, which runs when it is answered', async () => {
    const run = await kernel.send("print('hello', input('name? '))");
    const next = await kernel.send("print('after')");
    await asked(kernel, run, 'name? ');
    expect(kernel.eventsOf(next)).toEqual([]);
    await server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'Ada' });
    expect((await kernel.result(next)).finished.status).toBe('ok');
    expect(kernel.text(run)).toContain('hello Ada');
  });

  it('is over with an interrupt: a late answer is refused, and is nobody else’s', async () => {
    const run = await kernel.send("input('first? ')");
    await asked(kernel, run, 'first? ');
    await interrupt();
    expect((await kernel.result(run)).finished.status).toBe('error');
    await expect(
      server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'late' }),
    ).rejects.toMatchObject({ code: 'run/no-input' });
    const next = await kernel.send("print('got', input('second? '))");
    await asked(kernel, next, 'second? ');
    await server.call({ method: 'kernel.input', kernel: kernel.kernel, run: next, value: 'right' });
    await kernel.result(next);
    expect(kernel.text(next)).toContain('got right');
  });
});

describe('an interrupt', () => {
  it('reaches what the cell has started, too', async () => {
    // it does not wait for the child: Python forgets what a wait has learnt when it is interrupted in that moment
    const run = await kernel.send(
      "import subprocess, time\nchild = subprocess.Popen(['sleep', '1000'])\nprint('on', flush=True)\ntime.sleep(1000)",
    );
    await kernel.until(() => kernel.text(run) === 'on\n');
    await interrupt();
    expect((await kernel.result(run)).finished.status).toBe('error');
    const { run: look } = await kernel.run('print(child.wait())');
    expect(kernel.text(look)).toBe('-2\n');
  });
});

describe('a restart', () => {
  it('keeps the connection file and its ports, so that programs find the kernel again', async () => {
    const folder = join(runner.stateDir, 'kernels');
    const files = () =>
      Object.fromEntries(
        readdirSync(folder)
          .filter((name) => name.endsWith('.json'))
          .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      );
    const before = files();
    await server.call({ method: 'kernel.restart', kernel: kernel.kernel });
    expect(files()).toEqual(before);
    expect(Object.keys(before).length).toBeGreaterThan(0);
    expect((await kernel.run('1')).finished).toMatchObject({ status: 'ok', executionCount: 1 });
  });

  it('ends a question of the cell that it ended', async () => {
    const run = await kernel.send("input('third? ')");
    await asked(kernel, run, 'third? ');
    await server.call({ method: 'kernel.restart', kernel: kernel.kernel });
    expect((await kernel.result(run)).finished.status).toBe('lost');
    await expect(
      server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'late' }),
    ).rejects.toMatchObject({ code: 'run/no-input' });
  });
});
