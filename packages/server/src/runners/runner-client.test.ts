import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asKernelId, asProjectId, asRunId, asRunnerId, type RunnerId } from '@cahier/base/ids.ts';
import { decodeFrame, encodeFrame } from '@cahier/protocol/frame.ts';
import { type RunnerDown, runnerDown } from '@cahier/protocol/runner/down.ts';
import type { RunnerEvent, RunnerUp } from '@cahier/protocol/runner/up.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { MainDatabase } from '../adapters/sqlite/main-database.ts';
import { RunnerTokenTable } from '../adapters/sqlite/runner-token-table.ts';
import { RunnerDoor } from '../link/runner-door.ts';
import type { RunnerHost, RunnerStart, RunningRunner } from './runner-host.ts';
import { RunnerClient } from './runner-client.ts';

const project = asProjectId('p');
const logger = pino({ level: 'silent' });
const kernel = asKernelId('k');
const run = asRunId('r');
const event = (text: string): RunnerEvent => ({
  e: 'run.output',
  kernel,
  run,
  messages: [{ type: 'stream', content: { name: 'stdout', text } }],
});

/** Processes that only exist here: they do what the test says. */
class TestHost implements RunnerHost {
  readonly starts: RunnerStart[] = [];
  #end: (() => void) | null = null;
  running: RunningRunner | null = null;
  kills = 0;

  async start(start: RunnerStart): Promise<RunningRunner> {
    this.starts.push(start);
    return this.#make();
  }

  async find(): Promise<RunningRunner | null> {
    return this.running;
  }

  /** A runner that was there before the server. */
  already(): void {
    this.#make();
  }

  die(): void {
    this.running = null;
    this.#end?.();
  }

  #make(): RunningRunner {
    const ended = new Promise<{ reason: string }>((resolve) => {
      this.#end = () => resolve({ reason: 'told to' });
    });
    this.running = {
      ended,
      kill: () => {
        this.kills += 1;
        this.die();
      },
    };
    return this.running;
  }
}

/** The other end of the wire, written against the protocol alone. */
class TestRunner {
  readonly frames: RunnerDown[] = [];
  readonly payloads: Uint8Array[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(path: string) {
    this.socket = new WebSocket(`ws+unix:${path}:/runner-link`);
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      if (!(data instanceof Uint8Array)) return;
      const { header, payload } = decodeFrame(data);
      this.frames.push(runnerDown.parse(header));
      this.payloads.push(payload);
    });
  }

  async hello(start: Pick<RunnerStart, 'runner' | 'token'>, more: object = {}): Promise<void> {
    await once(this.socket, 'open');
    this.say({
      t: 'hello',
      protocol: protocolVersion,
      project,
      runner: start.runner,
      token: start.token,
      pid: 1,
      lastSeq: 0,
      kernels: [],
      ...more,
    });
  }

  say(frame: RunnerUp, payload?: Uint8Array): void {
    this.socket.send(encodeFrame(frame, payload));
  }

  next<T extends RunnerDown['t']>(t: T, count = 1): Promise<Extract<RunnerDown, { t: T }>> {
    const isIt = (frame: RunnerDown): frame is Extract<RunnerDown, { t: T }> => frame.t === t;
    return vi.waitFor(() => {
      const found = this.frames.filter(isIt)[count - 1];
      if (!found) throw new Error(`no ${t} number ${count} in ${JSON.stringify(this.frames)}`);
      return found;
    });
  }
}

let folder = '';
let path = '';
let db: MainDatabase;
let door: RunnerDoor;
let host: TestHost;
let clock: FakeClock;
let client: RunnerClient;
let cursors: Map<RunnerId, number>;
let heard: string[];
const dialled: TestRunner[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-link-'));
  path = join(folder, 'link.sock');
  db = new MainDatabase(':memory:');
  host = new TestHost();
  clock = new FakeClock();
  cursors = new Map();
  heard = [];
  const tokens = new RunnerTokenTable(db);
  client = newClient(tokens);
  door = new RunnerDoor({ tokens, logger, onRunner: (link, hello) => client.attach(link, hello) });
  await door.listen(path);
});
afterEach(async () => {
  client.dispose();
  for (const runner of dialled.splice(0)) runner.socket.terminate();
  door.close();
  db.close();
  await rm(folder, { recursive: true, force: true });
});

