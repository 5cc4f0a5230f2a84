/**
 * JupyterLab's side of collaboration without JupyterLab: the session request, y-websocket 1.5.4's provider and
 * @jupyter/ydoc's notebook, as docprovider puts them together. For stories that need no eyes.
 */
import { YFile, YNotebook } from '@jupyter/ydoc';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebsocketProvider } from 'y-websocket';
import WebSocket from 'ws';
import type * as Y from 'yjs';
import { z } from 'zod';

const session = z.object({
  format: z.string(),
  type: z.string(),
  fileId: z.string(),
  sessionId: z.string(),
});
export type LabSession = z.infer<typeof session>;

export interface LabPlace {
  readonly origin: string;
  readonly project: string;
  readonly token: string;
  /** Where Jupyter's addresses begin; absent: at the project. */
  readonly base?: string;
}

const baseOf = ({ origin, project, base }: LabPlace) => base ?? `${origin}/p/${project}`;

const types = { notebook: { format: 'json', type: 'notebook' }, file: { format: 'text', type: 'file' } };

export function authorized({ token }: LabPlace): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
}

export async function askSession(
  place: LabPlace,
  path: string,
  kind: keyof typeof types = 'notebook',
): Promise<Response> {
  return fetch(`${baseOf(place)}/api/collaboration/session/${encodeURIComponent(path)}`, {
    method: 'PUT',
    headers: authorized(place),
    body: JSON.stringify(types[kind]),
  });
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class LabClient<Model extends YNotebook | YFile = YNotebook> {
  readonly model: Model;
  readonly session: LabSession;
  readonly provider: WebsocketProvider;
  /** Every end of a socket that the server said. */
  readonly closed: Closed[] = [];
  /** Sockets that opened. */
  opened = 0;
  /** Binary messages received. */
  received = 0;

  private constructor(model: Model, opened: LabSession, place: LabPlace) {
    this.model = model;
    this.session = opened;
    const Socket = socketWith(place.token, (socket) => {
      socket.on('open', () => {
        this.opened += 1;
      });
      socket.on('message', () => {
        this.received += 1;
      });
      socket.on('close', (code, reason) => this.closed.push({ code, reason: reason.toString() }));
    });
    this.provider = new WebsocketProvider(
      `${baseOf(place).replace('http', 'ws')}/api/collaboration/room`,
      `${opened.format}:${opened.type}:${opened.fileId}`,
      model.ydoc,
      {
        disableBc: true,
        params: { sessionId: opened.sessionId },
        awareness: model.awareness,
        WebSocketPolyfill: Socket,
      },
    );
    this.provider.once('sync', () => {
      model.ydoc.getMap('state').set('document_id', this.provider.roomname);
    });
  }

  /** A notebook, open and synced. */
  static async open(place: LabPlace, path: string): Promise<LabClient> {
    const answer = await askSession(place, path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const client = LabClient.over(new YNotebook(), session.parse(await answer.json()), place);
    await client.synced();
    return client;
  }

  static async openFile(place: LabPlace, path: string): Promise<LabClient<YFile>> {
    const answer = await askSession(place, path, 'file');
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const client = LabClient.over(new YFile(), session.parse(await answer.json()), place);
    await client.synced();
    return client;
  }

  /** With a session that was asked for before, and a model that may have been used before. */
  static over<M extends YNotebook | YFile>(model: M, opened: LabSession, place: LabPlace): LabClient<M> {
    return new LabClient(model, opened, place);
  }

  async synced(): Promise<void> {
    await this.until(() => this.provider.synced, 'synced');
  }

  /** Looked at every few milliseconds. */
  async until(is: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!is()) {
      if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Ctrl+S; resolves to the status that the server answers. */
  async save(id = 1): Promise<string> {
    const { ws } = this.provider;
    if (!ws) throw new Error('there is no socket');
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 2);
    encoding.writeVarString(encoder, 'save');
    encoding.writeVarUint(encoder, id);
    return new Promise((resolve) => {
      const look = (event: { readonly data: unknown }) => {
        if (!(event.data instanceof ArrayBuffer)) return;
        const decoder = decoding.createDecoder(new Uint8Array(event.data));
        if (decoding.readVarUint(decoder) !== 2) return;
        const reply = z
          .object({ type: z.literal('save'), responseTo: z.number(), status: z.string() })
          .parse(JSON.parse(decoding.readVarString(decoder)));
        if (reply.responseTo !== id) return;
        ws.removeEventListener('message', look);
        resolve(reply.status);
      };
      ws.addEventListener('message', look);
      ws.send(encoding.toUint8Array(encoder));
    });
  }

  /** The laptop sleeps: no socket, typing goes on. */
  sleep(): void {
    this.provider.disconnect();
  }

  wake(): void {
    this.provider.connect();
  }

  close(): void {
    this.provider.destroy();
    this.model.awareness.destroy();
    this.model.dispose();
  }
}

/** The room of the whole project, as the collaboration extension opens it. */
export function awarenessOnly(doc: Y.Doc, { origin, project, token }: LabPlace): WebsocketProvider {
  return new WebsocketProvider(
    `${origin.replace('http', 'ws')}/p/${project}/api/collaboration/room`,
    'JupyterLab:globalAwareness',
    doc,
    { disableBc: true, WebSocketPolyfill: socketWith(token) },
  );
}

/** A browser's WebSocket that sends the token in a header. */
function socketWith(token: string, onMade?: (socket: WebSocket) => void): typeof globalThis.WebSocket {
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { authorization: `Bearer ${token}` } });
      onMade?.(this);
    }
  }
  // ws has what y-websocket uses of a browser's socket
  return Socket as unknown as typeof globalThis.WebSocket;
}

/** Ids and texts of the cells, in order. */
export function cellsOf(notebook: YNotebook): readonly (readonly [id: string, source: string])[] {
  return notebook.cells.map((cell) => [cell.getId(), cell.source] as const);
}
