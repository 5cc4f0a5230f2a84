import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { asPersonId, asProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import { appError } from '@cahier/core/errors.ts';
import { type DownFrame, down } from '@cahier/protocol/client/down.ts';
import { decodeFrame, encodeFrame } from '@cahier/protocol/frame.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { RoomSession } from '../rooms/room-session.ts';
import { type ClientProject, ClientLink, longestFrame, longestQueue } from './client-link.ts';
import { ClientLinks } from './client-links.ts';
import type { FrameTable } from './frame-table.ts';

const project = asProjectId('p');
const person = { id: asPersonId('ada'), name: 'Ada', color: '#123456' };
const logger = pino({ level: 'silent' });

/** A project that notes what it was asked for. */
class NotingProject implements ClientProject {
  readonly taken: string[] = [];
  readonly here = new Set<RoomSession>();
  readonly frames: FrameTable;

  constructor() {
    const note = (t: string) => {
      this.taken.push(t);
      return null;
    };
    const run = { action: 'run', take: (_: RoomSession, { t }: { t: string }) => note(t) } as const;
    const control = { action: 'kernel.control', take: run.take } as const;
    this.frames = {
      'doc.open': {
        action: 'document.read',
        take: async (_, { path }) => {
          if (path === 'missing') throw appError('file/not-found', { details: { path } });
          if (path === 'broken') throw new Error('the secret is swordfish');
          return note(`open ${path}`);
        },
      },
      'doc.close': { action: null, take: () => note('close') },
      'doc.update': { action: null, take: () => note('update') },
      'doc.recover': { action: null, take: () => note('recover') },
      presence: { action: 'document.read', take: () => note('presence') },
      'doc.restore': { action: 'history.restore', take: () => note('restore') },
      'run.queue': run,
      'run.cancel': run,
      'outputs.clear': run,
      'kernel.interrupt': control,
      'kernel.restart': control,
      'kernel.shutdown': control,
      'kernel.select': control,
      'input.reply': run,
      'kernel.complete': run,
      'kernel.inspect': run,
    };
  }

  enter(session: RoomSession) {
    this.here.add(session);
    return { dispose: () => void this.here.delete(session) };
  }
}

let server: Server;
let sockets: WebSocketServer;
let links: ClientLinks;
let noting: NotingProject;
let role: Role;
let opening: () => Promise<ClientProject>;
let latest: ClientLink | null;
let helloWithinMs: number;
let port = 0;

beforeEach(async () => {
  noting = new NotingProject();
  links = new ClientLinks();
  role = 'editor';
  opening = async () => noting;
  latest = null;
  helloWithinMs = 60_000;
  server = createServer();
  sockets = new WebSocketServer({ server, maxPayload: longestFrame, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    latest = new ClientLink({
      socket,
      project,
      person,
      role,
      signIn: 'session-1',
      setup: () => ({ phase: 'ready', message: '' }),
      open: () => opening(),
      logger,
      helloWithinMs,
    });
    links.add(latest);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterEach(async () => {
  for (const client of sockets.clients) client.terminate();
  sockets.close();
  server.close();
  await once(server, 'close');
});

class Tab {
  readonly frames: DownFrame[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;

  constructor() {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    this.socket.on('message', (data) => {
      if (data instanceof Uint8Array) this.frames.push(down.parse(decodeFrame(data).header));
    });
    this.closed = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)));
    this.socket.on('error', () => {});
  }

  static async greeted(): Promise<Tab> {
    const tab = new Tab();
    await once(tab.socket, 'open');
    tab.send({ t: 'hello', protocol: protocolVersion, tab: 't' });
    await tab.next('welcome');
    return tab;
  }

  send(header: object, payload?: Uint8Array): void {
    this.socket.send(encodeFrame(header, payload));
  }

  async next<T extends DownFrame['t']>(t: T, count = 1): Promise<Extract<DownFrame, { t: T }>> {
    const isIt = (frame: DownFrame): frame is Extract<DownFrame, { t: T }> => frame.t === t;
    return vi.waitFor(() => {
      const found = this.frames.filter(isIt)[count - 1];
      if (!found) throw new Error(`no ${t} yet: ${JSON.stringify(this.frames)}`);
      return found;
    });
  }
}

describe('a client link', () => {
  it('welcomes with who one is and what one may', async () => {
    role = 'viewer';
    const tab = await Tab.greeted();
    expect(tab.frames[0]).toMatchObject({
      t: 'welcome',
      person,
      role: 'viewer',
      mayReadHistory: false,
      protocol: protocolVersion,
    });
    expect(noting.here.size).toBe(1);
    tab.socket.close();
    await vi.waitFor(() => expect(noting.here.size).toBe(0));
    expect(links.size).toBe(0);
  });

  it('keeps frames that come while the project opens, in order', async () => {
    let open: (project: ClientProject) => void = () => {};
    opening = () => new Promise((resolve) => (open = resolve));
    const tab = new Tab();
    await once(tab.socket, 'open');
    tab.send({ t: 'hello', protocol: protocolVersion, tab: 't' });
    for (const path of ['a', 'b', 'c']) tab.send({ t: 'doc.open', id: 1, path });
    await vi.waitFor(() => expect(latest).not.toBeNull());
    open(noting);
    await vi.waitFor(() => expect(noting.taken).toEqual(['open a', 'open b', 'open c']));
  });

  it('says so when the project does not open, and lets the tab try again', async () => {
    opening = () => Promise.reject(appError('runner/unreachable'));
    const tab = new Tab();
    expect(await tab.closed).toBe(1013);
    expect(tab.frames[0]).toMatchObject({ t: 'error', error: { code: 'runner/unreachable' } });
  });

  it('answers requests by their number, errors too', async () => {
    const tab = await Tab.greeted();
    tab.send({ t: 'ping', id: 7 });
    tab.send({ t: 'doc.open', id: 8, path: 'missing' });
    tab.send({ t: 'doc.open', id: 9, path: 'broken' });
    expect(await tab.next('reply')).toEqual({ t: 'reply', re: 7, result: null });
    expect(await tab.next('error')).toMatchObject({ re: 8, error: { code: 'file/not-found' } });
    const broken = await tab.next('error', 2);
    expect(broken).toMatchObject({ re: 9, error: { code: 'internal/unexpected' } });
    expect(JSON.stringify(broken)).not.toContain('swordfish');
  });

  it('checks the right of every frame', async () => {
    role = 'viewer';
    const tab = await Tab.greeted();
    const doc = 'd';
    const forbidden = [
      { t: 'doc.restore', id: 1, doc, seq: 1 },
      { t: 'run.queue', id: 2, doc, cells: ['c'] },
      { t: 'run.cancel', id: 3, doc },
      { t: 'outputs.clear', id: 4, doc },
      { t: 'kernel.interrupt', id: 5, doc },
      { t: 'kernel.restart', id: 6, doc },
      { t: 'kernel.shutdown', id: 7, doc },
      { t: 'kernel.select', id: 8, doc, name: 'python3' },
      { t: 'input.reply', id: 9, doc, run: 'r', value: 'v' },
      { t: 'kernel.complete', id: 10, doc, code: 'x', cursor: 0 },
      { t: 'kernel.inspect', id: 11, doc, code: 'x', cursor: 0, detail: 0 },
    ];
    for (const [index, frame] of forbidden.entries()) {
      tab.send(frame);
      expect(await tab.next('error', index + 1)).toMatchObject({
        re: index + 1,
        error: { code: 'access/forbidden' },
      });
    }
    expect(noting.taken).toEqual([]);
  });

  it('loses rights at once, with the frames that are already on their way', async () => {
    const tab = await Tab.greeted();
    links.roleChanged({ project, person: person.id, role: 'viewer' });
    tab.send({ t: 'run.queue', id: 1, doc: 'd', cells: ['c'] });
    expect(await tab.closed).toBe(1012);
    const gone = await Tab.greeted();
    links.roleChanged({ project, person: person.id, role: null });
    gone.send({ t: 'doc.open', id: 1, path: 'a' });
    expect(await gone.closed).toBe(4403);
    expect(noting.taken).toEqual([]);
  });

  it('leaves others alone when rights change', async () => {
    const tab = await Tab.greeted();
    links.roleChanged({ project: asProjectId('other'), person: person.id, role: null });
    links.roleChanged({ project, person: asPersonId('bob'), role: null });
    links.sessionEnded('session-2');
    tab.send({ t: 'ping', id: 1 });
    await tab.next('reply');
    links.sessionEnded('session-1');
    expect(await tab.closed).toBe(4401);
  });

  it('asks a page of another version to reload', async () => {
    const tab = new Tab();
    await once(tab.socket, 'open');
    tab.send({ t: 'hello', protocol: protocolVersion + 1, tab: 't' });
    expect(await tab.closed).toBe(4426);
    expect(tab.frames[0]).toMatchObject({ t: 'error', error: { code: 'protocol/mismatch' } });
  });
});

describe('bad frames', () => {
  const bad: readonly (readonly [string, Uint8Array | string])[] = [
    ['nothing', new Uint8Array(0)],
    ['three bytes', new Uint8Array([1, 2, 3])],
    ['a length beyond the end', new Uint8Array([255, 255, 255, 255, 0])],
    ['a header that is not JSON', new Uint8Array([1, 0, 0, 0, 0x7b])],
    ['a header that is not UTF-8', new Uint8Array([1, 0, 0, 0, 0xff])],
    ['text', 'hello'],
    ['an unknown type', encodeFrame({ t: 'rm -rf' })],
    ['a header that is a list', encodeFrame([])],
    ['a missing field', encodeFrame({ t: 'doc.open', id: 1 })],
    ['a wrong type', encodeFrame({ t: 'run.queue', id: 1, doc: 'd', cells: 'all' })],
    ['a prototype', encodeFrame(JSON.parse('{"t":"ping","id":{"__proto__":1}}'))],
  ];

  it.each(bad)('%s is answered and harms nobody', async (_what, bytes) => {
    const tab = await Tab.greeted();
    tab.socket.send(bytes);
    expect(await tab.next('error')).toMatchObject({ error: { code: 'frame/malformed' } });
    tab.send({ t: 'ping', id: 1 });
    await tab.next('reply');
    expect(noting.taken).toEqual([]);
  });

  it('must come soon: a socket that says nothing is closed, one that said hello stays', async () => {
    helloWithinMs = 50;
    const polite = await Tab.greeted();
    const silent = new Tab();
    expect(await silent.closed).toBe(4400);
    polite.send({ t: 'ping', id: 7 });
    expect(await polite.next('reply')).toMatchObject({ re: 7 });
  });

  it('before hello are refused', async () => {
    const tab = new Tab();
    await once(tab.socket, 'open');
    tab.send({ t: 'doc.open', id: 1, path: 'a' });
    expect(await tab.next('error')).toMatchObject({ re: 1, error: { code: 'frame/malformed' } });
    expect(noting.taken).toEqual([]);
  });

  it('again and again end the socket, and only that one', async () => {
    const other = await Tab.greeted();
    const tab = await Tab.greeted();
    for (let n = 0; n < 5; n += 1) tab.socket.send('nonsense');
    expect(await tab.closed).toBe(4400);
    other.send({ t: 'ping', id: 1 });
    await other.next('reply');
  });

  it('that are too large end the socket before they are read', async () => {
    const other = await Tab.greeted();
    const tab = await Tab.greeted();
    tab.socket.send(new Uint8Array(longestFrame + 1));
    expect([1006, 1009]).toContain(await tab.closed);
    other.send({ t: 'ping', id: 1 });
    await other.next('reply');
    expect(noting.here.size).toBe(1);
  });
});

describe('a reader that does not read', () => {
  it('is cut off when its queue is full, and others are not held up', async () => {
    const slow = await Tab.greeted();
    const slowLink = latest;
    const quick = await Tab.greeted();
    const quickLink = latest;
    slow.socket.pause();
    const chunk = encodeFrame(
      { t: 'files.changed', folders: [] } satisfies DownFrame,
      new Uint8Array(64 * 1024),
    );
    let sent = 0;
    while (sent < 10 * longestQueue && slowLink?.ended.isDisposed === false) {
      slowLink.sendEncoded(chunk);
      quickLink?.sendEncoded(chunk);
      sent += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(slowLink?.ended.isDisposed).toBe(true), { timeout: 5_000 });
    quick.send({ t: 'ping', id: 1 });
    await quick.next('reply');
  }, 20_000);

  it('may ask for more than the queue holds', async () => {
    const tab = await Tab.greeted();
    const link = latest;
    const bulk = new Uint8Array(3 * longestQueue);
    link?.send({ t: 'reply', re: 1, result: 'bulk' }, bulk);
    link?.sendEncoded(encodeFrame({ t: 'files.changed', folders: [] } satisfies DownFrame));
    await tab.next('files.changed');
    expect(tab.frames.map(({ t }) => t)).toEqual(['welcome', 'reply', 'files.changed']);
  });
});
