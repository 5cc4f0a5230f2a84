/** What Jupyter's clients say to a real kernel, through the runner: runs of cells, subshells, the debugger, comms, input. */
import { randomUUID } from 'node:crypto';
import { asRunId } from '@cahier/base/ids.ts';
import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';
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
  await server.call({ method: 'kernel.listen', kernel: kernel.kernel, isOn: true });
});

afterAll(async () => {
  await runner.end();
  await server.close();
});

type Channel = 'shell' | 'control' | 'stdin';

interface Said {
  readonly channel: string;
  readonly type: string;
  readonly of: string;
  readonly content: JsonObject;
  readonly header: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

const text = z.string().catch('');
const objectIn = (part: Uint8Array | undefined): JsonObject => {
  const value: unknown = JSON.parse(new TextDecoder().decode(part));
  return isJsonObject(value) ? value : {};
};

function heard(): Said[] {
  return server.messages.map(({ channel, parts }) => {
    const [header = {}, parent = {}, , content = {}] = parts.slice(0, 4).map(objectIn);
    const [type, of] = [text.parse(header['msg_type']), text.parse(parent['msg_id'])];
    return { channel, type, of, content, header, buffers: parts.slice(4) };
  });
}

interface Asked {
  readonly channel?: Channel;
  readonly content?: JsonObject;
  readonly metadata?: JsonObject;
  readonly parent?: JsonObject;
  readonly subshell?: string;
  readonly buffers?: readonly Uint8Array[];
}

function messageOf(type: string, asked: Asked): { readonly id: string; readonly parts: Uint8Array[] } {
  const id = randomUUID();
  const header = {
    msg_id: id,
    msg_type: type,
    session: 'client',
    username: '',
    date: '',
    version: '5.3',
    ...(asked.subshell === undefined ? {} : { subshell_id: asked.subshell }),
  };
  const objects = [header, asked.parent ?? {}, asked.metadata ?? {}, asked.content ?? {}];
  const parts = objects.map((part) => new TextEncoder().encode(JSON.stringify(part)));
  return { id, parts: [...parts, ...(asked.buffers ?? [])] };
}

async function send(type: string, asked: Asked = {}): Promise<string> {
  const { id, parts } = messageOf(type, asked);
  const lengths = parts.map((part) => part.length);
  const channel = asked.channel ?? 'shell';
  const call = { method: 'kernel.send', kernel: kernel.kernel, channel, parts: lengths } as const;
  await server.call(call, Buffer.concat(parts));
  return id;
}

const first = (is: (said: Said) => boolean) => kernel.until(() => heard().find(is));
const reply = async (type: string, asked: Asked = {}) => {
  const id = await send(`${type}_request`, asked);
  return (await first((said) => said.of === id && said.type === `${type}_reply`)).content;
};
const execute = (code: string, asked: Asked = {}) =>
  send('execute_request', { ...asked, content: { code, silent: false, allow_stdin: true } });
const over = (id: string) => first(({ of, type }) => of === id && type === 'execute_reply');

describe('a client’s own run of a cell', () => {
  const hold = async (code: string, more: JsonObject = {}) => {
    const run = asRunId(`run-${randomUUID()}`);
    const content = { code, silent: false, allow_stdin: true, stop_on_error: true, ...more };
    const { id, parts } = messageOf('execute_request', { content, metadata: { cellId: 'theirs' } });
    const lengths = parts.map((part) => part.length);
    const call = { method: 'kernel.hold', kernel: kernel.kernel, run, parts: lengths } as const;
    await server.call(call, Buffer.concat(parts));
    return { id, run };
  };

  it('waits for its turn, is answered to the client and told as a run, once', async () => {
    const slow = await kernel.send('import time; time.sleep(0.3); print("first")');
    const { id, run } = await hold('print("theirs"); 7');
    await kernel.send('print("of the runner")', run);
    await kernel.send('print("of the runner, again")', run);
    const { finished } = await kernel.result(run);
    expect(finished).toMatchObject({ status: 'ok' });
    expect(kernel.text(run)).toBe('theirs\n');
    expect(kernel.text(slow)).toBe('first\n');
    const answers = heard().filter(({ of }) => of === id);
    expect(answers.filter(({ channel }) => channel === 'iopub').map(({ type }) => type)).toEqual([
      'status',
      'execute_input',
      'stream',
      'execute_result',
      'status',
    ]);
    expect(answers.filter(({ type }) => type === 'execute_reply')).toHaveLength(1);
    const ends = kernel.eventsOf(run).filter(({ e }) => e === 'run.finished');
    expect(ends).toHaveLength(1);
  });

  it('does not make the kernel throw away what comes after its error', async () => {
    const { run } = await hold('1/0');
    await kernel.send('', run);
    const next = await kernel.send('print("still here")');
    expect((await kernel.result(run)).finished.status).toBe('error');
    expect((await kernel.result(next)).finished.status).toBe('ok');
  });

  it('asks the client for input, and nobody else', async () => {
    const { id, run } = await hold('print("got", input("name? "))');
    await kernel.send('', run);
    const asked = await first(({ channel, of }) => channel === 'stdin' && of === id);
    expect(asked.content).toMatchObject({ prompt: 'name? ', password: false });
    await send('input_reply', {
      channel: 'stdin',
      content: { status: 'ok', value: 'Ada' },
      parent: asked.header,
    });
    await kernel.result(run);
    expect(kernel.text(run)).toBe('got Ada\n');
    expect(kernel.eventsOf(run).map(({ e }) => e)).not.toContain('run.input');
  });

  it('leaves the questions of the page’s runs to the page', async () => {
    const run = await kernel.send('print("got", input("page? "))');
    await kernel.until(() => kernel.eventsOf(run).some(({ e }) => e === 'run.input'));
    await server.call({ method: 'kernel.input', kernel: kernel.kernel, run, value: 'Bob' });
    await kernel.result(run);
    expect(kernel.text(run)).toBe('got Bob\n');
  });
});

describe('what is no run of a cell', () => {
  it('shows the kernel busy while it lasts', async () => {
    const before = kernel.statuses().length;
    const id = await execute('import time; time.sleep(0.6)');
    await kernel.until(() => kernel.statuses().slice(before).includes('busy'));
    await over(id);
    await kernel.until(() => kernel.statuses().at(-1) === 'idle');
    expect(kernel.statuses().slice(before)).toEqual(['busy', 'idle']);
  });

  it('may use a subshell while a cell runs', async () => {
    const made = await reply('create_subshell', { channel: 'control' });
    const subshell = text.parse(made['subshell_id']);
    expect(subshell).not.toBe('');
    expect(await reply('list_subshell', { channel: 'control' })).toMatchObject({ subshell_id: [subshell] });
    const run = await kernel.send(
      'import time\nopen("go", "w").close()\nwhile open("go").read() == "": time.sleep(0.02)',
    );
    await kernel.until(() => kernel.eventsOf(run).some(({ e }) => e === 'run.started'));
    const aside = await execute('open("go", "w").write("on")', { subshell });
    await over(aside);
    expect((await kernel.result(run)).finished.status).toBe('ok');
    expect(
      await reply('delete_subshell', { channel: 'control', content: { subshell_id: subshell } }),
    ).toMatchObject({ status: 'ok' });
    expect(await reply('list_subshell', { channel: 'control' })).toMatchObject({ subshell_id: [] });
  });

  it('may debug: attach, stop at a line, look, go on', async () => {
    let seq = 0;
    const debug = async (command: string, args: JsonObject = {}) => {
      const content = { type: 'request', seq: ++seq, command, arguments: args };
      return reply('debug', { channel: 'control', content });
    };
    const body = z.looseObject({
      body: z.looseObject({ sourcePath: text, isStarted: z.boolean().optional() }),
    });
    expect(await debug('initialize', { clientID: 'c', adapterID: '', pathFormat: 'path' })).toMatchObject({
      success: true,
    });
    expect(await debug('attach')).toMatchObject({ success: true });
    const code = 'x = 1\nx = x + 41\nprint(x)';
    const { sourcePath } = body.parse(await debug('dumpCell', { code })).body;
    await debug('setBreakpoints', {
      source: { path: sourcePath },
      breakpoints: [{ line: 2 }],
      sourceModified: false,
    });
    await debug('configurationDone');
    const run = await kernel.send(code);
    const stopped = await first(
      ({ type, content }) => type === 'debug_event' && content['event'] === 'stopped',
    );
    expect(stopped.channel).toBe('iopub');
    const { threadId } = z.looseObject({ threadId: z.number() }).parse(stopped.content['body']);
    await debug('continue', { threadId });
    await kernel.result(run);
    expect(kernel.text(run)).toBe('42\n');
    expect(await debug('disconnect', { restart: false, terminateDebuggee: false })).toMatchObject({
      success: true,
    });
  });

  it('may speak over comms both ways, with buffers', async () => {
    const run = await kernel.send(
      [
        'def opened(comm, msg):',
        '    comm.on_msg(lambda m: comm.send({"echo": m["content"]["data"]}, buffers=m["buffers"][::-1]))',
        'get_ipython().kernel.comm_manager.register_target("echo", opened)',
      ].join('\n'),
    );
    await kernel.result(run);
    await send('comm_open', { content: { comm_id: 'c1', target_name: 'echo', data: {} } });
    expect(await reply('comm_info', { content: {} })).toMatchObject({
      comms: { c1: { target_name: 'echo' } },
    });
    const buffers = [new Uint8Array([0, 255, 1]), new Uint8Array(0), new Uint8Array([10, 13])];
    await send('comm_msg', { content: { comm_id: 'c1', data: { n: 1 } }, buffers });
    const echo = await first(({ type }) => type === 'comm_msg');
    expect(echo.content).toMatchObject({ comm_id: 'c1', data: { echo: { n: 1 } } });
    expect(echo.buffers.map((buffer) => [...buffer])).toEqual([[10, 13], [], [0, 255, 1]]);
    await send('comm_open', { content: { comm_id: 'c2', target_name: 'nobody', data: {} } });
    await first(({ type, content }) => type === 'comm_close' && content['comm_id'] === 'c2');
  });
});
