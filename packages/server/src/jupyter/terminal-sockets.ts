/**
 * Sockets of terminals, of Jupyter's clients and of our own page: `/p/<project>/terminals/websocket/<terminal>`, with
 * `?cahier=1` for our own. The gate has checked who it is; what is shown to whom is terminals/terminal-tap.ts.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { AdmittedByDoor, Door } from '../http/door.ts';
import type { Principal } from '../http/principal.ts';
import type { ProjectTerminals } from '../terminals/project-terminals.ts';

export interface TerminalSocketsDeps {
  readonly open: (project: ProjectId) => Promise<{ readonly terminals: Pick<ProjectTerminals, 'add'> }>;
  /** Ends a socket whose other side is silently gone. */
  readonly watchLiveness: (socket: WebSocket) => Disposable;
  readonly logger: Logger;
}

export interface TerminalClient {
  readonly project: ProjectId;
  readonly principal: Principal;
}

/** A paste of a large text; more is a file. */
const longestMessage = 16 * 1024 * 1024;

export class TerminalSockets {
  readonly #deps: TerminalSocketsDeps;
  readonly #clients = new Map<WebSocket, TerminalClient>();

  constructor(deps: TerminalSocketsDeps) {
    this.#deps = deps;
  }

  get door(): Door {
    return {
      path: /^\/p\/([A-Za-z0-9_-]{1,128})\/terminals\/websocket\/([^/?]{1,256})$/,
      action: 'run',
      longestMessage,
      onSocket: (socket, client) => void this.#add(socket, client),
    };
  }

  /** Whoever lost a right comes back, if the rest of it still suffices. */
  closeWhere(
    isMeant: (client: TerminalClient) => boolean,
    code = 1008,
    reason = 'rights have changed',
  ): void {
    for (const [socket, client] of this.#clients) if (isMeant(client)) socket.close(code, reason);
  }

  /** The server stops: clients dial again. */
  closeAll(): void {
    this.closeWhere(() => true, 1012, 'the server stops');
  }

  async #add(socket: WebSocket, { names, query, project, principal }: AdmittedByDoor): Promise<void> {
    const { open, watchLiveness, logger } = this.#deps;
    const liveness = watchLiveness(socket);
    this.#clients.set(socket, { project, principal });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      liveness.dispose();
      this.#clients.delete(socket);
    });
    // what is typed before the terminal is found waits in the socket
    socket.pause();
    try {
      const { terminals } = await open(project);
      const viewer = { ...principal.person, isOurs: query.get('cahier') === '1' };
      await terminals.add(names[0] ?? '', socket, viewer);
    } catch (error) {
      const isKnown = error instanceof AppError;
      if (!isKnown) logger.error({ err: error }, 'a socket to a terminal failed');
      socket.resume();
      // Jupyter's clients dial again after any code but this
      const isGone = isKnown && error.code === 'terminal/not-found';
      socket.close(isGone ? 1000 : 1011, isKnown ? error.code : 'internal');
    }
  }
}
