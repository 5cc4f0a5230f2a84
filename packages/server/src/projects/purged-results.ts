/**
 * After a purge: results, and copies of the file, that only the removed range named leave the disk too, and not only on
 * the next day. What was put in the last minutes may be on its way into the history: it is looked at a while later.
 * Owned by history-keeping.ts.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import type { BlobCollector } from '../blobs/blob-collector.ts';
import type { Recorder } from '../history/recorder.ts';
import type { ProjectRuns } from '../runs/project-runs.ts';

export interface PurgedProject {
  readonly recorder: Pick<Recorder, 'flush'>;
  readonly runs: Pick<ProjectRuns, 'forgetBlobs'>;
}

export interface PurgedResultsDeps {
  readonly open: (project: ProjectId) => Promise<PurgedProject>;
  readonly collector: Pick<BlobCollector, 'collect'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longer than anything is on its way between the blob store and what names it. */
export const underWayMs = 10 * 60_000;

export class PurgedResults implements Disposable {
  readonly #deps: PurgedResultsDeps;
  readonly #later = new Map<ProjectId, Disposable>();

  constructor(deps: PurgedResultsDeps) {
    this.#deps = deps;
  }

  /** Resolves when what could go is gone. What cannot go now goes with the next day's collection. */
  async remove(project: ProjectId): Promise<void> {
    await this.#collect(project);
    this.#later.get(project)?.dispose();
    const again = this.#deps.clock.after(underWayMs + 60_000, () => {
      this.#later.delete(project);
      void this.#collect(project);
    });
    this.#later.set(project, again);
  }

  dispose(): void {
    for (const timer of this.#later.values()) timer.dispose();
    this.#later.clear();
  }

  async #collect(project: ProjectId): Promise<void> {
    const { open, collector, logger } = this.#deps;
    try {
      const { recorder, runs } = await open(project);
      // A result that is made again is put again from now on; what names one that was known is on disk first.
      runs.forgetBlobs();
      await recorder.flush();
      await collector.collect(project, underWayMs);
    } catch (error) {
      logger.warn(
        { err: error, project },
        'results of a removed part are still there; they go within two days',
      );
    }
  }
}
