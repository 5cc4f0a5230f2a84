/**
 * The raw kernel: a Python kernel driven over ZeroMQ from this process with nothing between. Source: Jupyter messaging
 * 5.x (wire protocol), only what execute → idle needs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { z } from 'zod';
import { testData } from '../../e2e/support/server-process.ts';

async function freePort(): Promise<number> {
  return await new Promise((done, fail) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}

const header = z.object({ msg_type: z.string() });
const parent = z.object({ msg_id: z.string().optional() });

/** The kernelspec that the server under test uses too. */
function pythonArgv(): string[] {
  const folders = [
    join(testData, 'python/share/jupyter/kernels'),
    '/usr/local/share/jupyter/kernels',
    '/usr/share/jupyter/kernels',
  ];
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const file = join(folder, name, 'kernel.json');
      if (!existsSync(file)) continue;
      const spec = z
        .object({ argv: z.array(z.string()), language: z.string() })
        .parse(JSON.parse(readFileSync(file, 'utf8')));
      if (spec.language === 'python') return spec.argv;
    }
  }
  throw new Error('no Python kernel: run `npm test -- kernel` once');
}

const silentCode = {
  code: '1',
  silent: true,
  store_history: false,
  user_expressions: {},
  allow_stdin: false,
};

export class RawKernel {
  readonly #key = randomUUID();
  readonly #session = randomUUID();
  readonly #shell = new Dealer();
  readonly #iopub = new Subscriber({ receiveHighWaterMark: 0 });
  readonly #idle = new Map<string, () => void>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'cahier-raw-'));
  #child: ChildProcess | undefined;
  #stopAsking: () => void = () => {};
  /** Bytes of IOPub content seen, so that draining cannot be optimised away. */
  bytes = 0;

  static async start(): Promise<RawKernel> {
    const kernel = new RawKernel();
    const [shell, iopub, stdin, control, hb] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const file = join(kernel.#folder, 'connection.json');
    writeFileSync(
      file,
      JSON.stringify({
        transport: 'tcp',
        ip: '127.0.0.1',
        key: kernel.#key,
        signature_scheme: 'hmac-sha256',
        shell_port: shell,
        iopub_port: iopub,
        stdin_port: stdin,
        control_port: control,
        hb_port: hb,
      }),
      { mode: 0o600 },
    );
    const [program, ...args] = pythonArgv().map((part) => part.replace('{connection_file}', file));
    kernel.#child = spawn(program ?? 'python3', args, { stdio: 'ignore' });
    kernel.#shell.connect(`tcp://127.0.0.1:${shell}`);
    kernel.#iopub.connect(`tcp://127.0.0.1:${iopub}`);
    kernel.#iopub.subscribe();
    void kernel.#readIopub();
    void kernel.#readShell();
    // The subscription may come too late for the first answers: ask until one is heard.
    const heard = new Promise<void>((resolve) => {
      const ask = () => void kernel.#send('execute_request', silentCode, resolve);
      const again = setInterval(ask, 300);
      ask();
      kernel.#stopAsking = () => clearInterval(again);
    });
    await heard;
    kernel.#stopAsking();
    await kernel.execute('1');
    return kernel;
  }

  /** Resolves at the idle of this execution. */
  async execute(code: string): Promise<void> {
    const done = new Promise<void>((resolve) => {
      void this.#send(
        'execute_request',
        {
          code,
          silent: false,
          store_history: true,
          user_expressions: {},
          allow_stdin: false,
          stop_on_error: true,
        },
        resolve,
      );
    });
    await done;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#shell.close();
    this.#iopub.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #send(type: string, content: object, onIdle?: () => void): Promise<void> {
    const id = randomUUID();
    if (onIdle) this.#idle.set(id, onIdle);
    const head = {
      msg_id: id,
      session: this.#session,
      username: 'bench',
      date: new Date().toISOString(),
      msg_type: type,
      version: '5.3',
    };
    const parts = [head, {}, {}, content].map((part) => JSON.stringify(part));
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(part);
    await this.#shell.send(['<IDS|MSG>', hmac.digest('hex'), ...parts]);
  }

  async #readShell(): Promise<void> {
    for await (const frames of this.#shell) this.bytes += frames.length;
  }

  async #readIopub(): Promise<void> {
    for await (const frames of this.#iopub) {
      const at = frames.findIndex((frame) => frame.toString() === '<IDS|MSG>');
      const [head, from, , content] = frames.slice(at + 2);
      if (!head || !from || !content) continue;
      this.bytes += content.length;
      const body = z
        .object({ execution_state: z.string().optional() })
        .safeParse(JSON.parse(content.toString()));
      if (
        header.parse(JSON.parse(head.toString())).msg_type !== 'status' ||
        body.data?.execution_state !== 'idle'
      )
        continue;
      const id = parent.parse(JSON.parse(from.toString())).msg_id ?? '';
      this.#idle.get(id)?.();
      this.#idle.delete(id);
    }
  }
}
