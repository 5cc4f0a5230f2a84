/**
 * Ends a socket whose other side has silently gone: a ping every 25 s, and no sign of life until the next is an end. A
 * pong is one; so is that what waited to be read has become less: a ping waits behind megabytes for a client that reads.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { WebSocket } from 'ws';

const everyMs = 25_000;

export function watchLiveness(socket: WebSocket): Disposable {
  let isAnswered = true;
  let waiting = 0;
  const onPong = () => {
    isAnswered = true;
  };
  socket.on('pong', onPong);
  const timer = setInterval(() => {
    const isReading = socket.bufferedAmount < waiting;
    if (!isAnswered && !isReading) return socket.terminate();
    waiting = socket.bufferedAmount;
    if (!isAnswered) return;
    isAnswered = false;
    socket.ping();
    waiting = socket.bufferedAmount;
  }, everyMs);
  timer.unref();
  return {
    dispose: () => {
      clearInterval(timer);
      socket.off('pong', onPong);
    },
  };
}
