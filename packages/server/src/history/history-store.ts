/**
 * Port: the history log as the jobs see it that look after it (packing, collecting, purging, verifying). Never on the
 * path of a keystroke. Implemented beside HistoryLog by the same adapter; contract: history-store.contract.ts.
 */
import type { BlobHash, DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import type { HistoryLog } from './history-log.ts';

export interface SegmentPlace {
  readonly from: number;
  readonly to: number;
}

/** Entries that are not packed: from the first to the last, `count` of them (packed ones may lie between). */
export interface HotStretch extends SegmentPlace {
  readonly count: number;
  /** Their payloads together. */
  readonly bytes: number;
  readonly oldestAt: number;
}

export interface HistoryStore extends HistoryLog {
  /** All documents of all projects, those whose file is gone as well. */
  documents(): Promise<(DocumentRow & { readonly project: ProjectId })[]>;
  hotStretch(document: DocumentId): Promise<HotStretch | null>;
  /** Segments that hold entries of from … to, in order. */
  segments(document: DocumentId, from: number, to: number): Promise<SegmentPlace[]>;
  /** Blobs that runs of the document name, also where the entries themselves are damaged. */
  runBlobs(document: DocumentId): Promise<BlobHash[]>;
  /** Live documents of a project: JSON of LiveNotebooks. */
  liveOf(project: ProjectId): Promise<string[]>;
  /**
   * Puts entries that follow one another into one segment, which takes their place (and that of segments within): all
   * or nothing. Throws `history/not-durable`.
   */
  pack(entries: readonly Entry[]): Promise<void>;
  /**
   * Like `pack`, with other entries of the same numbers: the old ones leave the disk, and with them snapshots and steps
   * made of them. Throws `history/not-durable`.
   */
  replace(entries: readonly Entry[]): Promise<void>;
}
