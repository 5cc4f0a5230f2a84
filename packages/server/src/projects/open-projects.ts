/**
 * The projects that are open in this server: each is opened once, at first need, and closed a while after the last
 * person has left and nothing runs in it. Owned by main.ts.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Logger } from 'pino';
import type { RunnerHost } from '../runners/runner-host.ts';
import type { OpenProject } from './open-project.ts';
import type { ProjectRow } from './project-store.ts';
import type { Projects } from './projects.ts';

interface OpenProjectsDeps {
  readonly projects: Projects;
  readonly host: RunnerHost;
  readonly open: (row: ProjectRow) => Promise<OpenProject>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const lookEveryMs = 60_000;
const closeAfterMs = 10 * 60_000;

export class OpenProjects {
  readonly #deps: OpenProjectsDeps;
  readonly #open = new Map<ProjectId, Promise<OpenProject>>();
  readonly #closing = new Map<ProjectId, Promise<void>>();
  #timer: Disposable | null = null;
  #isClosed = false;

  constructor(deps: OpenProjectsDeps) {
    this.#deps = deps;
    this.#look();
  }

  /** Throws `project/not-found`, `server/stopping`, and what opening throws. */
  async get(id: ProjectId): Promise<OpenProject> {
    await this.#closing.get(id);
    if (this.#isClosed) throw appError('server/stopping');
    const known = this.#open.get(id);
    if (known) {
      const project = await known;
      project.touch();
      return project;
    }
    const opening = this.#make(id);
    this.#open.set(id, opening);
    opening.catch(() => this.#open.delete(id));
    return opening;
  }

  /** Opens what goes on though nobody watches: projects whose runner has outlived an earlier life of the server. */
  async reopenRunning(): Promise<void> {
    for (const { id } of await this.#deps.projects.all()) {
      const running = await this.#deps.host.find(id);
      if (!running) continue;
      try {
        await this.get(id);
        this.#deps.logger.info({ project: id }, 'reopened, its runner is alive');
      } catch (error) {
        this.#deps.logger.error({ err: error, project: id }, 'could not be reopened');
      }
    }
  }

  /** Ends every open project; nothing can be opened after. */
  async close(runners: 'stop' | 'leave'): Promise<void> {
    this.#isClosed = true;
    this.#timer?.dispose();
    await Promise.all([...this.#open.keys()].map((id) => this.#close(id, runners)));
    await Promise.all(this.#closing.values());
  }

  async #make(id: ProjectId): Promise<OpenProject> {
    const project = await this.#deps.open(await this.#deps.projects.get(id));
    await project.adoptRunner();
    return project;
  }

  #look(): void {
    this.#timer = this.#deps.clock.after(lookEveryMs, () => {
      this.#look();
      void this.#closeIdle();
    });
  }

  async #closeIdle(): Promise<void> {
    for (const [id, opening] of [...this.#open]) {
      const project = await opening.catch(() => null);
      if (project && project.idleMs() >= closeAfterMs) await this.#close(id, 'stop');
    }
  }

  #close(id: ProjectId, runners: 'stop' | 'leave'): Promise<void> {
    const opening = this.#open.get(id);
    if (!opening) return Promise.resolve();
    this.#open.delete(id);
    const closing = opening
      .then((project) => project.close(runners))
      .catch((error: unknown) =>
        this.#deps.logger.error({ err: error, project: id }, 'project did not close'),
      )
      .finally(() => this.#closing.delete(id));
    this.#closing.set(id, closing);
    return closing;
  }
}
