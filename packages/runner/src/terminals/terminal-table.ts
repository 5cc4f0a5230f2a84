/**
 * The terminals of this runner, by name. They live as long as it does: a server that restarts finds them as they were.
 * A shell sees what kernels see of the environment, and nothing of the runner's.
 */
import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Clock } from '@cahier/base/clock.ts';
import { appError } from '@cahier/core/errors.ts';
import { type TerminalName, asTerminalName } from '@cahier/base/ids.ts';
import type { RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { Log } from '../log.ts';
import { type Pty, Terminal } from './terminal.ts';

export interface TerminalTableOptions {
  /** The project's folder, absolute. */
  readonly home: string;
  /** From a path in the project to a folder on disk inside it. Throws `file/…`. */
  readonly folder: (path: string) => Promise<string>;
  /** Already reduced to what shells may see. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly show: (terminal: TerminalName, at: number, bytes: Uint8Array) => void;
  readonly signal: (signal: RunnerSignal) => void;
}

export const mostTerminals = 20;
const firstSize = { rows: 24, columns: 80 };

export class TerminalTable {
  readonly #options: TerminalTableOptions;
  readonly #terminals = new Map<TerminalName, Terminal>();
  readonly #starting = new Set<TerminalName>();

  constructor(options: TerminalTableOptions) {
    this.#options = options;
  }

  /** A terminal of that name is left as it is. Throws `terminal/too-many`, `terminal/start-failed`. */
  async start(wanted: TerminalName | null, cwd: string): Promise<TerminalName> {
    const name = wanted ?? this.#freeName();
    if (this.#terminals.has(name) || this.#starting.has(name)) return name;
    if (this.#terminals.size + this.#starting.size >= mostTerminals)
      throw appError('terminal/too-many', { details: { limit: mostTerminals } });
    this.#starting.add(name);
    try {
      const pty = await this.#spawn(cwd);
      this.#add(name, pty);
    } finally {
      this.#starting.delete(name);
    }
    return name;
  }

  list(): { name: TerminalName; lastActivity: number }[] {
    return [...this.#terminals].map(([name, { lastActivity }]) => ({ name, lastActivity }));
  }

  /** Throws `terminal/not-found`. */
  get(name: TerminalName): Terminal {
    const terminal = this.#terminals.get(name);
    if (terminal === undefined) throw appError('terminal/not-found', { details: { name } });
    return terminal;
  }

  /** Another server may be there: it asks for what it wants to see. */
  watchNone(): void {
    for (const terminal of this.#terminals.values()) terminal.watch(false);
  }

  hangUpAll(): void {
    for (const terminal of this.#terminals.values()) terminal.hangUp();
  }

  #freeName(): TerminalName {
    for (let n = 1; ; n++) {
      const name = asTerminalName(String(n));
      if (!this.#terminals.has(name) && !this.#starting.has(name)) return name;
    }
  }

  #add(name: TerminalName, pty: Pty): void {
    const { clock, show, signal, log } = this.#options;
    const terminal = new Terminal({
      pty,
      clock,
      show: (at, bytes) => show(name, at, bytes),
      ended: ({ code, signal: by }) => {
        this.#terminals.delete(name);
        log.info({ terminal: name, code, by }, 'a terminal ended');
        signal({ s: 'terminal.ended', terminal: name, code, signal: by });
      },
    });
    this.#terminals.set(name, terminal);
  }

  async #spawn(cwd: string): Promise<Pty> {
    const { env, home, folder, log } = this.#options;
    const place = await folder(cwd).catch(() => home);
    try {
      const { spawn } = await import('@lydell/node-pty');
      const shell = await shellOf(env['SHELL']);
      return spawn(shell, [], {
        name: 'xterm-256color',
        cols: firstSize.columns,
        rows: firstSize.rows,
        cwd: place,
        env: { ...defaults(env), ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor', SHELL: shell },
        encoding: null,
      });
    } catch (error) {
      log.error({ error }, 'a terminal did not start');
      const why = error instanceof Error ? error.message : String(error);
      throw appError('terminal/start-failed', { details: { why }, cause: error });
    }
  }
}

/** Without a locale, programs would take every letter beyond ASCII for several. */
function defaults(env: Readonly<Record<string, string>>): Record<string, string> {
  const hasLocale = ['LANG', 'LC_ALL', 'LC_CTYPE'].some((name) => env[name] !== undefined);
  return hasLocale ? {} : { LANG: 'C.UTF-8' };
}

/** The person's shell, or the first that is there. */
async function shellOf(named: string | undefined): Promise<string> {
  for (const shell of [named, accountShell(), '/bin/bash', '/bin/sh']) {
    if (shell === undefined || !shell.startsWith('/') || /\/(nologin|false)$/.test(shell)) continue;
    const isThere = await access(shell).then(
      () => true,
      () => false,
    );
    if (isThere) return shell;
  }
  return '/bin/sh';
}

function accountShell(): string | undefined {
  try {
    return userInfo().shell ?? undefined;
  } catch {
    // this user id has no account
    return undefined;
  }
}
