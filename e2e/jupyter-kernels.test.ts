/** Issue 3, lines 2 and 7: Jupyter's clients and the people in the page at one kernel of one notebook. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';
import {
  decodeLegacy,
  decodeV1,
  encodeLegacy,
  encodeV1,
  type KernelChannel,
  v1Protocol,
} from '@cahier/core/jupyter/socket-frames.ts';
import { tokenMade } from '@cahier/protocol/http/tokens.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { Client, type OpenDocument } from './support/client.ts';
import { firstProject, ownerHeaders } from './support/http.ts';
import { ServerProcess } from './support/server-process.ts';

const code = (id: string, source: string) => ({
  cell_type: 'code',
  execution_count: null,
  id,
  metadata: {},
  outputs: [],
  source: [source],
});
const notebook = {
  cells: [code('one', 'print(1)'), code('two', 'print(2)'), code('three', 'print(3)')],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};
const text = z.string().catch('');

let folder: string;
let server: ServerProcess;
let project: string;
let token: string;
let kernel: string;
let person: Client;
let document: OpenDocument;

async function newToken(scopes: readonly string[]): Promise<string> {
  const answer = await fetch(`${server.origin}/api/projects/${project}/tokens`, {
    method: 'POST',
    headers: ownerHeaders(server),
    body: JSON.stringify({ name: 'Lab', scopes }),
  });
  return tokenMade.parse(await answer.json()).token;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-kernels-'));
  writeFileSync(join(folder, 'n.ipynb'), `${JSON.stringify(notebook, null, 1)}\n`);
  server = await ServerProcess.start({ folder });
  project = await firstProject(server);
  token = await newToken(['run', 'edit']);
  const started = await fetch(`${server.origin}/p/${project}/api/kernels`, {
    method: 'POST',
    headers: { authorization: `token ${token}` },
    body: JSON.stringify({ name: 'python3', path: 'n.ipynb' }),
  });
  kernel = z.object({ id: z.string() }).parse(await started.json()).id;
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  person = await Client.connect(server.origin, project, server.token);
  document = await person.open('n.ipynb');
  await expect.poll(() => document.live.kernel.status).toBe('idle');
  return () => person.close();
});

interface Said {
  readonly channel: KernelChannel;
  readonly type: string;
  readonly of: string;
  readonly header: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

interface Asked {
  readonly channel?: KernelChannel;
  readonly metadata?: JsonObject;
  readonly parent?: JsonObject;
  readonly subshell?: string;
  readonly buffers?: readonly Uint8Array[];
}

/** A client that speaks the wire itself, over as many sockets as it needs. */
class WireClient {
  readonly session = crypto.randomUUID();
  readonly heard: Said[] = [];
  readonly #protocol: string | undefined;
  readonly #token: string;
  #socket: WebSocket | null = null;

  constructor(protocol?: string, by = token) {
    this.#protocol = protocol;
    this.#token = by;
  }

  async dial(): Promise<this> {
    const url = `${server.origin.replace('http', 'ws')}/p/${project}/api/kernels/${encodeURIComponent(kernel)}/channels?session_id=${this.session}`;
    const socket = new WebSocket(url, this.#protocol === undefined ? [] : [this.#protocol], {
      headers: { authorization: `token ${this.#token}` },
    });
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      const frame = isBinary ? data : data.toString();
      const message =
        this.#protocol !== undefined && typeof frame !== 'string' ? decodeV1(frame) : decodeLegacy(frame);
      if (message === null || socket !== this.#socket) return;
      const [header = {}, parent = {}, , content = {}] = message.parts.slice(0, 4).map(objectIn);
      this.heard.push({
        channel: message.channel,
        type: text.parse(header['msg_type']),
        of: text.parse(parent['msg_id']),
        header,
        content,
        buffers: message.parts.slice(4),
      });
    });
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return this;
  }

  cut(): void {
    this.#socket?.terminate();
    this.#socket = null;
  }

  send(type: string, content: JsonObject, asked: Asked = {}): string {
    const id = crypto.randomUUID();
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.session,
      username: '',
      date: new Date().toISOString(),
      version: '5.4',
      ...(asked.subshell === undefined ? {} : { subshell_id: asked.subshell }),
    };
    const objects = [header, asked.parent ?? {}, asked.metadata ?? {}, content];
    const parts = objects.map((part) => new TextEncoder().encode(JSON.stringify(part)));
    const message = { channel: asked.channel ?? 'shell', parts: [...parts, ...(asked.buffers ?? [])] };
    const frame = this.#protocol === undefined ? encodeLegacy(message) : encodeV1(message);
    this.#socket?.send(frame ?? '');
    return id;
  }

  runCell(cell: string, source: string, more: JsonObject = {}): string {
    const content = {
      code: source,
      silent: false,
      store_history: true,
      allow_stdin: true,
      stop_on_error: true,
    };
    return this.send('execute_request', { ...content, ...more }, { metadata: { cellId: cell } });
  }

  async first(is: (said: Said) => boolean): Promise<Said> {
    await expect.poll(() => this.heard.some(is)).toBe(true);
    const found = this.heard.find(is);
    if (!found) throw new Error('it was there');
    return found;
  }

  reply(id: string): Promise<Said> {
    return this.first(({ of, type }) => of === id && type.endsWith('_reply'));
  }

  of(id: string): string[] {
    return this.heard.filter((said) => said.of === id).map(({ type }) => type);
  }
}

