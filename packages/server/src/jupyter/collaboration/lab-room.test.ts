import { asPersonId, asProjectId, asSessionId, type ProjectId } from '@cahier/base/ids.ts';
import { defaultAccess, type Role } from '@cahier/core/access/rights.ts';
import type { TokenScope } from '@cahier/core/access/scopes.ts';
import { FakeLabWire } from '@cahier/testkit/lab-wire.ts';
import { SampleRunner } from '@cahier/testkit/sample-app.ts';
import { SimProject } from '@cahier/testkit/sim-project.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import { ProjectRuns } from '../../runs/project-runs.ts';
import * as encoding from 'lib0/encoding';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Room } from '../../rooms/room.ts';
import { Rooms } from '../../rooms/rooms.ts';
import { awarenessFrame, decodeLabFrame, step1Frame, step2Frame, updateFrame } from './lab-frames.ts';
import { encodeAwareness } from './awareness-table.ts';
import { LabRooms, type LabProject } from './lab-rooms.ts';
import type { LabRoom } from './lab-room.ts';
import { LabSocket, mostUnread } from './lab-socket.ts';

const logger = pino({ level: 'silent' });
const path = 'a.txt';
const editing = { author: { person: null, name: 'Page', session: null }, origin: 'typing' } as const;

/** One life of the server, and what outlives it. */
class Life {
  readonly sim: SimProject;
  readonly rooms: Rooms;
  readonly lab: LabRooms;
  readonly project: LabProject;

  constructor(sim: SimProject) {
    this.sim = sim;
    const parts = sim.parts();
    this.rooms = new Rooms(parts);
    const runner = new SampleRunner();
    const { recorder, log, clock } = parts;
    this.project = {
      id: sim.id,
      recorder,
      rooms: this.rooms,
      runs: new ProjectRuns({
        ...parts,
        project: sim.id,
        runner,
        blobs: sim.blobs,
        openRoom: async () => undefined,
      }),
    };
    this.lab = new LabRooms({
      open: async () => this.project,
      log,
      blobs: sim.blobs,
      access: () => defaultAccess,
      clock,
      logger,
      newId: (length) => sim.random.hex(length),
    });
  }

  async open(): Promise<LabRoom> {
    const opening = this.rooms.open(path);
    await this.sim.clock.pass(20);
    const opened = await opening;
    if (!opened.ok) throw opened.refused.error;
    const making = this.lab.room(this.project, opened.open);
    await this.sim.clock.pass(20);
    return making;
  }

  get room(): Room {
    const room = this.rooms.byPath(path);
    if (!room) throw new Error('the room is closed');
    return room;
  }

  get text(): string {
    return textOf(this.room.doc).toString();
  }

  type(at: number, text: string): void {
    this.room.edit(editing.author, editing.origin, (doc) => textOf(doc).insert(at, text));
  }
}

/** A y-websocket client: its document outlives its sockets. */
class Lab {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText('source');
  wire = new FakeLabWire();
  socket: LabSocket | null = null;
  isSynced = false;
  readonly #onUpdate = (bytes: Uint8Array, origin: unknown) => {
    if (origin !== this) this.wire.say(updateFrame(bytes));
  };

  constructor() {
    this.doc.on('update', this.#onUpdate);
  }

  connect(
    life: Life,
    room: LabRoom,
    role: Role = 'editor',
    scopes?: readonly TokenScope[],
    hasEpoch = true,
  ): void {
    this.wire = new FakeLabWire();
    this.isSynced = false;
    const project: ProjectId = asProjectId('p1');
    const limits = scopes && { limits: { token: 't', project, scopes } };
    const socket = new LabSocket({
      socket: this.wire,
      client: {
        project,
        role,
        principal: {
          person: { id: asPersonId('ada'), name: 'Ada', color: '#123456' },
          isServerOwner: false,
          session: 's',
          ...limits,
        },
      },
      access: () => defaultAccess,
      clock: life.sim.clock,
      logger,
    });
    this.socket = socket;
    this.wire.say(step1Frame(Y.encodeStateVector(this.doc)));
    this.wire.say(
      awarenessFrame(encodeAwareness([{ client: this.doc.clientID, clock: 1, state: { n: 1 } }])),
    );
    room.join(socket, hasEpoch);
  }

  /** Takes what has arrived and answers it, as y-websocket does. */
  flow(): readonly string[] {
    return this.wire.flow().map((bytes) => {
      const frame = decodeLabFrame(bytes);
      if (frame.is === 'step1') this.wire.say(step2Frame(Y.encodeStateAsUpdate(this.doc, frame.vector)));
      if (frame.is === 'update') {
        Y.applyUpdate(this.doc, frame.update, this);
        if (frame.isAnswer) this.isSynced = true;
      }
      return frame.is === 'update' && frame.isAnswer ? 'step2' : frame.is;
    });
  }
}

