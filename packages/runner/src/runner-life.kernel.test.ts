import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelSession } from './testing/kernel-session.ts';
import { LinkServer } from './testing/link-server.ts';
import { RunnerProcess, testKernelPaths } from './testing/runner-process.ts';

let server: LinkServer;
let runner: RunnerProcess;
let kernel: KernelSession;
let kernelPaths: readonly string[];

beforeEach(async () => {
  kernelPaths = await testKernelPaths();
  server = new LinkServer();
  await server.open();
  const stall = join(import.meta.dirname, 'testing', 'stall-on-signal.ts');
  runner = new RunnerProcess(server, {
    kernelPaths,
    env: { ...process.env, NODE_OPTIONS: `--import ${stall}` },
  });
  kernel = new KernelSession(server);
  await kernel.until(() => server.hellos.length > 0);
  await kernel.start();
});

afterEach(async () => {
  await runner.end();
  await server.close();
});

async function pidOfKernel(): Promise<number> {
  const { outputs } = await kernel.run('import os; print(os.getpid())');
  return Number(outputs[0]?.content['text']);
}

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a runner', () => {
  it('outlives the server: output of the gap arrives in order, nothing twice, variables live', async () => {
    await kernel.run('n = 0');
    const run = await kernel.send(
      'import time\nwhile n < 40:\n    print(n, flush=True)\n    n += 1\n    if n == 25: open("gap", "w").close()\n    time.sleep(0.05)',
    );
    await kernel.until(() => kernel.text(run).includes('5\n'));
    // What the crash takes along was received but not acknowledged.
    server.isAcking = false;
    await kernel.until(() => kernel.text(run).includes('9\n'));
    const lastAcked = server.received.length - 1;
    server.durable.splice(Math.min(lastAcked, server.durable.length - 1));
    await server.cut();
    process.kill(runner.child.pid ?? 0, 'SIGHUP');
    server.isAcking = true;
    await kernel.until(() => existsSync(join(runner.home, 'gap')));
    await server.open();
    const { finished } = await kernel.result(run);
    expect(finished.status).toBe('ok');
    expect(kernel.text(run)).toBe(Array.from({ length: 40 }, (_, i) => `${i}\n`).join(''));
    expect(server.hellos.at(-1)).toMatchObject({
      token: 'secret-token',
      kernels: [{ kernel: kernel.kernel }],
    });
    const { outputs } = await kernel.run('n');
    expect(outputs[0]?.content['data']).toEqual({ 'text/plain': '40' });
  });

  it('loses none of 60,000 outputs when its event loop stalls while they come', async () => {
    const run = await kernel.send('for i in range(60_000): print(i, flush=True)');
    await kernel.until(() => kernel.outputs(run).length > 0);
    process.kill(runner.child.pid ?? 0, 'SIGUSR2');
    const { finished } = await kernel.result(run, { timeout: 120_000, interval: 100 });
    expect(finished.status).toBe('ok');
    const wanted = Array.from({ length: 60_000 }, (_, i) => `${i}\n`).join('');
    expect(kernel.text(run) === wanted).toBe(true);
    // Joined on the way: a fraction of the messages.
    expect(server.received.length).toBeLessThan(20_000);
  });

  it('ends its kernels when the server says stop, and exits', async () => {
    const pid = await pidOfKernel();
    server.send({ t: 'stop' });
    expect(await runner.exited).toBe(0);
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(join(runner.stateDir, 'kernels'))).toEqual([]);
  });

  it('when it is killed itself, its kernel ends, or the next runner ends it', async () => {
    const pid = await pidOfKernel();
    runner.child.kill('SIGKILL');
    await runner.exited;
    await kernel.until(() => !isAlive(pid));
  });

  it('gives up when no server comes', async () => {
    const lonely = new RunnerProcess(server, { kernelPaths, orphanHours: 0.5 / 3_600 });
    await kernel.until(() => server.hellos.length > 1);
    await server.cut();
    expect(await lonely.exited).toBe(0);
    expect(runner.child.exitCode).toBeNull();
  });

  it('keeps files private and secrets out of sight', async () => {
    expect(readdirSync(runner.stateDir)).toContain('runner.json');
    const proc = `/proc/${runner.child.pid}`;
    expect(readFileSync(`${proc}/cmdline`, 'utf8') + readFileSync(`${proc}/environ`, 'utf8')).not.toContain(
      'secret-token',
    );
  });

  it('reads and writes the project’s files and tells when they change', async () => {
    const written = await server.call(
      { method: 'file.write', path: 'a.txt', ifHash: null },
      new TextEncoder().encode('hello'),
    );
    const read = await server.call({ method: 'file.read', path: 'a.txt', maxBytes: 100 });
    expect(new TextDecoder().decode(read.payload)).toBe('hello');
    expect(read.result).toEqual(written.result);
    await server.call({ method: 'file.watch', files: ['a.txt'], folders: [''] });
    const listed = () =>
      server.signals.filter((signal) => signal.s === 'files.changed' && signal.folders.includes('')).length;
    await kernel.until(() => listed() === 1);
    await kernel.run("open('a.txt', 'w').write('changed'); open('b.txt', 'w').close()");
    await kernel.until(() => listed() === 2);
    const { result } = await server.call({ method: 'file.list', path: '' });
    expect(result).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ name: 'b.txt' })]),
    });
    await expect(
      server.call({ method: 'file.read', path: '../runner.log', maxBytes: 9 }),
    ).rejects.toMatchObject({
      code: 'file/outside',
    });
  });
});
