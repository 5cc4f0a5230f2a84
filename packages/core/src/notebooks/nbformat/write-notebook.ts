/**
 * A PlainNotebook as the bytes of a file, in the form of the Python reference writer. The file's minor is kept; cell
 * ids are written from 4.5 on, below they are forbidden.
 */
import type { Json, JsonObject } from '@cahier/base/json.ts';
import type { PlainCell, PlainNotebook } from '../notebook.ts';
import { mapBundles, splitBundle, splitLines, without } from './lines.ts';
import { writeOutput } from './outputs.ts';
import { writeJson } from './write-json.ts';

/** The first minor of format 4 whose cells have ids. */
export const firstMinorWithIds = 5;

export function writeNotebookFile(notebook: PlainNotebook): Uint8Array {
  return new TextEncoder().encode(`${writeJson(notebookJson(notebook))}\n`);
}

export function notebookJson(notebook: PlainNotebook): JsonObject {
  const hasIds = notebook.nbformatMinor >= firstMinorWithIds;
  return {
    ...notebook.extra,
    nbformat: 4,
    nbformat_minor: notebook.nbformatMinor,
    metadata: without(notebook.metadata, 'signature', 'orig_nbformat', 'orig_nbformat_minor'),
    cells: notebook.cells.map((cell) => cellJson(cell, hasIds)),
  };
}

function cellJson(cell: PlainCell, hasId: boolean): JsonObject {
  const common: JsonObject = {
    ...cell.extra,
    cell_type: fileType(cell),
    ...(hasId && { id: cell.id }),
    metadata: without(cell.metadata, 'trusted'),
    ...(!isUnknownWithoutText(cell) && { source: splitLines(cell.source) }),
  };
  if (cell.type === 'code') {
    return { ...common, outputs: cell.outputs.map(writeOutput), execution_count: cell.executionCount };
  }
  if (cell.attachments === undefined) return common;
  return { ...common, attachments: mapBundles(cell.attachments, splitBundle) };
}

/** Only the known cell types must have a source. */
function isUnknownWithoutText(cell: PlainCell): boolean {
  return cell.source === '' && fileType(cell) !== cell.type;
}

/** A cell type that only a newer minor knows is shown as raw and written back as what it was. */
function fileType(cell: PlainCell): Json {
  const unknown = cell.extra?.['cell_type'];
  return cell.type === 'raw' && unknown !== undefined ? unknown : cell.type;
}
