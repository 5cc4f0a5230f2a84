/**
 * What a kernel says, as it is, for those who listen through the server. While the server is away (a restart, a cut) it is
 * kept for a while, the oldest outputs given up first, and told when somebody listens again: an answer that came in that
 * moment is one that a client waits for.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { Channel } from './kernel-channels.ts';

interface Kept {
  readonly channel: Channel | 'iopub';
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/** False: nobody is there to take it. */
type Tell = (channel: Channel | 'iopub', parts: readonly Uint8Array[]) => boolean;

export const mostKeptBytes = 8 * 1024 * 1024;
export const keptForMs = 2 * 60_000;

export class Listeners {
  readonly #clock: Clock;
  readonly #tell: Tell;
  #state: 'none' | 'here' | 'away' = 'none';
  #kept: Kept[] = [];
  #bytes = 0;
  #patience: Disposable | null = null;

  constructor(clock: Clock, tell: Tell) {
    this.#clock = clock;
    this.#tell = tell;
  }

  set(isOn: boolean): void {
    this.#patience?.dispose();
    this.#patience = null;
    const kept = this.#kept;
    this.#forget();
    this.#state = isOn ? 'here' : 'none';
    if (isOn) for (const { channel, parts } of kept) this.hear(channel, parts);
  }

  /** The server that listened is gone, or another one came. */
  leave(): void {
    if (this.#state !== 'here') return;
    this.#state = 'away';
    this.#patience = this.#clock.after(keptForMs, () => this.set(false));
  }

  hear(channel: Channel | 'iopub', parts: readonly Uint8Array[]): void {
    if (this.#state === 'none') return;
    if (this.#state === 'here') {
      if (this.#tell(channel, parts)) return;
      this.leave();
    }
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    this.#kept.push({ channel, parts, bytes });
    this.#bytes += bytes;
    if (this.#bytes > mostKeptBytes) this.#drop();
  }

  #drop(): void {
    for (const mayGo of [(kept: Kept) => kept.channel === 'iopub', () => true]) {
      this.#kept = this.#kept.filter((kept) => {
        if (this.#bytes <= mostKeptBytes * 0.75 || !mayGo(kept)) return true;
        this.#bytes -= kept.bytes;
        return false;
      });
    }
  }

  #forget(): void {
    this.#kept = [];
    this.#bytes = 0;
  }
}
