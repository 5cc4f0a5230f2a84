/** Cursors that stay at their character while others type: Yjs relative positions, as they travel in presence. Pure. */
import type { Peer } from '@cahier/protocol/client/down.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import * as Y from 'yjs';
import type { RemoteCursor } from './remote-cursors.ts';

export function presenceOf(
  text: Y.Text,
  anchor: number,
  head: number,
): Pick<PresenceState, 'anchor' | 'head'> {
  const at = (index: number) =>
    JSON.stringify(Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index)));
  const headText = at(head);
  return { anchor: anchor === head ? headText : at(anchor), head: headText };
}

/** Peers whose cursor is in `text`, at offsets of its present state. What cannot be read is left out. */
export function cursorsOf(peers: readonly Peer[], text: Y.Text): RemoteCursor[] {
  return peers.flatMap((peer) => {
    const { state, person, session } = peer;
    if (!state?.head || !text.doc) return [];
    const head = offsetOf(state.head, text);
    const anchor = state.anchor === undefined ? head : offsetOf(state.anchor, text);
    if (head === null || anchor === null) return [];
    return [{ session, name: person.name, color: person.color, anchor, head }];
  });
}

function offsetOf(position: string, text: Y.Text): number | null {
  if (!text.doc) return null;
  try {
    const absolute = Y.createAbsolutePositionFromRelativePosition(
      Y.createRelativePositionFromJSON(JSON.parse(position)),
      text.doc,
    );
    return absolute?.type === text ? absolute.index : null;
  } catch {
    return null;
  }
}
