import { asDocumentId, asSessionId } from '@cahier/base/ids.ts';
import { down } from '@cahier/protocol/client/down.ts';
import { decodeFrame } from '@cahier/protocol/frame.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it } from 'vitest';
import { FanOut } from './fan-out.ts';

const ada = asSessionId('ada');
const author = { person: null, name: 'Ada', session: ada };

/** Types `perSecond` updates a second for `seconds`, to `readers`; gives how many updates each frame held. */
function frames(readers: number, perSecond: number, seconds: number, lag = 0): number[] {
  const clock = new FakeClock();
  const sizes: number[] = [];
  const fanOut = new FanOut({
    document: asDocumentId('d'),
    clock,
    readers: () => readers,
    lag: () => lag,
    vouch: ({ author, origin }) => ({ ...author, origin, seal: 'sealed' }),
    durable: () => 0,
    deliver: (bytes) => {
      const frame = down.parse(decodeFrame(bytes).header);
      sizes.push(frame.t === 'doc.update' ? (frame.parts?.length ?? 1) : 0);
    },
  });
  for (let i = 0; i < perSecond * seconds; i++) {
    fanOut.push({ bytes: new Uint8Array([i]), seq: i + 1, author, origin: 'typing', from: ada });
    clock.advance(1_000 / perSecond);
  }
  clock.advance(1_000);
  fanOut.dispose();
  return sizes;
}

describe('the fan-out', () => {
  it('sends each update at once to a few, however fast they type', () => {
    expect(frames(2, 200, 3)).toEqual(Array.from({ length: 600 }, () => 1));
    expect(frames(200, 20, 3)).toEqual(Array.from({ length: 60 }, () => 1));
  });

  it('joins updates for many readers of a busy room, and loses none', () => {
    const sizes = frames(1_000, 200, 3);
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(sizes.length).toBeLessThan(600);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(600);
  });

  it('joins them for more than a few while the event loop is late', () => {
    expect(frames(2, 200, 1, 100)).toHaveLength(200);
    const sizes = frames(30, 200, 1, 100);
    expect(sizes.length).toBeLessThan(200);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(200);
  });
});
