/**
 * Sockets of Jupyter's clients to kernels. What a client sends goes to the kernel as it is; answers go to who asked, and
 * what the kernel publishes goes to all, runs from the page included. A cell that a client runs itself is a run of its
 * notebook (cell-requests.ts). One per server; knows sockets, never Yjs.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { type Disposable, DisposableStore } from '@cahier/base/disposable.ts';
import type { Emitter } from '@cahier/base/emitter.ts';
import type { KernelId, ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import { v1Protocol } from '@cahier/core/jupyter/socket-frames.ts';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Door } from '../http/door.ts';
import type { Principal } from '../http/principal.ts';
import type { KernelMessage } from '../runners/runner-client.ts';
import type { Runner, RunnerListener } from '../runners/runner.ts';
import { documentOfKernel } from '../runs/kernel-id.ts';
import { runCellOf } from './cell-requests.ts';
import type { JupyterProject } from './jupyter-project.ts';
import { KernelTap } from './kernel-tap.ts';
import { Kernels, type KernelTraffic } from './kernels.ts';

/** A runner through which kernels can be listened to. */
export interface ListenedRunner extends Runner {
  readonly messages: Emitter<KernelMessage>;
  listen(listener: RunnerListener): Disposable;
}

export interface SocketProject extends JupyterProject {
  readonly runner: ListenedRunner;
}

export interface KernelSocketsDeps {
  readonly open: (project: ProjectId) => Promise<SocketProject>;
  /** Ends a socket whose other side is silently gone. */
  readonly watchLiveness: (socket: WebSocket) => Disposable;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KernelClient {
  readonly project: ProjectId;
  readonly principal: Principal;
  readonly role: Role;
  readonly kernel: string;
  readonly clientSession: string | null;
}

interface Tapped {
  readonly project: ProjectId;
  readonly runner: ListenedRunner;
  readonly tap: KernelTap;
  readonly ends: DisposableStore;
}

const quiet: KernelTraffic = { connections: 0, state: null, lastActivity: 0 };

const longestMessage = 128 * 1024 * 1024;

/** `/p/<project>/api/kernels/<kernel>/channels`, in both formats. */
export function kernelDoor(sockets: KernelSockets): Door {
  return {
    path: /^\/p\/([A-Za-z0-9_-]{1,128})\/api\/kernels\/([^/?]{1,512})\/channels$/,
    action: 'run',
    longestMessage,
    subProtocol: v1Protocol,
    onSocket: (socket, { names, query, project, principal, role }) => {
      const client = {
        project,
        principal,
        role,
        kernel: names[0] ?? '',
        clientSession: query.get('session_id') || null,
      };
      void sockets.add(socket, client);
    },
  };
}

export class KernelSockets {
  readonly #deps: KernelSocketsDeps;
  readonly #taps = new Map<KernelId, Tapped>();

  constructor(deps: KernelSocketsDeps) {
    this.#deps = deps;
  }

  /** The gate has checked who it is. What the client sends before the kernel is found waits in the socket. */
  async add(socket: WebSocket, client: KernelClient): Promise<void> {
    socket.on('error', () => socket.terminate());
    socket.pause();
    try {
      const project = await this.#deps.open(client.project);
      const { id } = await new Kernels(project).find(client.kernel);
      if (socket.readyState !== socket.OPEN) return;
      const liveness = this.#deps.watchLiveness(socket);
      socket.on('close', () => liveness.dispose());
      this.#tapOf(id, client.project, project).tap.add(socket, client);
      socket.resume();
    } catch (error) {
      const isKnown = error instanceof AppError;
      if (!isKnown) this.#deps.logger.error({ err: error }, 'a socket to a kernel failed');
      socket.resume();
      // a code after which clients try again, unless the kernel is really not there
      socket.close(isKnown && error.kind === 'not-found' ? 1000 : 1011, isKnown ? error.code : 'internal');
    }
  }

  trafficOf(kernel: KernelId): KernelTraffic {
    return this.#taps.get(kernel)?.tap.traffic ?? quiet;
  }

  connections(project: ProjectId): number {
    const mine = [...this.#taps.values()].filter((tapped) => tapped.project === project);
    return mine.reduce((sum, { tap }) => sum + tap.size, 0);
  }

  /** Whoever lost a right comes back, if the rest of it still suffices. */
  closeWhere(isMeant: (client: KernelClient) => boolean, code = 1008, reason = 'rights have changed'): void {
    for (const { tap } of this.#taps.values()) tap.closeWhere(isMeant, code, reason);
  }

  /** The server stops: clients dial again. */
  closeAll(): void {
    this.closeWhere(() => true, 1012, 'the server stops');
  }

  #tapOf(kernel: KernelId, project: ProjectId, { runner, runs }: SocketProject): Tapped {
    const known = this.#taps.get(kernel);
    if (known?.runner === runner) return known;
    // the project was closed and opened again meanwhile
    if (known) this.#end(kernel);
    const { clock, logger } = this.#deps;
    const ends = new DisposableStore();
    const document = documentOfKernel(kernel);
    const tap = new KernelTap({
      kernel,
      runner,
      clock,
      logger,
      runCell: (client, request) =>
        runCellOf(document === null ? null : runs.get(document), kernel, client, request),
      opened: () => {
        if (document === null || runs.get(document) !== null) return null;
        const failed = (error: unknown) => logger.info({ err: error, kernel }, 'a notebook was not opened');
        return runs.notebookOfKernel(kernel).then(() => undefined, failed);
      },
      onEmpty: () => this.#end(kernel),
    });
    ends.add(tap);
    ends.add(
      runner.messages.on((message) => {
        if (message.kernel === kernel) tap.heard(message);
      }),
    );
    ends.add(
      runner.listen({
        // a new link knows of no listeners
        onConnected: () => tap.listen(true),
        onDisconnected: () => undefined,
        onEvent: (_, event) => {
          if (event.e === 'kernel.status' && event.kernel === kernel) tap.statusIs(event.status);
        },
        onSignal: (signal) => {
          if (signal.s === 'kernel.status' && signal.kernel === kernel) tap.statusIs(signal.status);
        },
      }),
    );
    const tapped = { project, runner, tap, ends };
    this.#taps.set(kernel, tapped);
    tap.listen(true);
    return tapped;
  }

  #end(kernel: KernelId): void {
    const tapped = this.#taps.get(kernel);
    this.#taps.delete(kernel);
    tapped?.ends.dispose();
    tapped?.tap.listen(false);
  }
}
