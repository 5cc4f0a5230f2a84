/**
 * Sends the live document of one notebook to its room: at once when something begins, then at screen pace. What is sent
 * is the difference between what clients have and what is true, so a flood of output costs no more than a screen.
 * Never shows the name of a blob before its bytes were written.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { diffLive } from '@cahier/core/runs/diff-live.ts';
import type { LiveNotebook, LiveOp } from '@cahier/core/runs/live.ts';
import type { BlobKeeper } from './blob-keeper.ts';

export interface LiveSenderOptions {
  readonly clock: Clock;
  readonly keeper: Pick<BlobKeeper, 'isShowing' | 'tried'>;
  /** The document as it is now. */
  readonly current: () => LiveNotebook;
  /** Operations number `from` + 1 and on. */
  readonly send: (from: number, ops: readonly LiveOp[]) => void;
}

/** Time between frames when there is always something new, ms. */
const frameMs = 33;
/** Frames that may go out in a row after a pause: queued, started, result, done of a small run. */
const burst = 6;

export class LiveSender implements Disposable {
  readonly #options: LiveSenderOptions;
  #sent: LiveNotebook;
  #allowance = burst;
  #countedAt: number;
  #timer: Disposable | null = null;
  #isSoon = false;
  #isWaiting = false;
  #isDisposed = false;

  constructor(options: LiveSenderOptions) {
    this.#options = options;
    this.#sent = options.current();
    this.#countedAt = options.clock.now();
  }

  /** What every client that is here has. */
  get sent(): LiveNotebook {
    return this.#sent;
  }

  /** Something changed. `isAsked`: a person waits for it; frames may go out in a row again. */
  changed(isAsked = false): void {
    if (isAsked) this.#allowance = burst;
    if (this.#isSoon || this.#isWaiting || this.#isDisposed) return;
    this.#earn();
    if (this.#allowance >= 1) {
      this.#timer?.dispose();
      this.#timer = null;
      this.#isSoon = true;
      // After the sockets that are ready now were read: what came together goes out together.
      setImmediate(() => {
        this.#isSoon = false;
        this.flush();
      });
      return;
    }
    this.#timer ??= this.#options.clock.after(Math.ceil((1 - this.#allowance) * frameMs), () => {
      this.#timer = null;
      this.flush();
    });
  }

  /** Sends what there is; waits for blobs that it names. */
  flush(): void {
    if (this.#isWaiting || this.#isDisposed) return;
    const { keeper, current } = this.#options;
    const target = current();
    if (!keeper.isShowing) return this.#send(target);
    this.#isWaiting = true;
    void keeper.tried().then(() => {
      this.#isWaiting = false;
      if (this.#isDisposed) return;
      this.#send(target);
      if (current() !== target) this.changed();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
  }

  #send(target: LiveNotebook): void {
    const ops = diffLive(this.#sent, target);
    if (ops.length === 0) return;
    this.#earn();
    this.#allowance = Math.max(0, this.#allowance - 1);
    const from = this.#sent.version;
    this.#sent = { ...target, version: from + ops.length };
    this.#options.send(from, ops);
  }

  #earn(): void {
    const now = this.#options.clock.now();
    const earned = Math.max(0, now - this.#countedAt) / frameMs;
    this.#allowance = Math.min(burst, this.#allowance + earned);
    this.#countedAt = now;
  }
}
