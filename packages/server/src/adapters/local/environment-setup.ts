/**
 * Sees to a Python kernel: runs the runner's `prepare` beside the server, which is ready meanwhile, and tells everyone how
 * far it is. `prepare` writes one JSON line per change: `{ phase, message, cure? }`.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { type SetupState, setupState } from '@cahier/protocol/client/down.ts';
import type { Logger } from 'pino';
import { preparingEnvironment } from './preparing-environment.ts';

export interface EnvironmentSetupOptions {
  /** The runner's program. */
  readonly program: string;
  readonly data: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly extraEnv?: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

export class EnvironmentSetup implements Disposable {
  readonly changed = new Emitter<SetupState>();
  readonly #options: EnvironmentSetupOptions;
  #state: SetupState = { phase: 'working', message: 'Looking for kernels.' };
  #end: (() => void) | null = null;
  #isDisposed = false;

  constructor(options: EnvironmentSetupOptions) {
    this.#options = options;
  }

  get state(): SetupState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#end !== null;
  }

  start(): void {
    const { program, data, env, extraEnv, logger } = this.#options;
    const child = spawn(process.execPath, [program, 'prepare', '--data', data], {
      env: { ...preparingEnvironment(env), ...extraEnv },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#end = () => child.kill('SIGTERM');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const state = setupState.safeParse(jsonOf(line));
      if (state.success) this.#set(state.data);
      else logger.info({ line: line.slice(0, 500) }, 'prepare');
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      logger.info({ line: line.slice(0, 500) }, 'prepare');
    });
    child.once('error', (error) => this.#failed(error.message));
    child.once('close', (code) => {
      this.#end = null;
      if (this.#state.phase === 'working') {
        if (code === 0) this.#set({ phase: 'ready', message: 'Kernels are ready.' });
        else this.#failed(`it ended with ${code ?? 'a signal'}`);
      }
    });
  }

  /** Kernels are somebody else's business here. */
  skip(): void {
    this.#set({ phase: 'ready', message: 'Kernels were not looked for.' });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#end?.();
  }

  #failed(why: string): void {
    this.#set({
      phase: 'failed',
      message: `Kernels could not be prepared: ${why}. Editing works; running needs a kernel.`,
      cure: 'python3 -m pip install ipykernel',
    });
  }

  #set(state: SetupState): void {
    if (this.#isDisposed) return;
    this.#state = state;
    this.changed.emit(state);
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
