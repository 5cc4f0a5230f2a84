/**
 * Where two sides of a merge changed the same thing, so that a person should look: a merged notebook holds both texts
 * and no marks, and this says in which cells. Two sides overlap exactly where it matters whose change comes first.
 */
import type { CellId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { Hunk } from '../../documents/diff-tokens.ts';
import { mergeText } from '../../documents/merge-text.ts';
import { textHunks } from '../../documents/text-diff.ts';
import { isEdited, writtenByPrograms } from '../../notebooks/merge-cells.ts';
import { mergeObject } from '../../notebooks/merge-json.ts';
import { pairUp } from '../../notebooks/merge-notebooks.ts';
import { isStringList, without } from '../../notebooks/nbformat/lines.ts';
import { attachmentsOf, isSameResult } from '../../notebooks/notebook-equals.ts';
import type { PlainCell, PlainNotebook } from '../../notebooks/notebook.ts';
import { compareJson } from './compare-json.ts';

export type Overlap =
  /** Both texts are in the merged cell, ours first. */
  | { readonly what: 'text' }
  /** The cell type that we chose was kept. */
  | { readonly what: 'type' }
  /** One side deleted the cell, `editedBy` edited it: it was kept. */
  | { readonly what: 'deleted'; readonly editedBy: 'ours' | 'theirs' }
  /** Our value was kept. */
  | { readonly what: 'metadata' | 'attachments' | 'extra'; readonly path: readonly string[] }
  /** Both ran the cell: their results were kept. Running it again settles it; no person has to choose. */
  | { readonly what: 'outputs' };

export interface CellOverlaps {
  /** Of the merged cell, from 0; null: of the notebook itself. */
  readonly index: number | null;
  readonly id: CellId | null;
  readonly overlaps: readonly Overlap[];
}

/** In the order of the merged notebook. `merged` is what mergeNotebooks made of the three. */
export function mergeOverlaps(
  base: PlainNotebook,
  ours: PlainNotebook,
  theirs: PlainNotebook,
  merged: PlainNotebook,
): readonly CellOverlaps[] {
  const indices = new Map(merged.cells.map(({ id }, index) => [id, index]));
  const found: { index: number; id: CellId; overlaps: readonly Overlap[] }[] = [];
  for (const item of pairUp(base, ours, theirs)) {
    const [was, mine, other] = [at(base, item.base), at(ours, item.ours), at(theirs, item.theirs)];
    const id = (mine ?? other)?.id;
    const index = id === undefined ? undefined : indices.get(id);
    const overlaps = overlapsOf(was, mine, other);
    if (id !== undefined && index !== undefined && overlaps.length > 0) found.push({ index, id, overlaps });
  }
  found.sort((a, b) => a.index - b.index);
  const [was, mine, other] = [base, ours, theirs].map(({ metadata }) => without(metadata, 'language_info'));
  const ofNotebook = [
    ...pathsOf('metadata', was, mine, other),
    ...pathsOf('extra', base.extra, ours.extra, theirs.extra),
  ];
  return [...(ofNotebook.length > 0 ? [{ index: null, id: null, overlaps: ofNotebook }] : []), ...found];
}

/** Must a person look? Results alone need nobody. */
export function isConflict(overlaps: readonly CellOverlaps[]): boolean {
  return overlaps.some((cell) => cell.overlaps.some(({ what }) => what !== 'outputs'));
}

function at(notebook: PlainNotebook, index: number | null): PlainCell | null {
  return index === null ? null : (notebook.cells[index] ?? null);
}

function overlapsOf(
  was: PlainCell | null,
  mine: PlainCell | null,
  other: PlainCell | null,
): readonly Overlap[] {
  if (!mine || !other) {
    const left = mine ?? other;
    if (!was || !left || !isEdited(was, left)) return [];
    return [{ what: 'deleted', editedBy: mine ? 'ours' : 'theirs' }];
  }
  const [metaWas, metaMine, metaOther] = [was, mine, other].map((cell) =>
    without(cell?.metadata ?? {}, ...writtenByPrograms),
  );
  const isRetyped = mine.type !== other.type && mine.type !== was?.type && other.type !== was?.type;
  return [
    ...(isOverlapping(was?.source ?? '', mine.source, other.source) ? [{ what: 'text' } as const] : []),
    ...(isRetyped ? [{ what: 'type' } as const] : []),
    ...pathsOf('metadata', metaWas, metaMine, metaOther),
    ...pathsOf(
      'attachments',
      was ? attachmentsOf(was) : undefined,
      attachmentsOf(mine),
      attachmentsOf(other),
    ),
    ...pathsOf('extra', was?.extra, mine.extra, other.extra),
    ...(isRunByBoth(was, mine, other) ? [{ what: 'outputs' } as const] : []),
  ];
}

/** Did both change the same region of the text? */
export function isOverlapping(base: string, ours: string, theirs: string): boolean {
  if (ours === base || theirs === base || ours === theirs) return false;
  if (mergeText(base, ours, theirs) !== mergeText(base, theirs, ours)) return true;
  // What one side deleted the other wrote in: it stays, whoever comes first, and the deletion has no effect there.
  const [mine, other] = [textHunks(base, ours), textHunks(base, theirs)];
  return isDeletedUnder(mine, other) || isDeletedUnder(other, mine);
}

function isDeletedUnder(deleting: readonly Hunk[], writing: readonly Hunk[]): boolean {
  const deleted = deleting.filter(({ bStart, bEnd }) => bStart === bEnd);
  const written = writing.filter(({ bStart, bEnd }) => bStart < bEnd);
  return deleted.some((gone) => written.some(({ aStart, aEnd }) => aStart < gone.aEnd && aEnd > gone.aStart));
}

function isRunByBoth(was: PlainCell | null, mine: PlainCell, other: PlainCell): boolean {
  if (isSameOutputs(mine, other)) return false;
  if (!was) return hasOutputs(mine) && hasOutputs(other);
  return !isSameOutputs(was, mine) && !isSameOutputs(was, other);
}

/** Execution counts alone are nobody's work. */
function isSameOutputs(a: PlainCell, b: PlainCell): boolean {
  if (a.type !== 'code' || b.type !== 'code') return isSameResult(a, b);
  return isSameResult({ ...a, executionCount: null }, { ...b, executionCount: null });
}

const hasOutputs = (cell: PlainCell) => cell.type === 'code' && cell.outputs.length > 0;

function pathsOf(
  what: 'metadata' | 'attachments' | 'extra',
  base: JsonObject = {},
  ours: JsonObject = {},
  theirs: JsonObject = {},
): readonly Overlap[] {
  return compareJson(mergeObject(base, ours, theirs), mergeObject(base, theirs, ours))
    .filter(({ before, after }) => !isSameSet(before, after))
    .map(({ path }) => ({ what, path }));
}

/** Tags in another order. */
function isSameSet(a: JsonObject[string] | undefined, b: JsonObject[string] | undefined): boolean {
  return isStringList(a) && isStringList(b) && a.length === b.length && a.every((item) => b.includes(item));
}
