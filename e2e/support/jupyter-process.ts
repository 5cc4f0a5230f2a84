/** JupyterLab from PyPI with its own server, in a process of its own: as a client of Cahier's kernels, and as the rival. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { PythonEnv } from './python-env.ts';

export interface JupyterOptions {
  /** Where it finds notebooks, and leaves what it stores beside them. */
  readonly folder: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export class JupyterProcess {
  readonly origin: string;
  readonly token = 'test-jupyter-token';
  readonly #child: ChildProcess;
  #log = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.origin = `http://localhost:${port}`;
  }

  static async start(python: PythonEnv, { folder, args = [], env }: JupyterOptions): Promise<JupyterProcess> {
    const port = await freePort();
    const own = [
      'lab',
      '--no-browser',
      '--allow-root',
      `--port=${port}`,
      '--ServerApp.port_retries=0',
      `--ServerApp.root_dir=${folder}`,
      '--IdentityProvider.token=test-jupyter-token',
    ];
    const child = spawn(python.program('jupyter'), [...own, ...args], {
      cwd: folder,
      env: { ...python.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new JupyterProcess(child, port);
    await new Promise<void>((done, fail) => {
      const read = (chunk: Buffer) => {
        server.#log = (server.#log + chunk.toString()).slice(-50_000);
        if (/is running at:/.test(server.#log)) done();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`jupyter lab ended with ${code}:\n${server.#log}`)));
    });
    return server;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('jupyter lab is not running');
    return pid;
  }

  /** What it wrote last, for messages of failed tests. */
  get log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise<void>((done) => this.#child.once('exit', () => done()));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, 'localhost', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
