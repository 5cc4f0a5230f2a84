/** One session's place in a room: what it has sent, what it waits to hear as saved, and where its cursor is. */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import type { RoomSession } from './room-session.ts';

export class Seat {
  readonly session: RoomSession;
  /** Number of the last update that was taken; null until the client has said where it goes on. */
  lastN: number | null = null;
  /** A gap was seen: nothing is taken from this session until it has opened anew. */
  isLost = false;
  presence: PresenceState | null = null;
  presenceTimer: Disposable | null = null;
  isPresenceHeld = false;
  #waiting: { n: number; seq: number }[] = [];

  constructor(session: RoomSession) {
    this.session = session;
  }

  /** `n` will be saved when history entry `seq` is. */
  awaits(n: number, seq: number): void {
    const last = this.#waiting.at(-1);
    if (last && last.seq === seq) last.n = Math.max(last.n, n);
    else this.#waiting.push({ n, seq });
  }

  /** History is durable up to `seq`: the highest number of this session that is saved with it, or null. */
  durable(seq: number): number | null {
    let n: number | null = null;
    let done = 0;
    for (const waiting of this.#waiting) {
      if (waiting.seq > seq) break;
      n = Math.max(n ?? 0, waiting.n);
      done += 1;
    }
    if (done > 0) this.#waiting.splice(0, done);
    return n;
  }

  dispose(): void {
    this.presenceTimer?.dispose();
    this.presenceTimer = null;
    this.#waiting = [];
  }
}
