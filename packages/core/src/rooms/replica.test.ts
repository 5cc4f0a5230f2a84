import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  emptyStoredReplica,
  type OpenRequest,
  persisted,
  type RecoveryBatch,
  Replica,
  type ReplicaEnd,
  type ReplicaStatus,
  type StoredReplica,
  type UpdateBatch,
} from './replica.ts';
import type { Voucher } from './voucher.ts';

const none = new Uint8Array(0);

function setUp(stored: StoredReplica = emptyStoredReplica) {
  const doc = new Y.Doc();
  const seen = {
    opens: new Array<OpenRequest>(),
    batches: new Array<UpdateBatch>(),
    recoveries: new Array<RecoveryBatch>(),
    /** Both kinds, in order. */
    sent: new Array<Uint8Array>(),
    statuses: new Array<ReplicaStatus>(),
    ends: new Array<ReplicaEnd>(),
    stored,
  };
  const replica = new Replica(
    doc,
    {
      sendOpen: (open) => void seen.opens.push(open),
      sendUpdates: (batch) => {
        seen.batches.push(batch);
        seen.sent.push(...batch.updates);
      },
      sendRecovery: (batch) => {
        seen.recoveries.push(batch);
        seen.sent.push(...batch.updates);
      },
      persist: (change) => {
        seen.stored = persisted(seen.stored, change);
      },
      statusChanged: (status) => void seen.statuses.push(status),
      ended: (end) => void seen.ends.push(end),
    },
    { stored, originOf: (origin) => (origin === 'paste' ? 'paste' : 'typing') },
  );
  const text = doc.getText('t');
  const open = (
    server: Y.Doc,
    { epoch = 'e1', mayEdit = true, seq = 0, fresh = new Array<Uint8Array>() } = {},
  ) => {
    const asked = seen.opens.at(-1);
    if (!asked) throw new Error('nothing was asked');
    replica.opened(asked.attempt, {
      epoch,
      mayEdit,
      seq,
      vector: Y.encodeStateVector(server),
      update: Y.encodeStateAsUpdate(server, asked.vector),
      fresh,
      vouchers: fresh.map((_, i) => ben(seq - fresh.length + 1 + i)),
    });
  };
  /** From "Ben", with the number `seq` in the history and the rest on after it. */
  const receive = (updates: readonly Uint8Array[], seq = 1, durable = 0) =>
    updates.forEach((bytes, i) =>
      replica.received({ updates: [bytes], vouchers: [ben(seq + i)], seq: seq + i, durable }),
    );
  return { doc, text, replica, seen, open, receive };
}

const ben = (n: number): Voucher => ({
  person: null,
  name: 'Ben',
  session: null,
  origin: 'typing',
  seal: `of ${n}`,
});

/** Somebody else who has what `doc` has; `updates` are their edits. */
function somebodyElse(doc: Y.Doc) {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const updates: Uint8Array[] = [];
  other.on('update', (bytes: Uint8Array) => updates.push(bytes));
  return { text: other.getText('t'), updates };
}

function serverWith(text: string): Y.Doc {
  const doc = new Y.Doc();
  if (text !== '') doc.getText('t').insert(0, text);
  return doc;
}

function applyAll(server: Y.Doc, updates: readonly Uint8Array[]): void {
  for (const bytes of updates) {
    Y.applyUpdate(server, bytes);
    expect(server.store.pendingStructs).toBeNull();
  }
}

function serverWithStateOf(server: Y.Doc): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(server));
  return doc;
}

const readText = (doc: Y.Doc) => doc.getText('t').toJSON();

