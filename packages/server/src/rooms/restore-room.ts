/** Brings a room back to a past moment by an ordinary edit: what others type meanwhile is merged, not lost. */
import type { CellId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { notebookOf, textOf, withPastCell } from '@cahier/core/history/restore.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
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
    room.edit(author, 'restore', (doc, by) => kinds.text.edit(doc, textOf(past), by, freshId));
    return;
  }
  const target = cell === null ? notebookOf(past) : withPastCell(kinds.notebook.read(room.doc), past, cell);
  if (!target) throw appError('cell/not-found');
  room.edit(author, 'restore', (doc, by) => kinds.notebook.edit(doc, target, by, freshId));
}
