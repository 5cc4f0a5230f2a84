/**
 * The source of a notebook: the Y document that people edit together (DESIGN section 4). The cells are a map, not a
 * list; their order is a position register in each. So moving a cell is one register write: it never makes two of it
 * and never loses what others type into it meanwhile. Its layout: source-layout.ts.
 * Every edit is one transaction with the caller's `origin`. Outputs and run states are not in here: they are the live
 * document's. Nothing here validates rights or text sizes. `jitter`: a few random digits (see documents/position.ts).
 */
import * as Y from 'yjs';
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { positionBetween, positionsBetween } from '../documents/position.ts';
import type { CellType, PlainNotebook } from './notebook.ts';
import { byPosition, isSameOrder, neighbours, type Place, type PlacedCell, steadyPlace } from './place.ts';
import {
  defaultMinor,
  extraKey,
  jsonOf,
  makeCell,
  metadataKeyOf,
  metaEntries,
  metaKeyOf,
  minorKey,
  nestedMap,
  objectOf,
  plainCellOf,
  positionOf,
  readRegisters,
  type SourceCell,
  textOfCell,
  typeOf,
} from './source-layout.ts';

export type { PlacedCell, Place };

export interface NewCell {
  readonly id: CellId;
  readonly type: CellType;
  readonly source: string;
  readonly metadata?: JsonObject;
  readonly attachments?: JsonObject;
}

/** `meta` of the source document; keys as source-layout.ts says. */
export function metaMap(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap('meta');
}

/** `cells` of the source document: id → cell. */
export function cellsMap(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap('cells');
}

/** The whole notebook as plain values, without outputs. Never throws. */
export function readNotebook(doc: Y.Doc): PlainNotebook {
  const minor = metaMap(doc).get(minorKey);
  const extra = objectOf(metaMap(doc).get(extraKey));
  const cells = orderedCells(doc).flatMap(({ id }) => readCell(doc, id) ?? []);
  return {
    nbformatMinor: typeof minor === 'number' && Number.isInteger(minor) && minor >= 0 ? minor : defaultMinor,
    metadata: notebookMetadata(doc),
    ...(Object.keys(extra).length > 0 && { extra }),
    cells: cells.map(plainCellOf),
  };
}

/** Fills an empty document. Outputs are left out: they go to the live document. */
export function seedNotebook(doc: Y.Doc, notebook: PlainNotebook): void {
  doc.transact(() => {
    for (const [key, value] of Object.entries(metaEntries(notebook))) metaMap(doc).set(key, value);
    const positions = positionsBetween(null, null, notebook.cells.length, '');
    notebook.cells.forEach((cell, i) => {
      cellsMap(doc).set(cell.id, makeCell({ ...cell, position: positions[i] ?? '' }));
    });
  });
}

/** Notebook metadata: `kernelspec`, `language_info` and whatever else the file has. */
export function notebookMetadata(doc: Y.Doc): JsonObject {
  const entries: [string, Json][] = [];
  for (const [key, value] of metaMap(doc)) {
    const name = metadataKeyOf(key);
    if (name !== null) entries.push([name, jsonOf(value)]);
  }
  return Object.fromEntries(entries);
}

const lastOrder = new WeakMap<Y.Doc, readonly PlacedCell[]>();

/** The cells in order of (position, id). The same array is returned as long as nothing of it changed. */
export function orderedCells(doc: Y.Doc): readonly PlacedCell[] {
  const placed: PlacedCell[] = [];
  for (const [id, cell] of cellsMap(doc)) {
    if (cell instanceof Y.Map && textOfCell(cell))
      placed.push({ id: asCellId(id), position: positionOf(cell) });
  }
  placed.sort(byPosition);
  const last = lastOrder.get(doc);
  if (last && isSameOrder(last, placed)) return last;
  lastOrder.set(doc, placed);
  return placed;
}

