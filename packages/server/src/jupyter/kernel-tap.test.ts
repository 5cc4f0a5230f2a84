/** Clients at a kernel, over real sockets: who hears what, over cuts. The kernel is a script. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { asKernelId, asPersonId, asProjectId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { decodeV1, encodeV1, type SocketMessage, v1Protocol } from '@cahier/core/jupyter/socket-frames.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { FakeRunner } from '@cahier/testkit/fake-runner.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { HeardMessage, jsonOf } from './heard-message.ts';
import { parkedForMs } from './kernel-seat.ts';
import type { KernelClient } from './kernel-sockets.ts';
import { KernelTap } from './kernel-tap.ts';

const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 2 });

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

let sockets: WebSocketServer;
let clock: FakeClock;
let tap: KernelTap;
let ends: number;
let runs: { readonly id: unknown; readonly settle: (isSent: boolean) => void }[];
let takesRuns: boolean;
let opened: Promise<void> | null;
let runner: FakeRunner;
const listeners: Server[] = [];

beforeEach(async () => {
  clock = new FakeClock();
  ends = 0;
  runs = [];
  takesRuns = false;
  opened = null;
  runner = new FakeRunner();
  runner.isConnected = true;
  tap = new KernelTap({
    kernel: asKernelId('k'),
    runner,
    clock,
    logger: pino({ level: 'silent' }),
    runCell: (_, { header }) =>
      takesRuns ? new Promise((settle) => runs.push({ id: header['msg_id'], settle })) : null,
    opened: () => opened,
    onEmpty: () => (ends += 1),
  });
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => v1Protocol });
  await once(sockets, 'listening');
  sockets.on('connection', (socket, request) => {
    const session = new URL(request.url ?? '', 'http://x').searchParams.get('session_id');
    tap.add(socket, clientOf(session));
  });
});

afterEach(() => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  for (const server of listeners.splice(0)) server.close();
});

function clientOf(clientSession: string | null): KernelClient {
  const person = { id: asPersonId('ada'), name: 'Ada', color: '#000' };
  const principal = { person, isServerOwner: false, session: null };
  return { project: asProjectId('p'), principal, role: 'editor', kernel: 'k', clientSession };
}

interface Heard {
  readonly socket: WebSocket;
  readonly texts: string[];
  /** Resolves when the server knows that all that was heard has arrived. */
  confirmed(): Promise<void>;
}

async function dial(session: string | null, port = portOf(sockets)): Promise<Heard> {
  const query = session === null ? '' : `?session_id=${session}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${query}`, v1Protocol);
  const texts: string[] = [];
  socket.on('message', (data: Buffer) => {
    const [header, , , content] = decodeV1(data)?.parts.map(jsonOf) ?? [];
    texts.push(String(content?.['text'] ?? content?.['status'] ?? header?.['msg_type']));
  });
  socket.on('error', () => undefined);
  let asked = 0;
  socket.on('ping', (mark) => {
    asked = Number(mark.toString());
  });
  await once(socket, 'open');
  const confirmed = async () => {
    await soon(() => expect(asked).toBe(texts.length));
    // the answer to this comes after ours was read
    socket.ping();
    await once(socket, 'pong');
  };
  return { socket, texts, confirmed };
}

const says = (text: string, parent: JsonObject = {}) =>
  tap.heard(HeardMessage.of('iopub', [{ msg_type: 'stream', session: 's' }, parent, {}, { text }]).message);

function request(id: string, type = 'execute_request', session = 'one'): SocketMessage {
  return HeardMessage.of('shell', [{ msg_id: id, msg_type: type, session }, {}, {}, {}]).message;
}

const replies = (id: string, session = 'one') =>
  tap.heard(
    HeardMessage.of('shell', [
      { msg_type: 'execute_reply' },
      { msg_id: id, session },
      {},
      { text: `re ${id}` },
    ]).message,
  );

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));

/** A line that can be broken without either end being told. */
async function brittleLine(): Promise<{ readonly port: number; readonly breakOff: () => void }> {
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = connect(portOf(sockets), '127.0.0.1');
    pairs.push([near, far]);
    near.pipe(far);
    far.pipe(near);
    for (const end of [near, far]) end.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  listeners.push(server);
  const breakOff = () => {
    for (const [near, far] of pairs) {
      near.unpipe(far);
      far.unpipe(near);
      far.resume();
    }
  };
  return { port: portOf(server), breakOff };
}