describe('a replica', () => {
  it('opens, shows the server’s text, and sends each edit at once with its origin and number', () => {
    const { doc, text, replica, seen, open } = setUp();
    replica.connected();
    open(serverWith('hello'));
    expect(readText(doc)).toBe('hello');
    doc.transact(() => text.insert(5, '!'), 'paste');
    text.insert(6, '?');
    expect(seen.batches.map(({ n, origins }) => [n, ...origins])).toEqual([
      [1, 'paste'],
      [2, 'typing'],
    ]);
    expect(replica.status).toMatchObject({ word: 'saving', unsaved: 2 });
    replica.saved(2, 2);
    expect(replica.status).toMatchObject({ word: 'saved', unsaved: 0, mayEdit: true });
  });

  it('does not send back what came from the server', () => {
    const { replica, seen, open, receive } = setUp();
    const server = serverWith('a');
    replica.connected();
    open(server);
    const other = somebodyElse(server);
    other.text.insert(1, 'b');
    other.text.insert(2, 'c');
    receive(other.updates);
    expect(readText(replica.doc)).toBe('abc');
    expect(seen.batches).toEqual([]);
    expect(replica.status.unsaved).toBe(0);
  });

  it('keeps edits made offline one by one and sends them in order when it is back', () => {
    const { text, replica, seen, open } = setUp();
    const server = serverWith('');
    replica.connected();
    open(server);
    replica.disconnected();
    for (const [at, letter] of Array.from('abc').entries()) text.insert(at, letter);
    expect(replica.status).toMatchObject({ word: 'offline', unsaved: 3 });
    replica.connected();
    expect(seen.opens.at(-1)).toMatchObject({ epoch: 'e1', n: 0 });
    open(server);
    expect(seen.batches).toMatchObject([{ n: 3, origins: ['offline', 'offline', 'offline'] }]);
    applyAll(server, seen.sent);
    expect(readText(server)).toBe('abc');
  });

  it('says of each edit made offline what it was', () => {
    const { doc, text, replica, seen, open } = setUp();
    const server = serverWith('');
    replica.connected();
    open(server);
    replica.disconnected();
    for (const origin of ['paste', null]) doc.transact(() => text.insert(0, 'a'), origin);
    replica.connected();
    open(server);
    expect(seen.batches).toMatchObject([{ origins: ['offline-paste', 'offline'] }]);
  });

  it('goes on after its tab was closed, with what the storage kept', () => {
    const first = setUp();
    const server = serverWith('x');
    first.replica.connected();
    first.open(server);
    first.text.insert(1, 'y');
    first.replica.saved(1, 1);
    first.text.insert(2, 'z');
    const second = setUp(first.seen.stored);
    expect(readText(second.doc)).toBe('xyz');
    expect(second.replica.status).toMatchObject({ unsaved: 1, epoch: 'e1' });
    Y.applyUpdate(server, first.seen.batches[0]?.updates[0] ?? none);
    second.replica.connected();
    second.open(server);
    expect(second.seen.batches).toMatchObject([{ n: 2 }]);
    applyAll(server, second.seen.sent);
    expect(readText(server)).toBe('xyz');
  });

  it('numbers on from what is stored, though the storage forgot how far things were saved', () => {
    const first = setUp();
    first.replica.connected();
    first.open(serverWith(''));
    for (const [at, letter] of Array.from('abcde').entries()) first.text.insert(at, letter);
    first.replica.saved(2, 2);
    const { stored } = first.seen;
    const forgetful = setUp({ ...stored, acked: 0 });
    forgetful.replica.connected();
    expect(forgetful.seen.opens[0]?.n).toBe(2);
    const holed = setUp({ ...stored, pending: stored.pending.filter(({ n }) => n !== 4) });
    expect(holed.replica.pending.map(({ n }) => n)).toEqual([3, 4]);
    expect(holed.seen.stored.pending.map(({ n }) => n)).toEqual([3, 4]);
  });

  /** Ada typed, Ben upon it, Ada upon that; the server died before anything but "x" was on its disk. */
  function bothLost(stored?: StoredReplica) {
    const a = setUp(stored);
    const server = serverWith('x');
    a.replica.connected();
    a.open(server);
    a.text.insert(1, 'a');
    const other = somebodyElse(a.doc);
    other.text.insert(2, 'b');
    other.text.insert(3, 'b');
    a.receive(other.updates, 2);
    a.text.insert(4, 'c');
    a.replica.disconnected();
    a.seen.sent.length = a.seen.batches.length = 0;
    return { ...a, server, other };
  }

  it('gives back what the server lost of others as theirs, one by one, in an order that can be placed', () => {
    const { replica, seen, open, server, other } = bothLost();
    replica.connected();
    open(server);
    expect(seen.batches.map(({ n, origins }) => [n, origins])).toEqual([
      [1, ['typing']],
      [2, ['typing']],
    ]);
    expect(seen.recoveries).toEqual([{ updates: other.updates, vouchers: [ben(2), ben(3)] }]);
    expect(seen.sent.slice(1, 3)).toEqual(other.updates);
    applyAll(server, seen.sent);
    expect(readText(server)).toBe('xabbc');
    seen.sent.length = 0;
    replica.resync();
    open(server);
    expect(seen.recoveries).toHaveLength(1);
  });

  it('gives it back where it came between its own updates, not before and not after', () => {
    const a = setUp();
    const server = serverWith('x');
    a.replica.connected();
    a.open(server);
    const other = somebodyElse(server);
    a.text.insert(0, 'a');
    other.text.insert(0, 'b');
    a.receive(other.updates);
    a.text.insert(0, 'c');
    const [first, last] = a.seen.sent;
    a.replica.disconnected();
    a.replica.connected();
    a.seen.sent.length = 0;
    a.open(server);
    expect(a.seen.sent).toEqual([first, ...other.updates, last]);
  });

  it('does so after its tab was closed, and when the server dies again before it was on disk', () => {
    const { seen, server, other } = bothLost();
    const later = setUp(seen.stored);
    later.replica.connected();
    later.open(server);
    later.replica.resync();
    // Other entries have the numbers now.
    later.replica.received({ updates: [], vouchers: [], seq: 9, durable: 9 });
    later.open(serverWithStateOf(server), { seq: 9 });
    expect(later.seen.recoveries).toEqual([
      { updates: other.updates, vouchers: [ben(2), ben(3)] },
      { updates: other.updates, vouchers: [ben(2), ben(3)] },
    ]);
  });

  it('forgets who made what is on the server’s disk, and what it was given again has its new number', () => {
    const { replica, seen, open, receive } = setUp();
    const server = serverWith('x');
    replica.connected();
    open(server);
    const other = somebodyElse(server);
    for (let at = 1; at <= 5; at += 1) other.text.insert(at, 'b');
    receive(other.updates, 1, 0);
    const kept = () => seen.stored.vouched.map(({ seq }) => seq);
    expect(kept()).toEqual([1, 2, 3, 4, 5]);
    replica.saved(0, 2);
    expect(kept()).toEqual([3, 4, 5]);
    replica.resync();
    open(server, { seq: 0 });
    expect(kept()).toEqual([null, null, null]);
    replica.received({ updates: other.updates.slice(2, 3), vouchers: [ben(3)], seq: 7, durable: 6 });
    expect(kept()).toEqual([null, null, 7]);
    replica.saved(0, 7);
    expect(kept()).toEqual([null, null]);
  });

  it('knows who made what was not on disk when it came', () => {
    const { replica, seen, open } = setUp();
    const [server, durable] = [serverWith('x'), serverWith('')];
    Y.applyUpdate(durable, Y.encodeStateAsUpdate(server));
    const other = somebodyElse(server);
    other.text.insert(1, 'b');
    other.text.insert(2, 'c');
    applyAll(server, other.updates);
    replica.connected();
    open(server, { seq: 3, fresh: other.updates });
    replica.disconnected();
    replica.connected();
    open(durable, { seq: 1 });
    expect(seen.recoveries).toEqual([{ updates: other.updates, vouchers: [ben(2), ben(3)] }]);
  });

  it('gives back what somebody vouches for also when it may not edit, and nothing else', () => {
    const { replica, seen, open, receive } = setUp();
    const server = serverWith('x');
    replica.connected();
    open(server, { mayEdit: false });
    const other = somebodyElse(server);
    other.text.insert(1, 'b');
    other.text.insert(0, 'c');
    receive(other.updates.slice(0, 1), 1);
    replica.received({ updates: other.updates.slice(1), vouchers: [], seq: 2, durable: 0 });
    replica.resync();
    open(server, { mayEdit: false });
    expect(seen.recoveries).toEqual([{ updates: other.updates.slice(0, 1), vouchers: [ben(1)] }]);
  });

  it('gives back what nobody vouches for as one, after what it builds on and before what builds on it', () => {
    const a = setUp();
    const server = serverWith('x');
    a.replica.connected();
    a.open(server);
    a.text.insert(1, 'a');
    const other = somebodyElse(a.doc);
    other.text.insert(2, 'b');
    a.replica.received({ updates: other.updates, vouchers: [], seq: 2, durable: 0 });
    a.text.insert(3, 'c');
    a.replica.disconnected();
    a.replica.connected();
    a.seen.sent.length = a.seen.batches.length = 0;
    a.open(server);
    expect(a.seen.batches.map(({ n }) => n)).toEqual([1, 2]);
    expect(a.seen.recoveries).toMatchObject([{ vouchers: [null] }]);
    applyAll(server, a.seen.sent);
    expect(readText(server)).toBe('xabc');
  });

  it('lets go of what waits for text that the server lost before this replica had it', () => {
    const server = serverWith('x');
    const before = Y.encodeStateAsUpdate(server);
    const { doc, text, replica, seen, open, receive } = setUp();
    replica.connected();
    open(server);
    const sent: Uint8Array[] = [];
    server.on('update', (bytes: Uint8Array) => sent.push(bytes));
    server.getText('t').insert(1, 'a');
    server.getText('t').insert(2, 'b');
    // The second overtakes the first, which is on its way when the server dies and forgets both.
    receive(sent.slice(1));
    replica.disconnected();
    text.insert(0, 'mine ');
    const again = new Y.Doc();
    Y.applyUpdate(again, before);
    seen.sent.length = 0;
    replica.connected();
    open(again);
    applyAll(again, seen.sent);
    expect(again.store.pendingStructs).toBeNull();
    expect(doc.store.pendingStructs).toBeNull();
    expect(again.getText('t').toJSON()).toBe('mine x');
  });

  it('gives back a deletion by somebody else that the server lost', () => {
    const a = setUp();
    const server = serverWith('xyz');
    a.replica.connected();
    a.open(server);
    const other = somebodyElse(server);
    other.text.delete(1, 1);
    a.receive(other.updates);
    a.replica.resync();
    a.open(server);
    applyAll(server, a.seen.sent);
    expect(readText(server)).toBe('xz');
    a.seen.sent.length = 0;
    a.replica.resync();
    a.open(server);
    expect(a.seen.sent).toEqual([]);
  });

  it('never merges into another history, and hands over what was not sent', () => {
    const { doc, text, replica, seen, open } = setUp();
    replica.connected();
    open(serverWith('one'));
    replica.disconnected();
    text.insert(3, ' mine');
    replica.connected();
    open(serverWith('other'), { epoch: 'e2' });
    expect(readText(doc)).toBe('one mine');
    expect(seen.ends).toMatchObject([{ why: 'epoch', lost: [{ n: 1 }] }]);
    text.insert(0, 'x');
    expect(seen.batches).toEqual([]);
    expect(replica.status.phase).toBe('ended');
  });

  it('ends when its edits are refused', () => {
    const { text, replica, seen, open } = setUp();
    replica.connected();
    open(serverWith(''));
    text.insert(0, 'x');
    replica.rejected();
    expect(seen.ends).toMatchObject([{ why: 'rejected', lost: [{ n: 1 }] }]);
  });

  it('hands over what the server can never place instead of asking for ever', () => {
    const { text, replica, seen, open } = setUp();
    replica.connected();
    open(serverWith(''));
    text.insert(0, 'x');
    for (let i = 0; i < 30 && seen.ends.length === 0; i += 1) {
      replica.resync();
      if (seen.ends.length === 0) open(serverWith(''));
    }
    expect(seen.ends).toMatchObject([{ why: 'rejected', lost: [{ n: 1 }] }]);
  });

  it('takes only the answer to its last question, and nothing before it', () => {
    const { doc, replica, seen, open, receive } = setUp();
    replica.connected();
    const first = seen.opens[0]?.attempt ?? 0;
    replica.resync();
    const server = serverWith('new');
    replica.opened(first, {
      epoch: 'e1',
      mayEdit: true,
      seq: 0,
      vector: Y.encodeStateVector(server),
      update: Y.encodeStateAsUpdate(server),
      fresh: [],
      vouchers: [],
    });
    receive([Y.encodeStateAsUpdate(server)]);
    expect(readText(doc)).toBe('');
    open(server);
    expect(readText(doc)).toBe('new');
  });

  it('keeps its storage short', () => {
    const { text, replica, seen, open } = setUp();
    replica.connected();
    open(serverWith(''));
    for (let n = 1; n <= 1_200; n += 1) {
      text.insert(0, 'x');
      replica.saved(n, n);
    }
    expect(seen.stored.updates.length).toBeLessThan(600);
    expect(seen.stored).toMatchObject({ acked: 1_200, pending: [] });
    expect(readText(setUp(seen.stored).doc)).toHaveLength(1_200);
  });
});
