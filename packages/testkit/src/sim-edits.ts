/** Random edits of a notebook, as people make them. Inserted text carries tokens that are found again at the end. */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import {
  cellText,
  changeType,
  deleteCells,
  insertCell,
  mergeCells,
  moveCells,
  orderedCells,
  splitCell,
} from '@cahier/core/notebooks/source-doc.ts';
import type { LocalOrigin } from '@cahier/core/history/entry.ts';
import type * as Y from 'yjs';
import type { SeededRandom } from './seeded-random.ts';
import type { SimOptions } from './sim-options.ts';

export const undoable: ReadonlySet<LocalOrigin> = new Set(['typing', 'paste', 'structure', 'rearrangement']);

const additions = { type: 12, cell: 2, move: 2, retype: 1, delete: 0, erase: 0, split: 0, merge: 0, undo: 0 };
const everything = {
  type: 12,
  cell: 2,
  move: 2,
  retype: 1,
  delete: 1,
  erase: 4,
  split: 1,
  merge: 1,
  undo: 3,
};

/** One edit. Returns the token that it inserted, or null. */
export function randomEdit(
  doc: Y.Doc,
  undo: Y.UndoManager,
  random: SeededRandom,
  edits: SimOptions['edits'],
  token: string,
): string | null {
  const cells = orderedCells(doc).map(({ id }) => id);
  const jitter = random.hex(3);
  const place = () => ({ after: cells.length === 0 || random.chance(0.2) ? null : random.pick(cells) });
  const kind = cells.length === 0 ? 'cell' : random.weighted(edits === 'additions' ? additions : everything);
  const some = (): CellId => random.pick(cells);
  switch (kind) {
    case 'type': {
      const text = cellText(doc, some());
      if (!text) return null;
      const isPaste = random.chance(0.1);
      const at = random.chance(0.5) ? text.length : random.below(text.length + 1);
      // Never inside a token: half a token would be lost when others look for it.
      const source = text.toJSON();
      const edge = source.lastIndexOf('>', at - 1) + 1;
      doc.transact(() => text.insert(edits === 'additions' ? edge : at, token), isPaste ? 'paste' : 'typing');
      return token;
    }
    case 'cell': {
      const id = asCellId(random.hex(8));
      const type = random.pick(['code', 'markdown', 'raw'] as const);
      return insertCell(doc, { id, type, source: token }, place(), 'structure', jitter) ? token : null;
    }
    case 'move':
      moveCells(doc, [some(), some()], place(), 'rearrangement', jitter);
      return null;
    case 'retype':
      changeType(doc, some(), random.pick(['code', 'markdown', 'raw'] as const), 'structure');
      return null;
    case 'delete':
      deleteCells(doc, [some()], 'rearrangement');
      return null;
    case 'erase': {
      const text = cellText(doc, some());
      if (!text || text.length === 0) return null;
      const at = random.below(text.length);
      doc.transact(() => text.delete(at, random.between(1, Math.min(6, text.length - at))), 'typing');
      return null;
    }
    case 'split': {
      const id = some();
      splitCell(
        doc,
        id,
        random.below((cellText(doc, id)?.length ?? 0) + 1),
        asCellId(random.hex(8)),
        'rearrangement',
        jitter,
      );
      return null;
    }
    case 'merge':
      mergeCells(doc, [some(), some()], 'rearrangement');
      return null;
    case 'undo':
      takeBack(undo, random.chance(0.7));
      return null;
  }
}

/**
 * Yjs 13 cannot bring back text whose cell was replaced meanwhile: once in some ten thousand runs its undo ends with a
 * TypeError (redoItem, yjs 13.6). Then the person sees that nothing happened, and what the transaction did stays.
 */
function takeBack(undo: Y.UndoManager, isUndo: boolean): void {
  try {
    if (isUndo) undo.undo();
    else undo.redo();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
