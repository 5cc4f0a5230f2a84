import { asCellId, asPersonId, asSessionId } from '@cahier/base/ids.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import { describe, expect, it } from 'vitest';
import { changedCells, isSamePeople, routePeers } from './presence-routing.ts';

const [one, two] = [asCellId('one'), asCellId('two')];
const peer = (session: string, cell: typeof one | null, head = 'h'): Peer => ({
  session: asSessionId(session),
  person: { id: asPersonId(session), name: session, color: '#123456' },
  state: cell === null ? null : { cell, head },
});

describe('presence', () => {
  const ada = peer('ada', one);
  const ben = peer('ben', two);

  it('is told to the cells where people are', () => {
    const routed = routePeers([ada, ben, peer('gone', null)]);
    expect(routed.get(one)).toEqual([ada]);
    expect(routed.get(two)).toEqual([ben]);
    expect(routed.size).toBe(2);
  });

  it('reaches only the cells that it concerns', () => {
    const before = routePeers([ada, ben]);
    const moved = peer('ada', one, 'further');
    expect(changedCells(before, routePeers([moved, ben]))).toEqual([one]);
    expect(changedCells(before, routePeers([peer('ada', two), ben])).toSorted()).toEqual([one, two]);
    expect(changedCells(before, routePeers([ada, ben]))).toEqual([]);
  });

  it('knows the same people from other cursors', () => {
    expect(isSamePeople([ada], [peer('ada', one, 'further')])).toBe(true);
    expect(isSamePeople([ada], [ben])).toBe(false);
  });
});
