/** Real shells behind a real runner. */
import { asTerminalName } from '@cahier/base/ids.ts';
import { callResults } from '@cahier/protocol/runner/up.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LinkServer } from '../testing/link-server.ts';
import { RunnerProcess } from '../testing/runner-process.ts';
import { mostTerminals } from './terminal-table.ts';

const server = new LinkServer();
let runner: RunnerProcess;
let count = 0;

beforeAll(async () => {
  await server.open();
  runner = new RunnerProcess(server, {
    env: { ...process.env, SHELL: '/bin/sh', ENV: '', MY_TOKEN: 'secret', PS1: '$ ' },
  });
  await vi.waitFor(() => expect(server.hellos).toHaveLength(1), { timeout: 20_000 });
});

afterAll(async () => {
  await runner.end();
  await server.close();
});

class Shell {
  readonly name = asTerminalName(`t${++count}`);
  #from = server.shown.length;

  async start(isWatched = true): Promise<this> {
    await server.call({ method: 'terminal.start', terminal: this.name, cwd: '' });
    if (isWatched) await this.watch();
    return this;
  }

  async watch(isOn = true): Promise<void> {
    await server.call({ method: 'terminal.watch', terminal: this.name, isOn });
  }

  async type(text: string | Uint8Array): Promise<void> {
    await server.call({ method: 'terminal.type', terminal: this.name }, Buffer.from(text));
  }

  async ack(upTo = this.end): Promise<void> {
    await server.call({ method: 'terminal.ack', terminal: this.name, upTo });
  }

  get #mine() {
    return server.shown.slice(this.#from).filter(({ terminal }) => terminal === this.name);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#mine.map(({ bytes }) => bytes));
  }

  get text(): string {
    return this.bytes.toString();
  }

  get end(): number {
    const last = this.#mine.at(-1);
    return last === undefined ? 0 : last.at + last.bytes.length;
  }

  /** Each frame begins where the one before ended. */
  get hasGaps(): boolean {
    return this.#mine.some(
      ({ at, bytes }, i) => (this.#mine[i + 1]?.at ?? at + bytes.length) !== at + bytes.length,
    );
  }

  get frames() {
    return this.#mine.map(({ bytes }) => Buffer.from(bytes).toString());
  }

  async read(): Promise<{ at: number; text: string }> {
    const { result, payload } = await server.call({ method: 'terminal.read', terminal: this.name });
    const { at } = callResults['terminal.read'].parse(result);
    return { at, text: Buffer.from(payload).toString() };
  }

  shows(what: string | RegExp): Promise<void> {
    return soon(() => expect(this.text).toMatch(what));
  }

