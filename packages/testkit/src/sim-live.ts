/** A live document that only keeps results: what mirrors need of runs. */
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { CellId } from '@cahier/base/ids.ts';
import { emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import type { CellResults, LiveSource, PreparedResults } from '@cahier/server/rooms/live-source.ts';

export class SimLive implements LiveSource {
  readonly state = emptyLiveNotebook;
  readonly kept = new Map<CellId, CellResults>();
  readonly #changed = new Emitter<void>();

  async results(): Promise<ReadonlyMap<CellId, CellResults>> {
    return new Map(this.kept);
  }

  async takeResults(results: ReadonlyMap<CellId, CellResults>): Promise<void> {
    for (const [cell, result] of results) this.kept.set(cell, result);
    this.#changed.emit();
  }

  /** It knows no past. */
  async prepareResults(): Promise<PreparedResults> {
    return { check: () => undefined, put: () => undefined };
  }

  /** It only keeps results. */
  onOps(): Disposable {
    return { dispose: () => undefined };
  }

  onResultsChanged(listener: () => void): Disposable {
    return this.#changed.on(listener);
  }
}
