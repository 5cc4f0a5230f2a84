/** Which cells must move so that one order becomes another. Pure. */
import type { CellId } from '@cahier/base/ids.ts';
import { longestAscending } from '../../documents/diff-tokens.ts';
import { positionsBetween } from '../../documents/position.ts';
import { byPosition, type PlacedCell } from '../../notebooks/place.ts';

/** The cells of `present` that stay where they are when it becomes `wanted`; `moved` are rather moved than others. */
export function staying(
  present: readonly CellId[],
  wanted: readonly CellId[],
  moved: ReadonlySet<CellId>,
): ReadonlySet<CellId> {
  const index = new Map(present.map((id, i) => [id, i]));
  const known = wanted.filter((id) => index.has(id));
  const places = (ids: readonly CellId[]) => ids.map((id) => index.get(id) ?? -1);
  if (isAscending(places(known))) return new Set(known);
  const others = known.filter((id) => !moved.has(id));
  if (isAscending(places(others))) return new Set(others);
  return new Set(longestAscending(places(known)).flatMap((i) => known[i] ?? []));
}

/**
 * New positions for the cells of `wanted` that are not in `placed`, or not in this order there; `moved` rather than
 * others. Cells that keep their position are left out.
 */
export function positionsFor(
  placed: readonly PlacedCell[],
  wanted: readonly CellId[],
  moved: ReadonlySet<CellId>,
  jitter: string,
): Map<CellId, string> {
  const stay = staying(
    placed.toSorted(byPosition).map(({ id }) => id),
    wanted,
    moved,
  );
  const positionOf = new Map(placed.map(({ id, position }) => [id, position]));
  const made = new Map<CellId, string>();
  let before: string | null = null;
  let waiting: CellId[] = [];
  const place = (after: string | null) => {
    const positions = positionsBetween(before, after, waiting.length, jitter);
    waiting.forEach((id, i) => made.set(id, positions[i] ?? ''));
    waiting = [];
  };
  for (const id of wanted) {
    const position = positionOf.get(id);
    if (position === undefined || !stay.has(id)) {
      waiting.push(id);
      continue;
    }
    place(position);
    before = position;
  }
  place(null);
  return made;
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n));
}
