/**
 * Steps: history as people read it. Plain deltas in server order, derived from the hot log; fold(steps up to n) is the
 * document at n. The browser folds with the same function as the server (fold.ts).
 * A text document is folded as a notebook-less value: its one text has the cell id `text`.
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import type { BlobHash, RunId } from '@cahier/base/ids.ts';
import type { TextDelta } from '../documents/text-diff.ts';
import type { CellType } from '../notebooks/notebook.ts';
import type { RunState } from '../runs/live.ts';
import type { MarkEntry, Origin } from './entry.ts';

export type { TextDelta };

export type Change =
  | {
      readonly c: 'cell+';
      readonly cell: CellId;
      readonly type: CellType;
      readonly position: string;
      readonly source: string;
      readonly metadata: JsonObject;
      readonly attachments?: JsonObject;
      /** Fields of the file that the format does not know. */
      readonly extra?: JsonObject;
    }
  | { readonly c: 'cell-'; readonly cell: CellId }
  | { readonly c: 'text'; readonly cell: CellId; readonly delta: TextDelta }
  | {
      readonly c: 'set';
      readonly cell: CellId;
      readonly key: 'type' | 'position' | 'metadata' | 'attachments' | 'extra';
      /** null: there are none (`attachments`, `extra`). */
      readonly value: Json | null;
    }
  /** Without `value` the key is gone. */
  | { readonly c: 'meta'; readonly key: string; readonly value?: Json }
  | {
      readonly c: 'run';
      readonly cell: CellId;
      readonly run: RunId | null;
      readonly state: RunState;
      readonly count: number | null;
      readonly startedAt: number | null;
      readonly outputs: BlobHash;
      /** As a run entry has them (entry.ts). */
      readonly codeSeq?: number;
      readonly kernel?: string;
    }
  | { readonly c: 'mark'; readonly mark: MarkEntry['mark']; readonly text: string };

export interface Step {
  readonly seq: number;
  readonly at: number;
  /** Index into the chunk's or timeline's list of authors. */
  readonly author: number;
  readonly origin: Origin;
  readonly changes: readonly Change[];
}

export interface PastCell {
  readonly id: CellId;
  readonly type: CellType;
  readonly position: string;
  readonly source: string;
  readonly metadata: JsonObject;
  readonly attachments?: JsonObject;
  readonly extra?: JsonObject;
  /** The last finished run before this moment. */
  readonly run?: { readonly state: RunState; readonly count: number | null; readonly outputs: BlobHash };
}

/** The document at one moment. `cells` by id; order is by (position, id). A text document has one cell `text`. */
export interface PastDocument {
  readonly seq: number;
  /** Keys as the source document's `meta` has them (notebooks/source-layout.ts). */
  readonly meta: JsonObject;
  readonly cells: Readonly<Record<CellId, PastCell>>;
}

export const emptyPast: PastDocument = { seq: 0, meta: {}, cells: {} };

/**
 * What somebody typed into a cell that was gone by then, deleted by somebody else at the same time: the step changes
 * nothing, yet says what was typed and by whom. Which cell it was nobody can tell any more.
 */
export const unknownCellId: CellId = asCellId('?');

/** A text document is folded as one cell of this id. */
export const textCellId: CellId = asCellId('text');
