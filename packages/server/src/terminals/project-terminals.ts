/**
 * The terminals of one open project: who looks at which. The shells are the runner's; this finds them again after either
 * side was restarted. Holds no rights: routes and the gate check them.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import type { Emitter } from '@cahier/base/emitter.ts';
import { type TerminalName, asTerminalName } from '@cahier/base/ids.ts';
import { AppError } from '@cahier/base/app-error.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Logger } from 'pino';
import type { TerminalShown } from '../runners/runner-client.ts';
import type { Runner, RunnerListener } from '../runners/runner.ts';
import type { TerminalSocket, Viewer } from './terminal-seat.ts';
import { TerminalTap } from './terminal-tap.ts';

export interface TerminalRunner extends Runner {
  readonly shown: Emitter<TerminalShown>;
  listen(listener: RunnerListener): Disposable;
}

export interface ProjectTerminalsParts {
  readonly runner: TerminalRunner;
  readonly logger: Logger;
}

export interface TerminalRow {
  readonly name: TerminalName;
  /** ms since the epoch. */
  readonly lastActivity: number;
}

/** What routes need. */
export interface Terminals {
  list(): Promise<readonly TerminalRow[]>;
  start(name: TerminalName | null, cwd: string): Promise<TerminalRow>;
  find(name: string): Promise<TerminalRow>;
  end(name: string): Promise<void>;
}

export class ProjectTerminals implements Terminals, Disposable {
  readonly #parts: ProjectTerminalsParts;
  readonly #taps = new Map<TerminalName, TerminalTap>();
  readonly #ends = new DisposableStore();
  /** Terminals that the runner spoke of. */
  readonly #known = new Set<TerminalName>();

  constructor(parts: ProjectTerminalsParts) {
    this.#parts = parts;
    const { runner } = parts;
    this.#ends.add(runner.shown.on((shown) => this.#taps.get(shown.terminal)?.shown(shown)));
    this.#ends.add(
      runner.listen({
        onConnected: () => this.#linked(),
        onDisconnected: () => undefined,
        onEvent: () => undefined,
        onSignal: (signal) => {
          if (signal.s === 'terminal.ended') this.#ended(signal.terminal, signal.code, signal.signal);
        },
      }),
    );
  }

  /** Is there a shell that would be lost with the runner? */
  get hasAny(): boolean {
    return this.#known.size > 0;
  }

  /** Throws `runner/unreachable`. Starts no runner: without one there are none. */
  async list(): Promise<readonly TerminalRow[]> {
    const { runner } = this.#parts;
    if (!runner.isExpected) return [];
    const { terminals } = (await runner.call({ method: 'terminal.list' })).result;
    return terminals;
  }

  /** `name` null: the next free number. Throws `terminal/too-many`, `terminal/start-failed`. */
  async start(name: TerminalName | null, cwd: string): Promise<TerminalRow> {
    const { runner } = this.#parts;
    const { terminal } = (await runner.call({ method: 'terminal.start', terminal: name, cwd })).result;
    this.#known.add(terminal);
    return this.find(terminal);
  }

  /** Throws `terminal/not-found`. */
  async find(name: string): Promise<TerminalRow> {
    const found = (await this.list()).find((terminal) => terminal.name === name);
    if (!found) throw appError('terminal/not-found', { details: { name: name.slice(0, 100) } });
    return found;
  }

  /** Throws `terminal/not-found`. */
  async end(name: string): Promise<void> {
    const { name: terminal } = await this.find(name);
    await this.#parts.runner.call({ method: 'terminal.end', terminal });
  }

  /** Throws `terminal/not-found`. */
  async add(name: string, socket: TerminalSocket, viewer: Viewer): Promise<void> {
    const terminal = (await this.find(name)).name;
    if (socket.readyState !== socket.OPEN) return;
    await this.#tapOf(terminal).add(socket, viewer);
  }

  dispose(): void {
    this.#ends.dispose();
    this.#taps.clear();
  }

  #tapOf(terminal: TerminalName): TerminalTap {
    const known = this.#taps.get(terminal);
    if (known) return known;
    const { runner, logger } = this.#parts;
    const tap: TerminalTap = new TerminalTap({
      terminal,
      runner,
      logger,
      onEmpty: () => {
        if (this.#taps.get(terminal) === tap) this.#taps.delete(terminal);
      },
    });
    this.#taps.set(terminal, tap);
    return tap;
  }

  #linked(): void {
    for (const tap of this.#taps.values()) void tap.linked();
    this.#parts.runner.call({ method: 'terminal.list' }).then(
      ({ result }) => {
        this.#known.clear();
        for (const { name } of result.terminals) this.#known.add(asTerminalName(name));
      },
      (error: unknown) => {
        const level = error instanceof AppError ? 'debug' : 'error';
        this.#parts.logger[level]({ err: error }, 'the terminals are not known for now');
      },
    );
  }

  #ended(terminal: TerminalName, code: number | null, signal: number | null): void {
    this.#known.delete(terminal);
    const tap = this.#taps.get(terminal);
    this.#taps.delete(terminal);
    tap?.ended(code, signal);
  }
}