function objectIn(part: Uint8Array): JsonObject {
  const value: unknown = JSON.parse(new TextDecoder().decode(part));
  return isJsonObject(value) ? value : {};
}

const cellOf = (id: string) => document.live.cells[asCellId(id)];
const textOf = (id: string) =>
  (cellOf(id)?.outputs ?? [])
    .map((output) => (output.type === 'stream' ? output.text : output.type))
    .join('');

describe('a cell that a client runs itself', () => {
  it('is seen running by everybody, waits its turn, and is written once', async () => {
    const lab = await new WireClient(v1Protocol).dial();
    await person.request({ t: 'run.queue', doc: document.doc, cells: [asCellId('one')] });
    const asked = lab.runCell('two', 'import time\nprint("begun"); time.sleep(0.4); print("ended")');
    await person.until(() => cellOf('two')?.state === 'running');
    expect(cellOf('two')?.by?.name).toBe('Owner');
    await person.until(() => cellOf('two')?.state === 'done');
    expect(textOf('two')).toBe('begun\nended\n');
    expect((await lab.reply(asked)).content).toMatchObject({
      status: 'ok',
      execution_count: cellOf('two')?.executionCount,
    });
    await expect.poll(() => lab.of(asked).at(-1)).toMatch(/status|execute_reply/);
    expect(lab.of(asked).filter((type) => type === 'execute_input')).toHaveLength(1);
    const saved = z.object({
      cells: z.array(
        z.looseObject({ id: z.string(), outputs: z.array(z.looseObject({ text: z.unknown() })) }),
      ),
    });
    await expect
      .poll(() => saved.parse(JSON.parse(readFileSync(join(folder, 'n.ipynb'), 'utf8'))).cells[1]?.outputs)
      .toEqual([{ output_type: 'stream', name: 'stdout', text: ['begun\n', 'ended\n'] }]);
    lab.cut();
  });

  it('is dropped from the queue by an error, and the client is told', async () => {
    const lab = await new WireClient().dial();
    const fails = lab.runCell('one', '1/0');
    const waits = lab.runCell('two', 'print("never")');
    expect((await lab.reply(fails)).content).toMatchObject({ status: 'error', ename: 'ZeroDivisionError' });
    expect((await lab.reply(waits)).content).toMatchObject({ status: 'aborted' });
    await person.until(() => cellOf('one')?.state === 'failed' && cellOf('two')?.state === 'idle');
    expect(textOf('two')).toBe('begun\nended\n');
    lab.cut();
  });

  it('asks its client for input', async () => {
    const lab = await new WireClient().dial();
    const asked = lab.runCell('three', 'print("got", input("name? "))');
    const question = await lab.first(({ type, of }) => type === 'input_request' && of === asked);
    expect(cellOf('three')?.input).toBeUndefined();
    lab.send('input_reply', { status: 'ok', value: 'Ada' }, { channel: 'stdin', parent: question.header });
    await person.until(() => cellOf('three')?.state === 'done');
    expect(textOf('three')).toBe('got Ada\n');
    lab.cut();
  });

  it('goes on when its client is cut off, which hears the rest when it is back, each once', async () => {
    const lab = await new WireClient(v1Protocol).dial();
    const asked = lab.runCell(
      'two',
      'import time, sys\nfor i in range(40):\n    print(i); sys.stdout.flush(); time.sleep(0.03)',
    );
    const lines = () =>
      lab.heard
        .filter(({ of, type }) => of === asked && type === 'stream')
        .map(({ content }) => text.parse(content['text']))
        .join('');
    await expect.poll(lines).toContain('5\n');
    lab.cut();
    await person.until(() => textOf('two').includes('\n30\n'));
    await lab.dial();
    await lab.reply(asked);
    await lab.first(({ of, content }) => of === asked && content['execution_state'] === 'idle');
    expect(new Set(lines().split('\n')).size).toBe(41);
    expect(textOf('two')).toBe(Array.from({ length: 40 }, (_, i) => `${i}\n`).join(''));
    lab.cut();
  });

  it('runs once although the server is killed while it waits', async () => {
    const lab = await new WireClient(v1Protocol).dial();
    lab.runCell('two', 'import time; n = 0; time.sleep(1.5)');
    const waits = lab.runCell('three', 'n += 1; print("n is", n)');
    await person.until(() => cellOf('three')?.state === 'queued');
    // answered when all that was asked is on disk
    await person.request({ t: 'run.queue', doc: document.doc, cells: [asCellId('one')] });
    await server.kill();
    lab.cut();
    await server.restart();
    await lab.dial();
    const back = await Client.connect(server.origin, project, server.token);
    document = await back.open('n.ipynb');
    await back.until(() => cellOf('three')?.state === 'done');
    expect(textOf('three')).toBe('n is 1\n');
    await back.until(() => cellOf('one')?.state === 'done');
    expect((await lab.reply(waits)).content).toMatchObject({ status: 'ok' });
    back.close();
    lab.cut();
  });

  it('is nobody’s run when its client may not edit: the kernel is busy, the document unchanged', async () => {
    const before = textOf('one');
    const console_ = await new WireClient(v1Protocol, await newToken(['run'])).dial();
    const asked = console_.runCell('one', 'import time; time.sleep(0.5); print("aside")');
    await person.until(() => document.live.kernel.status === 'busy');
    await console_.reply(asked);
    await person.until(() => document.live.kernel.status === 'idle');
    expect(textOf('one')).toBe(before);
    console_.cut();
  });
});

