/**
 * Issue 3, bad input: what is no path of the project, on every route that takes one, sent as it is (a client library
 * would tidy it up); and frames that are cut short or too long, on every socket. A clear refusal each, nothing outside
 * is read or changed, and a notebook that somebody has open keeps what is in it.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { basename, dirname, join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import { v1Protocol } from '@cahier/core/jupyter/socket-frames.ts';
import { KernelManager } from '@jupyterlab/services';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { Client, type OpenDocument } from './support/client.ts';
import { JupyterProject } from './support/jupyter-project.ts';

const notebook = {
  cells: [{ cell_type: 'code', execution_count: null, id: 'one', metadata: {}, outputs: [], source: ['1'] }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};
const secret = 'the-secret-of-somebody-else';
const typed = '# typed by Ada, and kept';

let at: JupyterProject;
/** Beside the project's folder, with a name that begins like it. */
let beside: string;
let ada: Client;
let open: OpenDocument;

beforeAll(async () => {
  at = await JupyterProject.start((folder) => {
    beside = `${folder}-secret`;
    mkdirSync(beside);
    writeFileSync(join(beside, 'secret.ipynb'), JSON.stringify({ ...notebook, metadata: { secret } }));
    writeFileSync(join(beside, 'secret.html'), secret);
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'n.ipynb'), JSON.stringify(notebook));
    writeFileSync(join(folder, 'a.txt'), 'a');
    symlinkSync(beside, join(folder, 'out'));
    for (const name of ['secret.ipynb', 'secret.html']) symlinkSync(join(beside, name), join(folder, name));
  });
  ada = await Client.connect(at.server.origin, at.id, at.server.token);
  open = await ada.open('n.ipynb');
  cellText(open.ydoc, asCellId('one'))?.insert(0, `${typed}\n`);
  await vi.waitFor(() => expect(readFileSync(join(at.folder, 'n.ipynb'), 'utf8')).toContain(typed), 20_000);
});

afterAll(async () => {
  ada.close();
  await at.stop();
  rmSync(beside, { recursive: true, force: true });
});