  async close(): Promise<void> {
    await server.call({ method: 'terminal.end', terminal: this.name });
    await soon(() => expect(ended(this.name)).toBeDefined());
  }
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
/** Typed, as the terminal echoes it, and said. */
const twice = (word: string) => new RegExp(`(?:${word}[^]*){2}`);
const ended = (name: string) =>
  server.signals.find((signal) => signal.s === 'terminal.ended' && signal.terminal === name);

beforeEach(() => {
  server.shown.splice(0);
});

describe('a terminal', () => {
  it('is a shell in the project, without the secrets of the server', async () => {
    const shell = await new Shell().start();
    await shell.type('pwd; echo "term=$TERM tok=[$MY_TOKEN]"; tty\r');
    await shell.shows(/term=xterm-256color tok=\[\]/);
    await shell.shows('/dev/pts/');
    expect(shell.text).toContain(`${runner.home}\r\n`);
    await shell.close();
  });

  it('shows whole characters, whatever they are cut into', async () => {
    const shell = await new Shell().start();
    await shell.type("stty -echo; printf 're''ady'\r");
    await shell.shows('ready');
    await shell.type(
      "printf '\\303'; sleep 0.02; printf '\\251|\\360\\237'; sleep 0.02; printf '\\230\\200|'; printf '\\377|end'\r",
    );
    await shell.shows('end');
    expect(shell.text).toContain('é|😀|\ufffd|end');
    expect(shell.frames.filter((frame) => frame.includes('\ufffd'))).toHaveLength(1);
    await shell.close();
  });

  it('takes what is typed byte by byte, and its size', async () => {
    const shell = await new Shell().start();
    for (const byte of Buffer.from('echo "é€😀"\r')) await shell.type(Uint8Array.of(byte));
    await shell.shows(twice('é€😀'));
    await server.call({ method: 'terminal.resize', terminal: shell.name, rows: 33, columns: 111 });
    await shell.type('stty size\r');
    await shell.shows('33 111');
    await shell.close();
  });

  it('shows what it showed lately to who comes later, and goes on from there', async () => {
    const shell = await new Shell().start(false);
    await shell.type('for i in $(seq 1 20000); do echo "line $i of many"; done; echo the-end\r');
    await vi.waitFor(async () => expect((await shell.read()).text).toContain('\nthe-end'), {
      timeout: 20_000,
    });
    expect(shell.text).toBe('');
    await shell.watch();
    const { at, text } = await shell.read();
    expect(text).toContain('line 20000 of many\r\nthe-end');
    await shell.type('echo more\r');
    await shell.shows(twice('more'));
    expect(shell.hasGaps).toBe(false);
    expect(shell.end - shell.bytes.length).toBe(at);
    await shell.close();
  });

  it('holds a flood up until somebody has taken it, and hears Ctrl-C in it', async () => {
    const shell = await new Shell().start();
    await shell.type('yes\r');
    await soon(() => expect(shell.end).toBeGreaterThan(300_000));
    const held = await standsStill(() => shell.end);
    expect(held).toBeLessThan(1_500_000);
    await shell.ack();
    await soon(() => expect(shell.end).toBeGreaterThan(held));
    const other = await new Shell().start();
    await other.type('echo works\r');
    await other.shows(twice('works'));
    await shell.type('\x03');
    await vi.waitFor(
      async () => {
        await shell.ack();
        expect(shell.text).toContain('^C');
      },
      { timeout: 20_000, interval: 5 },
    );
    await shell.type('echo free\r');
    await vi.waitFor(
      async () => {
        await shell.ack();
        expect(shell.text).toMatch(twice('free'));
      },
      { timeout: 20_000, interval: 5 },
    );
    expect(shell.hasGaps).toBe(false);
    await shell.close();
    await other.close();
  });

  it('says how it ended', async () => {
    const exits = await new Shell().start();
    await exits.type('exit 7\r');
    await soon(() => expect(ended(exits.name)).toMatchObject({ code: 7, signal: null }));
    const killed = await new Shell().start();
    await killed.type('kill -9 $$\r');
    await soon(() => expect(ended(killed.name)).toMatchObject({ code: null, signal: 9 }));
    await expect(killed.read()).rejects.toMatchObject({ code: 'terminal/not-found' });
  });

  it('is ended with what runs in it, even when that does not want to', async () => {
    const shell = await new Shell().start();
    await shell.type("trap '' HUP TERM; echo armed; sleep 1000 & echo child=$!; wait\r");
    await shell.shows(/child=\d+/);
    await shell.close();
  });

  it('survives a cut of the link and a new server', async () => {
    const shell = await new Shell().start();
    await shell.type('kept=here\r');
    await shell.type('echo before\r');
    await shell.shows(twice('before'));
    await server.cut();
    await server.open();
    await soon(() => expect(server.hellos.length).toBeGreaterThan(1));
    await vi.waitFor(async () => expect((await shell.read()).text).toContain('before'), { timeout: 20_000 });
    await shell.watch();
    await shell.type('echo "still $kept"\r');
    await shell.shows('still here');
    await shell.close();
  });

  it('is one of a bounded number, with names of its own', async () => {
    const names: string[] = [];
    for (let i = 0; i < mostTerminals; i++) {
      const { result } = await server.call({ method: 'terminal.start', terminal: null, cwd: '' });
      names.push(callResults['terminal.start'].parse(result).terminal);
    }
    expect(names).toEqual(Array.from({ length: mostTerminals }, (_, i) => String(i + 1)));
    await expect(server.call({ method: 'terminal.start', terminal: null, cwd: '' })).rejects.toMatchObject({
      code: 'terminal/too-many',
    });
    for (const name of names) await server.call({ method: 'terminal.end', terminal: asTerminalName(name) });
    await soon(() => expect(names.every((name) => ended(name) !== undefined)).toBe(true));
  });
});

/** The value after it has not changed for a while: there is nothing else to wait for in what must not happen. */
async function standsStill(value: () => number): Promise<number> {
  let [last, still] = [value(), 0];
  await vi.waitFor(
    () => {
      const now = value();
      still = now === last ? still + 1 : 0;
      last = now;
      expect(still).toBeGreaterThan(20);
    },
    { timeout: 20_000, interval: 15 },
  );
  return last;
}
