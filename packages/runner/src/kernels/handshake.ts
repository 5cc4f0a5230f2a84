/**
 * Finds out that a young kernel hears us and that we hear it: asks for `kernel_info` until one reply *and* one IOPub
 * message have come, because a subscription takes a moment longer than a request and the first outputs would be lost.
 * A kernel that answers and stays mute on IOPub for 2 s is taken as it is.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import type { JupyterMessage } from '@cahier/core/jupyter/message.ts';

const nudgeMs = 500;
/** Between nudges once the kernel has answered. */
const quickNudgeMs = 50;
const quickNudges = 40;

export class Handshake {
  /** The content of kernel_info_reply. Never rejects; whoever waits has its own deadline. */
  readonly done: Promise<JsonObject>;
  readonly #clock: Clock;
  readonly #ask: () => void;
  #resolve: (info: JsonObject) => void = () => {};
  #info: JsonObject | null = null;
  #isHeard = false;
  #isDone = false;
  #quickLeft = quickNudges;
  #timer: Disposable | null = null;

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock;
    this.#ask = ask;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  start(): void {
    this.#nudge();
  }

  onShell(message: JupyterMessage): void {
    if (this.#isDone || message.header.msg_type !== 'kernel_info_reply') return;
    const isFirst = this.#info === null;
    this.#info = message.content;
    if (this.#isHeard) this.#finish();
    else if (isFirst) this.#schedule();
  }

  onIopub(): void {
    if (this.#isDone) return;
    this.#isHeard = true;
    if (this.#info !== null) this.#finish();
  }

  cancel(): void {
    this.#isDone = true;
    this.#timer?.dispose();
  }

  #nudge(): void {
    if (this.#isDone) return;
    if (this.#info !== null && this.#quickLeft-- <= 0) {
      this.#finish();
      return;
    }
    this.#ask();
    this.#schedule();
  }

  #schedule(): void {
    this.#timer?.dispose();
    this.#timer = this.#clock.after(this.#info === null ? nudgeMs : quickNudgeMs, () => this.#nudge());
  }

  #finish(): void {
    this.cancel();
    this.#resolve(this.#info ?? {});
  }
}
