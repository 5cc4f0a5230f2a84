/** A screen of a project's terminal that speaks Jupyter's wire itself. */
import { expect } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';

export class TerminalScreen {
  readonly said: unknown[][] = [];
  readonly #base: string;
  readonly #token: string;
  #socket: WebSocket | null = null;
  closed: Promise<number> = Promise.resolve(0);

  /** `base`: the project's address, with a slash at its end. */
  constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  async dial(name: string, query = ''): Promise<this> {
    const socket = new WebSocket(`${this.#base.replace('http', 'ws')}terminals/websocket/${name}${query}`, {
      headers: { authorization: `token ${this.#token}` },
    });
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.said.push(z.array(z.unknown()).parse(JSON.parse(data.toString())));
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return this;
  }

  say(...message: unknown[]): void {
    this.raw(JSON.stringify(message));
  }

  raw(text: string | Uint8Array): void {
    this.#socket?.send(text);
  }

  type(text: string): void {
    this.say('stdin', text);
  }

  /** No more is read from the wire. */
  stopReading(): void {
    this.#socket?.pause();
  }

  readOn(): void {
    this.#socket?.resume();
  }

  cut(): void {
    this.#socket?.terminate();
  }

  get text(): string {
    return this.said.map(([type, text]) => (type === 'stdout' ? String(text) : '')).join('');
  }

  last(type: string): unknown[] | undefined {
    return this.said.filter((message) => message[0] === type).at(-1);
  }

  shows(what: string | RegExp): Promise<void> {
    return expect.poll(() => this.text).toMatch(what);
  }
}
