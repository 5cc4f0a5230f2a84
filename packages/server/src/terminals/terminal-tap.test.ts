/** What each screen at a terminal is shown, and in which order a runner may say it. The runner is a script. */
import { asPersonId, asTerminalName } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RunnerCall, RunnerMethod } from '@cahier/protocol/runner/down.ts';
import { type CallResults, callResults } from '@cahier/protocol/runner/up.ts';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { CallAnswer, Runner } from '../runners/runner.ts';
import type { TerminalSocket } from './terminal-seat.ts';
import { TerminalTap } from './terminal-tap.ts';

const terminal = asTerminalName('1');
/** Everything that waits on a promise has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const schemas: { readonly [M in RunnerMethod]: z.ZodType<CallResults[M]> } = callResults;

/** The runner's side: what was shown so far, and answers that leave when the test says so. */
class Shell implements Pick<Runner, 'call'> {
  readonly calls: RunnerCall[] = [];
  readonly typed: string[] = [];
  #shown = Buffer.alloc(0);
  #reads: (() => void)[] = [];
  #cut: ((error: Error) => void)[] = [];

  call<C extends RunnerCall>(call: C, payload?: Uint8Array): Promise<CallAnswer<C['method']>> {
    this.calls.push(call);
    if (call.method === 'terminal.type') this.typed.push(Buffer.from(payload ?? []).toString());
    return new Promise((resolve, reject) => {
      this.#cut.push(reject);
      const answer = () => {
        const isRead = call.method === 'terminal.read';
        const value: unknown = isRead ? { at: this.#shown.length } : {};
        const method: C['method'] = call.method;
        const result = schemas[method].parse(value);
        resolve({ result, payload: isRead ? this.#shown : new Uint8Array(0) });
      };
      if (call.method === 'terminal.read') this.#reads.push(answer);
      else answer();
    });
  }

  /** Answers the oldest `terminal.read`; who waits for it does not know yet. */
  answerRead(): void {
    this.#reads.shift()?.();
  }

  /** Every call that waits fails as it does when the link is lost, or with what the runner says. */
  fails(code: 'runner/unreachable' | 'terminal/not-found'): void {
    this.#reads = [];
    for (const reject of this.#cut.splice(0)) reject(appError(code));
  }

  /** Shows more; the frame for the tap. */
  shows(text: string) {
    const at = this.#shown.length;
    const bytes = Buffer.from(text);
    this.#shown = Buffer.concat([this.#shown, bytes]);
    return { terminal, at, bytes };
  }
}

class Screen implements TerminalSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly said: unknown[][] = [];
  closedWith: number | null = null;
  #onMessage: (data: unknown, isBinary: boolean) => void = () => undefined;
  #onClose: () => void = () => undefined;
  #unread: (() => void)[] | null = null;

  send(text: string, sent: () => void): void {
    this.said.push(JSON.parse(text));
    if (this.#unread) this.#unread.push(sent);
    else sent();
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = 3;
    this.#onClose();
  }

  resume(): void {}

  on(event: 'message' | 'close', listener: (data: unknown, isBinary: boolean) => void): void {
    if (event === 'message') this.#onMessage = listener;
    else this.#onClose = () => listener(undefined, false);
  }

  says(...message: unknown[]): void {
    this.#onMessage(Buffer.from(JSON.stringify(message)), false);
  }

  stopReading(): void {
    this.#unread = [];
  }

  readOn(): void {
    const unread = this.#unread ?? [];
    this.#unread = null;
    for (const sent of unread) sent();
  }

  get text(): string {
    return this.said.map(([type, text]) => (type === 'stdout' ? String(text) : '')).join('');
  }
}

let shell: Shell;
let tap: TerminalTap;

beforeEach(() => {
  shell = new Shell();
  tap = new TerminalTap({
    terminal,
    runner: shell,
    logger: pino({ level: 'silent' }),
    onEmpty: () => undefined,
  });
});

const viewer = { id: asPersonId('ada'), name: 'Ada', color: '#000', isOurs: false };

async function screen(): Promise<Screen> {
  const one = new Screen();
  const added = tap.add(one, viewer);
  await settled();
  shell.answerRead();
  await added;
  return one;
}

describe('a screen at a terminal', () => {
  it('misses nothing that is shown in one breath with the answer to what was shown before', async () => {
    const one = new Screen();
    const added = tap.add(one, viewer);
    await settled();
    tap.shown(shell.shows('$ '));
    shell.answerRead();
    // the answer's promise is settled, and nobody who waits for it has run yet
    tap.shown(shell.shows('echo hello\r\n'));
    tap.shown(shell.shows('hello\r\n$ '));
    expect(one.text).toBe('');
    await added;
    expect(one.text).toBe('$ echo hello\r\nhello\r\n$ ');
    tap.shown(shell.shows('more'));
    expect(one.text).toBe('$ echo hello\r\nhello\r\n$ more');
  });

  it('is shown once what came before the answer and is in it', async () => {
    const first = await screen();
    const second = new Screen();
    const added = tap.add(second, viewer);
    tap.shown(shell.shows('early '));
    await settled();
    tap.shown(shell.shows('and late'));
    shell.answerRead();
    await added;
    expect(second.text).toBe('early and late');
    expect(first.text).toBe('early and late');
  });

  it('is shown what its last question is answered when it asks twice', async () => {
    const one = await screen();
    tap.shown(shell.shows('before '));
    const first = tap.linked();
    const second = tap.linked();
    await settled();
    shell.answerRead();
    tap.shown(shell.shows('between '));
    await settled();
    shell.answerRead();
    tap.shown(shell.shows('after'));
    await Promise.all([first, second]);
    const drawn = one.text.slice(one.text.lastIndexOf('\x1bc') + 2);
    expect(drawn).toBe('before between after');
  });

  it('that was left behind sees everything after it was caught up', async () => {
    const one = await screen();
    one.stopReading();
    for (let i = 0; i < 25; i++) tap.shown(shell.shows(`${i}:${'x'.repeat(100_000)}\n`));
    expect(one.text.length).toBeLessThan(25 * 100_000);
    one.readOn();
    await settled();
    shell.answerRead();
    tap.shown(shell.shows('the end'));
    await settled();
    expect(one.text.slice(one.text.lastIndexOf('\x1bc'))).toMatch(/^.c0:x[^]*\n24:x+\nthe end$/);
  });

  it('outlives a link that is lost again while it is being shown anew', async () => {
    const one = await screen();
    tap.shown(shell.shows('before '));
    const first = tap.linked();
    await settled();
    shell.fails('runner/unreachable');
    await first;
    expect(one.closedWith).toBeNull();
    const second = tap.linked();
    await settled();
    shell.answerRead();
    await second;
    tap.shown(shell.shows('after'));
    expect(one.text.slice(one.text.lastIndexOf('\x1bc') + 2)).toBe('before after');
  });

  it('is told of the end when the shell is not there any more', async () => {
    const one = await screen();
    const linked = tap.linked();
    await settled();
    shell.fails('terminal/not-found');
    await linked;
    expect(one.closedWith).toBe(1000);
  });

  it('may type before it sees anything, in order', async () => {
    const one = new Screen();
    const added = tap.add(one, viewer);
    one.says('set_size', 50, 160);
    one.says('stdin', 'echo ');
    one.says('stdin', 'hello\r');
    await settled();
    shell.answerRead();
    await added;
    expect(shell.typed).toEqual(['echo ', 'hello\r']);
    expect(shell.calls).toContainEqual({ method: 'terminal.resize', terminal, rows: 50, columns: 160 });
  });
});
