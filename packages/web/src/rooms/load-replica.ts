/** What the browser kept of a document, as the replica takes it; edits that gone tabs left unsent become this tab's. */
import { offlineOrigin } from '@cahier/core/history/entry.ts';
import type { PendingUpdate, StoredReplica } from '@cahier/core/rooms/replica.ts';
import * as Y from 'yjs';
import { type DocumentRow, type PendingRow, type ReplicaStorage, replicaName } from './replica-storage.ts';
import { goneTabs } from './tab-locks.ts';

/** `acked`: the highest number that this tab knows as saved for this replica. */
export async function loadReplica(
  storage: ReplicaStorage,
  row: DocumentRow,
  tab: string,
  acked: number,
): Promise<StoredReplica> {
  const replica = replicaName(row);
  const kept = await storage.load(replica, (updates) => Y.mergeUpdates([...updates]));
  const others = new Set(kept.pending.map((pending) => pending.tab));
  others.delete(tab);
  const gone = await goneTabs(others);
  const { own, adopted, orphans } = takeOver(kept.pending, tab, gone, acked);
  if (adopted.length > 0) {
    await storage.keep(
      replica,
      [],
      adopted.map((update) => ({ replica, tab, ...update })),
      orphans,
    );
  }
  // What living tabs have not sent yet is theirs to send, but is seen here too.
  const alive = kept.pending.filter((pending) => others.has(pending.tab) && !gone.has(pending.tab));
  const updates = [...kept.updates, ...alive.map((pending) => pending.bytes)];
  const vouched = kept.vouched.flatMap((row) =>
    row.tab === tab ? row.vouched : row.vouched.map((update) => ({ ...update, after: 0 })),
  );
  return { epoch: row.epoch, acked, updates, pending: [...own, ...adopted], vouched };
}

/** Own unsent edits, and those of gone tabs with new numbers that go on without a gap. Pure. */
export function takeOver(
  pending: readonly PendingRow[],
  tab: string,
  gone: ReadonlySet<string>,
  acked: number,
): { own: PendingUpdate[]; adopted: PendingUpdate[]; orphans: PendingRow[] } {
  const own = pending
    .filter((row) => row.tab === tab && row.n > acked)
    .sort((a, b) => a.n - b.n)
    .map(({ n, bytes, origin }) => ({ n, bytes, origin }));
  const orphans = pending
    .filter((row) => gone.has(row.tab))
    .sort((a, b) => (a.tab === b.tab ? a.n - b.n : a.tab < b.tab ? -1 : 1));
  const last = own.at(-1)?.n ?? acked;
  const adopted = orphans.map(({ bytes, origin }, i) => ({
    n: last + 1 + i,
    bytes,
    origin: offlineOrigin(origin),
  }));
  return { own, adopted, orphans };
}
