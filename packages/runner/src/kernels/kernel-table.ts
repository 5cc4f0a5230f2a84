/**
 * All kernels of this runner by id, and the journal of run ids: code that was sent once is never sent again, whatever
 * the server forgets. The journal lives as long as the kernels do, which is as long as this process.
 */
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@cahier/base/clock.ts';
import type { KernelId, RunId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import type { RunnerEvent, RunnerSignal } from '@cahier/protocol/runner/up.ts';
import type { KernelspecCatalog } from '../kernelspecs/kernelspec-catalog.ts';
import type { Kernelspec } from '../kernelspecs/kernelspec.ts';
import { launchArguments, substituteEnv } from '../kernelspecs/launch-command.ts';
import type { Log } from '../log.ts';
import type { Connection } from './connection-file.ts';
import type { KernelCommand } from './kernel-process.ts';
import { Kernel, type KernelOptions, type KernelStatus } from './kernel.ts';

export interface KernelTableOptions {
  readonly catalog: KernelspecCatalog;
  /** The project's folder. */
  readonly home: string;
  /** The person's home folder, for `~` in kernelspecs. */
  readonly homeFolder: string;
  readonly connectionFolder: string;
  /** Already reduced to what kernels may see. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: RunnerEvent) => void;
  readonly signal: (signal: RunnerSignal) => void;
  readonly message?: KernelOptions['message'];
}

/** Run ids remembered; a server that repeats an older one has long given up on it. */
const journalSize = 100_000;

export class KernelTable {
  readonly #options: KernelTableOptions;
  /** A promise from the moment it is asked for, so that what is asked of it next waits for it. */
  readonly #kernels = new Map<KernelId, Promise<Kernel>>();
  readonly #made = new Map<KernelId, Kernel>();
  readonly #runs = new Set<RunId>();

  constructor(options: KernelTableOptions) {
    this.#options = options;
  }

  /** Idempotent per id; a dead kernel of that id is started anew. Throws `kernelspec/not-found`, `kernel/start-failed`. */
  async start(id: KernelId, specName: string, cwd: string, notebook: string): Promise<void> {
    let making = this.#kernels.get(id);
    if (making === undefined) {
      making = this.#make(id, specName, cwd, notebook);
      this.#kernels.set(id, making);
      making.catch(() => this.#kernels.delete(id));
    }
    const kernel = await making;
    await kernel.start();
  }

  /** Throws `kernel/not-running`, `kernel/dead`; then the id may be used again. */
  async execute(id: KernelId, run: RunId, cell: string, code: string): Promise<void> {
    if (this.#runs.has(run)) return;
    this.#runs.add(run);
    if (this.#runs.size > journalSize) {
      const [oldest] = this.#runs;
      if (oldest !== undefined) this.#runs.delete(oldest);
    }
    try {
      const kernel = await this.get(id);
      kernel.execute(run, cell, code);
    } catch (error) {
      this.#runs.delete(run);
      throw error;
    }
  }

  /** Throws `kernel/not-running`. */
  async get(id: KernelId): Promise<Kernel> {
    const kernel = await this.#kernels.get(id);
    if (kernel === undefined) throw appError('kernel/not-running');
    return kernel;
  }

  async shutdown(id: KernelId): Promise<void> {
    const kernel = await this.get(id);
    await kernel.shutdown();
    this.#kernels.delete(id);
    this.#made.delete(id);
  }

  async shutdownAll(): Promise<void> {
    await Promise.allSettled([...this.#kernels.keys()].map((id) => this.shutdown(id)));
  }

  /** Another server may be there, which has to ask anew. */
  listenToNone(): void {
    for (const kernel of this.#made.values()) kernel.unlisten();
  }

  overview(): { kernel: KernelId; status: KernelStatus; activeRun: RunId | null }[] {
    return [...this.#made.values()].map(({ id, status, activeRun }) => ({ kernel: id, status, activeRun }));
  }

  async #make(id: KernelId, specName: string, cwd: string, notebook: string): Promise<Kernel> {
    const spec = await this.#options.catalog.find(specName);
    const kernel = new Kernel({
      id,
      spec,
      folder: this.#options.connectionFolder,
      command: (connection) => this.#command(spec, connection, cwd, notebook),
      clock: this.#options.clock,
      log: this.#options.log,
      emit: this.#options.emit,
      signal: this.#options.signal,
      ...(this.#options.message ? { message: this.#options.message } : {}),
    });
    this.#made.set(id, kernel);
    return kernel;
  }

  async #command(
    spec: Kernelspec,
    connection: Connection,
    cwd: string,
    notebook: string,
  ): Promise<KernelCommand> {
    const { home, homeFolder, env } = this.#options;
    return {
      argv: launchArguments(spec, { connection_file: connection.file }, homeFolder),
      cwd: await nearestFolder(home, normaliseProjectPath(cwd)),
      env: {
        ...env,
        ...substituteEnv(spec.env, env),
        JPY_PARENT_PID: String(process.pid),
        JPY_SESSION_NAME:
          notebook === '' ? createHash('sha256').update(connection.file).digest('hex') : join(home, notebook),
      },
    };
  }
}

/** The notebook's folder, or the nearest one above it that is there; never above the project. */
async function nearestFolder(home: string, path: string): Promise<string> {
  for (let folder = path; folder !== ''; folder = parentPath(folder)) {
    const absolute = join(home, folder);
    const isThere = await access(absolute).then(
      () => true,
      () => false,
    );
    if (isThere) return absolute;
  }
  return home;
}
