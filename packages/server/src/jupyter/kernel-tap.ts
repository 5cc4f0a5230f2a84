/**
 * One kernel that clients listen to: who is there, who asked what, and what the kernel says of itself. Answers are told
 * from each other by the id of the request. A request to run a cell of the kernel's notebook goes into the notebook's
 * queue; everything else goes to the kernel as it is.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@cahier/base/clock.ts';
import type { KernelId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { messagingVersion } from '@cahier/core/jupyter/message.ts';
import {
  decodeLegacy,
  decodeV1,
  type KernelChannel,
  type SocketMessage,
  v1Protocol,
} from '@cahier/core/jupyter/socket-frames.ts';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Runner } from '../runners/runner.ts';
import { HeardMessage, jsonOf, textAt } from './heard-message.ts';
import { KernelSeat } from './kernel-seat.ts';
import type { KernelClient } from './kernel-sockets.ts';
import type { KernelTraffic } from './kernels.ts';

export interface KernelTapParts {
  readonly kernel: KernelId;
  readonly runner: Pick<Runner, 'call'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Puts a cell's execute_request into the notebook's queue; null when it is none. False: it left the queue unsent. */
  readonly runCell: (
    client: KernelClient,
    request: { readonly header: JsonObject; readonly message: SocketMessage },
  ) => Promise<boolean> | null;
  /** Null when the kernel's notebook is open, or there is none; else resolves when that has been tried. */
  readonly opened: () => Promise<void> | null;
  /** Nobody is here and nobody is waited for. */
  readonly onEmpty: () => void;
}

/** Requests whose asker is remembered; who asked earlier has long had an answer, or never will. */
const mostRequests = 10_000;
/** What only keeps house makes a kernel look busy to nobody (jupyter_server's list). */
const housekeeping: ReadonlySet<string> = new Set([
  'kernel_info_request',
  'comm_info_request',
  'shutdown_request',
  'interrupt_request',
  'debug_request',
]);

const decoder = new TextDecoder();

export class KernelTap {
  readonly #parts: KernelTapParts;
  readonly #seats = new Set<KernelSeat>();
  readonly #askers = new Map<string, KernelSeat>();
  #lastActivity = 0;
  #state: string | null = null;
  #announced: string | null = null;
  /** While a notebook is being opened, what clients say waits in its order. */
  #turn: Promise<void> | null = null;
  /** The kernel's own session: clients drop messages of any other. */
  #session: string = randomUUID();

  constructor(parts: KernelTapParts) {
    this.#parts = parts;
  }

