import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelSession } from '../testing/kernel-session.ts';
import { LinkServer } from '../testing/link-server.ts';
import { RunnerProcess, testKernelPaths } from '../testing/runner-process.ts';

const server = new LinkServer();
let runner: RunnerProcess;
let kernel: KernelSession;

beforeAll(async () => {
  const kernelPaths = await testKernelPaths();
  await server.open();
  runner = new RunnerProcess(server, { kernelPaths });
  kernel = new KernelSession(server);
  await kernel.until(() => server.hellos.length > 0);
  await kernel.start();
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

  it('joins stream chunks and keeps stdout and stderr in order', async () => {
    const code = "import sys\nfor i in range(1000): print(i)\nprint('bad', file=sys.stderr)";
    const { run } = await kernel.run(code);
    expect(kernel.text(run)).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
    expect(kernel.text(run, 'stderr')).toBe('bad\n');
  });
});
