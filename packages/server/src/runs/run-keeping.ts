/** How runs become durable, as one notebook sees it (project-runs.ts puts it together). */
import type { DocumentId } from '@cahier/base/ids.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import type { PastRun } from './past-run.ts';

/** A live document that wants to be kept; `live` is read when the commit is made. */
export interface KeptLive {
  readonly document: DocumentId;
  readonly live: LiveNotebook;
}

export interface RunKeeping {
  /** The live document changed; `isSoon`: somebody's run began or ended. */
  touch(kept: KeptLive, isSoon: boolean): void;
  /** Goes into the history with the next commit; `isLate`: nobody waits for it. */
  record(past: PastRun, isLate: boolean): void;
  /** Resolves when everything that happened before is with the recorder, ahead of whatever is attached afterwards. */
  submitted(): Promise<void>;
  /** Resolves when everything that happened before is on disk. */
  flush(): Promise<void>;
  /** The notebook is closed. */
  closed(document: DocumentId): void;
}
