/** A clock that stands still until it is told to go on. Tasks run in the order of their times, then of their births. */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';

interface Task {
  readonly at: number;
  readonly born: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #born = 0;
  readonly #tasks = new Set<Task>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Disposable {
    const task: Task = { at: this.#now + Math.max(0, ms), born: this.#born++, run };
    this.#tasks.add(task);
    return { dispose: () => void this.#tasks.delete(task) };
  }

  /** Tasks that wait. */
  get waiting(): number {
    return this.#tasks.size;
  }

  /** Time of the next task; null when none waits. */
  get nextAt(): number | null {
    return this.#next()?.at ?? null;
  }

  /** Moves on by `ms`, running what is due, without letting promises go on in between. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let task = this.#next(); task && task.at <= until; task = this.#next()) this.#run(task);
    this.#now = until;
  }

  /** Moves on by `ms` and lets promises settle after every task, as real time would. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let task = this.#next(); task && task.at <= until; task = this.#next()) {
      this.#run(task);
      await settled();
    }
    this.#now = until;
  }

  #run(task: Task): void {
    this.#tasks.delete(task);
    this.#now = Math.max(this.#now, task.at);
    task.run();
  }

  #next(): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) {
      if (!first || task.at < first.at || (task.at === first.at && task.born < first.born)) first = task;
    }
    return first;
  }
}

/** Resolves when every promise that can go on without the clock, the network or the disk has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
