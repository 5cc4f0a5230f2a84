/**
 * A JupyterLab without a page: the room socket as its document provider opens it, the shared notebook of `@jupyter/ydoc`,
 * and its own way of running a cell (over the kernel's socket, outputs written by the client). Works at any server that
 * has Jupyter's rooms.
 */
import { YCodeCell, YNotebook } from '@jupyter/ydoc';
import { type Kernel, KernelManager, ServerConnection, SessionManager } from '@jupyterlab/services';
import { WebsocketProvider } from 'y-websocket';
import { z } from 'zod';

type Output = Parameters<YCodeCell['setOutputs']>[0][number];

const session = z.object({ format: z.string(), type: z.string(), fileId: z.string(), sessionId: z.string() });
const hasText = z.looseObject({ name: z.string(), text: z.string() });
const mimeBundle = z.looseObject({ data: z.record(z.string(), z.json()) });
const counted = z.looseObject({ execution_count: z.number().nullish() });

export interface LabServer {
  /** Ends with `/`. */
  readonly base: string;
  readonly token: string;
}

export class RoomClient {
  readonly notebook: YNotebook;
  readonly provider: WebsocketProvider;
  readonly #server: LabServer;
  readonly #path: string;
  readonly #ends: (() => void)[] = [];
  #kernel: Promise<Kernel.IKernelConnection> | undefined;

  private constructor(server: LabServer, path: string, notebook: YNotebook, provider: WebsocketProvider) {
    this.#server = server;
    this.#path = path;
    this.notebook = notebook;
    this.provider = provider;
  }

  /** Resolves when the client has the document. */
  static async open(server: LabServer, path: string): Promise<RoomClient> {
    const headers = { authorization: `token ${server.token}`, 'content-type': 'application/json' };
    const answer = await fetch(
      `${server.base}api/collaboration/session/${path.split('/').map(encodeURIComponent).join('%2F')}`,
      { method: 'PUT', headers, body: JSON.stringify({ format: 'json', type: 'notebook' }) },
    );
    if (!answer.ok) throw new Error(`${path} has no session: ${answer.status} ${await answer.text()}`);
    const { format, type, fileId, sessionId } = session.parse(await answer.json());
    const notebook = new YNotebook();
    const room = `${format}:${type}:${fileId}`;
    const provider = new WebsocketProvider(
      `${server.base.replace(/^http/, 'ws')}api/collaboration/room`,
      room,
      notebook.ydoc,
      { disableBc: true, awareness: notebook.awareness, params: { sessionId, token: server.token } },
    );
    notebook.awareness.setLocalStateField('user', { name: 'Ada', username: 'ada', display_name: 'Ada' });
    notebook.awareness.setLocalStateField('autosave', true);
    await new Promise<void>((done, fail) => {
      provider.on('sync', (isSynced: boolean) => {
        if (isSynced) done();
      });
      provider.on('connection-close', (event: CloseEvent | null) =>
        fail(new Error(`the room of ${path} was closed: ${event?.code} ${event?.reason}`)),
      );
    });
    notebook.ystate.set('document_id', room);
    return new RoomClient(server, path, notebook, provider);
  }

  code(index: number): YCodeCell {
    const cell = this.notebook.cells[index];
    if (!(cell instanceof YCodeCell)) throw new Error(`cell ${index} is not code`);
    return cell;
  }

  /** Resolves when `is` holds; looked at after every change of the shared notebook. */
  async until(is: () => boolean, timeoutMs = 60_000): Promise<void> {
    if (is()) return;
    const { ydoc } = this.notebook;
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => {
        ydoc.off('update', look);
        fail(new Error(`waited ${timeoutMs} ms in vain for ${is.toString()}`));
      }, timeoutMs);
      const look = () => {
        if (!is()) return;
        clearTimeout(timer);
        ydoc.off('update', look);
        done();
      };
      ydoc.on('update', look);
    });
  }

  /** The kernel of this notebook's session, started when there is none. */
  kernel(): Promise<Kernel.IKernelConnection> {
    this.#kernel ??= this.#connect();
    return this.#kernel;
  }

  /** As JupyterLab's own executor does it; resolves when the kernel is done. */
  async run(index: number): Promise<void> {
    const cell = this.code(index);
    const kernel = await this.kernel();
    cell.clearOutputs();
    cell.execution_count = null;
    cell.executionState = 'running';
    const future = kernel.requestExecute({ code: cell.source });
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === 'stream') append(cell, hasText.parse(content));
      else if (header.msg_type === 'error') push(cell, { output_type: 'error', ...content });
      else if (header.msg_type === 'display_data' || header.msg_type === 'execute_result')
        push(cell, { output_type: header.msg_type, metadata: {}, ...mimeBundle.parse(content) });
    };
    const reply = await future.done;
    cell.execution_count = counted.parse(reply.content).execution_count ?? null;
    cell.executionState = 'idle';
  }

  close(): void {
    for (const end of this.#ends) end();
    this.provider.destroy();
    this.notebook.dispose();
  }

  async #connect(): Promise<Kernel.IKernelConnection> {
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: this.#server.base,
      wsUrl: this.#server.base.replace(/^http/, 'ws'),
      token: this.#server.token,
      appendToken: true,
    });
    const kernels = new KernelManager({ serverSettings });
    const sessions = new SessionManager({ serverSettings, kernelManager: kernels });
    const connection = await sessions.startNew({
      path: this.#path,
      name: this.#path,
      type: 'notebook',
      kernel: { name: 'python3' },
    });
    this.#ends.push(() => {
      connection.dispose();
      sessions.dispose();
      kernels.dispose();
    });
    if (!connection.kernel) throw new Error(`${this.#path} has no kernel`);
    return connection.kernel;
  }
}

function append(cell: YCodeCell, { name, text }: z.infer<typeof hasText>): void {
  const outputs = cell.getOutputs();
  const last = outputs.at(-1);
  if (last?.output_type === 'stream' && last['name'] === name)
    cell.appendStreamOutput(outputs.length - 1, text);
  else push(cell, { output_type: 'stream', name, text });
}

function push(cell: YCodeCell, output: Output): void {
  const end = cell.youtputs.length;
  cell.updateOutputs(end, end, [output]);
}
