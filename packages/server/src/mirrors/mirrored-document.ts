/** What a mirror needs to know of its document besides the kind: how results (outputs) come in and go out. */
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import type { PlainCell, PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { changedResults, withResults } from '../rooms/cell-results.ts';
import type { LiveSource } from '../rooms/live-source.ts';
import type { Room } from '../rooms/room.ts';
import { type WrittenFile, writeNotebook, writtenFile } from './write-notebook.ts';

export interface MirroredDocument<Plain> {
  readonly kind: DocumentKind<Plain>;
  /** Fetches what may take time; the function given then reads the document as the file shows it, now. */
  prepare(): Promise<() => Plain>;
  /** The file that shows `plain`. */
  write(plain: Plain): Promise<WrittenFile>;
  /** How much of everything there is, added up: values that differ in it are not equal. */
  extentOf(plain: Plain): number;
  /** The document was edited from `before` to `after`: results that differ go where they live. */
  takeResults(before: Plain, after: Plain): Promise<void>;
}

export function mirroredText(room: Room, kind: DocumentKind<string>): MirroredDocument<string> {
  return {
    kind,
    prepare: async () => () => kind.read(room.doc),
    write: async (plain) => writtenFile(kind.toFile(plain)),
    extentOf: (plain) => plain.length,
    takeResults: async () => undefined,
  };
}

export function mirroredNotebook(
  room: Room,
  kind: DocumentKind<PlainNotebook>,
  live: LiveSource,
): MirroredDocument<PlainNotebook> {
  return {
    kind,
    prepare: async () => {
      const results = await live.results();
      return () => withResults(kind.read(room.doc), results);
    },
    write: writeNotebook,
    extentOf: ({ cells }) => cells.reduce((sum, cell) => sum + extentOfCell(cell), 0),
    takeResults: async (before, after) => {
      const changed = changedResults(before, after);
      if (changed.size > 0) await live.takeResults(changed);
    },
  };
}

function extentOfCell(cell: PlainCell): number {
  if (cell.type !== 'code') return 1 + cell.source.length;
  return 1 + cell.source.length + cell.outputs.length + (cell.executionCount ?? 0);
}
