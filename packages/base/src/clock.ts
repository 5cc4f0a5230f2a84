import type { Disposable } from './disposable.ts';

/** Time as a parameter: real in `main.ts`, fake in tests and simulations. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Runs `task` once after `ms`; disposing cancels. */
  after(ms: number, task: () => void): Disposable;
}
