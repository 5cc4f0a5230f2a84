/** Port: what the room of a notebook needs of its live document (runs/notebook-runs.ts implements it). */
import type { CellId } from '@cahier/base/ids.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { NbOutput } from '@cahier/core/notebooks/notebook.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';

export interface CellResults {
  readonly outputs: readonly NbOutput[];
  readonly executionCount: number | null;
}

export interface LiveSource {
  /** Sent to whoever opens the notebook. */
  readonly state: LiveNotebook;
  /** Outputs as a file has them, blobs and pages fetched; for the mirror. */
  results(): Promise<ReadonlyMap<CellId, CellResults>>;
  /** Outputs that came with a file (import, or changed on disk by another program): they replace those of the cells named. */
  takeResults(results: ReadonlyMap<CellId, CellResults>): Promise<void>;
  /** Outputs or execution counts changed: the file is behind. */
  onResultsChanged(listener: () => void): Disposable;
}
