/**
 * Runs that programs ask for by HTTP and look after by a number of their own (jupyter-server-nbmodel), and the numbers of
 * requests that must follow each other (jupyter-server-documents). In memory only: after a restart the runs go on, but
 * nobody can ask for them by number any more.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@cahier/base/clock.ts';
import type { CellId, DocumentId, ProjectId, RunId } from '@cahier/base/ids.ts';
import { Emitter } from '@cahier/base/emitter.ts';

export interface AskedRun {
  readonly project: ProjectId;
  readonly document: DocumentId;
  readonly cell: CellId;
  readonly run: RunId;
}

const mostKept = 10_000;
const predecessorMs = 10_000;

export class AskedRuns {
  readonly #clock: Clock;
  readonly #runs = new Map<string, AskedRun>();
  readonly #requests = new Set<string>();
  readonly #came = new Emitter<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(run: AskedRun): string {
    const id = randomUUID();
    this.#runs.set(id, run);
    for (const old of this.#runs.keys()) {
      if (this.#runs.size <= mostKept) break;
      this.#runs.delete(old);
    }
    return id;
  }

  get(project: ProjectId, id: string): AskedRun | null {
    const run = this.#runs.get(id);
    return run?.project === project ? run : null;
  }

  /** A result is told once. */
  forget(id: string): void {
    this.#runs.delete(id);
  }

  /** This request has been taken: whoever waits to come after it goes on. */
  taken(document: DocumentId, request: string): void {
    const key = `${document} ${request}`;
    this.#requests.add(key);
    for (const old of this.#requests) {
      if (this.#requests.size <= mostKept) break;
      this.#requests.delete(old);
    }
    this.#came.emit(key);
  }

  /** False when it does not come in time. */
  async after(document: DocumentId, request: string): Promise<boolean> {
    const key = `${document} ${request}`;
    if (this.#requests.has(key)) return true;
    return new Promise((resolve) => {
      const done = (isThere: boolean) => {
        timer.dispose();
        listening.dispose();
        resolve(isThere);
      };
      const timer = this.#clock.after(predecessorMs, () => done(false));
      const listening = this.#came.on((came) => {
        if (came === key) done(true);
      });
    });
  }
}
