/**
 * How a step is to be read by blame: which of the text that it puts in may be older than the step. Told from its origin
 * and, where an origin says little, from its changes. Pure; owned by blame.ts.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { type Doing, remembered, withinUndo } from './blame-sources.ts';
import { actOf } from './entry.ts';
import type { Change, Step } from './step.ts';

export interface Reading {
  /** Beside what the step itself takes away. */
  readonly own: Doing;
  /** Beside what was deleted before it or stands elsewhere. */
  readonly older: Doing;
  /** How many deletions back it may have text from. */
  readonly farBack: number;
  /** It may be a merge that says nothing of it but one new piece of text. */
  readonly mayJoin: boolean;
}

/** Typing and pasting bring back nothing: cut here and pasted later, a text belongs to whoever pasted it. */
const asNew: Reading = { own: 'edit', older: 'edit', farBack: 0, mayJoin: false };
const asOld: Reading = { own: 'return', older: 'return', farBack: withinUndo, mayJoin: false };
/** It may be anything: an undo, a split, new text, or all of it in one. */
const asMixed: Reading = { own: 'mixed', older: 'again', farBack: withinUndo, mayJoin: false };

/** `gone`: cells that were in the document and are not any more. */
export function readingOf({ origin, changes }: Step, gone: ReadonlySet<CellId>): Reading {
  switch (actOf(origin)) {
    case 'undo':
      return asOld;
    case 'restore':
      return { ...asOld, own: 'restore', older: 'restore', farBack: remembered };
    case 'rearrangement':
      // Somebody else may have changed meanwhile what is split or merged: then it is not all taken away here.
      return { ...asOld, own: 'move' };
    case 'structure':
      // Cells that only came may be somebody's new ones.
      return { ...asMixed, own: 'move', older: changes.every(isAddition) ? 'copy' : 'mixed' };
    case 'jupyterlab':
      if (isMerge(changes) || changes.some((change) => isAddition(change) && gone.has(change.cell)))
        return asOld;
      return isStructural(changes) ? asMixed : { ...asMixed, own: 'edit', mayJoin: true };
    case 'recovery':
      return isStructural(changes) ? asMixed : { ...asMixed, own: 'edit' };
    case 'import':
      return { ...asMixed, own: isStructural(changes) ? 'mixed' : 'edit', farBack: remembered };
    case 'typing':
      // In older histories “offline” may be anything.
      return origin === 'offline' && isStructural(changes) ? asMixed : asNew;
    default:
      return asNew;
  }
}

/** Cells went into others: whoever merges does not type in the same breath. */
function isMerge(changes: readonly Change[]): boolean {
  return changes.some(({ c }) => c === 'cell-') && !changes.some(isAddition);
}

function isStructural(changes: readonly Change[]): boolean {
  return changes.some(({ c }) => c === 'cell+' || c === 'cell-');
}

function isAddition(change: Change): change is Extract<Change, { readonly c: 'cell+' }> {
  return change.c === 'cell+';
}