function newClient(tokens: RunnerTokenTable): RunnerClient {
  const made = new RunnerClient({
    project,
    home: '/home/p',
    host,
    tokens,
    cursor: async (runner) => cursors.get(runner) ?? 0,
    clock,
    logger,
  });
  made.listen({
    onConnected: ({ runner }) =>
      heard.push(`connected ${runner === host.starts.at(-1)?.runner ? 'new' : 'old'}`),
    onDisconnected: () => heard.push('disconnected'),
    onEvent: (seq, { e }) => heard.push(`${seq} ${e}`),
    onSignal: ({ s }) => heard.push(s),
  });
  return made;
}

async function started(count = 1): Promise<RunnerStart> {
  return vi.waitFor(() => {
    const start = host.starts[count - 1];
    if (!start) throw new Error('not started yet');
    return start;
  });
}

async function dial(start: Pick<RunnerStart, 'runner' | 'token'>, more: object = {}): Promise<TestRunner> {
  const runner = new TestRunner(path);
  dialled.push(runner);
  await runner.hello(start, more);
  return runner;
}

async function linked(): Promise<{ runner: TestRunner; start: RunnerStart }> {
  const first = client.call({ method: 'file.list', path: '' });
  const start = await started();
  const runner = await dial(start);
  const { id } = await runner.next('call');
  runner.say({ t: 'reply', re: id, result: { entries: [] } });
  await first;
  return { runner, start };
}

describe('calls', () => {
  it('start a runner, wait for it, and are answered with their payload', async () => {
    const reading = client.call({ method: 'file.read', path: 'a', maxBytes: 10 });
    const start = await started();
    expect(start).toMatchObject({ project, home: '/home/p' });
    const runner = await dial(start);
    await runner.next('welcome');
    const { id, call } = await runner.next('call');
    expect(call).toEqual({ method: 'file.read', path: 'a', maxBytes: 10 });
    runner.say({ t: 'reply', re: id, result: { hash: 'h', modifiedAt: 1 } }, new Uint8Array([1, 2, 3]));
    expect(await reading).toEqual({ result: { hash: 'h', modifiedAt: 1 }, payload: Buffer.from([1, 2, 3]) });
    expect(host.starts).toHaveLength(1);
  });

  it('carry payloads, fail as the runner says, and refuse answers of another form', async () => {
    const { runner } = await linked();
    const writing = client.call({ method: 'file.write', path: 'a' }, new Uint8Array([9]));
    const write = await runner.next('call', 2);
    expect(runner.payloads.at(-1)).toEqual(Buffer.from([9]));
    const error = { code: 'file/disk-full', kind: 'unavailable' as const, message: 'The disk is full.' };
    runner.say({ t: 'reply', re: write.id, error });
    await expect(writing).rejects.toMatchObject({ code: 'file/disk-full', message: 'The disk is full.' });
    const listing = client.call({ method: 'file.list', path: '' });
    const list = await runner.next('call', 3);
    runner.say({ t: 'reply', re: list.id, result: { entries: 'none' } });
    await expect(listing).rejects.toMatchObject({ code: 'internal/unexpected' });
  });

  it('give up when no runner comes in time', async () => {
    const failing = expect(client.call({ method: 'file.list', path: '' })).rejects.toMatchObject({
      code: 'runner/unreachable',
    });
    await started();
    await clock.pass(15_000);
    await failing;
  });

  it('give up when the runner does not answer in time', async () => {
    const { runner } = await linked();
    const asking = client.call({
      method: 'kernel.request',
      kernel,
      type: 'complete_request',
      content: {},
      timeoutMs: 500,
    });
    const failing = expect(asking).rejects.toMatchObject({ code: 'runner/unreachable' });
    await runner.next('call', 2);
    await clock.pass(2_500);
    await failing;
  });

  it('wait for a conversion for as long as the runner may take to say that it failed', async () => {
    const { runner } = await linked();
    const wish = { method: 'nbconvert.convert', format: 'pdf', path: 'n.ipynb' } as const;
    const converting = client.call(wish, new Uint8Array(0));
    const { id } = await runner.next('call', 2);
    await clock.pass(240_000);
    const result = { mime: 'application/pdf', fileName: 'n.pdf' };
    runner.say({ t: 'reply', re: id, result }, new Uint8Array([1]));
    expect((await converting).result).toEqual(result);
  });

  it('that may be repeated are, after a cut; the others fail', async () => {
    const { runner, start } = await linked();
    const running = client.call({ method: 'kernel.execute', kernel, run, cell: 'c', code: '1' });
    const input = expect(
      client.call({ method: 'kernel.input', kernel, run, value: 'v' }),
    ).rejects.toMatchObject({
      code: 'runner/unreachable',
    });
    await runner.next('call', 3);
    runner.socket.terminate();
    await input;
    const again = await dial(start);
    const { id, call } = await again.next('call');
    expect(call.method).toBe('kernel.execute');
    again.say({ t: 'reply', re: id, result: {} });
    expect((await running).result).toEqual({});
    expect(again.frames.filter(({ t }) => t === 'call')).toHaveLength(1);
    expect(host.starts).toHaveLength(1);
  });
});

