/** Selections between JupyterLab's awareness (Yjs relative positions as JSON) and the source (offsets). */
import type { CellId } from '@cahier/base/ids.ts';
import { isJsonObject, type Json } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import { jsonOf } from '../../notebooks/source-layout.ts';
import type { LabCursor, SourceCursor } from './projection.ts';

/** Which text of the source a shared text stands for. */
export interface CursorPlace {
  readonly cell: CellId | null;
  readonly offset: (shared: number) => number;
}

export function cursorToSource(
  cursor: LabCursor,
  shared: Y.Doc,
  placeOf: (text: Y.Text) => CursorPlace | null,
): SourceCursor | null {
  const anchor = read(cursor.anchor, shared);
  const head = read(cursor.head, shared);
  if (!anchor || !head || anchor.text !== head.text) return null;
  const place = placeOf(head.text);
  return place && { cell: place.cell, anchor: place.offset(anchor.index), head: place.offset(head.index) };
}

export function cursorToShared(
  { anchor, head }: SourceCursor,
  text: Y.Text,
  offset: (source: number) => number,
): LabCursor {
  const at = (source: number) => {
    const index = Math.max(0, Math.min(offset(source), text.length));
    const { type, tname, item, assoc } = Y.createRelativePositionFromTypeIndex(text, index);
    // JupyterLab uses the JSON as the position that it describes: what it has not must be null, not absent
    return jsonOf({ type, tname, item, assoc });
  };
  return { anchor: at(anchor), head: at(head) };
}

function read(json: Json, shared: Y.Doc): { readonly text: Y.Text; readonly index: number } | null {
  if (!isJsonObject(json)) return null;
  const { item, type, tname, assoc } = json;
  const position = {
    item: idOf(item),
    type: idOf(type),
    tname: typeof tname === 'string' ? tname : null,
    assoc: typeof assoc === 'number' ? assoc : 0,
  };
  if (position.item === null && position.type === null && position.tname === null) return null;
  try {
    const found = Y.createAbsolutePositionFromRelativePosition(position, shared);
    return found?.type instanceof Y.Text ? { text: found.type, index: found.index } : null;
  } catch {
    return null;
  }
}

function idOf(json: Json | undefined): Y.ID | null {
  if (!isJsonObject(json)) return null;
  const { client, clock } = json;
  return typeof client === 'number' && typeof clock === 'number' ? Y.createID(client, clock) : null;
}
