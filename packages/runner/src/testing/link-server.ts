/** The server's end of the runner link for tests: welcomes, records every frame in order, makes calls, cuts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrame, encodeFrame, splitPayload } from '@cahier/protocol/frame.ts';
import type { RunnerCall, RunnerDown } from '@cahier/protocol/runner/down.ts';
import { type RunnerEvent, type RunnerSignal, type RunnerUp, runnerUp } from '@cahier/protocol/runner/up.ts';
import { fromWireError } from '@cahier/protocol/wire-error.ts';
import { type WebSocket, WebSocketServer } from 'ws';

export interface NumberedEvent {
  readonly seq: number;
  readonly event: RunnerEvent;
}

interface Waiting {
  readonly resolve: (answer: { result: unknown; payload: Uint8Array }) => void;
  readonly reject: (error: Error) => void;
}

export class LinkServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'cahier-link-'));
  readonly socketPath = join(this.folder, 'link.sock');
  readonly address = `ws+unix:${this.socketPath}:/runner-link`;
  readonly hellos: Extract<RunnerUp, { t: 'hello' }>[] = [];
  /** As they came, repetitions included. */
  readonly received: NumberedEvent[] = [];
  readonly signals: RunnerSignal[] = [];
  /** Kernel messages as they are, while a test listens (`kernel.listen`). */
  readonly messages: { readonly channel: string; readonly parts: readonly Uint8Array[] }[] = [];
  /** What terminals showed, while they were watched. */
  readonly shown: { readonly terminal: string; readonly at: number; readonly bytes: Uint8Array }[] = [];
  /** What a real server would have on its disk: each seq once. */
  readonly durable: NumberedEvent[] = [];
  isAcking = true;
  /** Close code for whoever says hello; null: welcome. */
  refusal: number | null = null;
  #http: Server | null = null;
  #sockets: WebSocketServer | null = null;
  #runner: WebSocket | null = null;
  #calls = new Map<number, Waiting>();
  #lastCall = 0;

  async open(): Promise<void> {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http, path: '/runner-link', maxPayload: 1024 ** 3 });
    sockets.on('connection', (socket) => {
      this.#runner = socket;
      socket.on('message', (data) => {
        if (data instanceof Uint8Array) this.#onFrame(socket, data);
      });
      socket.on('close', () => this.#failCalls());
    });
    await new Promise<void>((resolve) => http.listen(this.socketPath, resolve));
    this.#http = http;
    this.#sockets = sockets;
  }

  /** As if the server had been killed: no close frame, nobody listens. */
  async cut(): Promise<void> {
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
    this.#sockets?.close();
    const http = this.#http;
    this.#http = null;
    await new Promise<void>((resolve) => (http === null ? resolve() : http.close(() => resolve())));
    rmSync(this.socketPath, { force: true });
  }

  async close(): Promise<void> {
    await this.cut();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async call(call: RunnerCall, payload?: Uint8Array): Promise<{ result: unknown; payload: Uint8Array }> {
    const id = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.send({ t: 'call', id, call }, payload);
    });
  }

  send(frame: RunnerDown, payload?: Uint8Array): void {
    this.#runner?.send(encodeFrame(frame, payload));
  }

  sendRaw(bytes: Uint8Array): void {
    this.#runner?.send(bytes);
  }

  events(): RunnerEvent[] {
    return this.durable.map(({ event }) => event);
  }

  #onFrame(socket: WebSocket, bytes: Uint8Array): void {
    const { header, payload } = decodeFrame(bytes);
    const frame = runnerUp.parse(header);
    switch (frame.t) {
      case 'hello': {
        this.hellos.push(frame);
        if (this.refusal !== null) {
          socket.close(this.refusal);
          break;
        }
        const ack = this.durable.at(-1)?.seq ?? 0;
        socket.send(encodeFrame({ t: 'welcome', ack }));
        break;
      }
      case 'event': {
        const { seq, event } = frame;
        this.received.push({ seq, event });
        if (seq === (this.durable.at(-1)?.seq ?? 0) + 1) this.durable.push({ seq, event });
        if (this.isAcking) socket.send(encodeFrame({ t: 'ack', seq }));
        break;
      }
      case 'signal':
        this.signals.push(frame.signal);
        break;
      case 'message':
        this.messages.push({ channel: frame.channel, parts: splitPayload(payload, frame.parts) });
        break;
      case 'terminal':
        this.shown.push({ terminal: frame.terminal, at: frame.at, bytes: payload });
        break;
      case 'reply': {
        const waiting = this.#calls.get(frame.re);
        this.#calls.delete(frame.re);
        if (frame.error) waiting?.reject(fromWireError(frame.error));
        else waiting?.resolve({ result: frame.result, payload });
        break;
      }
    }
  }

  #failCalls(): void {
    for (const waiting of this.#calls.values()) waiting.reject(new Error('the link was cut'));
    this.#calls.clear();
  }
}