describe('events', () => {
  it('come in order and once, whatever is replayed', async () => {
    const { runner, start } = await linked();
    runner.say({ t: 'event', seq: 1, event: event('a') });
    runner.say({ t: 'event', seq: 2, event: event('b') });
    await vi.waitFor(() => expect(heard).toContain('2 run.output'));
    client.ack(1);
    expect(await runner.next('ack')).toEqual({ t: 'ack', seq: 1 });
    // not durable yet when the link is cut: the runner replays 2, which is known here
    cursors.set(start.runner, 1);
    runner.socket.terminate();
    const again = await dial(start, { lastSeq: 3 });
    expect(await again.next('welcome')).toEqual({ t: 'welcome', ack: 1 });
    again.say({ t: 'event', seq: 2, event: event('b') });
    again.say({ t: 'event', seq: 3, event: event('c') });
    await vi.waitFor(() => expect(heard).toContain('3 run.output'));
    expect(heard).toEqual([
      'connected new',
      '1 run.output',
      '2 run.output',
      'disconnected',
      'connected new',
      '3 run.output',
    ]);
  });

  it('go on in the next life of the server where the last one stopped', async () => {
    const { runner, start } = await linked();
    cursors.set(start.runner, 5);
    client.dispose();
    await runner.closed;
    heard = [];
    client = newClient(new RunnerTokenTable(db));
    expect(await client.adopt()).toBe(true);
    const again = await dial(start, { lastSeq: 7 });
    expect(await again.next('welcome')).toEqual({ t: 'welcome', ack: 5 });
    for (const seq of [6, 7]) again.say({ t: 'event', seq, event: event('x') });
    await vi.waitFor(() => expect(heard).toEqual(['connected new', '6 run.output', '7 run.output']));
    expect(host.starts).toHaveLength(1);
  });

  it('that are held back are neither taken nor acknowledged', async () => {
    const { runner } = await linked();
    client.holdEvents();
    runner.say({ t: 'event', seq: 1, event: event('a') });
    runner.say({ t: 'signal', signal: { s: 'kernel.status', kernel, status: 'busy' } });
    await vi.waitFor(() => expect(heard).toContain('kernel.status'));
    expect(heard).toEqual(['connected new', 'kernel.status']);
  });
});

