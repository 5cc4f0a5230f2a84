/**
 * A client without a page: the real socket, the real frames, a Y document, and the live document folded as the page
 * folds it. For stories that need no eyes, and for benches.
 */
import { asDocumentId, type CellId, type DocumentId } from '@cahier/base/ids.ts';
import type { Json } from '@cahier/base/json.ts';
import { applyLiveOps } from '@cahier/core/runs/apply-live-op.ts';
import { emptyLiveNotebook, type LiveNotebook } from '@cahier/core/runs/live.ts';
import { type DownFrame, down } from '@cahier/protocol/client/down.ts';
import type { UpFrame } from '@cahier/protocol/client/up.ts';
import { decodeFrame, encodeFrame, splitPayload } from '@cahier/protocol/frame.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import WebSocket from 'ws';
import * as Y from 'yjs';

type Distribute<F> = F extends { id: number } ? Omit<F, 'id'> : never;
type Request = Distribute<UpFrame>;

export interface OpenDocument {
  readonly doc: DocumentId;
  readonly ydoc: Y.Doc;
  readonly epoch: string;
  live: LiveNotebook;
  /** Highest of this client's numbers that the server has on disk. */
  saved: number;
  sent: number;
}

export class Client {
  readonly #socket: WebSocket;
  readonly documents = new Map<DocumentId, OpenDocument>();
  readonly #waiting = new Map<
    number,
    { resolve: (frame: DownFrame, payload: Uint8Array) => void; reject: (error: Error) => void }
  >();
  readonly #watchers = new Set<() => void>();
  #nextId = 1;
  onFrame: ((frame: DownFrame, payload: Uint8Array) => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async connect(origin: string, project: string, token: string): Promise<Client> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/p/${project}/link`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    socket.binaryType = 'nodebuffer';
    const client = new Client(socket);
    await new Promise<void>((done, fail) => {
      socket.once('open', () => done());
      socket.once('error', fail);
    });
    const welcomed = new Promise<void>((done) => {
      client.onFrame = (frame) => {
        if (frame.t === 'welcome') done();
      };
    });
    socket.on('message', (data: Buffer) => client.#receive(data));
    client.send({
      t: 'hello',
      protocol: protocolVersion,
      tab: `node-${Math.random().toString(36).slice(2)}`,
    });
    await welcomed;
    client.onFrame = undefined;
    return client;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(frame: UpFrame, payload?: Uint8Array): void {
    this.#socket.send(encodeFrame(frame, payload));
  }

  async request(frame: Request): Promise<Json> {
    const { frame: answer } = await this.#ask(frame);
    return answer.t === 'reply' ? answer.result : null;
  }

  async open(path: string): Promise<OpenDocument> {
    const ydoc = new Y.Doc();
    const { frame, payload } = await this.#ask({ t: 'doc.open', path }, Y.encodeStateVector(ydoc));
    if (frame.t !== 'doc.opened') throw new Error(`${path} was not opened: ${JSON.stringify(frame)}`);
    const [, update] = splitPayload(payload, frame.parts);
    if (update) Y.applyUpdate(ydoc, update, 'link');
    const opened: OpenDocument = {
      doc: asDocumentId(frame.doc),
      ydoc,
      epoch: frame.epoch,
      live: frame.live ?? emptyLiveNotebook,
      saved: 0,
      sent: 0,
    };
    this.documents.set(opened.doc, opened);
    ydoc.on('update', (bytes: Uint8Array, from: unknown) => {
      if (from === 'link') return;
      opened.sent += 1;
      this.send(
        { t: 'doc.update', doc: opened.doc, n: opened.sent, parts: [bytes.length], origins: ['typing'] },
        bytes,
      );
    });
    return opened;
  }

  /** Resolves when `is` holds; looked at after every frame. */
  async until(is: () => boolean, timeoutMs = 60_000): Promise<void> {
    if (is()) return;
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        fail(new Error(`waited ${timeoutMs} ms in vain for ${is.toString()}`));
      }, timeoutMs);
      const look = () => {
        if (!is()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        done();
      };
      this.#watchers.add(look);
    });
  }

  /** Runs cells; resolves when none of them waits or runs any more (the first error takes the rest out of the queue). */
  async runAndWait(document: OpenDocument, cells: readonly CellId[], timeoutMs = 120_000): Promise<void> {
    const [first] = cells;
    const runOf = (cell: CellId | undefined) =>
      cell === undefined ? undefined : document.live.cells[cell]?.run;
    const before = runOf(first);
    await this.request({ t: 'run.queue', doc: document.doc, cells: [...cells] });
    await this.until(() => runOf(first) !== before, timeoutMs);
    const isOver = (cell: CellId) =>
      !['queued', 'running'].includes(document.live.cells[cell]?.state ?? 'idle');
    await this.until(() => document.live.queue.length === 0 && cells.every(isOver), timeoutMs);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #ask(frame: Request, payload?: Uint8Array): Promise<{ frame: DownFrame; payload: Uint8Array }> {
    const id = this.#nextId++;
    return new Promise((done, reject) => {
      this.#waiting.set(id, { resolve: (answer, bytes) => done({ frame: answer, payload: bytes }), reject });
      this.send({ ...frame, id }, payload);
    });
  }

  #receive(data: Buffer): void {
    const { header, payload } = decodeFrame(data);
    const frame = down.parse(header);
    this.#take(frame, payload);
    this.onFrame?.(frame, payload);
    for (const look of [...this.#watchers]) look();
  }

  #take(frame: DownFrame, payload: Uint8Array): void {
    switch (frame.t) {
      case 'doc.opened':
      case 'doc.refused':
      case 'reply':
        this.#waiting.get(frame.re)?.resolve(frame, payload);
        this.#waiting.delete(frame.re);
        break;
      case 'error':
        if (frame.re === undefined) break;
        this.#waiting.get(frame.re)?.reject(new Error(`${frame.error.code}: ${frame.error.message}`));
        this.#waiting.delete(frame.re);
        break;
      case 'doc.update': {
        const document = this.documents.get(frame.doc);
        const updates = frame.parts ? splitPayload(payload, frame.parts) : [payload];
        if (document) for (const update of updates) Y.applyUpdate(document.ydoc, update, 'link');
        break;
      }
      case 'doc.saved': {
        const document = this.documents.get(frame.doc);
        if (document) document.saved = frame.n;
        break;
      }
      case 'live': {
        const document = this.documents.get(frame.doc);
        if (document) {
          const skip = document.live.version - frame.from;
          document.live = applyLiveOps(document.live, skip > 0 ? frame.ops.slice(skip) : frame.ops);
        }
        break;
      }
      default:
        break;
    }
  }
}
