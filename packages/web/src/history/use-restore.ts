/** Restoring is an ordinary new edit by the server, and can be undone like one. */
import type { CellId } from '@cahier/base/ids.ts';
import { deleteCells } from '@cahier/core/notebooks/source-doc.ts';
import { restored } from '@cahier/protocol/client/up.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { problemToast, toast } from '../ui/toasts.ts';

export interface Restore {
  readonly all: (seq: number, withResults: boolean) => Promise<void>;
  /** `isGone`: the cell was deleted since; then it comes with its results. */
  readonly cell: (seq: number, cell: CellId, isGone: boolean) => Promise<void>;
  /** Outputs of a cell (one of them, by its place then; null: all), not its text. */
  readonly result: (seq: number, cell: CellId, output: number | null) => Promise<void>;
}

interface Wanted {
  readonly seq: number;
  readonly cell?: CellId;
  readonly results?: 'with' | 'only';
  readonly output?: number;
}

export function restoreOf(session: DocumentSession, onAll: () => void): Restore {
  /** Resolves to the step before it. */
  const restore = async (wanted: Wanted): Promise<number> =>
    restored.parse(await session.request({ t: 'doc.restore', ...wanted })).before;
  const undo = (run: () => Promise<unknown>) => ({
    label: 'Undo',
    run: () => {
      run().then(() => toast('Undone.'), problemToast);
    },
  });
  const orProblem = (done: Promise<void>) => done.catch((cause: unknown) => void problemToast(cause));
  return {
    all: (seq, withResults) =>
      orProblem(
        restore({ seq, ...(withResults ? { results: 'with' } : {}) }).then((before) => {
          onAll();
          const words = withResults
            ? 'The document and its results are again as they were at that moment.'
            : 'The document is again as it was at that moment.';
          toast(words, {
            action: undo(() => restore({ seq: before, ...(withResults ? { results: 'with' } : {}) })),
          });
        }),
      ),
    cell: (seq, cell, isGone) =>
      orProblem(
        restore({ seq, cell, ...(isGone ? { results: 'with' } : {}) }).then((before) => {
          toast(
            isGone ? 'The cell is back in the notebook.' : 'The cell is again as it was at that moment.',
            {
              action: undo(async () => {
                if (isGone) deleteCells(session.ydoc, [cell], session.undoOrigin);
                else await restore({ seq: before, cell });
              }),
            },
          );
        }),
      ),
    result: (seq, cell, output) =>
      orProblem(
        restore({ seq, cell, results: 'only', ...(output === null ? {} : { output }) }).then((before) => {
          toast(
            output === null ? 'The result is back in the notebook.' : 'The output is back in the notebook.',
            {
              action: undo(() => restore({ seq: before, cell, results: 'only' })),
            },
          );
        }),
      ),
  };
}
