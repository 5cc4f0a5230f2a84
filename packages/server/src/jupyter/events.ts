/**
 * Jupyter's events of all projects: whoever listens hears what happens to kernels and files of that project, by the page
 * or by a program. Nothing is kept: who comes later has missed it. Holds no rights; routes and the gate check them.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Emitter } from '@cahier/base/emitter.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { KernelId, ProjectId } from '@cahier/base/ids.ts';
import {
  type ContentsAction,
  contentsSchema,
  type KernelAction,
  kernelActionsSchema,
} from '@cahier/protocol/http/jupyter-events.ts';
import { httpStatusOf, toWireError } from '@cahier/protocol/wire-error.ts';
import type { RunnerCall } from '@cahier/protocol/runner/down.ts';
import type { WebSocket } from 'ws';
import type { Door } from '../http/door.ts';
import type { Principal } from '../http/principal.ts';
import type { AnsweredCall } from '../runners/runner-client.ts';
import { isHidden } from './contents-model.ts';

export interface EventClient {
  readonly project: ProjectId;
  readonly principal: Principal;
}

export interface EventsDeps {
  readonly clock: Clock;
  /** Ends a socket whose other side is silently gone. */
  readonly watchLiveness: (socket: WebSocket) => Disposable;
}

/** A listener with so much unread is cut off: events are small, it does not read at all. */
const mostUnread = 1024 * 1024;
const longestMessage = 64 * 1024;
const mostKernels = 1_000;

export class JupyterEvents {
  readonly #deps: EventsDeps;
  readonly #clients = new Map<WebSocket, EventClient>();
  /** Which kernelspec a kernel was started from, the oldest first. */
  readonly #specs = new Map<KernelId, string>();

  constructor(deps: EventsDeps) {
    this.#deps = deps;
  }

  /** Listeners. */
  get size(): number {
    return this.#clients.size;
  }

  /** `/p/<project>/api/events/subscribe`. */
  get door(): Door {
    return {
      path: /^\/p\/([A-Za-z0-9_-]{1,128})\/api\/events\/subscribe$/,
      action: 'document.read',
      longestMessage,
      onSocket: (socket, { project, principal }) => this.add(socket, { project, principal }),
    };
  }

  /** The gate has checked who it is. What listeners say is not heard: events are posted. */
  add(socket: WebSocket, client: EventClient): void {
    const liveness = this.#deps.watchLiveness(socket);
    this.#clients.set(socket, client);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      liveness.dispose();
      this.#clients.delete(socket);
    });
  }

  /** `at`: ms since the epoch; absent: now. */
  emit(
    project: ProjectId,
    schema: string,
    data: Readonly<Record<string, unknown>>,
    at: number = this.#deps.clock.now(),
  ): void {
    let text: string | null = null;
    for (const [socket, client] of this.#clients) {
      if (client.project !== project || socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > mostUnread) {
        socket.close(1013, 'too slow');
        continue;
      }
      text ??= JSON.stringify({
        ...data,
        schema_id: schema,
        __timestamp__: new Date(at).toISOString(),
        __schema__: schema,
        __schema_version__: schema.replace(/^.*\/v/, ''),
        __metadata_version__: 1,
      });
      socket.send(text);
    }
  }

  contents(project: ProjectId, data: ContentsAction): void {
    if (!isHidden(data.path)) this.emit(project, contentsSchema, data);
  }

  /** From now on what is asked of this project's runner is announced. It ends with the runner's client. */
  watch(project: ProjectId, answered: Emitter<AnsweredCall>): void {
    answered.on(({ call, error }) => {
      const kernel = this.#kernelAction(call, error);
      if (kernel) this.emit(project, kernelActionsSchema, kernel);
      const contents = error === null ? contentsActionOf(call) : null;
      if (contents) this.contents(project, contents);
    });
  }

  closeWhere(isMeant: (client: EventClient) => boolean, code = 1008, reason = 'rights have changed'): void {
    for (const [socket, client] of this.#clients) if (isMeant(client)) socket.close(code, reason);
  }

  closeAll(): void {
    this.closeWhere(() => true, 1012, 'the server stops');
  }

  #kernelAction(call: RunnerCall, error: unknown): KernelAction | null {
    if (!isKernelCall(call)) return null;
    const { kernel } = call;
    if (call.method === 'kernel.start') this.#remember(kernel, call.spec);
    const name = this.#specs.get(kernel);
    const [action, past] = kernelWords[call.method];
    const about = { action, kernel_id: kernel, ...(name === undefined ? {} : { kernel_name: name }) };
    if (error === null) {
      if (action === 'shutdown') this.#specs.delete(kernel);
      return { ...about, status: 'success', msg: `Kernel ${kernel} ${past}.` };
    }
    const { kind, message } = toWireError(error);
    return { ...about, status: 'error', status_code: httpStatusOf[kind], msg: message };
  }

  #remember(kernel: KernelId, spec: string): void {
    this.#specs.set(kernel, spec);
    for (const old of this.#specs.keys()) {
      if (this.#specs.size <= mostKernels) return;
      this.#specs.delete(old);
    }
  }
}

const kernelWords = {
  'kernel.start': ['start', 'was started'],
  'kernel.interrupt': ['interrupt', 'was interrupted'],
  'kernel.restart': ['restart', 'was restarted'],
  'kernel.shutdown': ['shutdown', 'was shut down'],
} as const;

type KernelCall = Extract<RunnerCall, { method: keyof typeof kernelWords }>;

function isKernelCall(call: RunnerCall): call is KernelCall {
  return Object.hasOwn(kernelWords, call.method);
}

function contentsActionOf(call: RunnerCall): ContentsAction | null {
  switch (call.method) {
    case 'file.write':
      return { action: call.ifHash === null ? 'create' : 'save', path: call.path };
    case 'file.mkdir':
      return { action: 'create', path: call.path };
    case 'file.rename':
      return { action: 'rename', path: call.to, source_path: call.from };
    case 'file.remove':
      return { action: 'delete', path: call.path };
    default:
      return null;
  }
}
