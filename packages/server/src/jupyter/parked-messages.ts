/**
 * What a kernel said to a client that is away, in order, until it comes back. Bounded: the oldest outputs go first, and a
 * notice takes their place; answers and states are what a client waits for, they go only when nothing else is left.
 */
import type { JsonObject } from '@cahier/base/json.ts';
import type { HeardMessage } from './heard-message.ts';

export const mostParkedBytes = 16 * 1024 * 1024;

export class ParkedMessages {
  readonly #limit: number;
  #messages: HeardMessage[] = [];
  #bytes = 0;
  #dropped = 0;
  /** The request that the first dropped message belonged to. */
  #droppedOf: JsonObject = {};

  constructor(limit = mostParkedBytes) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(message: HeardMessage): void {
    this.#messages.push(message);
    this.#bytes += message.bytes;
    this.#fit();
  }

  /** What was said before everything that is here. */
  prepend(earlier: readonly HeardMessage[]): void {
    this.#messages = [...earlier, ...this.#messages];
    for (const { bytes } of earlier) this.#bytes += bytes;
    this.#fit();
  }

  #fit(): void {
    if (this.#bytes <= this.#limit) return;
    this.#drop((old) => old.isOutput);
    if (this.#bytes > this.#limit) this.#drop(() => true);
  }

  /** All of it, once. `notice` makes the message that stands for what was dropped. */
  take(notice: (dropped: number, of: JsonObject) => HeardMessage): HeardMessage[] {
    const messages = this.#messages;
    if (this.#dropped > 0) messages.unshift(notice(this.#dropped, this.#droppedOf));
    this.#messages = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return messages;
  }

  /** In one go down to three quarters, so that a flood is not sorted anew at every message. */
  #drop(mayGo: (message: HeardMessage) => boolean): void {
    const target = this.#limit * 0.75;
    this.#messages = this.#messages.filter((message) => {
      if (this.#bytes <= target || !mayGo(message)) return true;
      if (this.#dropped === 0) this.#droppedOf = message.parent;
      this.#dropped += 1;
      this.#bytes -= message.bytes;
      return false;
    });
  }
}
