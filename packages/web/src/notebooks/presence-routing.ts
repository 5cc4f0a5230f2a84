/** From everybody's presence to each cell's: one list per cell, and only the cells whose list has changed. Pure. */
import type { CellId } from '@cahier/base/ids.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';

export type PeersByCell = ReadonlyMap<CellId, readonly Peer[]>;

export function routePeers(peers: readonly Peer[]): PeersByCell {
  const byCell = new Map<CellId, Peer[]>();
  for (const peer of peers) {
    const cell = peer.state?.cell;
    if (cell === undefined) continue;
    const there = byCell.get(cell);
    if (there) there.push(peer);
    else byCell.set(cell, [peer]);
  }
  return byCell;
}

/** Cells whose cursors must be drawn anew: somebody came, went or moved there. */
export function changedCells(before: PeersByCell, now: PeersByCell): CellId[] {
  const cells = new Set([...before.keys(), ...now.keys()]);
  return [...cells].filter((cell) => {
    const [old = [], next = []] = [before.get(cell), now.get(cell)];
    return old.length !== next.length || old.some((peer, i) => peer !== next[i]);
  });
}

/** Are the same people there (whatever their cursors do)? */
export function isSamePeople(a: readonly Peer[], b: readonly Peer[]): boolean {
  return a.length === b.length && a.every((peer, i) => samePerson(peer, b[i]));
}

function samePerson(a: Peer, b: Peer | undefined): boolean {
  return (
    b !== undefined &&
    a.session === b.session &&
    a.person.name === b.person.name &&
    a.person.color === b.person.color &&
    a.state?.isEditing === b.state?.isEditing
  );
}