let sim: SimProject;
let life: Life;

beforeEach(() => {
  sim = new SimProject();
  sim.files.externally(path, 'one two');
  life = new Life(sim);
});

const pass = (ms: number) => sim.clock.pass(ms);

async function synced(lab: Lab): Promise<void> {
  for (let i = 0; i < 20 && !lab.isSynced; i += 1) {
    lab.flow();
    await pass(10);
  }
  expect(lab.isSynced).toBe(true);
  // what arrived together with it
  lab.flow();
}

async function joined(): Promise<{ room: LabRoom; lab: Lab }> {
  const room = await life.open();
  const lab = new Lab();
  lab.connect(life, room);
  await synced(lab);
  return { room, lab };
}

describe('a shared document', () => {
  it('asks what a client has before it gives anything; a client that does not say gets it a little later', async () => {
    const room = await life.open();
    const lab = new Lab();
    lab.connect(life, room);
    await pass(50);
    expect(lab.wire.flow().map((bytes) => decodeLabFrame(bytes).is)).toEqual(['step1', 'awareness']);
    await pass(1_000);
    expect(lab.flow()).toEqual([]);
    await pass(2_500);
    expect(lab.flow()).toEqual(['step2']);
    expect(lab.text.toString()).toBe('one two');
  });

  it('a client without an epoch is answered first and asked afterwards', async () => {
    const room = await life.open();
    const lab = new Lab();
    lab.connect(life, room, 'editor', undefined, false);
    await pass(50);
    expect(lab.flow().filter((frame) => frame !== 'awareness')).toEqual(['step2', 'step1']);
  });

  it('a client without an epoch that has another history is not merged', async () => {
    const room = await life.open();
    const lab = new Lab();
    lab.text.insert(0, 'one two');
    lab.connect(life, room, 'editor', undefined, false);
    await pass(50);
    expect(lab.wire.closed?.code).toBe(1003);
    expect(life.text).toBe('one two');
  });

  it('brings edits both ways; an echo is neither told nor kept', async () => {
    const { lab } = await joined();
    lab.text.insert(3, '!');
    await pass(50);
    expect(life.text).toBe('one! two');
    life.type(0, '> ');
    await pass(50);
    lab.flow();
    expect(lab.text.toString()).toBe('> one! two');
    const entries = await sim.log.lastSeq(life.room.id);
    const { n } = (await sim.log.lab(life.room.id)) ?? { n: 0 };
    lab.wire.say(updateFrame(Y.encodeStateAsUpdate(lab.doc)));
    await pass(50);
    expect(lab.wire.flow()).toEqual([]);
    expect([await sim.log.lastSeq(life.room.id), (await sim.log.lab(life.room.id))?.n]).toEqual([entries, n]);
  });

  it('two documents that differ are seen a moment later and made equal again', async () => {
    const { room, lab } = await joined();
    life.type(0, 'x');
    room.projection.shared.getText('source').insert(0, 'drift ');
    await pass(1_100);
    expect(lab.wire.closed?.code).toBe(1012);
    const again = await life.open();
    expect(again.epoch).toBe(room.epoch);
    lab.connect(life, again);
    await synced(lab);
    expect([lab.text.toString(), life.text]).toEqual(['xone two', 'xone two']);
  });

  it('names the person and the program in the history', async () => {
    const room = await life.open();
    const lab = new Lab();
    lab.connect(life, room, 'editor', ['edit']);
    await synced(lab);
    lab.text.insert(0, 'x');
    await pass(50);
    const last = await sim.log.lastSeq(life.room.id);
    const [entry] = await sim.log.entries(life.room.id, last, last);
    expect(entry).toMatchObject({ origin: 'jupyterlab', author: { person: 'ada', session: lab.socket?.id } });
  });

  it('what the server writes is told to nobody before it is on disk; what a client wrote goes to the others at once', async () => {
    const { room, lab } = await joined();
    const [near, late] = [new Lab(), new Lab()];
    near.connect(life, room);
    await synced(near);
    sim.log.hold();
    life.type(0, 'page ');
    lab.text.insert(0, 'lab ');
    near.flow();
    expect(near.text.toString()).toBe('lab one two');
    late.connect(life, room);
    for (let i = 0; i < 10; i += 1) {
      await pass(50);
      late.flow();
    }
    near.flow();
    lab.flow();
    expect([late.isSynced, near.text.toString(), lab.text.toString()]).toEqual([
      false,
      'lab one two',
      'lab one two',
    ]);
    sim.log.release();
    await pass(50);
    for (const each of [late, near, lab]) {
      each.flow();
      expect(each.text.toString()).toBe(life.text);
    }
    expect(life.text.split('lab ')).toHaveLength(2);
  });

  it('a reader who takes nothing is closed, and the others go on', async () => {
    const { room, lab } = await joined();
    const slow = new Lab();
    slow.connect(life, room);
    await synced(slow);
    // so much lies in its queue already
    slow.wire.bufferedAmount = mostUnread + 1;
    life.type(0, 'more ');
    await pass(50);
    lab.flow();
    expect(slow.wire.closed).toEqual({ code: 1013, reason: 'reading too slowly' });
    expect(lab.wire.closed).toBeNull();
    expect(lab.text.toString()).toBe(life.text);
  });

  it.each([
    ['a cut frame', (lab: Lab) => lab.wire.say(updateFrame(Uint8Array.of(1, 2, 3)).subarray(0, 3)), 1007],
    ['no Yjs update', (lab: Lab) => lab.wire.say(updateFrame(Uint8Array.of(200, 1, 2, 3))), 1007],
    ['text instead of bytes', (lab: Lab) => lab.wire.sayText('{}'), 1007],
    ['a damaged awareness', (lab: Lab) => lab.wire.say(awarenessFrame(Uint8Array.of(9, 9))), 1007],
    ['a damaged state vector', (lab: Lab) => lab.wire.say(step1Frame(Uint8Array.of(255, 255))), 1007],
  ])('%s ends that socket alone', async (_, say, code) => {
    const { room, lab } = await joined();
    const other = new Lab();
    other.connect(life, room);
    await synced(other);
    say(lab);
    await pass(50);
    expect(lab.wire.closed?.code).toBe(code);
    other.text.insert(0, 'still ');
    await pass(50);
    expect(life.text).toBe('still one two');
    expect(other.wire.closed).toBeNull();
  });

  it('a frame that nobody knows is ignored', async () => {
    const { lab } = await joined();
    lab.wire.say(encoding.encode((encoder) => encoding.writeVarUint(encoder, 125)));
    lab.text.insert(0, 'x');
    await pass(50);
    expect([lab.wire.closed, life.text]).toEqual([null, 'xone two']);
  });

  it('an update that does not follow is asked for again, and nothing stays pending', async () => {
    const { room, lab } = await joined();
    const updates: Uint8Array[] = [];
    lab.doc.on('update', (bytes: Uint8Array) => updates.push(bytes));
    const { wire } = lab;
    lab.wire = new FakeLabWire();
    lab.text.insert(0, 'first ');
    lab.wire = wire;
    lab.text.insert(6, 'second ');
    await pass(50);
    expect(life.text).toBe('one two');
    lab.flow();
    await pass(50);
    expect(life.text).toBe('first second one two');
    const { store } = room.projection.shared;
    expect([store.pendingStructs, store.pendingDs]).toEqual([null, null]);
  });

  it('pings; a line that says nothing for 90 s is ended', async () => {
    const { room, lab } = await joined();
    await pass(31_000);
    expect(lab.wire.pings).toBe(1);
    lab.wire.pong();
    await pass(60_000);
    expect(room.size).toBe(1);
    await pass(90_000);
    expect([room.size, lab.wire.readyState]).toEqual([0, 3]);
  });

  it('ends a while after the last client, and the document costs nothing more', async () => {
    const { lab } = await joined();
    const document = life.room.id;
    const guests = life.room.seats;
    expect(guests).toBe(1);
    lab.wire.cut();
    expect(life.room.seats).toBe(0);
    // somebody in the page goes on
    life.room.welcome({ id: asSessionId('x'), person: { id: asPersonId('x'), name: 'X', color: '' } });
    await pass(125_000);
    expect(life.lab.byDocument(document)).toBeNull();
    const { n } = (await sim.log.lab(document)) ?? { n: -1 };
    life.type(0, 'alone ');
    await pass(50);
    expect((await sim.log.lab(document))?.n).toBe(n);
    const again = await life.open();
    lab.connect(life, again);
    await synced(lab);
    expect(lab.text.toString()).toBe('alone one two');
  });
});

