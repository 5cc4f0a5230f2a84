import { describe, expect, it } from 'vitest';
import { takeOver } from './load-replica.ts';
import type { PendingRow } from './replica-storage.ts';

const row = (tab: string, n: number): PendingRow => ({
  replica: 'd/e',
  tab,
  n,
  origin: 'typing',
  bytes: new Uint8Array([n]),
});

describe('takeOver', () => {
  it('leaves the edits of living tabs alone', () => {
    const taken = takeOver([row('alive', 1), row('alive', 2)], 'me', new Set(), 0);
    expect(taken).toEqual({ own: [], adopted: [], orphans: [] });
  });

  it('goes on numbering without a gap after the own ones, each gone tab in its own order', () => {
    const rows = [row('b', 11), row('b', 10), row('me', 5), row('me', 4), row('a', 7)];
    const { own, adopted, orphans } = takeOver(rows, 'me', new Set(['a', 'b']), 3);
    expect(own.map((update) => update.n)).toEqual([4, 5]);
    expect(adopted.map((update) => [update.n, update.bytes[0], update.origin])).toEqual([
      [6, 7, 'offline'],
      [7, 10, 'offline'],
      [8, 11, 'offline'],
    ]);
    expect(orphans.map((orphan) => [orphan.tab, orphan.n])).toEqual([
      ['a', 7],
      ['b', 10],
      ['b', 11],
    ]);
  });

  it('does not take up again what the server has confirmed', () => {
    expect(takeOver([row('me', 2), row('me', 3)], 'me', new Set(), 2).own.map((u) => u.n)).toEqual([3]);
  });
});
