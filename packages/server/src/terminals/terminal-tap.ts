/**
 * One terminal and the people who look at it. Who comes is shown what was shown lately, then what comes, without a gap and
 * without anything twice. The program is held up by the fastest reader only; a slow one skips to what is shown when it has
 * caught up. All share one size: the smallest.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { TerminalName } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import type { TerminalShown } from '../runners/runner-client.ts';
import type { Runner } from '../runners/runner.ts';
import { TerminalSeat, type TerminalSocket, type Viewer } from './terminal-seat.ts';

export interface TerminalTapParts {
  readonly terminal: TerminalName;
  readonly runner: Pick<Runner, 'call'>;
  readonly logger: Logger;
  /** Nobody looks any more. */
  readonly onEmpty: () => void;
}

/** Acknowledged to the runner in such steps of bytes. */
const ackEvery = 32 * 1024;

export class TerminalTap {
  readonly #parts: TerminalTapParts;
  readonly #seats = new Set<TerminalSeat>();
  #acked = 0;
  #size: readonly [number, number] | null = null;
  #isOver = false;

  constructor(parts: TerminalTapParts) {
    this.#parts = parts;
  }

  get seats(): readonly TerminalSeat[] {
    return [...this.#seats];
  }

  /** Resolves when the newcomer sees the terminal. Throws `terminal/not-found`, `runner/unreachable`. */
  async add(socket: TerminalSocket, viewer: Viewer): Promise<void> {
    const seat: TerminalSeat = new TerminalSeat(socket, viewer, {
      typed: (text) => this.#typed(seat, text),
      resized: () => this.#resize(),
      taken: () => this.#ack(),
      wantsAnew: () => this.#replay(seat),
      closed: () => this.#gone(seat),
    });
    seat.awaitReplay();
    this.#seats.add(seat);
    this.#tellPeople();
    if (this.#seats.size === 1) await this.watch();
    await this.#read(seat);
  }

  /** Asks the runner (again) for what is shown. Throws `terminal/not-found`. */
  async watch(): Promise<void> {
    const { runner, terminal } = this.#parts;
    this.#acked = 0;
    await runner.call({ method: 'terminal.watch', terminal, isOn: true });
  }

  /** A new link to the runner: what was shown meanwhile is not known here. */
  async linked(): Promise<void> {
    try {
      await this.watch();
      await Promise.all(this.seats.map((seat) => this.#replay(seat)));
      this.#size = null;
      this.#resize();
    } catch (error) {
      const { logger, terminal } = this.#parts;
      if (error instanceof AppError && error.code === 'runner/unreachable') {
        // cut again: the next link comes back to it
        logger.debug({ err: error, terminal }, 'a terminal is out of reach for now');
        return;
      }
      logger.info({ err: error, terminal }, 'a terminal is not there');
      this.ended(null, null);
    }
  }

  shown({ at, bytes }: TerminalShown): void {
    for (const seat of this.#seats) seat.show(at, bytes);
    this.#ack();
  }

  ended(code: number | null, signal: number | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const seat of this.seats) seat.end(code, signal);
  }

  #typed(seat: TerminalSeat, text: string): void {
    // Every screen answers what a program asks its terminal; the program wants one answer.
    if (isScreensAnswer(text) && seat !== this.seats[0]) return;
    this.#call({ method: 'terminal.type', terminal: this.#parts.terminal }, Buffer.from(text, 'utf8'));
  }

  #resize(): void {
    const sizes = this.seats.map(({ size }) => size).filter((size) => size !== null);
    if (sizes.length === 0) return;
    const rows = Math.min(...sizes.map(([high]) => high));
    const columns = Math.min(...sizes.map(([, wide]) => wide));
    for (const seat of this.#seats) seat.tell(['size', rows, columns]);
    if (this.#size?.[0] === rows && this.#size[1] === columns) return;
    this.#size = [rows, columns];
    this.#call({ method: 'terminal.resize', terminal: this.#parts.terminal, rows, columns });
  }

  /** As far as the fastest has got: who is slower is not waited for. */
  #ack(): void {
    const furthest = Math.max(0, ...this.seats.map(({ taken }) => taken));
    if (furthest - this.#acked < ackEvery) return;
    this.#acked = furthest;
    this.#call({ method: 'terminal.ack', terminal: this.#parts.terminal, upTo: furthest });
  }

  #replay(seat: TerminalSeat): Promise<void> {
    seat.awaitReplay();
    return this.#read(seat);
  }

  async #read(seat: TerminalSeat): Promise<void> {
    const { runner, terminal } = this.#parts;
    const answer = runner.call({ method: 'terminal.read', terminal });
    const { result, payload } = await answer.catch((error: unknown) => {
      seat.noReplay();
      throw error;
    });
    seat.replay(result.at, payload);
    this.#ack();
  }

  #tellPeople(): void {
    const byId = new Map(this.seats.map(({ viewer }) => [viewer.id, viewer]));
    const people = [...byId.values()].map(({ id, name, color }) => ({ id, name, color }));
    for (const seat of this.#seats) seat.tell(['people', people]);
  }

  #gone(seat: TerminalSeat): void {
    if (!this.#seats.delete(seat) || this.#isOver) return;
    if (this.#seats.size > 0) {
      this.#tellPeople();
      this.#resize();
      this.#ack();
      return;
    }
    this.#call({ method: 'terminal.watch', terminal: this.#parts.terminal, isOn: false });
    this.#parts.onEmpty();
  }

  #call(call: Parameters<Runner['call']>[0], payload?: Uint8Array): void {
    const { runner, logger, terminal } = this.#parts;
    runner
      .call(call, payload)
      .catch((error: unknown) => logger.debug({ err: error, terminal }, 'a terminal did not take it'));
  }
}

/** Device attributes, cursor position, state and colour reports, focus: what screens say by themselves. */
function isScreensAnswer(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  return /^(?:\x1b\[[?>=]?[\d;]*(?:[cnR]|\$y)|\x1b\](?:4;\d+|1[0-2]);rgb:[^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b\[[IO])+$/.test(
    text,
  );
}
