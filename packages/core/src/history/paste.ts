/**
 * What a paste brought: how much, and where in the same document it stood before. Told from the steps, so that nothing
 * has to be believed that a browser says. Pure.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { actOf } from './entry.ts';
import { pastCells } from './fold.ts';
import type { PastDocument, Step } from './step.ts';

export interface Paste {
  /** Cell that it went into. */
  readonly cell: CellId;
  readonly text: string;
  /** UTF-16 units. */
  readonly size: number;
  /** A cell that had the same text just before; null: it came from elsewhere, or is too short to tell. */
  readonly from: CellId | null;
}

/** Shorter texts stand everywhere. */
const shortestKnown = 8;

/** `before`: the document before the step. Empty when the step is no paste. */
export function pastesIn(before: PastDocument, step: Step): readonly Paste[] {
  if (actOf(step.origin) !== 'paste') return [];
  const cells = pastCells(before);
  return step.changes.flatMap((change): Paste[] => {
    if (change.c !== 'text' && change.c !== 'cell+') return [];
    const text =
      change.c === 'cell+'
        ? change.source
        : change.delta.reduce<string>((all, part) => (typeof part === 'string' ? all + part : all), '');
    if (text === '') return [];
    const wanted = text.trim();
    const isTelling = wanted.length >= shortestKnown;
    const from = isTelling ? cells.find(({ source }) => source.includes(wanted))?.id : undefined;
    return [{ cell: change.cell, text, size: text.length, from: from ?? null }];
  });
}
