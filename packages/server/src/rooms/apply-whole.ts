/** Applies an update; true when everything in it found its place. What did not is dropped, not kept for later. */
import * as Y from 'yjs';

export function applyWhole(doc: Y.Doc, bytes: Uint8Array, origin: unknown): boolean {
  Y.applyUpdate(doc, bytes, origin);
  const { store } = doc;
  if (store.pendingStructs === null && store.pendingDs === null) return true;
  store.pendingStructs = null;
  store.pendingDs = null;
  return false;
}
