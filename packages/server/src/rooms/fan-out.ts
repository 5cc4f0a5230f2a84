/**
 * Brings updates to everybody else in the room. Each frame is encoded once and the same bytes go to all. While the room
 * is calm an update goes out at once; when many arrive, or the event loop is behind, those of a few milliseconds go
 * together in one frame (reference/engine.md, section 4).
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, SessionId } from '@cahier/base/ids.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import { encodeFrame, joinPayload } from '@cahier/protocol/frame.ts';

export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly seq: number;
  /** The session that made it; null for the server's own edits. */
  readonly from: SessionId | null;
}

export interface FanOutOptions {
  readonly document: DocumentId;
  readonly clock: Clock;
  /** How many read along. */
  readonly readers: () => number;
  /** How late the event loop is, ms. */
  readonly lag: () => number;
  /** Sends encoded bytes to every session but `except`. */
  readonly deliver: (bytes: Uint8Array, except: SessionId | null) => void;
}

/**
 * Deliveries (updates × readers) a second up to which each goes out at once: at 11–20 µs each a fifth of a core. Two
 * people who type fast are calm, a thousand readers of a busy room are not.
 */
const calmDeliveries = 10_000;
const windowMs = 12;
const lateMs = 30;
/** With fewer readers joining saves nothing, even while the event loop is behind. */
const fewReaders = 20;

export class FanOut implements Disposable {
  readonly #options: FanOutOptions;
  #held: Outgoing[] = [];
  #timer: Disposable | null = null;
  #isHolding = false;
  #second = 0;
  #inSecond = 0;
  #inLastSecond = 0;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  push(update: Outgoing): void {
    this.#count();
    this.#held.push(update);
    if (this.#isHolding || this.#timer) return;
    if (this.#isBusy()) this.#timer = this.#options.clock.after(windowMs, () => this.flush());
    else this.flush();
  }

  /** Everything pushed inside `work` goes out together. */
  together(work: () => void): void {
    if (this.#isHolding) return work();
    this.#isHolding = true;
    try {
      work();
    } finally {
      this.#isHolding = false;
      if (!this.#timer) this.flush();
    }
  }

  flush(): void {
    this.#timer?.dispose();
    this.#timer = null;
    const updates = this.#held;
    this.#held = [];
    const [first] = updates;
    const last = updates.at(-1);
    if (!first || !last) return;
    const doc = this.#options.document;
    const isOneAuthor = updates.every((update) => update.from === first.from);
    const bytes =
      updates.length === 1
        ? encodeFrame({ t: 'doc.update', doc, seq: first.seq } satisfies DownFrame, first.bytes)
        : encodeFrame(
            {
              t: 'doc.update',
              doc,
              seq: last.seq,
              parts: updates.map((update) => update.bytes.length),
            } satisfies DownFrame,
            joinPayload(updates.map((update) => update.bytes)),
          );
    this.#options.deliver(bytes, isOneAuthor ? first.from : null);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = null;
    this.#held = [];
  }

  #count(): void {
    const second = Math.floor(this.#options.clock.now() / 1_000);
    if (second !== this.#second) {
      this.#inLastSecond = second === this.#second + 1 ? this.#inSecond : 0;
      this.#inSecond = 0;
      this.#second = second;
    }
    this.#inSecond += this.#options.readers();
  }

  #isBusy(): boolean {
    const { readers, lag } = this.#options;
    if (Math.max(this.#inSecond, this.#inLastSecond) > calmDeliveries) return true;
    return readers() > fewReaders && lag() > lateMs;
  }
}