/** The Y map of a cell; undefined when there is no such cell (any more). */
export function cellMap(doc: Y.Doc, id: CellId): Y.Map<unknown> | undefined {
  const cell = cellsMap(doc).get(id);
  return cell instanceof Y.Map && textOfCell(cell) ? cell : undefined;
}

/** The text of a cell, to bind an editor to; undefined when there is no such cell (any more). */
export function cellText(doc: Y.Doc, id: CellId): Y.Text | undefined {
  return textOfCell(cellsMap(doc).get(id));
}

export function cellType(doc: Y.Doc, id: CellId): CellType | undefined {
  const cell = cellMap(doc, id);
  return cell && typeOf(cell);
}

/** The cell as plain values; null when there is no such cell (any more). */
export function readCell(doc: Y.Doc, id: CellId): SourceCell | null {
  return readRegisters(id, cellsMap(doc).get(id));
}

/** Adds a cell. False (and no change) when the id is taken. */
export function insertCell(
  doc: Y.Doc,
  cell: NewCell,
  place: Place,
  origin: unknown,
  jitter: string,
): boolean {
  if (cellsMap(doc).has(cell.id)) return false;
  doc.transact(() => {
    const { before, after } = neighbours(orderedCells(doc), place);
    const position = positionBetween(before, after, jitter);
    cellsMap(doc).set(cell.id, makeCell({ ...cell, metadata: cell.metadata ?? {}, position }));
  }, origin);
  return true;
}

export function deleteCells(doc: Y.Doc, ids: readonly CellId[], origin: unknown): void {
  doc.transact(() => {
    for (const id of new Set(ids)) if (cellsMap(doc).has(id)) cellsMap(doc).delete(id);
  }, origin);
}

/** Moves cells to one place, in the order they have in the document. One register write per cell that really moves. */
export function moveCells(
  doc: Y.Doc,
  ids: readonly CellId[],
  place: Place,
  origin: unknown,
  jitter: string,
): void {
  doc.transact(() => {
    const moved = new Set(ids);
    const order = orderedCells(doc);
    const moving = order.filter(({ id }) => moved.has(id));
    const rest = order.filter(({ id }) => !moved.has(id));
    const { before, after, at } = neighbours(rest, steadyPlace(order, moved, place));
    const wanted = [...rest.slice(0, at), ...moving, ...rest.slice(at)];
    if (wanted.every(({ id }, i) => id === order[i]?.id)) return;
    const positions = positionsBetween(before, after, moving.length, jitter);
    moving.forEach(({ id }, i) => cellMap(doc, id)?.set('position', positions[i]));
  }, origin);
}

/**
 * Splits a cell at `offset` (UTF-16 units). The first part keeps its id and its text object; the rest goes into a new
 * cell `newId` below it (JEP 62), with the same type, metadata and attachments. False when it cannot be done.
 */
export function splitCell(
  doc: Y.Doc,
  id: CellId,
  offset: number,
  newId: CellId,
  origin: unknown,
  jitter: string,
): boolean {
  const cell = readCell(doc, id);
  if (cell === null || cellsMap(doc).has(newId)) return false;
  doc.transact(() => {
    const text = cellText(doc, id);
    const at = Math.max(0, Math.min(offset, cell.source.length));
    const { before, after } = neighbours(orderedCells(doc), { after: id });
    const position = positionBetween(before, after, jitter);
    cellsMap(doc).set(newId, makeCell({ ...cell, source: cell.source.slice(at), position }));
    if (text && at < cell.source.length) text.delete(at, cell.source.length - at);
  }, origin);
  return true;
}

