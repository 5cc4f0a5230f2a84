/**
 * What a replica has and the server has not, beyond the updates that it is about to send anyway: text by others that the
 * server had handed out and then lost in a crash before it was durable.
 */
import * as Y from 'yjs';
import { placementOf } from '../documents/placement.ts';

export interface ServerKnowledge {
  /** The server's state vector. */
  readonly vector: Uint8Array;
  /** The update that came with it; it carries all deletions that the server knows. */
  readonly update: Uint8Array;
  /** The replica's own updates, in order, that the server will be sent. */
  readonly coming: readonly Uint8Array[];
}

export interface Uncovered {
  readonly update: Uint8Array;
  /** It goes after so many of `coming`: the next one builds on it. */
  readonly after: number;
}

/** Null when the server lacks nothing else. `doc` must already contain `known.update` and `known.coming`. */
export function uncoveredUpdate(doc: Y.Doc, known: ServerKnowledge): Uncovered | null {
  const vector = Y.decodeStateVector(known.vector);
  let after = 0;
  for (const bytes of known.coming) {
    const placement = placementOf(bytes, (client) => vector.get(client) ?? 0);
    if (placement.is !== 'placeable') break;
    for (const [client, end] of placement.ends) vector.set(client, end);
    after += 1;
  }
  const lacksText = [...doc.store.clients.keys()].some(
    (client) => Y.getState(doc.store, client) > (vector.get(client) ?? 0),
  );
  if (!lacksText && !lacksDeletions(doc, [known.update, ...known.coming])) return null;
  return { update: Y.encodeStateAsUpdate(doc, Y.encodeStateVector(vector)), after };
}

function lacksDeletions(doc: Y.Doc, updates: readonly Uint8Array[]): boolean {
  const ours = Y.createDeleteSetFromStructStore(doc.store);
  const theirs = Y.mergeDeleteSets(updates.map((bytes) => Y.decodeUpdate(bytes).ds));
  return !Y.equalDeleteSets(ours, theirs);
}
