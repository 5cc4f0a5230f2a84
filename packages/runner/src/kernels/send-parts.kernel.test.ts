/** Messages that a client made, sent as they are: what Jupyter's own clients need of a kernel. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
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

const header = z.object({ msg_id: z.string().default(''), msg_type: z.string().default('') });
const decoded = (part: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(part));
const typeOf = (parts: readonly Uint8Array[]) => header.parse(decoded(parts[0])).msg_type;
const parentOf = (parts: readonly Uint8Array[]) => header.parse(decoded(parts[1])).msg_id;
const answersTo = (id: string) => server.messages.filter(({ parts }) => parentOf(parts) === id);

function listen(): Promise<unknown> {
  return server.call({ method: 'kernel.listen', kernel: kernel.kernel, isOn: true });
}

/** The id by which the answers are known. */
async function send(type: string, content: object): Promise<string> {
  const id = randomUUID();
  const head = { msg_id: id, msg_type: type, session: 'client', username: '', date: '', version: '5.3' };
  const parts = [head, {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
  const lengths = parts.map((part) => part.length);
  const call = { method: 'kernel.send', kernel: kernel.kernel, channel: 'shell', parts: lengths } as const;
  await server.call(call, Buffer.concat(parts));
  return id;
}

async function answered(id: string) {
  const isWhole = () => {
    const types = answersTo(id).map(({ parts }) => typeOf(parts));
    return types.includes('execute_reply') && types.filter((type) => type === 'status').length === 2;
  };
  await kernel.until(isWhole);
  return answersTo(id);
}

describe('a client’s own request', () => {
  it('is answered in order, and no run comes of it', async () => {
    await listen();
    const before = server.events().length;
    const answers = await answered(await send('execute_request', { code: 'print(1)', silent: false }));
    const published = answers.filter(({ channel }) => channel === 'iopub');
    expect(published.map(({ parts }) => typeOf(parts))).toEqual([
      'status',
      'execute_input',
      'stream',
      'status',
    ]);
    expect(answers.filter(({ channel }) => channel === 'shell')).toHaveLength(1);
    const events = server.events().slice(before);
    expect(events.filter(({ e }) => e.startsWith('run.'))).toEqual([]);
  });

  it('works in the next life of the kernel, which is listened to, too', async () => {
    await server.call({ method: 'kernel.restart', kernel: kernel.kernel });
    const answers = await answered(await send('execute_request', { code: '1', silent: false }));
    expect(answers.map(({ parts }) => typeOf(parts))).toContain('execute_result');
  });

  it('is refused when no kernel is there', async () => {
    await server.call({ method: 'kernel.shutdown', kernel: kernel.kernel });
    await expect(send('kernel_info_request', {})).rejects.toThrow(/No kernel is running/);
  });
});
