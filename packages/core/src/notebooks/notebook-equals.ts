/** Are two notebooks the same document, as a file would show it? Cell ids count only where the file has them. */
import { jsonEquals } from '@cahier/base/json.ts';
import type { PlainCell, PlainNotebook } from './notebook.ts';
import { firstMinorWithIds } from './nbformat/write-notebook.ts';

export function notebookEquals(a: PlainNotebook, b: PlainNotebook): boolean {
  const hasIds = a.nbformatMinor >= firstMinorWithIds;
  return (
    a.nbformatMinor === b.nbformatMinor &&
    jsonEquals(a.metadata, b.metadata) &&
    jsonEquals(a.extra, b.extra) &&
    a.cells.length === b.cells.length &&
    a.cells.every((cell, i) => {
      const other = b.cells[i];
      return other !== undefined && (!hasIds || cell.id === other.id) && isSameCell(cell, other);
    })
  );
}

/** The same cell but for its id. */
export function isSameCell(a: PlainCell, b: PlainCell): boolean {
  return isSameSource(a, b) && isSameResult(a, b);
}

/** The same in everything that people write: not the outputs. */
export function isSameSource(a: PlainCell, b: PlainCell): boolean {
  return (
    a.type === b.type &&
    a.source === b.source &&
    jsonEquals(a.metadata, b.metadata) &&
    jsonEquals(a.extra, b.extra) &&
    jsonEquals(attachmentsOf(a), attachmentsOf(b))
  );
}

/** The same outputs and execution count. */
export function isSameResult(a: PlainCell, b: PlainCell): boolean {
  if (a.type !== 'code' || b.type !== 'code') return a.type !== 'code' && b.type !== 'code';
  return (
    a.executionCount === b.executionCount &&
    a.outputs.length === b.outputs.length &&
    a.outputs.every((output, i) => {
      const other = b.outputs[i];
      return other !== undefined && jsonEquals({ ...output }, { ...other });
    })
  );
}

export function attachmentsOf(cell: PlainCell) {
  return cell.type === 'code' ? undefined : cell.attachments;
}