describe('rights', () => {
  it.each<[string, Role, readonly TokenScope[] | undefined]>([
    ['a viewer', 'viewer', undefined],
    ['a token that may read', 'owner', ['read']],
    ['a token that may run', 'owner', ['run']],
  ])('%s reads along, and an edit is refused aloud', async (_, role, scopes) => {
    const room = await life.open();
    const lab = new Lab();
    lab.connect(life, room, role, scopes);
    await synced(lab);
    lab.doc.getMap('state').set('document_id', 'text:file:1');
    life.type(0, 'news ');
    await pass(50);
    lab.flow();
    expect([lab.text.toString(), lab.wire.closed]).toEqual(['news one two', null]);
    lab.text.insert(0, 'mine ');
    await pass(700);
    expect(lab.wire.closed?.code).toBe(1003);
    expect(JSON.parse(lab.wire.closed?.reason ?? '')).toMatchObject({ reloadable: true });
    expect(life.text).toBe('news one two');
    // it comes again at once, with what it typed: it is held, silent
    lab.connect(life, room, role, scopes);
    lab.flow();
    await pass(1_000);
    expect([lab.wire.closed, lab.flow(), life.lab.refusals.held]).toEqual([null, [], 1]);
    await pass(25_000);
    expect(lab.wire.closed?.code).toBe(1003);
    expect(life.text).toBe('news one two');
  });

  it('a right that is lost counts for what is said from then on', async () => {
    const { lab } = await joined();
    life.lab.closeWhere(({ principal }) => principal.person.id === 'ada');
    expect(lab.wire.closed?.code).toBe(1008);
    lab.wire.readyState = 1;
    lab.text.insert(0, 'too late ');
    await pass(50);
    expect(life.text).toBe('one two');
  });
});

