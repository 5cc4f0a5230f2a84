import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelSession } from '../testing/kernel-session.ts';
import { LinkServer } from '../testing/link-server.ts';
import { RunnerProcess } from '../testing/runner-process.ts';

const fakeKernel = join(dirname(fileURLToPath(import.meta.url)), '..', 'testing', 'fake-kernel.ts');
const parts = ['plain', 'deno', 'tslab', 'mute', 'forger', 'no-idle', 'no-reply', 'deaf', 'stubborn'];
const server = new LinkServer();
let runner: RunnerProcess;

beforeAll(async () => {
  await server.open();
  const own = join(server.folder, 'jupyter');
  const spec = (name: string, argv: string[]) => {
    mkdirSync(join(own, 'kernels', name), { recursive: true });
    writeFileSync(join(own, 'kernels', name, 'kernel.json'), JSON.stringify({ argv, language: 'fake' }));
  };
  for (const part of parts) spec(part, [process.execPath, fakeKernel, '{connection_file}', part]);
  spec('wrapped', [
    '/bin/sh',
    '-c',
    `"${process.execPath}" "${fakeKernel}" "$0" plain; sleep 1000`,
    '{connection_file}',
  ]);
  runner = new RunnerProcess(server, { kernelPaths: [own] });
  await new KernelSession(server).until(() => server.hellos.length > 0);
});

afterAll(async () => {
  await runner.end();
  await server.close();
});

async function started(part: string): Promise<KernelSession> {
  const kernel = new KernelSession(server);
  await kernel.start(part);
  return kernel;
}

/** Why it is dead, once it is. */
async function deathOf(session: KernelSession): Promise<string | undefined> {
  return session.until(() =>
    server
      .events()
      .flatMap((event) =>
        event.e === 'kernel.status' && event.kernel === session.kernel && event.status === 'dead'
          ? [event.reason]
          : [],
      )
      .at(0),
  );
}

const result = { type: 'execute_result', content: { data: { 'text/plain': 'result' } } };

describe('kernels that break the specification', () => {
  it.each(['plain', 'deno', 'forger', 'no-idle', 'stubborn'])(
    '%s: two runs, each with its result before its end',
    async (part) => {
      const kernel = await started(part);
      for (const executionCount of [1, 2]) {
        const { run, finished, outputs } = await kernel.run('go');
        expect(outputs).toMatchObject([result]);
        expect(finished).toMatchObject({ status: 'ok', executionCount });
        expect(kernel.eventsOf(run).map(({ e }) => e)).toEqual(['run.started', 'run.output', 'run.finished']);
      }
    },
  );

  it('tslab: runs start and end without execute_input and without status', async () => {
    const { finished, outputs } = await (await started('tslab')).run('go');
    expect(outputs).toMatchObject([result]);
    expect(finished).toMatchObject({ status: 'ok', executionCount: 1 });
  });

  it('mute on IOPub: starts all the same, and runs end', async () => {
    const { finished } = await (await started('mute')).run('go');
    expect(finished).toMatchObject({ status: 'ok', executionCount: 1 });
  });

  it('no-reply: the run ends when the kernel has long been idle', async () => {
    const { finished } = await (await started('no-reply')).run('go');
    expect(finished).toMatchObject({ status: 'ok', executionCount: 1 });
  });

  it('deaf: a start without an answer can be given up; what waited is aborted', async () => {
    const kernel = new KernelSession(server);
    const starting = kernel.start('deaf').catch((error: unknown) => error);
    const run = await kernel.send('go');
    await server.call({ method: 'kernel.interrupt', kernel: kernel.kernel });
    expect((await kernel.result(run)).finished.status).toBe('aborted');
    await server.call({ method: 'kernel.shutdown', kernel: kernel.kernel });
    expect(await starting).toMatchObject({ code: 'kernel/start-failed' });
    expect(kernel.statuses()).toEqual(['starting', 'dead']);
  });

  it('forged messages leave a note in the log and nothing else', async () => {
    const kernel = await started('forger');
    const { run } = await kernel.run('go');
    expect(kernel.text(run)).toBe('');
    expect(runner.log()).toContain('bad-signature');
  });

  it('one that ignores every request is killed in the end', async () => {
    const kernel = await started('stubborn');
    await server.call({ method: 'kernel.shutdown', kernel: kernel.kernel });
    expect(kernel.statuses().at(-1)).toBe('dead');
  });

  it('one that dies behind a wrapper that lives on is seen dead', async () => {
    const kernel = await started('wrapped');
    const run = await kernel.send('exit');
    expect((await kernel.result(run)).finished.status).toBe('lost');
    expect(await deathOf(kernel)).toMatch(/^It ended, but the program that had started it did not/);
  });

  it('one that ignores a request: the question ends in time', async () => {
    const kernel = await started('plain');
    const asked = server.call({
      method: 'kernel.request',
      kernel: kernel.kernel,
      type: 'inspect_request',
      content: { code: 'x', cursor_pos: 1 },
      timeoutMs: 50,
    });
    await expect(asked).rejects.toMatchObject({ code: 'kernel/timeout' });
  });

  it('one that exits by itself: the code and what was lost', async () => {
    const kernel = await started('plain');
    const { finished } = await kernel.run('exit');
    expect(finished.status).toBe('lost');
    expect(await deathOf(kernel)).toContain('exit code 7');
  });
});
