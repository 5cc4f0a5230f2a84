/**
 * One kernel that clients listen to: who is there, who asked what, and what the kernel says of itself. Answers are told
 * from each other by the id of the request. A client that does not read is closed, so that nobody's memory fills.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@cahier/base/clock.ts';
import type { KernelId } from '@cahier/base/ids.ts';
import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';
import { messagingVersion } from '@cahier/core/jupyter/message.ts';
import {
  decodeLegacy,
  decodeV1,
  encodeLegacy,
  encodeV1,
  type SocketMessage,
  v1Protocol,
} from '@cahier/core/jupyter/socket-frames.ts';
import { parseTolerantJson } from '@cahier/core/jupyter/tolerant-json.ts';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Runner } from '../runners/runner.ts';
import type { KernelClient } from './kernel-sockets.ts';
import type { KernelTraffic } from './kernels.ts';

export interface KernelTapParts {
  readonly kernel: KernelId;
  readonly runner: Pick<Runner, 'call'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Requests whose asker is remembered; who asked earlier has long had an answer, or never will. */
const mostRequests = 10_000;
const mostUnread = 64 * 1024 * 1024;
/** What only keeps house makes a kernel look busy to nobody (jupyter_server's list). */
const housekeeping: ReadonlySet<string> = new Set([
  'kernel_info_request',
  'comm_info_request',
  'shutdown_request',
  'interrupt_request',
  'debug_request',
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class KernelTap {
  readonly #parts: KernelTapParts;
  readonly #clients = new Map<WebSocket, KernelClient>();
  readonly #askers = new Map<string, WebSocket>();
  #lastActivity = 0;
  #state: string | null = null;
  #announced: string | null = null;
  /** The kernel's own session: clients drop messages of any other. */
  #session: string = randomUUID();

  constructor(parts: KernelTapParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#clients.size;
  }

  get traffic(): KernelTraffic {
    return { connections: this.size, state: this.#state, lastActivity: this.#lastActivity };
  }

  add(socket: WebSocket, client: KernelClient): void {
    if (client.clientSession !== null) {
      // the same client has dialled again before its old socket was seen to be gone
      this.closeWhere(
        (other) =>
          other.clientSession === client.clientSession &&
          other.principal.person.id === client.principal.person.id,
        1012,
        'dialled again',
      );
    }
    this.#clients.set(socket, client);
    socket.on('message', (data, isBinary) => {
      if (data instanceof Uint8Array) this.#said(socket, data, isBinary);
    });
  }

  remove(socket: WebSocket): void {
    this.#clients.delete(socket);
    for (const [id, asker] of this.#askers) if (asker === socket) this.#askers.delete(id);
  }

  closeWhere(isMeant: (client: KernelClient) => boolean, code: number, reason: string): void {
    for (const [socket, client] of this.#clients) if (isMeant(client)) socket.close(code, reason);
  }

  listen(isOn: boolean): void {
    const { runner, kernel, logger } = this.#parts;
    runner.call({ method: 'kernel.listen', kernel, isOn }).catch((error: unknown) => {
      if (isOn) logger.info({ err: error, kernel }, 'a kernel is not listened to');
    });
  }

  /** From the kernel. */
  heard(message: SocketMessage): void {
    this.#lastActivity = this.#parts.clock.now();
    const header = jsonOf(message.parts[0]);
    const parent = jsonOf(message.parts[1]);
    if (message.channel !== 'iopub') {
      const asker = this.#askers.get(textAt(parent, 'msg_id'));
      if (asker) this.#send([asker], message);
      return;
    }
    this.#session = textAt(header, 'session') || this.#session;
    if (textAt(header, 'msg_type') === 'status' && !housekeeping.has(textAt(parent, 'msg_type'))) {
      this.#state = textAt(jsonOf(message.parts[3]), 'execution_state') || this.#state;
    }
    this.#send(this.#clients.keys(), message);
  }

  /** The runner's word on the kernel: what a dead or starting kernel cannot say itself. */
  statusIs(status: string): void {
    if (status === this.#announced) return;
    this.#announced = status;
    if (status !== 'dead' && status !== 'restarting') return;
    this.#state = null;
    const header = {
      msg_id: randomUUID(),
      msg_type: 'status',
      session: this.#session,
      username: '',
      date: new Date(this.#parts.clock.now()).toISOString(),
      version: messagingVersion,
    };
    const parts = [header, {}, {}, { execution_state: status }];
    const bytes = parts.map((part) => encoder.encode(JSON.stringify(part)));
    this.#send(this.#clients.keys(), { channel: 'iopub', parts: bytes });
  }

  #said(socket: WebSocket, data: Uint8Array, isBinary: boolean): void {
    const { runner, kernel, logger } = this.#parts;
    const message =
      socket.protocol === v1Protocol
        ? isBinary
          ? decodeV1(data)
          : null
        : decodeLegacy(isBinary ? data : decoder.decode(data));
    const id = textAt(jsonOf(message?.parts[0]), 'msg_id');
    if (message === null || message.channel === 'iopub' || id === '') {
      socket.close(1003, 'not a message to a kernel');
      return;
    }
    this.#askers.delete(id);
    this.#askers.set(id, socket);
    for (const old of this.#askers.keys()) {
      if (this.#askers.size <= mostRequests) break;
      this.#askers.delete(old);
    }
    const { channel, parts } = message;
    const lengths = parts.map((part) => part.length);
    runner
      .call({ method: 'kernel.send', kernel, channel, parts: lengths }, Buffer.concat(parts))
      .catch((error: unknown) => logger.debug({ err: error, kernel }, 'a message did not reach its kernel'));
  }

  #send(to: Iterable<WebSocket>, message: SocketMessage): void {
    let v1: Uint8Array | null = null;
    let legacy: ReturnType<typeof encodeLegacy> = null;
    for (const socket of to) {
      if (socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > mostUnread) {
        socket.close(1013, 'too slow');
        continue;
      }
      if (socket.protocol === v1Protocol) {
        v1 ??= encodeV1(message);
        socket.send(v1);
      } else {
        legacy ??= encodeLegacy(message);
        if (legacy !== null) socket.send(legacy);
      }
    }
  }
}

function jsonOf(part: Uint8Array | undefined): JsonObject {
  const value = part && parseTolerantJson(decoder.decode(part));
  return isJsonObject(value) ? value : {};
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}
