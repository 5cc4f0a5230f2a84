/**
 * Could an update be applied where these clocks are known? Yjs itself would keep what it cannot place and wait for the
 * rest; a server must not: such an update is neither in the document nor in the history, so it must not be acknowledged.
 * Reads the update and touches nothing.
 */
import * as Y from 'yjs';

export type Placement =
  | {
      readonly is: 'placeable' /** Clock of each client in it, once it is applied. */;
      readonly ends: ReadonlyMap<number, number>;
    }
  /** Something before it is missing: the sender must open anew. */
  | { readonly is: 'gap' }
  /** No Yjs update, or one that no honest client makes. */
  | { readonly is: 'malformed' };

const gap: Placement = { is: 'gap' };
const malformed: Placement = { is: 'malformed' };

/** `clockOf`: the next expected clock of a client (0: never heard of). */
export function placementOf(bytes: Uint8Array, clockOf: (client: number) => number): Placement {
  let update: ReturnType<typeof Y.decodeUpdate>;
  try {
    update = Y.decodeUpdate(bytes);
  } catch {
    return malformed;
  }
  const ends = new Map<number, number>();
  const endOf = (client: number) => ends.get(client) ?? clockOf(client);
  for (const struct of update.structs) {
    if (struct instanceof Y.Skip) continue;
    const { client, clock } = struct.id;
    const known = endOf(client);
    if (clock > known) return gap;
    ends.set(client, Math.max(known, clock + struct.length));
  }
  for (const struct of update.structs) {
    if (!(struct instanceof Y.Item)) continue;
    const parent = struct.parent instanceof Y.ID ? struct.parent : null;
    for (const id of [struct.origin, struct.rightOrigin, parent]) {
      if (id === null) continue;
      if (id.client === struct.id.client && id.clock >= struct.id.clock) return malformed;
      if (id.clock >= endOf(id.client)) return gap;
    }
  }
  for (const [client, ranges] of update.ds.clients) {
    const end = endOf(client);
    if (ranges.some((range) => range.clock + range.len > end)) return gap;
  }
  return { is: 'placeable', ends };
}
