/**
 * A real server in a process of its own, as `npm start` runs it once the page is built, on a free port with a data folder of its own.
 * The Python kernel that `npm test` prepared is found through JUPYTER_PATH, so no test makes a second environment.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const testData = process.env['CAHIER_TEST_DATA'] ?? join(root, '.artefacts/test-data');
export const artefacts = join(root, '.artefacts');

export interface ServerOptions {
  readonly data?: string;
  readonly folder?: string;
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export class ServerProcess {
  readonly data: string;
  readonly token = 'test-owner-token-0123456789abcdef';
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #port = 0;
  #log = '';

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
    this.data = options.data ?? mkdtempSync(join(tmpdir(), 'cahier-e2e-'));
  }

  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    await server.#launch();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  get origin(): string {
    return `http://localhost:${this.#port}`;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server is not running');
    return pid;
  }

  /** Everything it wrote, for messages of failed tests. */
  get log(): string {
    return this.#log;
  }

  /** `kill -9`: no drain, no goodbye. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts again on the same port and data. */
  async restart(): Promise<void> {
    if (this.#child) await this.#end('SIGKILL');
    await this.#launch();
  }

  /** Ctrl-C: drains and stops kernels. */
  async stop(): Promise<void> {
    if (this.#child) await this.#end('SIGINT');
    if (this.#options.data === undefined) rmSync(this.data, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    if (child.exitCode !== null) return;
    child.kill(signal);
    await gone;
  }

  async #launch(): Promise<void> {
    const args = [
      '--max-semi-space-size=8',
      '--import',
      './scripts/compile-cache.js',
      'packages/server/src/main.ts',
    ];
    if (this.#options.folder !== undefined) args.push(this.#options.folder);
    args.push('--port', String(this.#port), '--data', this.data);
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      CAHIER_TOKEN: this.token,
      JUPYTER_PATH: join(testData, 'python/share/jupyter'),
      CAHIER_JUPYTERLAB: join(testData, 'jupyterlab'),
      ...this.#options.env,
    };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    await new Promise<void>((done, fail) => {
      const read = (chunk: Buffer) => {
        this.#log += chunk.toString();
        const ready = /Cahier is ready at http:\/\/[^:]+:(\d+)\//.exec(
          this.#log.slice(this.#log.lastIndexOf('Cahier is ready')),
        );
        if (ready?.[1] !== undefined) {
          this.#port = Number(ready[1]);
          done();
        }
      };
      child.stdout.on('data', read);
      child.stderr.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
      });
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${this.#log}`)));
    });
  }
}
