/**
 * Prepares JupyterLab's page in a process of its own, when somebody asks for it the first time. The process writes one
 * JSON line per change (commands/jupyterlab.ts); the server goes on as if nothing were happening.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Disposable } from '@cahier/base/disposable.ts';
import { type LabState, labState } from '@cahier/protocol/http/jupyterlab.ts';
import type { Logger } from 'pino';
import type { LabBuilds, LabPreparation } from '../../jupyter/lab/lab-build.ts';
import { preparingEnvironment } from './preparing-environment.ts';

export interface LabSetupOptions {
  /** Program and arguments after Node's own. */
  readonly command: readonly string[];
  readonly builds: LabBuilds;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

type Running = Extract<LabState, { phase: 'working' | 'failed' }>;

export class LabSetup implements LabPreparation, Disposable {
  readonly #options: LabSetupOptions;
  #last: Running | null = null;
  #end: (() => void) | null = null;
  #isDisposed = false;

  constructor(options: LabSetupOptions) {
    this.#options = options;
  }

  async state(): Promise<LabState> {
    if (this.#end !== null && this.#last) return this.#last;
    const build = await this.#options.builds.current();
    if (build) return { phase: 'ready', version: build.version };
    return this.#last ?? { phase: 'absent' };
  }

  start(): void {
    if (this.#end !== null || this.#isDisposed) return;
    const { command, env, logger } = this.#options;
    this.#last = { phase: 'working', message: 'Starting the preparation of JupyterLab.', done: 0 };
    const child = spawn(process.execPath, [...command], {
      env: preparingEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#end = () => child.kill('SIGTERM');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const state = labState.safeParse(jsonOf(line));
      if (!state.success) logger.info({ line: line.slice(0, 500) }, 'jupyterlab');
      else if (state.data.phase === 'working' || state.data.phase === 'failed') this.#last = state.data;
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      logger.info({ line: line.slice(0, 500) }, 'jupyterlab');
    });
    const ended = (why: string | null) => {
      this.#end = null;
      if (this.#isDisposed || this.#last?.phase === 'failed') return;
      this.#last = why === null ? null : failed(why);
      logger.info({ why }, 'JupyterLab was prepared');
    };
    child.once('error', (error) => ended(error.message));
    child.once('close', (code) => ended(code === 0 ? null : `its program ended with ${code ?? 'a signal'}`));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#end?.();
  }
}

function failed(why: string): Running {
  return {
    phase: 'failed',
    message: `JupyterLab could not be prepared: ${why}. Everything else works.`,
    cure: 'npm run jupyterlab',
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
