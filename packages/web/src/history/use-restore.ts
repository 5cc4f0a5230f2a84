/** Restoring is an ordinary new edit by the server, and can be undone like one. */
import type { CellId } from '@cahier/base/ids.ts';
import { deleteCells } from '@cahier/core/notebooks/source-doc.ts';
import { api } from '../link/api.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { problemToast, toast } from '../ui/toasts.ts';

export interface Restore {
  readonly all: (seq: number) => Promise<void>;
  /** `isGone`: the cell was deleted since. */
  readonly cell: (seq: number, cell: CellId, isGone: boolean) => Promise<void>;
}

export function restoreOf(session: DocumentSession, onAll: () => void): Restore {
  const newest = async () => (await api.timeline(session.project, session.doc)).lastSeq;
  const undo = (run: () => Promise<unknown>) => ({
    label: 'Undo',
    run: () => {
      run().then(() => toast('Undone.'), problemToast);
    },
  });
  return {
    async all(seq) {
      try {
        const before = await newest();
        await session.request({ t: 'doc.restore', seq });
        onAll();
        toast('The document is again as it was at that moment.', {
          action: undo(() => session.request({ t: 'doc.restore', seq: before })),
        });
      } catch (cause) {
        problemToast(cause);
      }
    },
    async cell(seq, cell, isGone) {
      try {
        const before = await newest();
        await session.request({ t: 'doc.restore', seq, cell });
        toast(isGone ? 'The cell is back in the notebook.' : 'The cell is again as it was at that moment.', {
          action: undo(async () => {
            if (isGone) deleteCells(session.ydoc, [cell], session.undoOrigin);
            else await session.request({ t: 'doc.restore', seq: before, cell });
          }),
        });
      } catch (cause) {
        problemToast(cause);
      }
    },
  };
}