  /** Clients that are here now. */
  get size(): number {
    return [...this.#seats].filter(({ isHere }) => isHere).length;
  }

  get traffic(): KernelTraffic {
    return { connections: this.size, state: this.#state, lastActivity: this.#lastActivity };
  }

  add(socket: WebSocket, client: KernelClient): void {
    const seat = this.#seatOf(client);
    socket.on('message', (data, isBinary) => {
      if (data instanceof Uint8Array) this.#said(socket, seat, data, isBinary);
    });
    seat.take(socket, client);
  }

  closeWhere(isMeant: (client: KernelClient) => boolean, code: number, reason: string): void {
    for (const seat of [...this.#seats]) if (isMeant(seat.client)) seat.close(code, reason);
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
    const heard = new HeardMessage(message);
    const { parent } = heard;
    if (message.channel !== 'iopub') {
      this.#askerOf(parent)?.send(heard);
      return;
    }
    this.#session = textAt(heard.header, 'session') || this.#session;
    if (heard.type === 'status' && !housekeeping.has(textAt(parent, 'msg_type'))) {
      this.#state = textAt(heard.content, 'execution_state') || this.#state;
    }
    for (const seat of [...this.#seats]) seat.send(heard);
  }

  /** The runner's word on the kernel: what a dead or starting kernel cannot say itself. */
  statusIs(status: string): void {
    if (status === this.#announced) return;
    this.#announced = status;
    if (status !== 'dead' && status !== 'restarting') return;
    this.#state = null;
    const heard = this.#made('iopub', 'status', {}, { execution_state: status });
    for (const seat of [...this.#seats]) seat.send(heard);
  }

  dispose(): void {
    for (const seat of this.#seats) {
      seat.close(1012, 'the kernel is looked for again');
      seat.dispose();
    }
    this.#seats.clear();
    this.#askers.clear();
  }

  /** The same client has one place, also when it dials before its old socket is seen to be gone. */
  #seatOf(client: KernelClient): KernelSeat {
    for (const seat of this.#seats) if (isSame(seat.client, client)) return seat;
    const seat: KernelSeat = new KernelSeat(client, {
      clock: this.#parts.clock,
      notice: (dropped, of) => this.#notice(dropped, of),
      onGone: () => {
        this.#seats.delete(seat);
        for (const [id, asker] of this.#askers) if (asker === seat) this.#askers.delete(id);
        if (this.#seats.size === 0) this.#parts.onEmpty();
      },
    });
    this.#seats.add(seat);
    return seat;
  }

  /** After a restart of the server only the session tells whose request it was. */
  #askerOf(parent: JsonObject): KernelSeat | undefined {
    const known = this.#askers.get(textAt(parent, 'msg_id'));
    if (known) return known;
    const session = textAt(parent, 'session');
    return [...this.#seats].find(({ client }) => client.clientSession === session);
  }

  #said(socket: WebSocket, seat: KernelSeat, data: Uint8Array, isBinary: boolean): void {
    const message =
      socket.protocol === v1Protocol
        ? isBinary
          ? decodeV1(data)
          : null
        : decodeLegacy(isBinary ? data : decoder.decode(data));
    const header = jsonOf(message?.parts[0]);
    const id = textAt(header, 'msg_id');
    if (message === null || message.channel === 'iopub' || id === '') {
      socket.close(1003, 'not a message to a kernel');
      return;
    }
    this.#remember(id, seat);
    const isRun = message.channel === 'shell' && textAt(header, 'msg_type') === 'execute_request';
    const before = this.#turn ?? (isRun ? this.#parts.opened() : null);
    if (before === null) {
      this.#hand(seat, header, message, isRun);
      return;
    }
    const turn = before.then(() => {
      this.#hand(seat, header, message, isRun);
      if (this.#turn === turn) this.#turn = null;
    });
    this.#turn = turn;
  }

  #hand(seat: KernelSeat, header: JsonObject, message: SocketMessage, isRun: boolean): void {
    const { kernel, logger } = this.#parts;
    const run = isRun ? this.#parts.runCell(seat.client, { header, message }) : null;
    if (run === null) {
      this.#toKernel(message);
      return;
    }
    run.then(
      (isSent) => {
        if (!isSent) this.#abort(seat, header);
      },
      (error: unknown) => {
        logger.info({ err: error, kernel }, 'a run of a client was refused');
        this.#abort(seat, header);
      },
    );
  }

  #toKernel({ channel, parts }: SocketMessage): void {
    if (channel === 'iopub') return;
    const { runner, kernel, logger } = this.#parts;
    const lengths = parts.map((part) => part.length);
    runner
      .call({ method: 'kernel.send', kernel, channel, parts: lengths }, Buffer.concat(parts))
      .catch((error: unknown) => logger.debug({ err: error, kernel }, 'a message did not reach its kernel'));
  }

  /** What a kernel answers to a request that it throws away after an error. */
  #abort(seat: KernelSeat, request: JsonObject): void {
    const aborted = { status: 'aborted', execution_count: 0, payload: [], user_expressions: {} };
    seat.send(this.#made('iopub', 'status', request, { execution_state: 'busy' }));
    seat.send(this.#made('shell', 'execute_reply', request, aborted));
    seat.send(this.#made('iopub', 'status', request, { execution_state: 'idle' }));
  }

  #notice(dropped: number, of: JsonObject): HeardMessage {
    const text = `${dropped} messages of the kernel were left out here: this client was away, and there is room for the newest only.\n`;
    return this.#made('iopub', 'stream', of, { name: 'stderr', text });
  }

  #made(channel: KernelChannel, type: string, parent: JsonObject, content: JsonObject): HeardMessage {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: '',
      date: new Date(this.#parts.clock.now()).toISOString(),
      version: messagingVersion,
    };
    return HeardMessage.of(channel, [header, parent, {}, content]);
  }

  #remember(id: string, seat: KernelSeat): void {
    this.#askers.delete(id);
    this.#askers.set(id, seat);
    for (const old of this.#askers.keys()) {
      if (this.#askers.size <= mostRequests) break;
      this.#askers.delete(old);
    }
  }
}

function isSame(a: KernelClient, b: KernelClient): boolean {
  return (
    a.clientSession !== null &&
    a.clientSession === b.clientSession &&
    a.principal.person.id === b.principal.person.id
  );
}
