/** Ends a socket whose other side has silently gone: a ping every 25 s, and no pong until the next is an end. */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { WebSocket } from 'ws';

const everyMs = 25_000;

export function watchLiveness(socket: WebSocket): Disposable {
  let isAnswered = true;
  const onPong = () => {
    isAnswered = true;
  };
  socket.on('pong', onPong);
  const timer = setInterval(() => {
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    socket.ping();
  }, everyMs);
  timer.unref();
  return {
    dispose: () => {
      clearInterval(timer);
      socket.off('pong', onPong);
    },
  };
}
