/**
 * The shared document itself: what Yjs may forget in it, and what a client that comes (back) is sent.
 */
import * as Y from 'yjs';

/** A new shared document. Outputs that are gone are forgotten; of cells that are gone, who came after whom is kept. */
export function makeLabDoc(clientId: number | undefined): Y.Doc {
  const doc = new Y.Doc({ gc: true, gcFilter: (item) => !isKept(item) });
  if (clientId !== undefined) doc.clientID = clientId;
  return doc;
}

/**
 * The cells themselves, their text and their metadata: as long as these stay, an edit by somebody who does not know yet
 * that the cell is gone (moved) arrives as an edit. Forgotten with their parents it would arrive as nothing.
 */
function isKept(item: Y.Item): boolean {
  if (!(item.content instanceof Y.ContentType) || !(item.parent instanceof Y.AbstractType)) return false;
  const owner = item.parent._item;
  if (owner === null) return true;
  const isInCell = owner.parent instanceof Y.AbstractType && owner.parent._item === null;
  return isInCell && (item.parentSub === 'source' || item.parentSub === 'metadata');
}

/**
 * What is missing at a state vector, as messages in order: first what was deleted of what is known there, then all. One
 * message only when nothing is known there. Null when the vector is damaged.
 */
export function missingAt(doc: Y.Doc, vector: Uint8Array): readonly Uint8Array[] | null {
  try {
    const known = Y.decodeStateVector(vector);
    const rest = Y.encodeStateAsUpdate(doc, vector);
    return known.size === 0 ? [rest] : [deletionsOf(doc, known), rest];
  } catch {
    return null;
  }
}

/** An update with no content that deletes what is deleted of what `known` (client → clock) covers. */
function deletionsOf(doc: Y.Doc, known: ReadonlyMap<number, number>): Uint8Array {
  const all = Y.createDeleteSetFromStructStore(doc.store);
  const some = Y.createDeleteSet();
  for (const [client, ranges] of all.clients) {
    const end = known.get(client) ?? 0;
    const inside = ranges
      .filter((range) => range.clock < end)
      .map((range) => ({ clock: range.clock, len: Math.min(range.len, end - range.clock) }));
    if (inside.length > 0) some.clients.set(client, inside);
  }
  // An update is its content (none: one zero), then its deletions; a snapshot is deletions, then a vector (none: one zero).
  const snapshot = Y.encodeSnapshot(Y.createSnapshot(some, new Map()));
  const update = new Uint8Array(snapshot.length);
  update.set(snapshot.subarray(0, snapshot.length - 1), 1);
  return update;
}