/** Joins cells into the first of them in document order: texts with a newline between, attachments united. */
export function mergeCells(doc: Y.Doc, ids: readonly CellId[], origin: unknown): CellId | null {
  const wanted = new Set(ids);
  const [first, ...others] = orderedCells(doc).filter(({ id }) => wanted.has(id));
  if (first === undefined || others.length === 0) return null;
  doc.transact(() => {
    const target = cellMap(doc, first.id);
    const text = cellText(doc, first.id);
    if (!target || !text) return;
    const attachments = nestedMap(target, 'attachments');
    let added = '';
    for (const { id } of others) {
      const cell = readCell(doc, id);
      if (cell === null) continue;
      added += `\n${cell.source}`;
      for (const [name, bundle] of Object.entries(cell.attachments ?? {})) {
        if (!attachments.has(name)) attachments.set(name, bundle);
      }
      cellsMap(doc).delete(id);
    }
    text.insert(text.length, added);
  }, origin);
  return first.id;
}

/** A register write; the text is untouched. */
export function changeType(doc: Y.Doc, id: CellId, type: CellType, origin: unknown): void {
  const cell = cellMap(doc, id);
  if (cell && cell.get('type') !== type) doc.transact(() => void cell.set('type', type), origin);
}

/** Sets one metadata key of a cell; undefined removes it. */
export function setCellMetadata(
  doc: Y.Doc,
  id: CellId,
  key: string,
  value: Json | undefined,
  origin: unknown,
): void {
  const cell = cellMap(doc, id);
  if (!cell) return;
  doc.transact(() => setOrDelete(nestedMap(cell, 'metadata'), key, value), origin);
}

/** Sets one attachment (a MIME bundle) of a cell; undefined removes it. */
export function setAttachment(
  doc: Y.Doc,
  id: CellId,
  name: string,
  bundle: JsonObject | undefined,
  origin: unknown,
): void {
  const cell = cellMap(doc, id);
  if (!cell) return;
  doc.transact(() => setOrDelete(nestedMap(cell, 'attachments'), name, bundle), origin);
}

/** Sets one notebook metadata key (`kernelspec`, `language_info`, …); undefined removes it. */
export function setNotebookMetadata(doc: Y.Doc, key: string, value: Json | undefined, origin: unknown): void {
  doc.transact(() => setOrDelete(metaMap(doc), metaKeyOf(key), value), origin);
}

function setOrDelete(map: Y.Map<unknown>, key: string, value: Json | undefined): void {
  if (value !== undefined) map.set(key, value);
  else if (map.has(key)) map.delete(key);
}

/** What one transaction changed in the source document. */
export interface SourceChange {
  /** Cells were added, removed or moved: ask {@link orderedCells} again. */
  readonly isOrder: boolean;
  /** Notebook metadata changed. */
  readonly isMeta: boolean;
  /** Cells that were added or removed, or whose type, position, text, metadata or attachments changed. */
  readonly cells: ReadonlySet<CellId>;
  readonly origin: unknown;
}

/** Calls `listener` once per transaction that changed something, after it. */
export function observeSource(doc: Y.Doc, listener: (change: SourceChange) => void): Disposable {
  let changed = new Set<CellId>();
  let isOrder = false;
  let isMeta = false;
  const onCells = (events: Y.YEvent<Y.Map<unknown> | Y.Text>[]) => {
    for (const event of events) {
      const [id, ...below] = event.path;
      if (id === undefined) {
        isOrder = true;
        for (const key of event.changes.keys.keys()) changed.add(asCellId(key));
      } else {
        changed.add(asCellId(String(id)));
        if (below.length === 0 && event.changes.keys.has('position')) isOrder = true;
      }
    }
  };
  const onMeta = () => {
    isMeta = true;
  };
  const onTransaction = (transaction: Y.Transaction) => {
    if (!isOrder && !isMeta && changed.size === 0) return;
    const change = { isOrder, isMeta, cells: changed, origin: transaction.origin };
    [changed, isOrder, isMeta] = [new Set(), false, false];
    listener(change);
  };
  const meta = metaMap(doc);
  const cells = cellsMap(doc);
  cells.observeDeep(onCells);
  meta.observe(onMeta);
  doc.on('afterTransaction', onTransaction);
  return {
    dispose: () => {
      cells.unobserveDeep(onCells);
      meta.unobserve(onMeta);
      doc.off('afterTransaction', onTransaction);
    },
  };
}
