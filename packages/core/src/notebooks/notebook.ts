/**
 * A notebook as plain values: what a file parses to, what history folds to, what a three-way merge works on.
 * It knows neither Yjs nor bytes. Multi-line strings are joined (never the lists of nbformat).
 * Source: nbformat 4.5 (https://nbformat.readthedocs.io/en/latest/format_description.html).
 */
import type { CellId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';

export type CellType = 'code' | 'markdown' | 'raw';

interface PlainCellBase {
  readonly id: CellId;
  readonly source: string;
  readonly metadata: JsonObject;
  /** Fields of the file's cell that this format does not know, kept as they are (a newer minor's, a tool's). */
  readonly extra?: JsonObject;
}

export interface PlainCodeCell extends PlainCellBase {
  readonly type: 'code';
  readonly outputs: readonly NbOutput[];
  readonly executionCount: number | null;
}

export interface PlainTextCell extends PlainCellBase {
  readonly type: 'markdown' | 'raw';
  /** Attachment name → MIME bundle; absent when the file has none. */
  readonly attachments?: JsonObject;
}

export type PlainCell = PlainCodeCell | PlainTextCell;

export interface PlainNotebook {
  /** The minor of nbformat 4 that the file has and keeps (a 4.2 file stays 4.2). */
  readonly nbformatMinor: number;
  readonly metadata: JsonObject;
  /** Top-level fields of the file that this format does not know, kept as they are. */
  readonly extra?: JsonObject;
  readonly cells: readonly PlainCell[];
}

/** MIME type → value. Text is one string; JSON types (`application/json`, `*+json`) hold their JSON value. */
export type MimeBundle = JsonObject;

/** An output as nbformat has it, strings joined; unknown output types and extra keys are preserved in `raw`. */
export type NbOutput =
  | { readonly type: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'display_data'; readonly data: MimeBundle; readonly metadata: JsonObject }
  | {
      readonly type: 'execute_result';
      readonly data: MimeBundle;
      readonly metadata: JsonObject;
      readonly executionCount: number | null;
    }
  | {
      readonly type: 'error';
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    }
  | { readonly type: 'unknown'; readonly raw: JsonObject };
