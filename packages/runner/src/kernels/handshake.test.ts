import type { JupyterMessage } from '@cahier/core/jupyter/message.ts';
import { FakeClock, settled } from '@cahier/testkit/fake-clock.ts';
import { describe, expect, it } from 'vitest';
import { Handshake } from './handshake.ts';

const reply: JupyterMessage = {
  header: { msg_id: 'r', msg_type: 'kernel_info_reply', session: '', username: '', date: '', version: '' },
  parent: null,
  metadata: {},
  content: { banner: 'hello' },
  buffers: [],
};

function scene() {
  const clock = new FakeClock();
  const scene = {
    clock,
    asked: 0,
    info: null as unknown,
    handshake: new Handshake(clock, () => void (scene.asked += 1)),
  };
  void scene.handshake.done.then((info) => (scene.info = info));
  scene.handshake.start();
  return scene;
}

describe('the handshake', () => {
  it('asks twice a second while nobody answers', async () => {
    const it = scene();
    await it.clock.pass(2_400);
    expect(it.asked).toBe(5);
    expect(it.info).toBeNull();
  });

  it('is done when a reply and an IOPub message have come, in either order', async () => {
    const one = scene();
    one.handshake.onShell(reply);
    await settled();
    expect(one.info).toBeNull();
    one.handshake.onIopub();
    await settled();
    expect(one.info).toEqual({ banner: 'hello' });
    const other = scene();
    other.handshake.onIopub();
    other.handshake.onShell(reply);
    await settled();
    expect(other.info).toEqual({ banner: 'hello' });
    await other.clock.pass(5_000);
    expect(other.asked).toBe(1);
  });

  it('asks quickly while only IOPub is missing, and takes a kernel that stays mute', async () => {
    const it = scene();
    it.handshake.onShell(reply);
    await it.clock.pass(1_000);
    expect(it.asked).toBeGreaterThan(10);
    it.handshake.onShell(reply);
    await it.clock.pass(1_500);
    expect(it.info).toEqual({ banner: 'hello' });
  });
});
