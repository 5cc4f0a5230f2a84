/**
 * Brings updates to everybody else in the room. Each frame is encoded once and the same bytes go to all. While the room
 * is calm an update goes out at once; when many arrive, or the event loop is behind, those of a few milliseconds go
 * together in one frame (reference/engine.md, section 4).
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, SessionId } from '@cahier/base/ids.ts';
import type { EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import type { Voucher } from '@cahier/core/rooms/voucher.ts';
import type { DownFrame } from '@cahier/protocol/client/down.ts';
import { encodeFrame, joinPayload } from '@cahier/protocol/frame.ts';

export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly author: EntryAuthor;
  readonly origin: Origin;
  /** The session that has it already; null: none. */
  readonly from: SessionId | null;
}

export interface FanOutOptions {
  readonly document: DocumentId;
  readonly clock: Clock;
  /** How many read along. */
  readonly readers: () => number;
  /** How late the event loop is, ms. */
  readonly lag: () => number;
  readonly vouch: (update: Outgoing) => Voucher;
  /** The history is on disk up to this number. */
  readonly durable: () => number;
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
    const { document: doc, durable, vouch, deliver } = this.#options;
    const frame = {
      t: 'doc.update',
      doc,
      seq: last.seq,
      durable: durable(),
      vouchers: updates.map((update) => vouch(update)),
    } as const satisfies DownFrame;
    const parts = updates.map((update) => update.bytes.length);
    const bytes =
      updates.length === 1
        ? encodeFrame(frame, first.bytes)
        : encodeFrame(
            { ...frame, parts } satisfies DownFrame,
            joinPayload(updates.map((update) => update.bytes)),
          );
    const isOneAuthor = updates.every((update) => update.from === first.from);
    deliver(bytes, isOneAuthor ? first.from : null);
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
