/**
 * The runner's one socket to the server: dials, says hello, sends what the server has not yet, answers calls. When the
 * server goes away it dials again for as long as it takes; kernels do not notice. Owned by main.ts.
 *
 * Events are written only while less than 1 MB waits in the socket, so replies and signals never queue behind output.
 */
import { backoffMs } from '@cahier/base/backoff.ts';
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { KernelId, TerminalName } from '@cahier/base/ids.ts';
import type { KernelChannel } from '@cahier/core/jupyter/socket-frames.ts';
import { decodeFrame, encodeFrame, joinPayload } from '@cahier/protocol/frame.ts';
import { type RunnerCall, runnerDown } from '@cahier/protocol/runner/down.ts';
import type { RunnerEvent, RunnerSignal, RunnerUp } from '@cahier/protocol/runner/up.ts';
import { protocolVersion } from '@cahier/protocol/version.ts';
import { toWireError } from '@cahier/protocol/wire-error.ts';
import { AppError } from '@cahier/base/app-error.ts';
import { assertNever } from '@cahier/base/assert-never.ts';
import WebSocket from 'ws';
import type { RunnerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import type { EventJournal } from './event-journal.ts';

type Hello = Extract<RunnerUp, { t: 'hello' }>;

export interface CallReply {
  readonly result: object;
  readonly payload?: Uint8Array;
}

export interface LinkListener {
  answer(call: RunnerCall, payload: Uint8Array): Promise<CallReply>;
  kernels(): Hello['kernels'];
  /** The server is there; it may be a new one that knows nothing of the past but what it acknowledged. */
  onWelcome(): void;
  onStop(): void;
}

export interface LinkOptions {
  readonly config: Pick<RunnerConfig, 'address' | 'project' | 'runner' | 'token'>;
  readonly journal: EventJournal;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly listener: LinkListener;
}

const maxBuffered = 1024 * 1024;
const maxMessagesBuffered = 256 * 1024 * 1024;
const firstDialMs = 250;
const slowestDialMs = 2_000;
/** Larger than any file that is opened; the server is trusted with more than that. */
const maxPayload = 512 * 1024 * 1024;
const pingMs = 15_000;
const lastWordsMs = 500;
/** Close codes by which a server says that it knows no such runner, or speaks another protocol. */
const refusals: ReadonlySet<number> = new Set([4401, 4403, 4426]);

export class RunnerLink {
  readonly #options: LinkOptions;
  #socket: WebSocket | null = null;
  #isWelcome = false;
  #sentSeq = 0;
  #attempt = 0;
  #isClosed = false;
  #redial: Disposable | null = null;
  #ping: Disposable | null = null;
  #awaySince: number;
  #refusedSince: number | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#awaySince = options.clock.now();
  }

  dial(): void {
    if (this.#isClosed) return;
    const { address } = this.#options.config;
    const socket = new WebSocket(address, {
      perMessageDeflate: false,
      maxPayload,
      handshakeTimeout: 10_000,
      ...(isLocal(address) && { generateMask: noMask }),
    });
    socket.binaryType = 'nodebuffer';
    this.#socket = socket;
    socket.on('open', () => this.#sayHello(socket));
    socket.on('message', (data, isBinary) => {
      if (socket === this.#socket && isBinary && data instanceof Uint8Array) this.#onFrame(socket, data);
    });
    socket.on('error', () => {});
    socket.on('close', (code) => this.#onClose(socket, code));
  }

  event(event: RunnerEvent): void {
    this.#options.journal.append(event);
    this.#pump();
  }

  signal(signal: RunnerSignal): void {
    this.#send({ t: 'signal', signal });
  }

  /**
   * Dropped while the server does not keep up: who listens to a kernel has no claim on the runner's memory. False: the
   * server is away.
   */
  message(kernel: KernelId, channel: KernelChannel, parts: readonly Uint8Array[]): boolean {
    if (!this.#isWelcome) return false;
    if ((this.#socket?.bufferedAmount ?? 0) > maxMessagesBuffered) return true;
    const head: RunnerUp = { t: 'message', kernel, channel, parts: parts.map((part) => part.length) };
    this.#sendFrame(encodeFrame(head, joinPayload(parts)));
    return true;
  }

  terminal(terminal: TerminalName, at: number, bytes: Uint8Array): void {
    this.#sendFrame(encodeFrame({ t: 'terminal', terminal, at }, bytes));
  }

  /** Milliseconds since the server was last there; 0 while it is. */
  get awayMs(): number {
    return this.#isWelcome ? 0 : this.#options.clock.now() - this.#awaySince;
  }

  /** Milliseconds since the server began to say that it does not want this runner; 0 when it does not say so. */
  get refusedMs(): number {
    return this.#refusedSince === null ? 0 : this.#options.clock.now() - this.#refusedSince;
  }

  /** Resolves when what was said last has left, or after half a second. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#redial?.dispose();
    this.#ping?.dispose();
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN) {
      socket?.terminate();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#options.clock.after(lastWordsMs, resolve);
      socket.once('close', () => resolve());
      socket.close(1000);
    });
  }

  #sayHello(socket: WebSocket): void {
    const { config, journal, listener } = this.#options;
    const hello: Hello = {
      t: 'hello',
      protocol: protocolVersion,
      project: config.project,
      runner: config.runner,
      token: config.token,
      pid: process.pid,
      lastSeq: journal.lastSeq,
      kernels: listener.kernels(),
    };
    socket.send(encodeFrame(hello));
    this.#watch(socket);
  }

  #onFrame(socket: WebSocket, bytes: Uint8Array): void {
    try {
      const { header, payload } = decodeFrame(bytes);
      const frame = runnerDown.parse(header);
      switch (frame.t) {
        case 'welcome':
          this.#onWelcome(frame.ack);
          return;
        case 'ack':
          this.#options.journal.ack(frame.seq);
          return;
        case 'call':
          void this.#answer(socket, frame.id, frame.call, payload);
          return;
        case 'stop':
          this.#options.listener.onStop();
          return;
        default:
          assertNever(frame);
      }
    } catch (error) {
      this.#options.log.error({ error }, 'a frame from the server was dropped');
    }
  }

  #onWelcome(ack: number): void {
    const { journal, log } = this.#options;
    if (ack > journal.lastSeq)
      log.error({ ack, lastSeq: journal.lastSeq }, 'the server knows more than was said');
    journal.ack(ack);
    this.#sentSeq = Math.max(ack, journal.firstKept - 1);
    this.#isWelcome = true;
    this.#refusedSince = null;
    this.#attempt = 0;
    this.#options.listener.onWelcome();
    this.#pump();
  }

  #pump(): void {
    const socket = this.#socket;
    if (!this.#isWelcome || socket === null || socket.readyState !== WebSocket.OPEN) return;
    while (socket.bufferedAmount < maxBuffered) {
      const frame = this.#options.journal.frame(this.#sentSeq + 1);
      if (frame === null) return;
      this.#sentSeq += 1;
      // Called when the bytes have left: then there is room for more.
      socket.send(frame, () => {
        if (socket === this.#socket && socket.bufferedAmount < maxBuffered / 2) this.#pump();
      });
    }
  }

  async #answer(socket: WebSocket, re: number, call: RunnerCall, payload: Uint8Array): Promise<void> {
    try {
      const reply = await this.#options.listener.answer(call, payload);
      if (socket !== this.#socket) return;
      this.#sendFrame(encodeFrame({ t: 'reply', re, result: reply.result }, reply.payload));
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'internal')
        this.#options.log.error({ error, method: call.method }, 'a call failed');
      if (socket === this.#socket) this.#send({ t: 'reply', re, error: toWireError(error) });
    }
  }

  #send(frame: RunnerUp): void {
    this.#sendFrame(encodeFrame(frame));
  }

  #sendFrame(bytes: Uint8Array): void {
    if (this.#isWelcome && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  #onClose(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    if (this.#isWelcome) {
      this.#options.log.info({ code }, 'the server is away');
      this.#awaySince = this.#options.clock.now();
    }
    if (refusals.has(code)) this.#refusedSince ??= this.#options.clock.now();
    else this.#refusedSince = null;
    this.#socket = null;
    this.#isWelcome = false;
    this.#ping?.dispose();
    if (this.#isClosed) return;
    const wait = backoffMs(this.#attempt++, this.#options.random(), firstDialMs, slowestDialMs);
    this.#redial = this.#options.clock.after(wait, () => this.dial());
  }

  /** A TCP connection whose other end was cut off says nothing: ping, and give up when no pong comes. */
  #watch(socket: WebSocket): void {
    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    const beat = () => {
      if (!isAlive) {
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
      this.#ping = this.#options.clock.after(pingMs, beat);
    };
    if (!isLocal(this.#options.config.address)) this.#ping = this.#options.clock.after(pingMs, beat);
  }
}

const isLocal = (address: string) => address.startsWith('ws+unix:');

/**
 * A mask of zeros is none: on a Unix socket nothing stands between that it would protect (RFC 6455, 10.3), and masking
 * byte by byte costs more than all else that is done with a file of some megabytes.
 */
function noMask(mask: Buffer): void {
  mask.fill(0);
}
