/**
 * Which cells are selected and in which of Jupyter's two modes the notebook is. Pure: every function gives the next
 * state. The order of the cells is a parameter, since others change it meanwhile.
 */
import type { CellId } from '@cahier/base/ids.ts';

export interface CellSelection {
  /** The cell that keys act on. */
  readonly active: CellId | null;
  /** The other end of an extended selection; null when one cell is selected. */
  readonly anchor: CellId | null;
  readonly mode: 'command' | 'edit';
}

export const noSelection: CellSelection = { active: null, anchor: null, mode: 'command' };

type Order = readonly CellId[];

export function selectOne(cell: CellId, mode: CellSelection['mode'] = 'command'): CellSelection {
  return { active: cell, anchor: null, mode };
}

/** Extends to `cell`, keeping the other end. */
export function extendTo(selection: CellSelection, cell: CellId): CellSelection {
  const anchor = selection.anchor ?? selection.active;
  return { active: cell, anchor: anchor === cell ? null : anchor, mode: 'command' };
}

/** The cell `by` places further; the last or first one at the edges. */
export function neighbour(order: Order, cell: CellId | null, by: number): CellId | null {
  const at = cell === null ? -1 : order.indexOf(cell);
  if (at < 0) return order[0] ?? null;
  return order[Math.max(0, Math.min(order.length - 1, at + by))] ?? null;
}

/** The selected cells from top to bottom. */
export function selectedCells(selection: CellSelection, order: Order): readonly CellId[] {
  const { active, anchor } = selection;
  if (active === null) return [];
  const at = order.indexOf(active);
  const from = anchor === null ? at : order.indexOf(anchor);
  if (at < 0) return [];
  if (from < 0) return [active];
  return order.slice(Math.min(at, from), Math.max(at, from) + 1);
}

export function selectAll(order: Order): CellSelection {
  const first = order[0] ?? null;
  const last = order.at(-1) ?? null;
  return { active: last, anchor: first === last ? null : first, mode: 'command' };
}

/**
 * What is selected after cells have gone: what still is there, else the next cell that stayed below the first gone
 * one, else the one above. `before` is the order before.
 */
export function afterChange(selection: CellSelection, before: Order, now: Order): CellSelection {
  const { active, anchor } = selection;
  const present = new Set(now);
  if (active !== null && present.has(active)) {
    return anchor === null || present.has(anchor) ? selection : { ...selection, anchor: null };
  }
  if (active === null) return selection;
  const at = before.indexOf(active);
  const next =
    before.slice(at).find((cell) => present.has(cell)) ??
    before.slice(0, at).findLast((cell) => present.has(cell));
  return { active: next ?? now[0] ?? null, anchor: null, mode: 'command' };
}
