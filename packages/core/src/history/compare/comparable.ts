/**
 * A notebook as it is compared, wherever it comes from: a file, a moment of the past, the document as it is now. The
 * results of the past are named by hash; whoever compares says what he has of them.
 */
import type { BlobHash, CellId } from '@cahier/base/ids.ts';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { firstMinorWithIds } from '../../notebooks/nbformat/write-notebook.ts';
import type { CellType, PlainCell, PlainNotebook } from '../../notebooks/notebook.ts';
import type { BlobRef, LiveOutput } from '../../runs/live.ts';
import { pastCells } from '../fold.ts';
import { notebookOf } from '../restore.ts';
import type { PastCell, PastDocument } from '../step.ts';

/** Outputs, or the hash of their list (a JSON list of LiveOutput in the blob store). */
export type ComparableOutputs = { readonly values: readonly LiveOutput[] } | { readonly hash: BlobHash };

export interface ComparableCell {
  readonly id: CellId;
  readonly type: CellType;
  readonly source: string;
  readonly metadata: JsonObject;
  readonly attachments: JsonObject;
  readonly extra: JsonObject;
  readonly executionCount: number | null;
  readonly outputs: ComparableOutputs;
}

export interface ComparableNotebook {
  readonly nbformatMinor: number;
  /** False: the ids of the cells were made up when the file was read and say nothing. */
  readonly hasIds: boolean;
  readonly metadata: JsonObject;
  readonly extra: JsonObject;
  readonly cells: readonly ComparableCell[];
}

/** What the one who compares has of values kept outside; null: not here. */
export interface KnownValues {
  outputs?(hash: BlobHash): readonly LiveOutput[] | null;
  /** The value of a MIME type as a bundle has it (text, base64, JSON). */
  value?(ref: BlobRef, mime: string): Json | null;
}

/** A notebook file. */
export function comparableNotebook(notebook: PlainNotebook): ComparableNotebook {
  return {
    nbformatMinor: notebook.nbformatMinor,
    hasIds: notebook.nbformatMinor >= firstMinorWithIds,
    metadata: notebook.metadata,
    extra: notebook.extra ?? {},
    cells: notebook.cells.map(comparableCell),
  };
}

function comparableCell(cell: PlainCell): ComparableCell {
  const { id, type, source, metadata, extra = {} } = cell;
  const common = { id, type, source, metadata, extra };
  return cell.type === 'code'
    ? { ...common, attachments: {}, executionCount: cell.executionCount, outputs: { values: cell.outputs } }
    : { ...common, attachments: cell.attachments ?? {}, executionCount: null, outputs: { values: [] } };
}

/** SHA-256 of `[]`: a run that said nothing is known without asking. */
const noOutputs = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945';

/** A moment of the past. Its cells have ids, also where the file has none. */
export function comparablePast(past: PastDocument): ComparableNotebook {
  const { nbformatMinor, metadata, extra = {} } = notebookOf(past);
  return { nbformatMinor, hasIds: true, metadata, extra, cells: pastCells(past).map(comparablePastCell) };
}

function comparablePastCell(cell: PastCell): ComparableCell {
  const { id, type, source, metadata, attachments = {}, extra = {}, run } = cell;
  const result = type === 'code' && run ? run : null;
  return {
    id,
    type,
    source,
    metadata,
    attachments: type === 'code' ? {} : attachments,
    extra,
    executionCount: result?.count ?? null,
    outputs: result && result.outputs !== noOutputs ? { hash: result.outputs } : { values: [] },
  };
}
