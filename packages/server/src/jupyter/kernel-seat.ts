/**
 * One client's place at a kernel, over all its sockets: what was said while it was away, or was sent into a connection that
 * turned out to be dead, is said again when it comes back under the same session. A ping after what was sent tells what
 * has arrived, so that nothing is lost that was on the way and nothing comes twice that was there; only what a broken line
 * swallowed together with the answer to the ping is repeated.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { WebSocket } from 'ws';
import type { HeardMessage } from './heard-message.ts';
import type { KernelClient } from './kernel-sockets.ts';
import { mostParkedBytes, ParkedMessages } from './parked-messages.ts';

export interface KernelSeatParts {
  readonly clock: Clock;
  /** Stands for messages that there was no room for. */
  readonly notice: (dropped: number, of: JsonObject) => HeardMessage;
  /** The client has not come back in time, or never will. */
  readonly onGone: () => void;
}

/** A client that does not read so much is closed; what it missed waits for it. */
const mostUnread = 64 * 1024 * 1024;
export const parkedForMs = 10 * 60_000;
/** Whoever says goodbye with these does not come back under the same session. */
const goodbyes: ReadonlySet<number> = new Set([1000, 1001]);

export class KernelSeat {
  readonly #parts: KernelSeatParts;
  readonly #parked = new ParkedMessages();
  #client: KernelClient;
  #socket: WebSocket | null = null;
  /** Sent on this socket and not known to have arrived. */
  #unconfirmed: HeardMessage[] = [];
  #unconfirmedBytes = 0;
  /** Messages that were sent on this socket and are confirmed. */
  #confirmed = 0;
  #isPinging = false;
  #patience: Disposable | null = null;

  constructor(client: KernelClient, parts: KernelSeatParts) {
    this.#client = client;
    this.#parts = parts;
  }

  get client(): KernelClient {
    return this.#client;
  }

  get isHere(): boolean {
    return this.#socket !== null;
  }

  /** The client dials (again): an older socket is let go, what was missed is sent first. */
  take(socket: WebSocket, client: KernelClient): void {
    const old = this.#socket;
    if (old) this.#leave(old);
    old?.close(1012, 'dialled again');
    this.#patience?.dispose();
    this.#patience = null;
    this.#client = client;
    this.#socket = socket;
    socket.on('pong', (data) => {
      if (socket === this.#socket) this.#arrived(data.toString());
    });
    socket.on('close', (code) => {
      if (socket !== this.#socket) return;
      this.#leave(socket);
      if (goodbyes.has(code) || client.clientSession === null) this.#parts.onGone();
      else this.#patience = this.#parts.clock.after(parkedForMs, () => this.#parts.onGone());
    });
    for (const message of this.#parked.take(this.#parts.notice)) this.send(message);
  }

  send(message: HeardMessage): void {
    const socket = this.#socket;
    if (!socket || socket.readyState !== socket.OPEN) {
      this.#parked.add(message);
      return;
    }
    const frame = message.frameFor(socket.protocol);
    if (frame === null) return;
    if (socket.bufferedAmount > mostUnread) {
      this.#parked.add(message);
      socket.close(1013, 'too slow');
      return;
    }
    socket.send(frame);
    this.#unconfirmed.push(message);
    this.#unconfirmedBytes += message.bytes;
    // A client that answers no pings is not kept a second copy of everything for.
    if (this.#unconfirmedBytes > mostUnread + mostParkedBytes) this.#confirm(this.#unconfirmed.length);
    this.#ping(socket);
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  dispose(): void {
    this.#patience?.dispose();
  }

  /** One ping at a time, after everything of this turn. */
  #ping(socket: WebSocket): void {
    if (this.#isPinging) return;
    this.#isPinging = true;
    setImmediate(() => {
      if (socket !== this.#socket || socket.readyState !== socket.OPEN) return;
      socket.ping(String(this.#confirmed + this.#unconfirmed.length));
    });
  }

  #arrived(mark: string): void {
    // the ping that only asks whether somebody is there (link/liveness.ts) has no mark
    if (!/^\d+$/.test(mark)) return;
    this.#confirm(Number(mark) - this.#confirmed);
    this.#isPinging = false;
    if (this.#unconfirmed.length > 0 && this.#socket) this.#ping(this.#socket);
  }

  #confirm(count: number): void {
    for (const { bytes } of this.#unconfirmed.splice(0, Math.max(0, count))) {
      this.#confirmed += 1;
      this.#unconfirmedBytes -= bytes;
    }
  }

  #leave(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    const lost = this.#unconfirmed;
    this.#unconfirmed = [];
    this.#unconfirmedBytes = 0;
    this.#confirmed = 0;
    this.#isPinging = false;
    if (this.#client.clientSession === null) return;
    // Clients dial again because they heard of a restart: told again, they would do nothing else.
    this.#parked.prepend(lost.filter((message) => !isRestart(message)));
  }
}

function isRestart({ type, content }: HeardMessage): boolean {
  return type === 'status' && content['execution_state'] === 'restarting';
}
