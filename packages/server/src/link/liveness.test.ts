import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { watchLiveness } from './liveness.ts';

const server = createServer();
const sockets = new WebSocketServer({ server });
let here: WebSocket;
let there: WebSocket;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server.address());
  const accepted = new Promise<WebSocket>((resolve) => sockets.once('connection', resolve));
  there = new WebSocket(`ws://127.0.0.1:${port}`);
  here = await accepted;
  there.on('error', () => undefined);
  await new Promise((resolve) =>
    there.readyState === there.OPEN ? resolve(0) : there.once('open', resolve),
  );
});
afterEach(async () => {
  there.terminate();
  here.terminate();
  vi.useRealTimers();
  await new Promise((resolve) => server.close(resolve));
});

const addressOf = (address: AddressInfo | string | null): AddressInfo => {
  if (typeof address === 'object' && address) return address;
  throw new Error('the server does not listen');
};
/** For a machine that has much to do. */
const patient = { interval: 1, timeout: 20_000 };
const tick = () => vi.advanceTimersByTime(25_000);

describe('a socket', { timeout: 60_000 }, () => {
  it('lives while pings are answered, and ends when they are not', async () => {
    watchLiveness(here);
    for (let n = 0; n < 3; n += 1) {
      const ponged = new Promise((resolve) => here.once('pong', resolve));
      tick();
      await ponged;
    }
    expect(here.readyState).toBe(here.OPEN);
    there.pause();
    tick();
    expect(here.readyState).toBe(here.OPEN);
    tick();
    await expect.poll(() => here.readyState, patient).not.toBe(here.OPEN);
  });

  it('lives while what waits becomes less, although its pong is behind that', async () => {
    watchLiveness(here);
    there.pause();
    for (let n = 0; n < 64; n += 1) here.send(new Uint8Array(1024 * 1024));
    tick();
    for (let n = 0; n < 4; n += 1) {
      const before = here.bufferedAmount;
      there.resume();
      await expect.poll(() => here.bufferedAmount, patient).toBeLessThan(before);
      there.pause();
      if (here.bufferedAmount === 0) break;
      tick();
      expect(here.readyState).toBe(here.OPEN);
    }
    tick();
    tick();
    await expect.poll(() => here.readyState, patient).not.toBe(here.OPEN);
  });

  it('is left alone when nobody watches any more', () => {
    const watch = watchLiveness(here);
    there.pause();
    watch.dispose();
    for (let n = 0; n < 3; n += 1) tick();
    expect(here.readyState).toBe(here.OPEN);
  });
});
