/**
 * Three-way merge of notebooks: what two sides made of the same earlier notebook, cell by cell. Text that either side
 * wrote survives; a cell deleted here and edited there survives with the edit; each side's moves and additions stand.
 */
import { asCellId } from '@cahier/base/ids.ts';
import { longestAscending } from '../documents/diff-tokens.ts';
import { matchCells, matchEqualCells } from './match-cells.ts';
import { isEdited, mergeCell } from './merge-cells.ts';
import { mergeObject } from './merge-json.ts';
import type { PlainCell, PlainNotebook } from './notebook.ts';

/** One cell in up to three notebooks; numbers are indices. */
export interface Item {
  readonly base: number | null;
  readonly ours: number | null;
  readonly theirs: number | null;
}

/** Our ids are kept; if one side changed nothing the other is the result. */
export function mergeNotebooks(
  base: PlainNotebook,
  ours: PlainNotebook,
  theirs: PlainNotebook,
): PlainNotebook {
  const extra = mergeObject(base.extra ?? {}, ours.extra ?? {}, theirs.extra ?? {});
  const cells = mergedOrder(base, ours, theirs).flatMap((item) => mergedCell(item, base, ours, theirs) ?? []);
  return {
    nbformatMinor: mergedMinor(base.nbformatMinor, ours.nbformatMinor, theirs.nbformatMinor),
    metadata: mergeObject(base.metadata, ours.metadata, theirs.metadata),
    ...(Object.keys(extra).length > 0 && { extra }),
    cells: withUniqueIds(cells),
  };
}

/** Where both changed it the newer one: it may have cells that the older one does not know. */
function mergedMinor(base: number, ours: number, theirs: number): number {
  if (ours === base) return theirs;
  return theirs === base ? ours : Math.max(ours, theirs);
}

function mergedCell(
  item: Item,
  base: PlainNotebook,
  ours: PlainNotebook,
  theirs: PlainNotebook,
): PlainCell | null {
  const [was, mine, other] = [cellAt(base, item.base), cellAt(ours, item.ours), cellAt(theirs, item.theirs)];
  return mine && other ? mergeCell(was, mine, other) : (mine ?? other);
}

function cellAt(notebook: PlainNotebook, index: number | null): PlainCell | null {
  return index === null ? null : (notebook.cells[index] ?? null);
}

/** Ours in our order; theirs that we have not, and what only they moved, behind the neighbour they put it behind. */
function mergedOrder(base: PlainNotebook, ours: PlainNotebook, theirs: PlainNotebook): readonly Item[] {
  const items = pairUp(base, ours, theirs).filter((item) => isAlive(item, base, ours, theirs));
  const inOurs = sortedBy(items, (item) => item.ours);
  const inTheirs = sortedBy(items, (item) => item.theirs);
  const movedByUs = moved(inOurs);
  const movedByThem = moved(inTheirs);
  const isTheirPlace = (item: Item) => item.ours === null || (movedByThem.has(item) && !movedByUs.has(item));
  const order = inOurs.filter((item) => !isTheirPlace(item));
  let previous: Item | undefined;
  for (const item of inTheirs) {
    if (isTheirPlace(item)) {
      let at = previous === undefined ? 0 : order.indexOf(previous) + 1;
      while (at < order.length && order[at]?.theirs === null) at++;
      order.splice(at, 0, item);
    }
    previous = item;
  }
  return order;
}

/** Which cells are one: every cell of the three notebooks is in exactly one item. */
export function pairUp(base: PlainNotebook, ours: PlainNotebook, theirs: PlainNotebook): readonly Item[] {
  const inOurs = new Map(matchCells(base.cells, ours.cells).map(({ a, b }) => [a, b]));
  const inTheirs = new Map(matchCells(base.cells, theirs.cells).map(({ a, b }) => [a, b]));
  const items: Item[] = base.cells.map((_, i) => ({
    base: i,
    ours: inOurs.get(i) ?? null,
    theirs: inTheirs.get(i) ?? null,
  }));
  const newOurs = rest(ours, new Set(inOurs.values()));
  const newTheirs = rest(theirs, new Set(inTheirs.values()));
  const both = matchEqualCells(
    newOurs.map(({ cell }) => cell),
    newTheirs.map(({ cell }) => cell),
  );
  const paired = new Map(both.map(({ a, b }) => [newOurs[a]?.index, newTheirs[b]?.index ?? null]));
  const taken = new Set(paired.values());
  for (const { index } of newOurs) items.push({ base: null, ours: index, theirs: paired.get(index) ?? null });
  for (const { index } of newTheirs) {
    if (!taken.has(index)) items.push({ base: null, ours: null, theirs: index });
  }
  return items;
}

function rest(
  notebook: PlainNotebook,
  matched: ReadonlySet<number>,
): readonly { cell: PlainCell; index: number }[] {
  return notebook.cells.map((cell, index) => ({ cell, index })).filter(({ index }) => !matched.has(index));
}

/** A cell of the base that one side deleted lives on only if the other side edited it. */
function isAlive(item: Item, base: PlainNotebook, ours: PlainNotebook, theirs: PlainNotebook): boolean {
  const was = cellAt(base, item.base);
  const mine = cellAt(ours, item.ours);
  const other = cellAt(theirs, item.theirs);
  if (was === null || (mine && other)) return true;
  const left = mine ?? other;
  return left !== null && isEdited(was, left);
}

function sortedBy(items: readonly Item[], index: (item: Item) => number | null): readonly Item[] {
  return items.filter((item) => index(item) !== null).sort((a, b) => (index(a) ?? 0) - (index(b) ?? 0));
}

/** The items of a side that do not stand in the base's order any more. */
function moved(side: readonly Item[]): ReadonlySet<Item> {
  const known = side.flatMap((item) => (item.base === null ? [] : [{ item, base: item.base }]));
  const kept = new Set(longestAscending(known.map(({ base }) => base)));
  return new Set(known.filter((_, i) => !kept.has(i)).map(({ item }) => item));
}

/** Their new cell may carry an id that we gave to another one. */
function withUniqueIds(cells: readonly PlainCell[]): readonly PlainCell[] {
  const used = new Set<string>();
  return cells.map((cell) => {
    let id: string = cell.id;
    for (let n = 2; used.has(id); n++) id = `${cell.id}-${n}`;
    used.add(id);
    return id === cell.id ? cell : { ...cell, id: asCellId(id) };
  });
}
