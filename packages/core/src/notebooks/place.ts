/** The order of cells and places in it, as plain values: which positions a cell that goes there lies between. */
import type { CellId } from '@cahier/base/ids.ts';

/** Where a cell goes: after another (null: at the top) or before another. An unknown neighbour means the end. */
export type Place = { readonly after: CellId | null } | { readonly before: CellId };

export interface PlacedCell {
  readonly id: CellId;
  readonly position: string;
}

/** Order of (position, id), by code units. */
export function byPosition(a: PlacedCell, b: PlacedCell): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

export function isSameOrder(a: readonly PlacedCell[], b: readonly PlacedCell[]): boolean {
  return (
    a.length === b.length && a.every(({ id, position }, i) => id === b[i]?.id && position === b[i]?.position)
  );
}

/** A place named by a cell that itself moves: taken from its nearest neighbour that stays. */
export function steadyPlace(order: readonly PlacedCell[], moved: ReadonlySet<CellId>, place: Place): Place {
  if ('before' in place) {
    const from = order.findIndex(({ id }) => id === place.before);
    const next = from < 0 ? undefined : order.slice(from).find(({ id }) => !moved.has(id));
    return next ? { before: next.id } : { after: order.findLast(({ id }) => !moved.has(id))?.id ?? null };
  }
  const from = order.findIndex(({ id }) => id === place.after);
  if (from < 0) return place;
  return { after: order.slice(0, from + 1).findLast(({ id }) => !moved.has(id))?.id ?? null };
}

/** The positions around a place and its index in `order`. Cells that share a position count as one place. */
export function neighbours(
  order: readonly PlacedCell[],
  place: Place,
): { before: string | null; after: string | null; at: number } {
  const neighbour = 'before' in place ? place.before : place.after;
  const found = order.findIndex(({ id }) => id === neighbour);
  let at = found < 0 ? order.length : 'before' in place ? found : found + 1;
  if (neighbour === null) at = 0;
  const before = order[at - 1]?.position ?? null;
  while (before !== null && order[at]?.position === before) at++;
  return { before, after: order[at]?.position ?? null, at };
}
