/**
 * May this update be applied to this document as it is? Yjs itself would keep what it cannot place and wait for the rest;
 * a server must not: such an update is neither in the document nor in the history, so it must not be acknowledged.
 * Reads the update without touching the document.
 */
import * as Y from 'yjs';

export type Placement =
  | 'placeable'
  /** Something before it is missing here: the sender must open anew. */
  | 'gap'
  /** No Yjs update, or one that no honest client makes. */
  | 'malformed';

export function placementOf(doc: Y.Doc, bytes: Uint8Array): Placement {
  let update: ReturnType<typeof Y.decodeUpdate>;
  try {
    update = Y.decodeUpdate(bytes);
  } catch {
    return 'malformed';
  }
  const { store } = doc;
  /** Clock up to which each client would be known when everything in the update is applied. */
  const ends = new Map<number, number>();
  const endOf = (client: number) => ends.get(client) ?? Y.getState(store, client);
  for (const struct of update.structs) {
    if (struct instanceof Y.Skip) continue;
    const { client, clock } = struct.id;
    const known = endOf(client);
    if (clock > known) return 'gap';
    ends.set(client, Math.max(known, clock + struct.length));
  }
  for (const struct of update.structs) {
    if (!(struct instanceof Y.Item)) continue;
    const parent = struct.parent instanceof Y.ID ? struct.parent : null;
    for (const id of [struct.origin, struct.rightOrigin, parent]) {
      if (id === null) continue;
      if (id.client === struct.id.client && id.clock >= struct.id.clock) return 'malformed';
      if (id.clock >= endOf(id.client)) return 'gap';
    }
  }
  for (const [client, ranges] of update.ds.clients) {
    const end = endOf(client);
    if (ranges.some((range) => range.clock + range.len > end)) return 'gap';
  }
  return 'placeable';
}

/** Applies it; true when everything found its place. What did not is dropped instead of being kept for later. */
export function applyWhole(doc: Y.Doc, bytes: Uint8Array, origin: unknown): boolean {
  Y.applyUpdate(doc, bytes, origin);
  const { store } = doc;
  if (store.pendingStructs === null && store.pendingDs === null) return true;
  store.pendingStructs = null;
  store.pendingDs = null;
  return false;
}
