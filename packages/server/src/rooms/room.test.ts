import { asDocumentId } from '@cahier/base/ids.ts';
import { splitPayload } from '@cahier/protocol/frame.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import { SimSession } from '@cahier/testkit/sim-session.ts';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { GroupRecorder } from '../history/group-recorder.ts';
import { Room } from './room.ts';
import { Vouchers } from './vouchers.ts';

const id = asDocumentId('d1');
const vouchers = new Vouchers('a key');
const empty = new Uint8Array(0);

async function setUp() {
  const clock = new FakeClock();
  const log = new MemoryHistoryLog();
  const recorder = new GroupRecorder({ log, clock, windowMs: 5, random: () => 0.5 });
  await recorder.open(id);
  const room = new Room({
    row: { id, kind: 'text', path: 'a.txt', epoch: 'e1' },
    doc: new Y.Doc(),
    lastSeq: 0,
    recorder,
    vouchers,
    clock,
    logger: pino({ level: 'silent' }),
  });
  const join = (name: string, role?: 'viewer' | 'editor') => {
    const session = new SimSession(name, role);
    room.join(session, { t: 'doc.open', id: 1, path: 'a.txt', n: 0 }, empty);
    return session;
  };
  return { clock, log, recorder, room, join };
}

/** A client's doc and the updates that its edits make. */
function typist() {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (bytes: Uint8Array) => updates.push(bytes));
  return { doc, text: doc.getText('t'), updates };
}

const textOf = (room: Room) => room.doc.getText('t').toJSON();

