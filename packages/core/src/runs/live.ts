/**
 * The live document of a notebook: run states, queue, outputs, kernel state, pending input. The server is its only
 * writer and sends it as numbered operations (`LiveOp`); every client folds them with `applyLiveOp`
 * (apply-live-op.ts). It is plain data, not a CRDT: see docs/decisions/0002-live-document.md.
 * Large values are named by hash and fetched when they come into view, so the document stays small.
 */
import type { BlobHash, CellId, KernelId, PersonId, RunId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { MimeBundle } from '../notebooks/notebook.ts';

/** A value kept in the blob store. `size` in bytes. */
export interface BlobRef {
  readonly blob: BlobHash;
  readonly size: number;
  /**
   * How decoded bytes stood in the bundle as base64, so that the file gets the same characters back. Absent: without
   * line breaks (or the value is not base64 at all); `end`: one line break at the end; `lines`: one after every 76.
   */
  readonly breaks?: 'end' | 'lines';
}

/** Finished lines of a long stream, moved out of the document. UTF-8 text. */
export interface TextPage extends BlobRef {
  readonly lines: number;
}

export type LiveOutput =
  | {
      readonly type: 'stream';
      readonly name: 'stdout' | 'stderr';
      /** What follows `pages`: carriage returns and backspaces already folded. */
      readonly text: string;
      /**
       * Characters between the terminal's cursor and the end of the open line, after `\r` or `\b`; negative: beyond
       * its end; absent: at the end. Only the fold looks at it (terminal-text.ts).
       */
      readonly back?: number;
      readonly pages?: readonly TextPage[];
    }
  | {
      readonly type: 'display_data' | 'execute_result';
      readonly data: MimeBundle;
      /** MIME types whose value lives in the blob store (text values as UTF-8, images as decoded bytes). */
      readonly blobs?: Readonly<Record<string, BlobRef>>;
      readonly metadata: JsonObject;
      readonly executionCount?: number | null;
      readonly displayId?: string;
    }
  | {
      readonly type: 'error';
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    }
  | { readonly type: 'unknown'; readonly raw: JsonObject };

export type RunState = 'idle' | 'queued' | 'running' | 'done' | 'failed';

/** Why a run failed when no error output says so. */
export type RunFailure = 'kernel-died' | 'interrupted' | 'kernel-start' | 'aborted' | 'lost';

export interface PersonRef {
  readonly id: PersonId;
  readonly name: string;
}

export interface PendingInput {
  readonly run: RunId;
  readonly prompt: string;
  readonly isPassword: boolean;
}

export interface LiveCell {
  readonly state: RunState;
  readonly run?: RunId;
  readonly by?: PersonRef;
  readonly executionCount: number | null;
  /** Server time, ms since the epoch. */
  readonly queuedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly failure?: RunFailure;
  /** Hash of the source that ran, to mark a cell as edited since (core/runs/source-hash.ts). */
  readonly ranSource?: string;
  readonly input?: PendingInput;
  /** Asked to run once more while it was running: it stands in the queue a second time. */
  readonly again?: { readonly run: RunId; readonly by?: PersonRef; readonly queuedAt: number };
  /** `clear_output(wait=True)` was received: the next output replaces all. */
  readonly isClearPending?: boolean;
  readonly outputs: readonly LiveOutput[];
}

export type KernelStatus = 'none' | 'starting' | 'idle' | 'busy' | 'restarting' | 'dead';

export interface KernelState {
  readonly status: KernelStatus;
  readonly kernel?: KernelId;
  /** kernelspec name, e.g. `python3`. */
  readonly name?: string;
  readonly displayName?: string;
  readonly language?: string;
  /** A sentence for the user when `dead` or when starting failed. */
  readonly reason?: string;
  readonly startedAt?: number;
}

export interface LiveNotebook {
  /** Counts operations applied since the document was made; a client that misses one asks for the whole again. */
  readonly version: number;
  readonly kernel: KernelState;
  readonly cells: Readonly<Record<CellId, LiveCell>>;
  /** Cells waiting, in order; the running one is first. */
  readonly queue: readonly CellId[];
}

export type LiveOp =
  | { readonly op: 'kernel'; readonly kernel: KernelState }
  | { readonly op: 'queue'; readonly queue: readonly CellId[] }
  /** Replaces the cell's run fields (everything but `outputs`); creates the cell when it is new. */
  | { readonly op: 'cell'; readonly cell: CellId; readonly run: Omit<LiveCell, 'outputs'> }
  | { readonly op: 'cell.drop'; readonly cell: CellId }
  /** Replaces all outputs of a cell. */
  | { readonly op: 'outputs'; readonly cell: CellId; readonly outputs: readonly LiveOutput[] }
  | { readonly op: 'output.add'; readonly cell: CellId; readonly output: LiveOutput }
  | { readonly op: 'output.set'; readonly cell: CellId; readonly index: number; readonly output: LiveOutput }
  /** Cuts the stream's text to its first `keep` UTF-16 units, then appends `text`. */
  | {
      readonly op: 'stream';
      readonly cell: CellId;
      readonly index: number;
      readonly keep: number;
      readonly text: string;
      readonly back?: number;
    }
  /** Moves the first `drop` UTF-16 units of the stream's text into a page. */
  | {
      readonly op: 'stream.page';
      readonly cell: CellId;
      readonly index: number;
      readonly page: TextPage;
      readonly drop: number;
    };

export const emptyLiveCell: LiveCell = { state: 'idle', executionCount: null, outputs: [] };

export const emptyLiveNotebook: LiveNotebook = {
  version: 0,
  kernel: { status: 'none' },
  cells: {},
  queue: [],
};
