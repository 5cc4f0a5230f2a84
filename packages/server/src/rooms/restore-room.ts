/** Brings a room back to a past moment by an ordinary edit: what others type meanwhile is merged, not lost. */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { PastCell, PastDocument } from '@cahier/core/history/step.ts';
import type { PlainCell } from '@cahier/core/notebooks/notebook.ts';
import type { DocumentKinds } from './document-kinds.ts';
import type { Room } from './room.ts';

export interface Restoring {
  readonly author: EntryAuthor;
  /** Only this cell; null: everything. */
  readonly cell: CellId | null;
  readonly kinds: DocumentKinds;
  readonly newId: (length: number) => string;
}

/** Throws `cell/not-found` when that cell was not there at that moment. */
export function restoreRoom(room: Room, past: PastDocument, { author, cell, kinds, newId }: Restoring): void {
  const freshId = () => newId(8);
  if (room.kind === 'text') {
    const text = past.cells[asCellId('text')]?.source ?? '';
    room.edit(author, 'restore', (doc, by) => kinds.text.edit(doc, text, by, freshId));
    return;
  }
  const now = kinds.notebook.read(room.doc);
  const target =
    cell === null
      ? { ...now, metadata: past.meta, cells: Object.values(past.cells).sort(byPosition).map(plainCell) }
      : { ...now, cells: withCell(now.cells, past.cells[cell]) };
  room.edit(author, 'restore', (doc, by) => kinds.notebook.edit(doc, target, by, freshId));
}

function withCell(cells: readonly PlainCell[], past: PastCell | undefined): PlainCell[] {
  if (!past) throw appError('cell/not-found');
  const restored = plainCell(past);
  const isThere = cells.some(({ id }) => id === past.id);
  return isThere ? cells.map((cell) => (cell.id === past.id ? restored : cell)) : [...cells, restored];
}

function plainCell({ id, type, source, metadata, attachments }: PastCell): PlainCell {
  return type === 'code'
    ? { id, type, source, metadata, outputs: [], executionCount: null }
    : { id, type, source, metadata, ...(attachments ? { attachments } : {}) };
}

function byPosition(a: PastCell, b: PastCell): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
