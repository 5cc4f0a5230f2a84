/**
 * A Python program in conversation with a story: it tells facts as lines of JSON, and waits for lines from us. What it
 * writes to stderr is kept for the message of a failed test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import type { PythonEnv } from './python-env.ts';

const keptCharacters = 20_000;

export class PythonScript {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #told: AsyncIterator<string>;
  readonly #gone: Promise<number | null>;
  #stderr = '';

  constructor(python: PythonEnv, file: string, env: NodeJS.ProcessEnv) {
    this.#name = file;
    const child = spawn(python.python, ['-u', file], {
      env: { ...python.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#told = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-keptCharacters);
    });
    child.stdin.on('error', () => undefined);
    this.#gone = new Promise((done) => {
      child.once('error', () => done(null));
      child.once('close', done);
    });
  }

  /** The next fact, as `shape` says. Throws with the program's own words when it ended instead. */
  async next<T>(shape: z.ZodType<T>): Promise<T> {
    const { value, done } = await this.#told.next();
    if (done) throw new Error(`${this.#name} ended before it told what was asked:\n${this.#stderr}`);
    const fact: unknown = JSON.parse(value);
    const parsed = shape.safeParse(fact);
    if (!parsed.success)
      throw new Error(`${this.#name} told ${value}: ${parsed.error.message}\n${this.#stderr}`);
    return parsed.data;
  }

  say(value: unknown): void {
    this.#child.stdin?.write(`${JSON.stringify(value)}\n`);
  }

  /** Resolves when it has ended well; throws with its own words when not. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    const code = await this.#gone;
    if (code !== 0) throw new Error(`${this.#name} ended with ${code}:\n${this.#stderr}`);
  }

  /** For `afterAll`: nothing is left running. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }
}
