/** What a client says before its room is open: kept in order, and never without a bound. */
import { asPersonId, asProjectId } from '@cahier/base/ids.ts';
import { defaultAccess } from '@cahier/core/access/rights.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { FakeLabWire } from '@cahier/testkit/lab-wire.ts';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type LabFrame, updateFrame } from './lab-frames.ts';
import { LabSocket, mostEarly } from './lab-socket.ts';

function dialled() {
  const wire = new FakeLabWire();
  const heard: LabFrame[] = [];
  const socket = new LabSocket({
    socket: wire,
    client: {
      project: asProjectId('p1'),
      role: 'editor',
      principal: {
        person: { id: asPersonId('ada'), name: 'Ada', color: '#123456' },
        isServerOwner: false,
        session: 's',
      },
    },
    access: () => defaultAccess,
    clock: new FakeClock(),
    logger: pino({ level: 'silent' }),
  });
  return { wire, socket, heard, listen: () => socket.listen((frame) => heard.push(frame)) };
}

const mebibyte = 1024 * 1024;
const updates = (frames: readonly LabFrame[]) =>
  frames.map((frame) => (frame.is === 'update' ? frame.update[0] : frame.is));

describe('frames that come before the room is open', () => {
  it('are heard when it is, in order, before those that come later', () => {
    const { wire, heard, listen } = dialled();
    for (const n of [1, 2]) wire.say(updateFrame(new Uint8Array(mebibyte).fill(n)));
    listen();
    wire.say(updateFrame(Uint8Array.of(3)));
    expect(updates(heard)).toEqual([1, 2, 3]);
  });

  it.each([
    ['large ones', () => updateFrame(new Uint8Array(mebibyte))],
    ['empty ones', () => new Uint8Array(0)],
  ])('are bounded, %s too: more closes the socket, and nothing of it counts', (_, frame) => {
    const { wire, heard, listen } = dialled();
    for (let n = 0; n <= mostEarly / 256 && wire.closed === null; n += 1) wire.say(frame());
    expect(wire.closed).toEqual({ code: 1013, reason: 'too much before the room is open' });
    listen();
    expect(heard).toEqual([]);
  });

  it('may be many more when somebody listens', () => {
    const { wire, heard, listen } = dialled();
    wire.say(updateFrame(new Uint8Array(mostEarly - mebibyte)));
    listen();
    for (let n = 0; n < 3; n += 1) wire.say(updateFrame(new Uint8Array(mostEarly - mebibyte)));
    expect([heard.length, wire.closed]).toEqual([4, null]);
  });
});
