/** Port: the link to one runner that has shown its token (link/runner-link.ts implements it). */
import type { Emitter } from '@cahier/base/emitter.ts';
import type { RunnerDown } from '@cahier/protocol/runner/down.ts';
import type { RunnerUp } from '@cahier/protocol/runner/up.ts';

export type RunnerGreeting = Extract<RunnerUp, { t: 'hello' }>;

export interface RunnerFrame {
  readonly frame: RunnerUp;
  readonly payload: Uint8Array;
}

export interface RunnerWire {
  readonly frames: Emitter<RunnerFrame>;
  readonly closed: Emitter<void>;
  readonly isOpen: boolean;
  send(frame: RunnerDown, payload?: Uint8Array): void;
  /** Reading goes on after a pause. */
  resume(): void;
  close(code: number, reason: string): void;
}
