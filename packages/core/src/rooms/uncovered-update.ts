/** What a replica has and the server has not, beyond the updates that are on their way to it anyway. */
import * as Y from 'yjs';

export interface ServerKnowledge {
  /** The server's state vector. */
  readonly vector: Uint8Array;
  /** Updates that the server has sent; they carry all deletions that it knows. */
  readonly updates: readonly Uint8Array[];
  /** Updates that it will receive before the one made here. */
  readonly coming: readonly Uint8Array[];
}

/** One update with the rest, or null when there is none. `doc` must already contain `known.updates` and `known.coming`. */
export function uncoveredUpdate(doc: Y.Doc, known: ServerKnowledge): Uint8Array | null {
  const vector = Y.decodeStateVector(known.vector);
  for (const bytes of known.coming) {
    const { from, to } = Y.parseUpdateMeta(bytes);
    for (const [client, end] of to) {
      const has = vector.get(client) ?? 0;
      if ((from.get(client) ?? 0) <= has && end > has) vector.set(client, end);
    }
  }
  const lacksText = [...doc.store.clients.keys()].some(
    (client) => Y.getState(doc.store, client) > (vector.get(client) ?? 0),
  );
  return lacksText || lacksDeletions(doc, [...known.updates, ...known.coming])
    ? Y.encodeStateAsUpdate(doc, Y.encodeStateVector(vector))
    : null;
}

function lacksDeletions(doc: Y.Doc, updates: readonly Uint8Array[]): boolean {
  const ours = Y.createDeleteSetFromStructStore(doc.store);
  const theirs = Y.mergeDeleteSets(updates.map((bytes) => Y.decodeUpdate(bytes).ds));
  return !Y.equalDeleteSets(ours, theirs);
}
