/**
 * Where runners dial in: `/runner-link` on a Unix socket in a folder that only this user may enter. The first frame
 * must be a hello with the token that this runner was given; everything else is refused.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@cahier/base/app-error.ts';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { protocolVersion } from '@cahier/protocol/version.ts';
import type { RunnerUp } from '@cahier/protocol/runner/up.ts';
import { hashSecret, isSameHash } from '../people/secrets.ts';
import type { RunnerTokenStore } from '../runners/runner-token-store.ts';
import type { RunnerGreeting } from '../runners/runner-wire.ts';
import { RunnerLink } from './runner-link.ts';

interface RunnerDoorDeps {
  readonly tokens: RunnerTokenStore;
  /** The link is paused until the listener resumes it. */
  readonly onRunner: (link: RunnerLink, hello: RunnerGreeting) => Promise<void>;
  readonly logger: Logger;
}

const mostRefused = 1_000;
const helloWithinMs = 5_000;
/** A file of the largest size and its header. */
const longestRunnerFrame = 320 * 1024 * 1024;

export class RunnerDoor {
  readonly #deps: RunnerDoorDeps;
  readonly #server: Server = createServer((_, response) => response.writeHead(404).end());
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: longestRunnerFrame,
    perMessageDeflate: false,
  });

  readonly #refused = new Set<string>();

  constructor(deps: RunnerDoorDeps) {
    this.#deps = deps;
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets.clients) socket.close(1012, 'the server stops');
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.url !== '/runner-link') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (upgraded) => this.#greet(upgraded));
  }

  #greet(socket: WebSocket): void {
    const { logger } = this.#deps;
    const link = new RunnerLink(socket, logger);
    const late = setTimeout(() => link.close(4401, 'no hello'), helloWithinMs);
    const first = link.frames.on(({ frame }) => {
      clearTimeout(late);
      first.dispose();
      link.pause();
      this.#admit(link, frame).catch((error: unknown) => {
        // of a project that this server does not serve (now): it lives on and asks again
        const isElsewhere = error instanceof AppError && error.kind !== 'internal';
        if (!isElsewhere) logger.error({ err: error }, 'runner was not taken in');
        link.close(isElsewhere ? 1013 : 1011, 'not taken in');
        link.resume();
      });
    });
    link.closed.on(() => clearTimeout(late));
  }

  async #admit(link: RunnerLink, frame: RunnerUp): Promise<void> {
    const { tokens, logger, onRunner } = this.#deps;
    const known = frame.t === 'hello' ? await tokens.token(frame.runner) : null;
    const isRight =
      frame.t === 'hello' &&
      known !== null &&
      known.project === frame.project &&
      isSameHash(known.hash, hashSecret(frame.token));
    if (!isRight) {
      const name = frame.t === 'hello' ? frame.runner : 'nameless';
      // it will dial again and again: once is enough for the log
      if (!this.#refused.has(name)) logger.warn({ runner: name }, 'unknown runner refused');
      if (this.#refused.size < mostRefused) this.#refused.add(name);
      link.close(4401, 'unknown runner');
      link.resume();
      return;
    }
    if (frame.protocol !== protocolVersion) {
      link.close(4426, 'another protocol version');
      link.resume();
      return;
    }
    await onRunner(link, frame);
  }
}
