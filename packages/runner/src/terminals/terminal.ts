/**
 * One shell on a pseudo-terminal. Owns the order and the pace of what it shows: never more than the server has room for,
 * so that a flood stops the program that makes it and not this process. Shown bytes are counted from the shell's start;
 * what is sent is never cut inside a character.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { Scrollback } from './scrollback.ts';
import { unfinishedBytes } from './utf8-edge.ts';

/** What is needed of a pseudo-terminal (node-pty). */
export interface Pty {
  readonly pid: number;
  onData(listener: (data: string | Uint8Array) => void): unknown;
  onExit(listener: (end: { exitCode: number; signal?: number | undefined }) => void): unknown;
  write(data: string | Buffer): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
}

export interface TerminalEnd {
  readonly code: number | null;
  readonly signal: number | null;
}

export interface TerminalOptions {
  readonly pty: Pty;
  readonly clock: Clock;
  /** `at`: bytes shown before these. */
  readonly show: (at: number, bytes: Uint8Array) => void;
  readonly ended: (end: TerminalEnd) => void;
}

/** Between two sends, ms; the first after a pause leaves at once. */
const paceMs = 6;
/** While nobody looks a flood may take its time. */
const unwatchedPaceMs = 40;
const mostPending = 64 * 1024;
/** Sent and not yet taken by any reader. */
const window = 384 * 1024;
/** For the rest of a character. */
const restOfCharacterMs = 60;
const killAfterMs = 1_000;

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #scrollback = new Scrollback();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #position = 0;
  #acked = 0;
  #isWatched = false;
  #isPaused = false;
  #isOver = false;
  #timer: Disposable | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  #lastActivity: number;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#lastActivity = options.clock.now();
    const { pty } = options;
    pty.onData((data) => this.#take(typeof data === 'string' ? Buffer.from(data) : data));
    pty.onExit(({ exitCode, signal }) => this.#end(exitCode, signal ?? 0));
  }

  /** ms since the epoch. */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** From now on what is shown is sent. */
  watch(isOn: boolean): void {
    this.#isWatched = isOn;
    this.#acked = this.#position;
    this.#goOn();
  }

  /** Some reader has taken everything up to there. */
  ack(upTo: number): void {
    this.#acked = Math.min(Math.max(this.#acked, upTo), this.#position);
    this.#goOn();
  }

  /** What was shown lately, and how much was shown in all. */
  read(): { readonly at: number; readonly bytes: Uint8Array } {
    this.#flush();
    return { at: this.#position, bytes: this.#scrollback.read() };
  }

  type(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#lastActivity = this.#options.clock.now();
    this.#options.pty.write(Buffer.from(bytes));
  }

  resize(rows: number, columns: number): void {
    if (!this.#isOver) this.#options.pty.resize(columns, rows);
  }

  /** Hangs up; what does not go is killed. */
  hangUp(): void {
    this.#signal('SIGHUP');
    this.#options.clock.after(killAfterMs, () => this.#signal('SIGKILL'));
    // a paused terminal would not hear of the end
    this.#resume();
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#isOver) return;
    try {
      process.kill(-this.#options.pty.pid, name);
    } catch {
      // it has ended
    }
  }

  #take(bytes: Uint8Array): void {
    this.#lastActivity = this.#options.clock.now();
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= mostPending) this.#pause();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#pendingBytes === 0 || this.#isFull) return;
    const pace = this.#isWatched ? paceMs : unwatchedPaceMs;
    const wait = this.#sentAt + pace - this.#options.clock.now();
    if (wait <= 0) this.#flush();
    else this.#wait(wait, () => this.#flush());
  }

  /** The readers are behind. */
  get #isFull(): boolean {
    return this.#isWatched && this.#position - this.#acked >= window;
  }

  #flush(isLast = false): void {
    this.#timer?.dispose();
    this.#timer = null;
    const all = Buffer.concat(this.#pending);
    const rest = isLast ? 0 : unfinishedBytes(all);
    const bytes = all.subarray(0, all.length - rest);
    this.#pending = rest === 0 ? [] : [all.subarray(all.length - rest)];
    this.#pendingBytes = rest;
    if (bytes.length > 0) this.#show(bytes);
    if (rest > 0) this.#wait(restOfCharacterMs, () => this.#flush(true));
    this.#goOn();
  }

  #show(bytes: Uint8Array): void {
    const at = this.#position;
    this.#position += bytes.length;
    this.#sentAt = this.#options.clock.now();
    this.#scrollback.add(bytes);
    if (this.#isWatched) this.#options.show(at, bytes);
  }

  #goOn(): void {
    if (this.#isFull) {
      this.#pause();
      return;
    }
    if (this.#pendingBytes < mostPending) this.#resume();
    this.#schedule();
  }

  #wait(ms: number, task: () => void): void {
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = null;
      task();
    });
  }

  #pause(): void {
    if (this.#isPaused || this.#isOver) return;
    this.#isPaused = true;
    this.#options.pty.pause();
  }

  #resume(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    this.#options.pty.resume();
  }

  #end(code: number, signal: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#flush(true);
    this.#timer?.dispose();
    this.#options.ended({ code: signal === 0 ? code : null, signal: signal === 0 ? null : signal });
  }
}
