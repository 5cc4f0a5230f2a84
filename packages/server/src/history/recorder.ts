/**
 * The recorder numbers entries and commits them in groups: what arrives within one window goes to disk together.
 * One per open project; the only caller of HistoryLog.commit for it. It never drops an entry: when the disk refuses,
 * it keeps everything in order, says so (`onTrouble`), and tries again with backoff.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { AppError } from '@cahier/base/app-error.ts';
import type { NewEntry } from '@cahier/core/history/entry.ts';
import type { CommitBatch } from './history-log.ts';

export interface Recorder {
  /** Must be called once per document before `record`; reads the last number from the log. */
  open(document: DocumentId): Promise<void>;
  /** Gives the entry its number at once and commits it with the current window. */
  record(entry: NewEntry): number;
  /** Commits along with the current window; resolves when durable. */
  attach(batch: Omit<CommitBatch, 'entries'>): Promise<void>;
  /** Resolves when everything recorded so far is durable. */
  flush(): Promise<void>;
  /** Highest durable number of a document. */
  durableSeq(document: DocumentId): number;
  onDurable(listener: (at: { readonly document: DocumentId; readonly seq: number }) => void): Disposable;
  /** Storage trouble began (error) or is over (null). */
  onTrouble(listener: (error: AppError | null) => void): Disposable;
}