describe('a crash', () => {
  it('at any moment between typing and disk: nothing is lost, nothing is doubled', async () => {
    for (let moment = 0; moment < 12; moment += 1) {
      for (const reached of [0, 1]) {
        sim = new SimProject(moment + 1);
        sim.files.externally(path, 'one two');
        life = new Life(sim);
        const { room, lab } = await joined();
        const asleep = new Lab();
        asleep.connect(life, room);
        await synced(asleep);
        asleep.wire.cut();
        asleep.text.insert(7, ' asleep');
        const epoch = room.epoch;
        const near = new Lab();
        near.connect(life, room);
        await synced(near);
        if (moment % 2 === 0) sim.log.hold();
        for (let i = 0; i < moment; i += 1) {
          if (i % 2 === 0) lab.text.insert(0, `l${i} `);
          else life.type(0, `p${i} `);
          await pass(3);
          if (i % 3 === 0) lab.flow();
          near.flow();
        }
        lab.wire.cut();
        near.wire.cut();
        lab.text.insert(0, 'offline ');
        sim.log = sim.log.crash(reached);
        life = new Life(sim);
        const again = await life.open();
        expect(again.epoch).toBe(epoch);
        for (const each of moment % 3 === 0 ? [near, lab] : [lab, near]) {
          each.connect(life, again);
          await synced(each);
        }
        asleep.connect(life, again);
        await synced(asleep);
        await pass(50);
        const text = life.text;
        for (const each of [lab, near, asleep]) {
          each.flow();
          expect(each.text.toString()).toBe(text);
        }
        const mine = Array.from({ length: moment }, (_, i) => `l${i} `).filter((__, i) => i % 2 === 0);
        for (const word of ['offline ', ' asleep', 'one two', ...mine]) {
          expect([moment, word, text.split(word).length - 1]).toEqual([moment, word, 1]);
        }
        for (let i = 1; i < moment; i += 2) expect(text.split(`p${i} `).length).toBeLessThanOrEqual(2);
      }
    }
  });

  it('what a person removes from the history is not brought back by a client: a new epoch, told at once', async () => {
    const { room, lab } = await joined();
    const { document, epoch } = room;
    life.lab.purged(document, false);
    expect(lab.wire.closed).toBeNull();
    life.lab.purged(document, true);
    await pass(1_000);
    expect(JSON.parse(lab.wire.closed?.reason ?? '')).toMatchObject({
      errorReason: 'A part of it was removed.',
    });
    const again = await life.open();
    expect(again.epoch).not.toBe(epoch);
    expect((await sim.log.lab(document))?.epoch).toBe(again.epoch);
  });

  it('what was kept and is damaged or long unused begins anew: another epoch, told to old clients', async () => {
    const { room, lab } = await joined();
    const epoch = room.epoch;
    lab.wire.cut();
    await life.rooms.close();
    await pass(31 * 24 * 60 * 60_000);
    life = new Life(sim);
    const again = await life.open();
    expect(again.epoch).not.toBe(epoch);
    const fresh = new Lab();
    fresh.connect(life, again);
    await synced(fresh);
    expect(fresh.text.toString()).toBe('one two');
  });
});