describe('a room', () => {
  it('takes an edit, hands it to the others, and calls it saved when it is durable', async () => {
    const { clock, log, room, join } = await setUp();
    const [ann, ben] = [join('ann'), join('ben')];
    const a = typist();
    log.hold();
    a.text.insert(0, 'hello');
    room.receive(ann, a.updates, ['typing'], 1);
    await clock.pass(10);
    expect(textOf(room)).toBe('hello');
    expect(ben.updates()).toEqual(a.updates);
    expect(ann.updates()).toEqual([]);
    expect(ann.frames('doc.saved')).toEqual([]);
    log.release();
    await clock.pass(10);
    expect(ann.frames('doc.saved')).toEqual([{ t: 'doc.saved', doc: id, n: 1, seq: 1 }]);
    expect(ben.frames('doc.saved')).toEqual([]);
    const [entry] = await log.entries(id, 1, 1);
    expect(entry).toMatchObject({
      kind: 'update',
      origin: 'typing',
      author: { name: 'ann', session: ann.id, person: ann.person.id },
    });
  });

  it('refuses the edit of a viewer and keeps nothing of it', async () => {
    const { clock, log, room, join } = await setUp();
    const [viewer, other] = [join('viewer', 'viewer'), join('other')];
    const v = typist();
    v.text.insert(0, 'no');
    room.receive(viewer, v.updates, ['typing'], 1);
    await clock.pass(10);
    expect(textOf(room)).toBe('');
    expect(viewer.frames('doc.rejected')).toMatchObject([{ n: 1, error: { code: 'access/forbidden' } }]);
    expect(other.updates()).toEqual([]);
    expect(await log.lastSeq(id)).toBe(0);
    expect(viewer.frames('doc.opened')[0]?.mayEdit).toBe(false);
  });

  it('asks for rights anew at every frame', async () => {
    const { room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    a.text.insert(0, 'x');
    room.receive(ann, a.updates.splice(0), ['typing'], 1);
    ann.role = 'viewer';
    a.text.insert(1, 'y');
    room.receive(ann, a.updates, ['typing'], 2);
    expect(textOf(room)).toBe('x');
    expect(ann.frames('doc.rejected')).toHaveLength(1);
  });

  it('answers an edit that changes nothing as saved when what it repeats is durable', async () => {
    const { clock, log, room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    a.text.insert(0, 'x');
    log.hold();
    room.receive(ann, a.updates, ['typing'], 1);
    room.receive(ann, a.updates, ['typing'], 2);
    await clock.pass(10);
    expect(ann.frames('doc.saved')).toEqual([]);
    log.release();
    await clock.pass(10);
    expect(ann.frames('doc.saved').at(-1)).toMatchObject({ n: 2, seq: 1 });
    room.receive(ann, a.updates, ['typing'], 3);
    expect(ann.frames('doc.saved').at(-1)).toMatchObject({ n: 3, seq: 1 });
    expect(await log.lastSeq(id)).toBe(1);
  });

  /** Ada types two keys and Ben has them; a room that lost them, as after a crash, and Ben in it. */
  async function lostKeys(role: 'editor' | 'viewer' = 'editor') {
    const before = await setUp();
    const [ada, ben] = [before.join('ada'), before.join('ben')];
    const a = typist();
    a.text.insert(0, 'a');
    before.room.receive(ada, a.updates, ['paste'], 1);
    a.text.insert(1, 'b');
    before.room.receive(ada, a.updates.slice(1), ['typing'], 2);
    const vouchers = ben.frames('doc.update').flatMap((frame) => frame.vouchers);
    const after = await setUp();
    return { ada, updates: ben.updates(), vouchers, ...after, ben: after.join('ben', role) };
  }

  it('takes back what it had handed out as the edits of those who made them, from whoever has them', async () => {
    const { ada, updates, vouchers, ben, clock, log, room, join } = await lostKeys('viewer');
    const cleo = join('cleo');
    expect(vouchers.map(({ name, origin }) => [name, origin])).toEqual([
      ['ada', 'paste'],
      ['ada', 'typing'],
    ]);
    room.recover(ben, updates, vouchers);
    await clock.pass(10);
    expect(textOf(room)).toBe('ab');
    const author = { person: ada.person.id, name: 'ada', session: ada.id };
    expect(await log.entries(id, 1, 9)).toMatchObject([
      { author, origin: 'paste' },
      { author, origin: 'typing' },
    ]);
    // who brings it back learns its new numbers, and everybody can do so again
    for (const session of [ben, cleo]) {
      expect(session.updates()).toEqual(updates);
      expect(session.frames('doc.update').flatMap((frame) => frame.vouchers)).toEqual(vouchers);
    }
  });

  it('calls what nobody vouches for, or not for this, the edit of who brings it, who must be allowed to', async () => {
    const { updates, vouchers, ben, clock, log, room } = await lostKeys();
    const [first, second] = vouchers;
    if (!first || !second) throw new Error('no vouchers');
    // of another update; of another name
    room.recover(ben, updates, [
      { ...first, seal: second.seal },
      { ...second, name: 'cleo' },
    ]);
    await clock.pass(10);
    const entry = { author: { name: 'ben', session: ben.id }, origin: 'recovery' };
    expect(await log.entries(id, 1, 9)).toMatchObject([entry, entry]);

    const other = await lostKeys('viewer');
    other.room.recover(other.ben, updates, [null, null]);
    expect(textOf(other.room)).toBe('');
    expect(other.ben.frames('doc.rejected')).toMatchObject([{ error: { code: 'access/forbidden' } }]);
  });

  it('tells who opens the document who made what is not on disk yet', async () => {
    const { clock, log, room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    log.hold();
    a.text.insert(0, 'x');
    room.receive(ann, a.updates, ['typing'], 1);
    const [opened] = join('ben').frames('doc.opened');
    expect(opened?.vouchers).toMatchObject([{ name: 'ann', origin: 'typing' }]);
    expect(opened?.parts).toHaveLength(3);
    log.release();
    await clock.pass(10);
    expect(join('cleo').frames('doc.opened')[0]?.vouchers).toEqual([]);
  });

  it('keeps in the history what somebody types into a cell that another has just deleted', async () => {
    const { clock, log, room, join } = await setUp();
    const [ann, ben] = [join('ann'), join('ben')];
    const a = typist();
    const cells = a.doc.getMap<Y.Text>('cells');
    cells.set('c', new Y.Text('x'));
    room.receive(ann, a.updates.splice(0), ['structure'], 1);
    const b = typist();
    Y.applyUpdate(b.doc, Y.encodeStateAsUpdate(room.doc));
    b.updates.length = 0;
    cells.delete('c');
    room.receive(ann, a.updates, ['rearrangement'], 2);
    b.doc.getMap<Y.Text>('cells').get('c')?.insert(1, 'yz');
    room.receive(ben, b.updates, ['typing'], 1);
    await clock.pass(10);
    expect(room.doc.getMap('cells').size).toBe(0);
    expect((await log.entries(id, 3, 3))[0]).toMatchObject({ author: { name: 'ben' }, update: b.updates[0] });
    expect(ann.updates()).toEqual(b.updates);
  });

  it('never acknowledges what it cannot place, and takes it after the client has opened anew', async () => {
    const { clock, room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    a.text.insert(0, 'a');
    a.text.insert(1, 'b');
    const [first, second] = a.updates;
    if (!first || !second) throw new Error('two updates expected');
    room.receive(ann, [second], ['typing'], 2);
    room.receive(ann, [second], ['typing'], 3);
    await clock.pass(10);
    expect(ann.frames('doc.resync')).toHaveLength(1);
    expect(ann.frames('doc.saved')).toEqual([]);
    expect(textOf(room)).toBe('');
    room.join(ann, { t: 'doc.open', id: 2, path: 'a.txt', n: 0 }, empty);
    room.receive(ann, a.updates, ['typing', 'typing'], 2);
    await clock.pass(10);
    expect(textOf(room)).toBe('ab');
    expect(ann.frames('doc.saved').at(-1)).toMatchObject({ n: 2 });
  });

  it('sees a gap of numbers even where Yjs would not: a lost deletion', async () => {
    const { clock, room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    a.text.insert(0, 'abc');
    a.text.delete(1, 1);
    a.text.insert(0, 'x');
    const [insert, , last] = a.updates;
    if (!insert || !last) throw new Error('three updates expected');
    room.receive(ann, [insert], ['typing'], 1);
    room.receive(ann, [last], ['typing'], 3);
    await clock.pass(10);
    expect(ann.frames('doc.resync')).toHaveLength(1);
    expect(ann.frames('doc.saved').map(({ n }) => n)).toEqual([1]);
  });

  it('sends each update with its own entry, several in one frame when they come together', async () => {
    const { log, clock, room, join } = await setUp();
    const [ann, ben] = [join('ann'), join('ben')];
    const a = typist();
    for (const [at, letter] of Array.from('offline').entries()) a.text.insert(at, letter);
    room.receive(
      ann,
      a.updates,
      a.updates.map(() => 'offline' as const),
      7,
    );
    await clock.pass(10);
    expect(await log.lastSeq(id)).toBe(7);
    expect(ben.frames('doc.update')).toMatchObject([{ seq: 7, parts: a.updates.map((u) => u.length) }]);
    expect(ben.updates()).toEqual(a.updates);
  });

  it('encodes a broadcast once: all get the same bytes', async () => {
    const { room, join } = await setUp();
    const all = ['a', 'b', 'c', 'd'].map((name) => join(name));
    const author = all[0];
    if (!author) throw new Error('nobody there');
    for (const session of all) session.forget();
    const a = typist();
    a.text.insert(0, 'x');
    room.receive(author, a.updates, ['typing'], 1);
    const [first, ...rest] = all.slice(1).map(({ sent }) => sent[0]?.bytes);
    expect(first).toBeInstanceOf(Uint8Array);
    for (const bytes of rest) expect(bytes).toBe(first);
  });

  it('a reader that takes nothing in holds nobody: the room only hands over', async () => {
    const { room, join } = await setUp();
    const [ann, slow, ben] = [join('ann'), join('slow'), join('ben')];
    const waiting: Uint8Array[] = [];
    slow.onSent = ({ bytes }) => void waiting.push(bytes);
    const a = typist();
    for (const [at, letter] of Array.from('hello').entries()) {
      a.text.insert(at, letter);
      room.receive(ann, a.updates.slice(-1), ['typing'], at + 1);
    }
    expect(ben.updates()).toEqual(a.updates);
    expect(waiting.length).toBeGreaterThanOrEqual(a.updates.length);
    expect(ann.frames('doc.rejected')).toEqual([]);
  });

  it('stays intact under garbage', async () => {
    const { room, join } = await setUp();
    const [ann, mallory] = [join('ann'), join('mallory')];
    const a = typist();
    a.text.insert(0, 'safe');
    room.receive(ann, a.updates, ['typing'], 1);
    const before = Y.encodeStateAsUpdate(room.doc);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(3), (bytes, mutation) => {
        const whole = a.updates[0] ?? empty;
        const update = mutation === 0 ? bytes : mutate(whole, bytes, mutation);
        room.join(mallory, { t: 'doc.open', id: 2, path: 'a.txt' }, empty);
        room.receive(mallory, [update], ['typing'], 1);
        expect(room.doc.store.pendingStructs).toBeNull();
        expect(room.doc.store.pendingDs).toBeNull();
        const copy = new Y.Doc();
        Y.applyUpdate(copy, Y.encodeStateAsUpdate(room.doc));
        expect(copy.getText('t').toJSON()).toBe(textOf(room));
      }),
      { numRuns: 300 },
    );
    const after = new Y.Doc();
    Y.applyUpdate(after, before);
    expect(after.getText('t').toJSON()).toBe('safe');
    expect(mallory.frames('doc.rejected').length).toBeGreaterThan(0);
  });

  it('refuses a state vector that is none', async () => {
    const { room, join } = await setUp();
    const mallory = join('mallory');
    room.join(mallory, { t: 'doc.open', id: 9, path: 'a.txt' }, new Uint8Array([255, 255, 255]));
    expect(mallory.frames('error')).toMatchObject([{ re: 9, error: { code: 'frame/malformed' } }]);
  });

  it('gives a replica of another history the whole state', async () => {
    const { room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    a.text.insert(0, 'x');
    room.receive(ann, a.updates, ['typing'], 1);
    const ben = new SimSession('ben');
    const vector = Y.encodeStateVector(room.doc);
    room.join(ben, { t: 'doc.open', id: 1, path: 'a.txt', epoch: 'other' }, vector);
    room.join(ben, { t: 'doc.open', id: 2, path: 'a.txt', epoch: 'e1' }, vector);
    const [whole, none] = ben.sent.flatMap(({ frame, payload }) =>
      frame.t === 'doc.opened' ? [splitPayload(payload, frame.parts)[1]] : [],
    );
    const copy = new Y.Doc();
    Y.applyUpdate(copy, whole ?? empty);
    expect(copy.getText('t').toJSON()).toBe('x');
    expect(none?.length).toBeLessThan(5);
  });

  it('relays presence at most every 50 ms, the latest state last, and never stores it', async () => {
    const { clock, log, room, join } = await setUp();
    const [ann, ben] = [join('ann'), join('ben')];
    ben.forget();
    for (let i = 0; i < 40; i += 1) {
      room.presence(ann.id, { anchor: String(i) });
      clock.advance(5);
    }
    clock.advance(50);
    const seen = ben.frames('presence').map(({ peer }) => peer.state?.anchor);
    expect(seen.length).toBeLessThanOrEqual(6);
    expect(seen.at(-1)).toBe('39');
    room.leave(ann.id);
    expect(ben.frames('presence').at(-1)).toMatchObject({ left: true });
    expect(ann.frames('presence')).toMatchObject([{ peer: { person: { name: 'ben' } } }]);
    expect(await log.lastSeq(id)).toBe(0);
  });

  it('keeps a snapshot after 500 entries and when it ends', async () => {
    const { clock, log, room, join } = await setUp();
    const ann = join('ann');
    const a = typist();
    for (let n = 1; n <= 501; n += 1) {
      a.text.insert(0, 'x');
      room.receive(ann, a.updates.slice(-1), ['typing'], n);
    }
    await clock.pass(1_100);
    expect((await log.snapshot(id))?.seq).toBe(501);
    a.text.insert(0, 'y');
    room.receive(ann, a.updates.slice(-1), ['typing'], 502);
    room.dispose();
    await clock.pass(20);
    const snapshot = await log.snapshot(id);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, snapshot?.state ?? empty);
    expect(snapshot?.seq).toBe(502);
    expect(copy.getText('t').toJSON()).toBe(`y${'x'.repeat(501)}`);
  });

  it('records an edit of the server with its own author, and sends it to all', async () => {
    const { clock, log, room, join } = await setUp();
    const ann = join('ann');
    const author = { person: null, name: 'Changed on disk', session: null };
    const seq = room.edit(author, 'disk', (doc) => doc.getText('t').insert(0, 'disk'));
    const none = room.edit(author, 'disk', () => undefined);
    await clock.pass(10);
    expect([seq, none]).toEqual([1, null]);
    expect(ann.updates()).toHaveLength(1);
    expect(await log.entries(id, 1, 1)).toMatchObject([{ origin: 'disk', author }]);
  });
});

function mutate(update: Uint8Array, noise: Uint8Array, kind: number): Uint8Array {
  if (kind === 1) return update.slice(0, noise.length % update.length);
  const copy = update.slice();
  for (const [i, byte] of noise.entries()) {
    if (i % kind === 0) copy[byte % copy.length] = (byte * 7 + i) & 255;
  }
  return copy;
}
