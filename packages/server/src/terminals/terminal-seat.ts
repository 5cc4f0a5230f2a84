/**
 * One screen at a terminal: how far it has got, how large it is, what it may still be sent. Owned by the terminal's tap;
 * knows the socket and its messages, decides nothing about others.
 */
import type { PersonId } from '@cahier/base/ids.ts';
import { readTerminalUp, type TerminalDown } from './terminal-frames.ts';

/** What is used of a WebSocket. */
export interface TerminalSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly bufferedAmount: number;
  send(text: string, sent: () => void): void;
  close(code: number, reason: string): void;
  /** It may have been paused while its terminal was looked for. */
  resume(): void;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

export interface Viewer {
  readonly id: PersonId;
  readonly name: string;
  readonly color: string;
  /** On our own page, which says how much it has drawn. */
  readonly isOurs: boolean;
}

export interface SeatEvents {
  readonly typed: (text: string) => void;
  readonly resized: () => void;
  /** It has taken more. */
  readonly taken: () => void;
  /** It was left behind and has caught up: it is to be shown what is shown now. */
  readonly wantsAnew: () => Promise<void>;
  readonly closed: () => void;
}

/** On the way to one reader; with more it skips. */
const mostOnTheWay = 2 * 1024 * 1024;
/**
 * Kept of what is shown while a replay is awaited. What the replay does not have came with it or after it: at most what
 * is read from the runner's link at once, so the oldest may go.
 */
const mostEarly = 1024 * 1024;
/** Of what is on the way, what may wait before it counts as caught up. */
const caughtUp = 64 * 1024;
const clearScreen = '\x1bc';
const decoder = new TextDecoder();

export class TerminalSeat {
  readonly viewer: Viewer;
  readonly #socket: TerminalSocket;
  readonly #events: SeatEvents;
  readonly #isOurs: boolean;
  #size: readonly [number, number] | null = null;
  /** Bytes shown of which it needs no more. */
  #position = 0;
  /** On their way; the last one counts. */
  #replaysAwaited = 0;
  /** Shown while a replay is awaited: frames after its answer may be seen before the answer's promise is. */
  #early: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #earlyBytes = 0;
  #isSkipping = false;
  /** In order: where each message ends, in bytes shown and in units sent. */
  #sent: { readonly end: number; readonly units: number }[] = [];
  #unitsSent = 0;
  #taken = 0;

  constructor(socket: TerminalSocket, viewer: Viewer, events: SeatEvents) {
    this.#socket = socket;
    this.viewer = viewer;
    this.#isOurs = viewer.isOurs;
    this.#events = events;
    socket.on('message', (data, isBinary) => this.#said(data, isBinary));
    socket.on('close', () => events.closed());
    socket.resume();
    this.#write(['setup', {}]);
  }

  /** Rows and columns; null until it says so. */
  get size(): readonly [number, number] | null {
    return this.#size;
  }

  /** Bytes shown that it has taken: drawn, as our page says, or off our hands. */
  get taken(): number {
    return this.#taken;
  }

  awaitReplay(): void {
    this.#replaysAwaited += 1;
  }

  /** What was shown lately, up to `at`. One for each that was awaited. */
  replay(at: number, bytes: Uint8Array): void {
    this.#replaysAwaited -= 1;
    if (this.#replaysAwaited > 0) return;
    const isFirst = this.#unitsSent === 0;
    if (this.#isOurs) this.#write(['replay', bytes.length]);
    const text = decoder.decode(bytes);
    this.#show(at, isFirst ? text : clearScreen + text);
    this.#position = at;
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const frame of early) this.show(frame.at, frame.bytes);
  }

  /** One that was awaited will not come: the runner was cut off, and will be asked anew. */
  noReplay(): void {
    this.#replaysAwaited -= 1;
  }

  show(at: number, bytes: Uint8Array): void {
    if (this.#replaysAwaited > 0) {
      this.#keep(at, bytes);
      return;
    }
    if (this.#isSkipping) return;
    const end = at + bytes.length;
    if (end <= this.#position) return;
    if (this.#onTheWay > mostOnTheWay) {
      this.#isSkipping = true;
      return;
    }
    // a replay ends between two messages: each is before it or after it
    this.#position = end;
    this.#show(end, decoder.decode(bytes));
  }

  tell(message: TerminalDown): void {
    if (this.#isOurs) this.#write(message);
  }

  end(code: number | null, signal: number | null): void {
    this.tell(['ended', code, signal]);
    this.#write(['disconnect', 1]);
    this.#socket.close(1000, 'the terminal has ended');
  }

  #keep(at: number, bytes: Uint8Array): void {
    this.#early.push({ at, bytes });
    this.#earlyBytes += bytes.length;
    while (this.#earlyBytes > mostEarly && this.#early.length > 1)
      this.#earlyBytes -= this.#early.shift()?.bytes.length ?? 0;
  }

  /** Units that left for it and were not taken. */
  get #onTheWay(): number {
    const first = this.#sent[0];
    return first === undefined ? 0 : this.#unitsSent - first.units + this.#socket.bufferedAmount;
  }

  #show(end: number, text: string): void {
    this.#unitsSent += text.length;
    const units = this.#unitsSent;
    this.#sent.push({ end, units });
    this.#write(['stdout', text], () => {
      if (!this.#isOurs) this.#took(units);
    });
  }

  #took(units: number): void {
    let count = 0;
    for (const message of this.#sent) {
      if (message.units > units) break;
      this.#taken = Math.max(this.#taken, message.end);
      count += 1;
    }
    this.#sent.splice(0, count);
    this.#events.taken();
    if (!this.#isSkipping || this.#onTheWay > caughtUp) return;
    this.#isSkipping = false;
    this.#events.wantsAnew().catch(() => this.#socket.close(1011, 'the terminal is not there'));
  }

  #said(data: unknown, isBinary: boolean): void {
    const message = data instanceof Uint8Array && !isBinary ? readTerminalUp(decoder.decode(data)) : null;
    if (message === null) {
      this.#socket.close(1003, 'not a message to a terminal');
      return;
    }
    if (message === 'unknown') return;
    switch (message[0]) {
      case 'stdin':
        return this.#events.typed(message[1]);
      case 'set_size':
        this.#size = [message[1], message[2]];
        return this.#events.resized();
      case 'drawn':
        return this.#took(message[1]);
      default:
        message satisfies never;
    }
  }

  #write(message: TerminalDown, sent: () => void = () => undefined): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message), sent);
  }
}
