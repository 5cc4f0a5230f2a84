/**
 * JupyterLab's view of a document: a second Y document (`shared`, the schema of @jupyter/ydoc) that is kept in lock-step
 * with the room's own document (`source`) and, for notebooks, with its live document. The collaboration room of a
 * document owns it; made by `openNotebookProjection` (notebook-projection.ts) and `openTextProjection`
 * (text-projection.ts). It never checks rights, knows sockets, saves, runs or reads a clock.
 *
 * Everything is synchronous but the fetching of large output values. Between two calls the cells of both documents are
 * the same: ids, order, texts, types, metadata (without `trusted`), attachments. What JupyterLab does to outputs stays
 * in `shared`; only a person's “clear” is told.
 *
 * What the caller must keep to, or edits get lost inside JupyterLab, where nobody can help:
 *  1. Take before you give. A client that (re)connects is asked for what it has (step 1) first; only when its answer has
 *     been received is it given {@link LabProjection.catchUp}. A JupyterLab that hears of a move first throws away what
 *     its user typed into that cell offline. (A client that insists on hearing first is served at once; it has no epoch.)
 *  2. One `update` event of `shared` is one message: two must never be merged into one. JupyterLab doubles outputs that
 *     are removed and added in one transaction.
 *  3. `shared` is changed by nobody else: clients' updates go through `receive`.
 *  4. What is restored together was saved together: {@link LabProjection.state} with the source of the same moment.
 *     What clients were sent must have been saved, or the epoch (`sessionId`) must be a new one after a restart.
 */
import type { CellId } from '@cahier/base/ids.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { Json } from '@cahier/base/json.ts';
import type * as Y from 'yjs';
import type { NbOutput } from '../../notebooks/notebook.ts';
import type { BlobRef, LiveNotebook, LiveOp } from '../../runs/live.ts';

/**
 * Makes one edit of the source: calls `change` once, synchronously, in one transaction whose origin is `by`. That is
 * `room.edit(author, origin, change)` for the client that sent the update.
 */
export type SourceEdit = (change: (doc: Y.Doc, by: object) => void) => void;

/** What an update of a client did. */
export type LabOutcome =
  | {
      readonly placement: 'applied';
      /** False for an echo or an update that was known already. */
      readonly isNew: boolean;
      /** Cells whose outputs a person cleared: nothing else was written there and no run goes on. */
      readonly cleared: readonly CellId[];
      /** New cells that came with results (pasted, duplicated, cut and pasted). Text of streams is one string. */
      readonly brought: readonly BroughtResults[];
    }
  /** Something before it is missing: nothing was applied; the client must sync anew. */
  | { readonly placement: 'gap' }
  /** No Yjs update: nothing was applied; the client is broken. */
  | { readonly placement: 'malformed' };

export interface BroughtResults {
  readonly cell: CellId;
  readonly outputs: readonly NbOutput[];
  readonly executionCount: number | null;
}

/** `state` of the shared document; a key that is left out stays as it is. */
export interface LabState {
  readonly path?: string;
  /** Of the file as the contents API tells it, after each save. */
  readonly hash?: string;
  /** Clients set it with each edit; false after a save. */
  readonly dirty?: boolean;
}

/** A selection as JupyterLab's awareness has it: Yjs relative positions as JSON. */
export interface LabCursor {
  readonly anchor: Json;
  readonly head: Json;
}

/** A selection in the source: UTF-16 offsets into a cell's text; `cell` is null in a text document. */
export interface SourceCursor {
  readonly cell: CellId | null;
  readonly anchor: number;
  readonly head: number;
}

export interface LabProjection extends Disposable {
  /** What JupyterLab clients sync with. Its `update` events are what they are sent; origin {@link from} or the projection. */
  readonly shared: Y.Doc;

  /**
   * One client's update (also the payload of its step 2): applied to `shared` with origin `from`, mirrored into the
   * source through `edit`, and what does not fit (a cell twice, a deleted text that was still typed into) is repaired in
   * `shared` in transactions of the projection's own. `edit` is not called when nothing is to be mirrored. The caller
   * has checked the right to edit. Errors of `edit` are thrown on after both documents agree again. `isWhole`: it is a
   * step 2. Such an update deletes everything that is gone for the client, whoever deleted it and when; so of a cell that
   * the client moved, what is not in its copy may have come after the move, and is kept.
   */
  receive(update: Uint8Array, from: object, edit: SourceEdit, isWhole?: boolean): LabOutcome;

  /**
   * What a client with this state vector lacks, to be sent as messages of their own in this order: first as step 2, the
   * others as updates. In two parts, so that outputs replaced meanwhile are removed first and added after.
   * Null when the vector is damaged.
   */
  catchUp(vector: Uint8Array): readonly Uint8Array[] | null;

  /** Live operations that the server has just applied, and the state after them. Nothing for text documents. */
  liveChanged(ops: readonly LiveOp[], live: LiveNotebook): void;

  /**
   * A JupyterLab runs this cell by itself (a kernel that is not the notebook's): until it is told otherwise, the
   * projection does not write the cell's outputs, count and state; after that they are made what the live document says.
   */
  setForeign(cell: CellId, isForeign: boolean): void;

  /** Resolves when the large values that are being read now have been written. */
  fetched(): Promise<void>;

  setState(state: LabState): void;

  /** The cell that an id in a client's request means; null: there is none. */
  cellOf(id: string): CellId | null;

  /** Where a client's selection is in the source; null when that text is gone or the position cannot be read. */
  toSource(cursor: LabCursor): SourceCursor | null;
  /** The same for clients; null when the cell is gone. */
  toShared(cursor: SourceCursor): LabCursor | null;

  /**
   * `shared` as one update; with the updates after it, all that is needed to open the projection again. To be saved right
   * after opening: what was mended then was told to nobody.
   */
  state(): Uint8Array;
}

interface ProjectionParts {
  /** The room's document. */
  readonly source: Y.Doc;
  /**
   * What {@link LabProjection.state} gave, and after it every `update` event of `shared` since, in order: each was saved
   * by itself, in one transaction with the entries of the source that it belongs to. Null when there was none (or it is of
   * another epoch). Damaged: throws, and the caller opens anew with null under another epoch.
   */
  readonly saved: readonly Uint8Array[] | null;
  /** Makes random cell ids (8 hex characters); also used as jitter of positions. */
  readonly newId: () => string;
  /** Yjs' id of this writer in `shared`, for simulations; never one that wrote there before. Absent: random. */
  readonly clientId?: number;
}

export type TextProjectionParts = Omit<ProjectionParts, 'newId'>;

export interface NotebookProjectionParts extends ProjectionParts {
  readonly live: LiveNotebook;
  /** Reads a large value. What rejects is shown as “no longer stored”. */
  readonly blobs: (ref: BlobRef) => Promise<Uint8Array>;
  /** A link to a value that is too large for JupyterLab (the page's own cookie opens it). */
  readonly blobUrl: (ref: BlobRef, mime: string) => string;
  /** A link to the cell in Cahier's own page, for streams whose beginning is left out. */
  readonly cellUrl: (cell: CellId) => string;
}
