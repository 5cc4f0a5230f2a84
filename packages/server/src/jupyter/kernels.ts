/**
 * The kernels of one project as Jupyter's clients see them. A notebook's kernel is the one that its page shows, under
 * the same id, whoever started it; kernels of consoles and programs belong to no notebook.
 */
import { randomBytes } from 'node:crypto';
import { AppError } from '@cahier/base/app-error.ts';
import { asKernelId, type KernelId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { normaliseProjectPath, parentPath } from '@cahier/core/files/project-path.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import { kernelspecNamed } from '../runs/kernel-choice.ts';
import { documentOfKernel, programKernelId, specOfProgramKernel } from '../runs/kernel-id.ts';
import type { NotebookRuns } from '../runs/notebook-runs.ts';
import { isNotebook } from './contents-model.ts';
import type { JupyterProject } from './jupyter-project.ts';

export interface KernelModel {
  readonly id: string;
  readonly name: string;
  readonly last_activity: string;
  readonly execution_state: string;
  readonly connections: number;
  readonly reason?: string;
}

/** What the sockets to kernels know. */
export interface KernelTraffic {
  readonly connections: number;
  /** By the kernel's own word; null while no socket listens to it. */
  readonly state: string | null;
  /** ms since the epoch; 0: nothing was heard. */
  readonly lastActivity: number;
}

/** One kernel: `notebook` null when it belongs to none. */
export interface FoundKernel {
  readonly id: KernelId;
  readonly notebook: NotebookRuns | null;
}

const quiet: KernelTraffic = { connections: 0, state: null, lastActivity: 0 };

export class Kernels {
  readonly #project: JupyterProject;
  readonly #trafficOf: (kernel: KernelId) => KernelTraffic;

  constructor(project: JupyterProject, trafficOf: (kernel: KernelId) => KernelTraffic = () => quiet) {
    this.#project = project;
    this.#trafficOf = trafficOf;
  }

  async list(): Promise<readonly KernelModel[]> {
    const found = await this.all();
    return found.map((kernel) => this.model(kernel));
  }

  async all(): Promise<readonly FoundKernel[]> {
    await this.#heardOfRunner();
    const { runs } = this.#project;
    const ids = new Set<KernelId>();
    for (const { kernel, status } of runs.kernels) if (status !== 'dead') ids.add(kernel);
    for (const { live } of runs.notebooks())
      if (live.kernel.kernel !== undefined) ids.add(live.kernel.kernel);
    const found = await Promise.all([...ids].map((id) => this.#look(id)));
    return found.filter((kernel) => kernel !== null);
  }

  /** Throws `jupyter/no-kernel`. */
  async find(id: string): Promise<FoundKernel> {
    await this.#heardOfRunner();
    const found = await this.#look(asKernelId(id));
    if (found === null) throw appError('jupyter/no-kernel', { details: { kernel: id.slice(0, 200) } });
    return found;
  }

  /**
   * For who asks to start a kernel under an id. One that runs is theirs, as with Jupyter's server; an id of their own
   * cannot be had, for ours say what a kernel belongs to. Throws `jupyter/refused`.
   */
  async running(id: string): Promise<FoundKernel> {
    await this.#heardOfRunner();
    const found = await this.#look(asKernelId(id));
    if (found !== null) return found;
    const why = `no kernel “${id}” runs, and kernels get their id from this server. Leave kernel_id out; the answer has the new one’s id.`;
    throw appError('jupyter/refused', { details: { why } });
  }

  model({ id, notebook }: FoundKernel): KernelModel {
    const { connections, state, lastActivity } = this.#trafficOf(id);
    const seen = this.#project.runs.kernels.find(({ kernel }) => kernel === id);
    const live = notebook?.live;
    const status = live?.kernel.status ?? seen?.status ?? 'idle';
    const isAlive = status === 'idle' || status === 'busy';
    const reason = live?.kernel.reason;
    return {
      id,
      name: live?.kernel.name ?? specOfProgramKernel(id) ?? '',
      last_activity: new Date(Math.max(lastActivity, live ? lastActivityOf(live) : 0)).toISOString(),
      execution_state: isAlive && state !== null ? state : status === 'none' ? 'dead' : status,
      connections,
      ...(reason === undefined ? {} : { reason }),
    };
  }

  /** For a notebook its kernel, started when there is none; else one of its own. Throws what starting throws. */
  async start(name: string | undefined, path: string, author: EntryAuthor): Promise<FoundKernel> {
    const at = normaliseProjectPath(path.replace(/^\/+/, ''));
    const { entry } = (await this.#project.runner.call({ method: 'file.stat', path: at })).result;
    if (entry?.type === 'file' && isNotebook(at)) return this.startFor(at, name, author);
    return this.startFree(name, entry?.type === 'directory' ? at : parentPath(at));
  }

  /** The kernel of a notebook, started when there is none, or changed when another kernelspec is named. */
  async startFor(path: string, name: string | undefined, author: EntryAuthor): Promise<FoundKernel> {
    const notebook = await this.notebook(path);
    const isAsWished = notebook.hasKernel && (name === undefined || notebook.live.kernel.name === name);
    if (!isAsWished) {
      if (name === undefined) await notebook.restart(author);
      else await notebook.selectKernel(name, author);
    }
    const { kernel, status, reason } = notebook.live.kernel;
    if (kernel === undefined || status === 'dead' || status === 'none') {
      throw appError('kernel/start-failed', {
        details: { name: name ?? '', why: reason ?? 'it ended at once.' },
      });
    }
    return { id: kernel, notebook };
  }

  async startFree(name: string | undefined, cwd: string): Promise<FoundKernel> {
    const { runner } = this.#project;
    const installed = (await runner.call({ method: 'kernelspecs.list' })).result;
    const wanted = name ?? installed.default ?? '';
    const spec = kernelspecNamed(installed.specs, wanted);
    if (!spec) throw appError('kernelspec/not-found', { details: { name: wanted } });
    const id = programKernelId(spec.name, randomBytes(8).toString('hex'));
    await runner.call({ method: 'kernel.start', kernel: id, spec: spec.name, cwd, notebook: '' });
    return { id, notebook: null };
  }

  /** Throws `file/not-found`, and the reason when the file is not to be opened as a notebook. */
  async notebook(path: string): Promise<NotebookRuns> {
    const opening = await this.#project.rooms.open(path);
    if (!opening.ok) throw opening.refused.error;
    const runs = this.#project.runs.get(opening.open.room.id);
    if (runs === null) throw appError('jupyter/bad-type', { details: { path, what: 'not a notebook' } });
    return runs;
  }

  async interrupt({ id, notebook }: FoundKernel, author: EntryAuthor): Promise<void> {
    if (notebook) await notebook.interrupt(author);
    else await this.#project.runner.call({ method: 'kernel.interrupt', kernel: id });
  }

  async restart({ id, notebook }: FoundKernel, author: EntryAuthor): Promise<void> {
    if (notebook) await notebook.restart(author);
    else await this.#project.runner.call({ method: 'kernel.restart', kernel: id });
  }

  /** Also of one that is gone already. */
  async shutdown({ id, notebook }: FoundKernel, author: EntryAuthor): Promise<void> {
    if (notebook) return notebook.shutdown(author);
    await this.#project.runner.call({ method: 'kernel.shutdown', kernel: id }).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'kernel/not-running')) throw error;
    });
  }

  /** Just after a start of the server nobody knows its kernels yet: they are not gone. Throws `runner/unreachable`. */
  async #heardOfRunner(): Promise<void> {
    const { runner } = this.#project;
    if (runner.isConnected || !runner.isExpected) return;
    await runner.call({ method: 'file.stat', path: '' });
  }

  /** Null when there is no such kernel (any more): an earlier kernel of a notebook is none. */
  async #look(id: KernelId): Promise<FoundKernel | null> {
    const { runs } = this.#project;
    const seen = runs.kernels.find(({ kernel }) => kernel === id);
    if (documentOfKernel(id) === null) {
      const isThere = specOfProgramKernel(id) !== null && seen !== undefined && seen.status !== 'dead';
      return isThere ? { id, notebook: null } : null;
    }
    const notebook = await runs.notebookOfKernel(id);
    return notebook?.live.kernel.kernel === id && notebook.hasKernel ? { id, notebook } : null;
  }
}

function lastActivityOf({ kernel, cells }: LiveNotebook): number {
  let last = kernel.startedAt ?? 0;
  for (const cell of Object.values(cells)) {
    if (cell.run !== undefined) last = Math.max(last, cell.startedAt ?? 0, cell.endedAt ?? 0);
  }
  return last;
}
