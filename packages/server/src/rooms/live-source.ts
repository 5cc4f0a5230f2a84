/** Port: what the room of a notebook needs of its live document (runs/notebook-runs.ts implements it). */
import type { CellId } from '@cahier/base/ids.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import type { NbOutput } from '@cahier/core/notebooks/notebook.ts';
import type { LiveNotebook, LiveOp } from '@cahier/core/runs/live.ts';

export interface CellResults {
  readonly outputs: readonly NbOutput[];
  readonly executionCount: number | null;
}

/** All cells of that moment, one of them, or one output of one cell (its place in the past list). */
export interface WhichResults {
  readonly cell: CellId | null;
  readonly output: number | null;
}

export interface PreparedResults {
  /** In the same turn of the event loop as what belongs to it. Throws `cell/running`, and changes nothing then. */
  put(author: EntryAuthor): void;
  /** Throws `cell/running`. */
  check(): void;
}

/** Whose program results came from, and by which way. */
export interface ResultsFrom {
  readonly author: EntryAuthor;
  readonly origin: Origin;
}

export interface LiveSource {
  /** Sent to whoever opens the notebook. */
  readonly state: LiveNotebook;
  /** Outputs as a file has them, blobs and pages fetched; for the mirror. */
  results(): Promise<ReadonlyMap<CellId, CellResults>>;
  /** Outputs that came with a file (import, or changed on disk by another program): they replace those of the cells named. */
  /** `by`: they came from a person's program instead. */
  takeResults(results: ReadonlyMap<CellId, CellResults>, by?: ResultsFrom): Promise<void>;
  /** What putting results of the past back would change. Throws `cell/running`, `blob/not-found`. */
  prepareResults(past: PastDocument, which: WhichResults): Promise<PreparedResults>;
  /** Operations that clients are just being told, and the state after them. */
  onOps(listener: (ops: readonly LiveOp[], state: LiveNotebook) => void): Disposable;
  /** Outputs or execution counts changed: the file is behind. */
  onResultsChanged(listener: () => void): Disposable;
}
