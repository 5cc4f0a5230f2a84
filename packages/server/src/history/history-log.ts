/**
 * Port: where history and live state are durable. One writer per project (the owner of the open project).
 * The promise: when `commit` resolves, everything in the batch is on disk (fsync), all or nothing. Batches commit in
 * the order of the calls. Contract suite: history-log.contract.ts, passed by every adapter.
 */
import type { DocumentId, ProjectId, RunnerId } from '@cahier/base/ids.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';

/** The live document of a notebook as it is kept between lives of the server: JSON of a LiveNotebook. */
export interface LiveRow {
  readonly document: DocumentId;
  readonly json: string;
}

export interface CommitBatch {
  /** New documents, or changes of path. */
  readonly documents?: readonly (DocumentRow & { readonly project: ProjectId })[];
  /** Numbered by the recorder; (document, seq) is unique: a second owner's append fails with `history/not-durable`. */
  readonly entries?: readonly Entry[];
  readonly live?: readonly LiveRow[];
  /** The runner's events up to `seq` have taken effect in what this batch (and those before) holds. */
  readonly cursor?: { readonly runner: RunnerId; readonly seq: number };
  /** The file as last seen equal to the document: hash of its bytes and the blob that holds them. */
  readonly mirrors?: readonly MirrorRow[];
  /** Yjs states to open rooms fast; a cache, never the truth. */
  readonly snapshots?: readonly SnapshotRow[];
  /** Updates of what JupyterLab's clients share; written before `labStates` of the same batch. */
  readonly labUpdates?: readonly LabUpdateRow[];
  readonly labStates?: readonly LabStateRow[];
}

/**
 * One update of the document as JupyterLab's clients share it (jupyter/collaboration). It is kept in the batch of the
 * history entries that it belongs to: of the two never one without the other.
 */
export interface LabUpdateRow {
  readonly document: DocumentId;
  readonly epoch: string;
  /** Counts from 1 in one epoch. */
  readonly n: number;
  readonly update: Uint8Array;
}

/** The whole of it after update `n`; takes the place of the updates up to `n` and of everything of another epoch. */
export interface LabStateRow {
  readonly document: DocumentId;
  readonly epoch: string;
  readonly n: number;
  /** Server time, ms since the epoch. */
  readonly usedAt: number;
  readonly state: Uint8Array;
}

export interface KeptLab {
  readonly epoch: string;
  readonly n: number;
  readonly usedAt: number;
  /** The state, then the updates after it, in order. */
  readonly updates: readonly Uint8Array[];
}

export interface MirrorRow {
  readonly document: DocumentId;
  /** SHA-256 of the bytes on disk. */
  readonly hash: string;
  /** History entry whose state the bytes show. */
  readonly seq: number;
  /** Hash of bytes that are about to be written over them (durable before the write): known as our own after a crash. */
  readonly next?: string;
}

export interface SnapshotRow {
  readonly document: DocumentId;
  readonly seq: number;
  readonly state: Uint8Array;
}

export interface HistoryLog {
  /** Throws (rejects) `history/not-durable`; then nothing of the batch was kept and it may be tried again. */
  commit(batch: CommitBatch): Promise<void>;
  documentByPath(project: ProjectId, path: string): Promise<DocumentRow | null>;
  document(id: DocumentId): Promise<(DocumentRow & { readonly project: ProjectId }) | null>;
  lastSeq(document: DocumentId): Promise<number>;
  /** Entries with from ≤ seq ≤ to, in order. */
  entries(document: DocumentId, from: number, to: number): Promise<Entry[]>;
  snapshot(document: DocumentId): Promise<SnapshotRow | null>;
  live(document: DocumentId): Promise<LiveRow | null>;
  cursor(runner: RunnerId): Promise<number>;
  mirror(document: DocumentId): Promise<MirrorRow | null>;
  /** Null when there is none, or when a part of it is damaged or missing. */
  lab(document: DocumentId): Promise<KeptLab | null>;
  close(): Promise<void>;
}