describe('clients at a kernel', () => {
  it('hear what was said while they were away, once and in order, whoever else was there', async () => {
    const one = await dial('one');
    const two = await dial('two');
    for (const text of numbers(0, 10)) says(text);
    await soon(() => expect(one.texts).toHaveLength(10));
    await one.confirmed();
    one.socket.terminate();
    await soon(() => expect(tap.size).toBe(1));
    for (const text of numbers(10, 20)) says(text);
    await soon(() => expect(two.texts).toHaveLength(20));
    await two.confirmed();
    two.socket.terminate();
    await soon(() => expect(tap.size).toBe(0));
    for (const text of numbers(20, 30)) says(text);
    const three = await dial('three');
    const back = await dial('one');
    says('30');
    await soon(() => expect(back.texts).toEqual(numbers(10, 31)));
    await soon(() => expect(three.texts).toEqual(['30']));
    const twoBack = await dial('two');
    await soon(() => expect(twoBack.texts).toEqual(numbers(20, 31)));
    expect(ends).toBe(0);
  });

  it('are said again what a dead line has swallowed, and nothing that had arrived', async () => {
    const line = await brittleLine();
    const one = await dial('one', line.port);
    for (const text of numbers(0, 50)) says(text);
    await soon(() => expect(one.texts).toHaveLength(50));
    await one.confirmed();
    line.breakOff();
    for (const text of numbers(50, 100)) says(text);
    // the old socket looks alive to the server when the client dials again
    const back = await dial('one');
    says('100');
    await soon(() => expect(back.texts).toEqual(numbers(50, 101)));
    expect(one.texts).toEqual(numbers(0, 50));
  });

  it('are told of a restart once, though they dial again at that word', async () => {
    const line = await brittleLine();
    await dial('one', line.port);
    line.breakOff();
    tap.statusIs('restarting');
    says('after');
    const back = await dial('one');
    await soon(() => expect(back.texts).toEqual(['after']));
  });

  it('hear what the server says for the kernel in the kernel’s own session, or they would drop it', async () => {
    const one = await dial('one');
    const sessions: unknown[] = [];
    one.socket.on('message', (data: Buffer) => {
      sessions.push(decodeV1(data)?.parts.map(jsonOf)[0]?.['session']);
    });
    says('first');
    tap.statusIs('restarting');
    await soon(() => expect(sessions).toEqual(['s', 's']));
  });

  it('survive being cut again and again in a flood', async () => {
    const heard: string[] = [];
    let next = 0;
    for (let life = 0; life < 8; life++) {
      const one = await dial('one');
      for (const text of numbers(next, next + 300)) says(text);
      next += 300;
      await soon(() => expect(one.texts.at(-1)).toBe(String(next - 1)));
      await one.confirmed();
      heard.push(...one.texts);
      if (life % 2 === 0) one.socket.terminate();
      else one.socket.close();
      for (const text of numbers(next, next + 100)) says(text);
      next += 100;
      await once(one.socket, 'close');
    }
    const last = await dial('one');
    says('end');
    await soon(() => expect(last.texts.at(-1)).toBe('end'));
    expect([...heard, ...last.texts.slice(0, -1)]).toEqual(numbers(0, next));
  });

  it('get their answers when they are back, by the message or by the session', async () => {
    const one = await dial('one');
    one.socket.send(encodeV1(request('q1')));
    await soon(() => expect(runner.calls).toHaveLength(1));
    one.socket.terminate();
    await soon(() => expect(tap.size).toBe(0));
    replies('q1');
    replies('asked-of-an-earlier-server');
    replies('of-nobody', 'nobody');
    const back = await dial('one');
    await soon(() => expect(back.texts).toEqual(['re q1', 're asked-of-an-earlier-server']));
  });

  it('are not waited for after a goodbye, without a name, or for ever', async () => {
    const named = await dial('one');
    named.socket.close(1000);
    await soon(() => expect(ends).toBe(1));
    const nameless = await dial(null);
    nameless.socket.terminate();
    await soon(() => expect(ends).toBe(2));
    const away = await dial('two');
    away.socket.terminate();
    await soon(() => expect(tap.size).toBe(0));
    clock.advance(parkedForMs - 1);
    expect(ends).toBe(2);
    clock.advance(1);
    expect(ends).toBe(3);
  });

  it('are told of a run that left the queue as a kernel tells of one that it threw away', async () => {
    takesRuns = true;
    const one = await dial('one');
    one.socket.send(encodeV1(request('q1')));
    one.socket.send(encodeV1(request('q2')));
    one.socket.send(encodeV1(request('q3', 'kernel_info_request')));
    await soon(() => expect(runs.map(({ id }) => id)).toEqual(['q1', 'q2']));
    await soon(() => expect(runner.calls.map(({ method }) => method)).toEqual(['kernel.send']));
    runs[0]?.settle(true);
    runs[1]?.settle(false);
    await soon(() => expect(one.texts).toEqual(['status', 'aborted', 'status']));
  });

  it('keep the order of what they say while a notebook is being opened', async () => {
    takesRuns = true;
    let isOpen: () => void = () => undefined;
    opened = new Promise((resolve) => {
      isOpen = resolve;
    });
    const one = await dial('one');
    one.socket.send(encodeV1(request('q1')));
    one.socket.send(encodeV1(request('q2', 'kernel_info_request')));
    one.socket.ping();
    await once(one.socket, 'pong');
    expect([runs, runner.calls]).toEqual([[], []]);
    opened = null;
    isOpen();
    await soon(() => expect(runner.calls).toHaveLength(1));
    expect(runs.map(({ id }) => id)).toEqual(['q1']);
  });
});
