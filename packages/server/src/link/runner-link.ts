/** One runner's socket after it has shown its token: bytes become typed frames here. It knows nothing of what they mean. */
import { Emitter } from '@cahier/base/emitter.ts';
import { decodeFrame, encodeFrame } from '@cahier/protocol/frame.ts';
import type { RunnerDown } from '@cahier/protocol/runner/down.ts';
import { runnerUp } from '@cahier/protocol/runner/up.ts';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { RunnerFrame, RunnerWire } from '../runners/runner-wire.ts';
import { watchLiveness } from './liveness.ts';

export class RunnerLink implements RunnerWire {
  readonly frames = new Emitter<RunnerFrame>();
  readonly closed = new Emitter<void>();
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, logger: Logger) {
    this.#socket = socket;
    const liveness = watchLiveness(socket);
    socket.on('message', (data) => {
      try {
        if (!(data instanceof Uint8Array)) throw new Error('not binary');
        const { header, payload } = decodeFrame(data);
        this.frames.emit({ frame: runnerUp.parse(header), payload });
      } catch (error) {
        // what cannot be read or taken must not be acknowledged: the runner dials again and says it again
        logger.error({ err: error }, 'runner frame failed');
        socket.close(4400, 'frame failed');
      }
    });
    socket.on('error', (error) => logger.warn({ err: error }, 'runner socket failed'));
    socket.on('close', () => {
      liveness.dispose();
      this.closed.emit();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(frame: RunnerDown, payload?: Uint8Array): void {
    if (this.isOpen) this.#socket.send(encodeFrame(frame, payload));
  }

  /** Nothing is read from the runner until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