describe.each([
  ['the older format', undefined],
  ['the v1 format', v1Protocol],
])('%s', (_, protocol) => {
  it('passes subshells, the debugger, comms with buffers', async () => {
    const lab = await new WireClient(protocol).dial();
    const control = { channel: 'control' } as const;
    const made = await lab.reply(lab.send('create_subshell_request', {}, control));
    const subshell = text.parse(made.content['subshell_id']);
    const aside = lab.send('execute_request', { code: '6*7', silent: false }, { subshell });
    expect((await lab.reply(aside)).content).toMatchObject({ status: 'ok' });
    const listed = await lab.reply(lab.send('list_subshell_request', {}, control));
    expect(listed.content).toMatchObject({ subshell_id: [subshell] });
    const deleted = await lab.reply(lab.send('delete_subshell_request', { subshell_id: subshell }, control));
    expect(deleted.content).toMatchObject({ status: 'ok' });
    const info = { type: 'request', seq: 1, command: 'debugInfo', arguments: {} };
    const debugged = await lab.reply(lab.send('debug_request', info, control));
    expect(debugged.content).toMatchObject({ success: true, command: 'debugInfo' });
    const target = [
      'def opened(comm, msg):',
      '    comm.on_msg(lambda m: comm.send({}, buffers=m["buffers"]))',
      'get_ipython().kernel.comm_manager.register_target("echo", opened)',
    ].join('\n');
    await lab.reply(lab.send('execute_request', { code: target, silent: true }));
    lab.send('comm_open', { comm_id: lab.session, target_name: 'echo', data: {} });
    const buffers = [new Uint8Array([0, 255]), new Uint8Array([1])];
    lab.send('comm_msg', { comm_id: lab.session, data: {} }, { buffers });
    const echo = await lab.first(
      ({ type, content }) => type === 'comm_msg' && content['comm_id'] === lab.session,
    );
    expect(echo.buffers.map((buffer) => [...buffer])).toEqual([[0, 255], [1]]);
    lab.cut();
  });
});