describe('the life of a runner', () => {
  it('is taken over from an earlier life of the server, if it dials', async () => {
    host.already();
    expect(await client.adopt()).toBe(true);
    expect(client.isExpected).toBe(true);
    await clock.pass(5_000);
    expect(host.kills).toBe(1);
    await started();
  });

  it('does not begin by itself', async () => {
    expect(await client.adopt()).toBe(false);
    expect([client.isExpected, host.starts]).toEqual([false, []]);
  });

  it('begins anew when it has died, so that its kernels are seen to be dead', async () => {
    const { runner } = await linked();
    host.die();
    runner.socket.terminate();
    await clock.pass(0);
    const start = await started(2);
    await dial(start);
    await vi.waitFor(() => expect(heard).toEqual(['connected new', 'disconnected', 'connected new']));
  });

  it('is given up when it dies again and again', async () => {
    let isGone = false;
    client.gone.on(() => {
      isGone = true;
    });
    const failing = expect(client.call({ method: 'file.list', path: '' })).rejects.toMatchObject({
      code: 'runner/unreachable',
    });
    for (let n = 1; n <= 6; n += 1) {
      await started(n);
      await vi.waitFor(() => expect(host.running).not.toBeNull());
      host.die();
      await clock.pass(6_000);
    }
    await failing;
    await vi.waitFor(() => expect(isGone).toBe(true));
    expect(host.starts).toHaveLength(6);
  });

  it('ends when it is told to stop, and by force when it does not', async () => {
    const { runner } = await linked();
    const stopping = client.stop();
    await runner.next('stop');
    host.die();
    await stopping;
    expect(host.kills).toBe(0);
    await expect(client.call({ method: 'file.list', path: '' })).rejects.toMatchObject({
      code: 'runner/unreachable',
    });
  });

  it('hangs for no longer than the stop may take', async () => {
    const { runner } = await linked();
    const stopping = client.stop();
    await runner.next('stop');
    await clock.pass(4_000);
    await stopping;
    expect(host.kills).toBe(1);
  });
});

describe('the door of runners', () => {
  it('is closed to whoever has no right token', async () => {
    const { start } = await linked();
    for (const wrong of [
      { runner: start.runner, token: 'wrong' },
      { runner: asRunnerId('other'), token: start.token },
    ]) {
      const runner = await dial(wrong);
      expect(await runner.closed).toBe(4401);
      expect(runner.frames).toEqual([]);
    }
    const elsewhere = await dial(start, { project: 'q' });
    expect(await elsewhere.closed).toBe(4401);
    expect(client.isConnected).toBe(true);
  });

  it('is closed to what begins with something else than a hello, or with nonsense', async () => {
    for (const bytes of [encodeFrame({ t: 'event', seq: 1, event: event('x') }), new Uint8Array([1])]) {
      const runner = new TestRunner(path);
      dialled.push(runner);
      await once(runner.socket, 'open');
      runner.socket.send(bytes);
      expect([4400, 4401]).toContain(await runner.closed);
    }
  });

  it('is closed to a runner of another version', async () => {
    const { start } = await linked();
    const runner = await dial(start, { protocol: protocolVersion + 1 });
    expect(await runner.closed).toBe(4426);
  });

  it('has one path', async () => {
    for (const wrong of ['/', '/p/p/link', '/runner-link/x']) {
      const socket = new WebSocket(`ws+unix:${path}:${wrong}`);
      const [error] = await once(socket, 'error');
      expect(String(error)).toContain('404');
    }
  });

  it('forgets the tokens of runners that were replaced', async () => {
    const { runner, start } = await linked();
    host.die();
    runner.socket.terminate();
    await clock.pass(0);
    const next = await started(2);
    const second = await dial(next);
    await second.next('welcome');
    const late = await dial(start);
    expect(await late.closed).toBe(4401);
  });
});
