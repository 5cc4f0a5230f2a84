/**
 * The smallest edit that turns the source document into a target notebook: cells are matched by id, texts changed by a
 * diff, and only cells whose order really changed get a new position. What nobody changed keeps its history.
 */
import * as Y from 'yjs';
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { jsonEquals, type JsonObject } from '@cahier/base/json.ts';
import { longestAscending } from '../documents/diff-tokens.ts';
import { positionsBetween } from '../documents/position.ts';
import { applyDeltaTo, diffText } from '../documents/text-diff.ts';
import { attachmentsOf } from './notebook-equals.ts';
import type { PlainCell, PlainNotebook } from './notebook.ts';
import { cellMap, cellsMap, metaMap, orderedCells, readCell } from './source-doc.ts';
import { isEmptyObject, makeCell, metaEntries, nestedMap, setEntries } from './source-layout.ts';

const jitterDigits = 3;

/** One transaction with `origin`, after which the document reads as `target` (outputs ignored). */
export function editNotebook(doc: Y.Doc, target: PlainNotebook, origin: unknown, newId: () => string): void {
  doc.transact(() => {
    setEntries(metaMap(doc), metaEntries(target));
    const cells = withUniqueIds(target.cells, newId);
    const wanted = new Set<string>(cells.map(({ id }) => id));
    for (const id of [...cellsMap(doc).keys()]) if (!wanted.has(id)) cellsMap(doc).delete(id);
    const positions = targetPositions(doc, cells, newId().slice(0, jitterDigits));
    for (const cell of cells) editCell(doc, cell, positions.get(cell.id) ?? '');
  }, origin);
}

function editCell(doc: Y.Doc, target: PlainCell, position: string): void {
  const map = cellMap(doc, target.id);
  const present = readCell(doc, target.id);
  const attachments = attachmentsOf(target);
  if (map === undefined || present === null) {
    const { type, source, metadata, extra } = target;
    const cell = {
      type,
      source,
      metadata,
      position,
      ...(attachments && { attachments }),
      ...(extra && { extra }),
    };
    cellsMap(doc).set(target.id, makeCell(cell));
    return;
  }
  if (map.get('type') !== target.type) map.set('type', target.type);
  if (map.get('position') !== position) map.set('position', position);
  const text: unknown = map.get('source');
  if (text instanceof Y.Text) applyDeltaTo(text, diffText(present.source, target.source));
  if (!jsonEquals(present.metadata, target.metadata)) setEntries(nestedMap(map, 'metadata'), target.metadata);
  if (target.type !== 'code') setAttachments(map, present.attachments, attachments);
  if (!jsonEquals(present.extra, target.extra)) {
    if (target.extra === undefined) map.delete('extra');
    else map.set('extra', target.extra);
  }
}

function setAttachments(
  map: Y.Map<unknown>,
  present: JsonObject | undefined,
  target: JsonObject | undefined,
): void {
  if (jsonEquals(present, target)) return;
  setEntries(nestedMap(map, 'attachments'), target ?? {});
  if (isEmptyObject(target)) map.set('hasAttachments', true);
  else if (target === undefined && map.has('hasAttachments')) map.delete('hasAttachments');
}

/** Positions for all target cells; cells on a longest ascending run of the present order keep theirs. */
function targetPositions(
  doc: Y.Doc,
  cells: readonly PlainCell[],
  jitter: string,
): ReadonlyMap<CellId, string> {
  const present = new Map(orderedCells(doc).map(({ id, position }) => [id, position]));
  const known = cells.flatMap(({ id }) => {
    const position = present.get(id);
    return position === undefined ? [] : [{ id, position }];
  });
  const kept = new Set(longestAscending(known.map(({ position }) => position)).map((i) => known[i]?.id));
  const positions = new Map<CellId, string>();
  let before: string | null = null;
  let waiting: CellId[] = [];
  const place = (after: string | null) => {
    const made = positionsBetween(before, after, waiting.length, jitter);
    waiting.forEach((id, i) => positions.set(id, made[i] ?? ''));
    waiting = [];
  };
  for (const { id } of cells) {
    const position = present.get(id);
    if (position === undefined || !kept.has(id)) {
      waiting.push(id);
      continue;
    }
    place(position);
    positions.set(id, position);
    before = position;
  }
  place(null);
  return positions;
}

function withUniqueIds(cells: readonly PlainCell[], newId: () => string): readonly PlainCell[] {
  const used = new Set<string>();
  return cells.map((cell) => {
    const isTaken = used.has(cell.id);
    const id = isTaken ? asCellId(newId()) : cell.id;
    used.add(id);
    return isTaken ? { ...cell, id } : cell;
  });
}
