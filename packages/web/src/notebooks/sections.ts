/**
 * The sections of a notebook: what stands under a heading, up to the next heading of its level or a higher one. A folded
 * section shows its heading alone. Pure.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { type ContentsCell, headingsOf } from './contents.ts';

/** The level of the first heading of a Markdown cell; null: it begins no section. */
export function sectionLevel({ type, source }: Pick<ContentsCell, 'type' | 'source'>): number | null {
  if (type !== 'markdown') return null;
  return headingsOf(source)[0]?.level ?? null;
}

/** The cells that folded headings hide, each with the outermost heading that hides it. */
export function hiddenCells(
  cells: Iterable<ContentsCell>,
  isFolded: (heading: CellId) => boolean,
): ReadonlyMap<CellId, CellId> {
  const hidden = new Map<CellId, CellId>();
  let fold: { readonly heading: CellId; readonly level: number } | null = null;
  for (const cell of cells) {
    const level: number | null = fold === null && !isFolded(cell.id) ? null : sectionLevel(cell);
    if (fold !== null && level !== null && level <= fold.level) fold = null;
    if (fold !== null) hidden.set(cell.id, fold.heading);
    else if (level !== null && isFolded(cell.id)) fold = { heading: cell.id, level };
  }
  return hidden;
}

/** The heading whose section the cell stands in; for a heading, the one of the section around it. */
export function headingAbove(cells: readonly ContentsCell[], id: CellId): CellId | null {
  const at = cells.findIndex((cell) => cell.id === id);
  const own = cells[at] && sectionLevel(cells[at]);
  const above = cells.slice(0, Math.max(0, at)).findLast((cell) => {
    const level = sectionLevel(cell);
    return level !== null && (own === null || own === undefined || level < own);
  });
  return above?.id ?? null;
}