afterEach(async () => {
  expect((await at.ask('api/status')).status).toBe(200);
  expect(cellText(open.ydoc, asCellId('one'))?.toString()).toBe(`${typed}\n1`);
  expect(readFileSync(join(at.folder, 'n.ipynb'), 'utf8')).toContain(typed);
  expect(readdirSync(beside).sort()).toEqual(['secret.html', 'secret.ipynb']);
  expect(readFileSync(join(beside, 'secret.html'), 'utf8')).toBe(secret);
  expect(readdirSync(at.folder).sort()).toEqual([
    'a.txt',
    'n.ipynb',
    'out',
    'secret.html',
    'secret.ipynb',
    'sub',
  ]);
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The path leaves as it stands here. */
function send(method: string, path: string, body?: object): Promise<Answer> {
  const { hostname, port } = new URL(at.server.origin);
  return new Promise((resolve, reject) => {
    const asked = request({
      hostname,
      port,
      method,
      path: `/p/${at.id}/${path}`,
      headers: { authorization: `token ${at.token}`, 'content-type': 'application/json' },
    });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Ways to name a file beside the project; `name` stands at the end. */
function pathsTo(name: string): string[] {
  const folder = basename(beside);
  return [
    `../${folder}/${name}`,
    `..%2f${folder}%2f${name}`,
    `%2e%2e/${folder}/${name}`,
    `%2e%2e%2f${folder}%2f${name}`,
    `sub/../../${folder}/${name}`,
    `sub/%2e%2e/%2e%2e/${folder}/${name}`,
    `.%2e/${folder}/${name}`,
    `..%5c${folder}%5c${name}`,
    `..%00/${folder}/${name}`,
    `%c0%ae%c0%ae/${folder}/${name}`,
    `%252e%252e/${folder}/${name}`,
    `${beside}/${name}`,
    `/${beside}/${name}`,
    `%2f${encodeURIComponent(`${beside}/${name}`)}`,
    `${encodeURIComponent(beside)}%2f${name}`,
    `file:%2f%2f${beside}/${name}`,
    `out/${name}`,
    `out%2f${name}`,
    `a%00/${name}`,
    `${name}%00.txt`,
    `%zz/${name}`,
    `${'x/'.repeat(3_000)}${name}`,
    `${'x'.repeat(5_000)}${name}`,
    name,
  ];
}

/** Decoded, as they stand in a body. */
const inBodies = (name: string) =>
  pathsTo(name).map((path) => {
    try {
      return decodeURIComponent(path);
    } catch {
      return path;
    }
  });

/** 503: there is no JupyterLab here to have settings and themes. */
const isRefusal = (status: number) => (status >= 400 && status < 500) || status === 503;

async function refused(method: string, path: string, body?: object): Promise<void> {
  const answer = await send(method, path, body);
  const said = [method, path.slice(0, 120), JSON.stringify(body)?.slice(0, 200)];
  expect([...said, isRefusal(answer.status), answer.text]).toEqual([...said, true, answer.text]);
  expect(answer.text).not.toContain(secret);
  expect(answer.text).not.toContain('    at ');
}

async function workingFolder(id: string): Promise<string> {
  const kernels = new KernelManager({ serverSettings: at.settings() });
  const kernel = kernels.connectTo({ model: { id, name: 'python3' } });
  let folder = '';
  const future = kernel.requestExecute({ code: 'import os; print(os.getcwd(), end="")' });
  future.onIOPub = ({ content }) => {
    if ('text' in content) folder += String(content.text);
  };
  await future.done;
  kernel.dispose();
  kernels.dispose();
  return folder;
}

const file = { type: 'file', format: 'text', content: 'x' };

describe('a path that leads out of the project', () => {
  interface Way {
    readonly what: string;
    readonly method: string;
    readonly before: string;
    readonly body?: object;
    readonly after?: string;
  }
  const ways: readonly Way[] = [
    { what: 'contents', method: 'GET', before: 'api/contents/' },
    { what: 'contents with their hash', method: 'GET', before: 'api/contents/', after: '?hash=1&content=0' },
    { what: 'contents as bytes', method: 'GET', before: 'api/contents/', after: '?type=file&format=base64' },
    { what: 'saving', method: 'PUT', before: 'api/contents/', body: file },
    { what: 'saving in chunks', method: 'PUT', before: 'api/contents/', body: { ...file, chunk: 1 } },
    { what: 'making', method: 'POST', before: 'api/contents/', body: {} },
    { what: 'renaming', method: 'PATCH', before: 'api/contents/', body: { path: 'moved.txt' } },
    { what: 'copying', method: 'POST', before: 'api/contents/', body: { copy_from: 'a.txt' } },
    { what: 'a checkpoint', method: 'POST', before: 'api/contents/', body: {}, after: '/checkpoints' },
    {
      what: 'going back',
      method: 'POST',
      before: 'api/contents/',
      body: {},
      after: '/checkpoints/checkpoint',
    },
    { what: 'trust', method: 'POST', before: 'api/contents/', body: {}, after: '/trust' },
    { what: 'files', method: 'GET', before: 'files/' },
    { what: 'downloads', method: 'GET', before: 'files/', after: '?download=1' },
    { what: 'pages', method: 'GET', before: 'view/' },
    { what: 'nbconvert', method: 'GET', before: 'nbconvert/html/' },
    {
      what: 'shared rooms',
      method: 'PUT',
      before: 'api/collaboration/session/',
      body: { format: 'json', type: 'notebook' },
    },
    { what: 'pictures of kernels', method: 'GET', before: 'kernelspecs/python3/' },
    { what: 'kernelspecs', method: 'GET', before: 'api/kernelspecs/' },
    { what: 'themes', method: 'GET', before: 'lab/api/themes/' },
    { what: 'settings', method: 'GET', before: 'lab/api/settings/' },
    { what: 'pages of JupyterLab', method: 'GET', before: 'lab/static/' },
  ];
  it.each(ways)('is refused by $what', async ({ method, before, body, after = '' }) => {
    for (const name of ['secret.ipynb', 'secret.html'])
      for (const path of pathsTo(name)) await refused(method, `${before}${path}${after}`, body);
  });

  it('is refused in bodies and queries', async () => {
    for (const path of inBodies('secret.ipynb')) {
      await refused('POST', 'api/contents', { copy_from: path });
      await refused('PATCH', 'api/contents/a.txt', { path });
      const asked = encodeURIComponent(path.toWellFormed());
      for (const query of [`id?path=${asked}`, `path?id=${asked}`])
        await refused('GET', `api/fileid/${query}`);
      await refused('POST', `api/fileid/index?path=${asked}`);
      const resolved = await send('GET', `api/resolvePath?path=${asked}`);
      if (resolved.status === 200)
        expect([path, JSON.parse(resolved.text)]).toEqual([path, { resolved: [] }]);
      else expect(resolved.status).toBe(400);
    }
  });

  it('has no checkpoints', async () => {
    for (const path of pathsTo('secret.ipynb')) {
      const { status, text } = await send('GET', `api/contents/${path}/checkpoints`);
      expect([path.slice(0, 120), status === 200 ? text : '[]', status === 200 || isRefusal(status)]).toEqual(
        [path.slice(0, 120), '[]', true],
      );
    }
  });

  it('is never deleted', async () => {
    for (const path of pathsTo('secret.html').filter((each) => each !== 'secret.html'))
      await refused('DELETE', `api/contents/${path}`);
  });

  it('gives kernels, sessions and terminals the project’s folder, or none', async () => {
    const model = z.object({ id: z.string(), kernel: z.object({ id: z.string() }).optional() });
    const places = [`../${basename(beside)}/x.ipynb`, `${beside}/x.ipynb`, 'out/secret.ipynb'];
    for (const path of places) {
      for (const [asked, body] of [
        ['api/kernels', { path }],
        ['api/kernels', { env: { KERNEL_WORKING_DIR: dirname(path) } }],
        ['api/sessions', { path, type: 'notebook', kernel: { name: 'python3' } }],
      ] as const) {
        const answer = await send('POST', asked, body);
        expect([path, asked, [201, 400, 404].includes(answer.status)]).toEqual([path, asked, true]);
        if (answer.status !== 201) continue;
        const made = model.parse(JSON.parse(answer.text));
        const id = made.kernel?.id ?? made.id;
        expect([path, asked, await workingFolder(id)]).toEqual([path, asked, at.folder]);
        expect((await send('DELETE', `api/kernels/${id}`)).status).toBe(204);
      }
      const terminal = await send('POST', 'api/terminals', { cwd: dirname(path) });
      expect([path, [200, 400, 404].includes(terminal.status)]).toEqual([path, true]);
    }
    for (const { name } of z
      .array(z.object({ name: z.string() }))
      .parse(await (await at.ask('api/terminals')).json()))
      await at.ask(`api/terminals/${name}`, { method: 'DELETE' });
  });
});

/** A WebSocket of which every byte is ours. */
class Bytes {
  readonly #socket: Duplex;
  readonly #heard: Buffer[] = [];
  readonly ended: Promise<void>;

  private constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    if (head.length > 0) this.#heard.push(head);
    socket.on('data', (data: Buffer) => this.#heard.push(data));
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', resolve));
  }

  static dial(path: string, protocol?: string): Promise<Bytes> {
    const { hostname, port } = new URL(at.server.origin);
    return new Promise((resolve, reject) => {
      const asked = request({
        hostname,
        port,
        path: `/p/${at.id}/${path}`,
        headers: {
          authorization: `token ${path === 'link' ? at.server.token : at.token}`,
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...(protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }),
        },
      });
      asked.on('upgrade', (_, socket, head) => resolve(new Bytes(socket, head)));
      asked.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)));
      asked.on('error', reject);
      asked.end();
    });
  }

  /** The beginning of a binary frame that says it will be so long. */
  announce(length: number): this {
    const head = Buffer.alloc(14);
    head[0] = 0x82;
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
    this.#socket.write(head);
    return this;
  }

  frame(opcode: number, payload: Uint8Array): this {
    const head = Buffer.from([0x80 | opcode, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
    head.writeUInt16BE(payload.length, 2);
    this.#socket.write(Buffer.concat([head, payload]));
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#socket.write(bytes);
    return this;
  }

  /** The connection is cut where it is. */
  cut(): void {
    this.#socket.destroy();
  }

  /** With which the server closed; null: with none. */
  async closeCode(): Promise<number | null> {
    await this.ended;
    const all = Buffer.concat(this.#heard);
    let code: number | null = null;
    for (let i = 0; i + 2 <= all.length; ) {
      const opcode = (all[i] ?? 0) & 0x0f;
      let length = (all[i + 1] ?? 0) & 0x7f;
      let start = i + 2;
      if (length === 126) [length, start] = [all.readUInt16BE(start), start + 2];
      else if (length === 127) [length, start] = [Number(all.readBigUInt64BE(start)), start + 8];
      if (opcode === 8 && length >= 2) code = all.readUInt16BE(start);
      i = start + length;
    }
    return code;
  }
}

describe('a frame that is cut short, too long or of nonsense', () => {
  let doors: readonly (readonly [name: string, path: string, protocol?: string])[];
  let kernel: string;
  let terminal: string;
  const named = z.object({ id: z.string().optional(), name: z.string() });

  beforeAll(async () => {
    kernel =
      named.parse(await (await at.ask('api/kernels', { method: 'POST', body: { name: 'python3' } })).json())
        .id ?? '';
    terminal = named.parse(await (await at.ask('api/terminals', { method: 'POST' })).json()).name;
    const session = await at.ask('api/collaboration/session/n.ipynb', {
      method: 'PUT',
      body: { format: 'json', type: 'notebook' },
    });
    const { fileId } = z.object({ fileId: z.string() }).parse(await session.json());
    doors = [
      ['a kernel, older format', `api/kernels/${kernel}/channels`],
      ['a kernel, v1 format', `api/kernels/${kernel}/channels`, v1Protocol],
      ['a terminal', `terminals/websocket/${terminal}`],
      ['events', 'api/events/subscribe'],
      ['a shared room', `api/collaboration/room/json:notebook:${fileId}`],
      ['everybody’s awareness', 'api/collaboration/room/JupyterLab:globalAwareness'],
      ['the page', 'link'],
    ];
  });

  afterAll(async () => {
    await at.ask(`api/kernels/${kernel}`, { method: 'DELETE' });
    await at.ask(`api/terminals/${terminal}`, { method: 'DELETE' });
  });

  const dialAll = () =>
    Promise.all(
      doors.map(async ([name, path, protocol]) => [name, await Bytes.dial(path, protocol)] as const),
    );

  it('is refused before it is read when it says that it is too long', async () => {
    for (const length of [2 ** 30, Number.MAX_SAFE_INTEGER])
      for (const [name, socket] of await dialAll())
        expect([name, await socket.announce(length).closeCode()]).toEqual([name, 1009]);
  });

  it('is refused when it is no frame at all', async () => {
    const broken = [
      // not masked, an opcode that is none, a bit that nobody agreed on, a control frame in parts, text that is not UTF-8
      Buffer.from([0x82, 0x01, 0x00]),
      Buffer.from([0x83, 0x80, 0, 0, 0, 0]),
      Buffer.from([0xc2, 0x80, 0, 0, 0, 0]),
      Buffer.from([0x09, 0x80, 0, 0, 0, 0]),
      Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]),
    ];
    for (const bytes of broken)
      for (const [name, socket] of await dialAll())
        expect([name, [...bytes], [1002, 1007].includes((await socket.raw(bytes).closeCode()) ?? 0)]).toEqual(
          [name, [...bytes], true],
        );
  });

  it('leaves nothing behind when its sender is cut off in the middle', async () => {
    const connections = async () =>
      z.object({ connections: z.number() }).parse(await (await at.ask('api/status')).json()).connections;
    for (const [, socket] of await dialAll()) {
      socket.announce(50_000).raw(Buffer.alloc(100));
      socket.cut();
    }
    await expect.poll(connections).toBe(0);
  });

  it('of nonsense is refused with a code, or nobody hears it; what is right after it on another socket works', async () => {
    const nonsense = [
      Buffer.alloc(0),
      Buffer.from([0]),
      Buffer.from('{'),
      Buffer.from('null'),
      Buffer.from('[]'),
      Buffer.from('["stdin"]'),
      Buffer.from('{"channel":7,"header":[]}'),
      Buffer.from('{"channel":"shell","header":{"msg_id":{}},"content":7}'),
      Buffer.alloc(60_000, 0xff),
      Buffer.from([0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      Buffer.from([0, 2, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      Buffer.from([1, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    ];
    for (const payload of nonsense)
      for (const opcode of [1, 2]) {
        if (opcode === 1 && payload.includes(0xff)) continue;
        for (const [name, socket] of await dialAll()) {
          // who is still listened to is asked to say goodbye
          const goodbye = Buffer.from([0x03, 0xe8]);
          const code = await socket.frame(opcode, payload).frame(8, goodbye).closeCode();
          const about = [name, opcode, payload.subarray(0, 20).toString('latin1')];
          expect([...about, code !== null && code !== 1006 && code !== 1011]).toEqual([...about, true]);
        }
      }
    expect(await workingFolder(kernel)).toBe(at.folder);
  });
});
