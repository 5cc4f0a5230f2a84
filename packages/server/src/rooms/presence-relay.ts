/** Who is where in a room: told to the others at most every 50 ms per session, the latest state last; never stored. */
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId, SessionId } from '@cahier/base/ids.ts';
import type { DownFrame, Peer } from '@cahier/protocol/client/down.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import { encodeFrame } from '@cahier/protocol/frame.ts';
import type { Seat } from './seat.ts';

export interface PresenceRelayOptions {
  readonly document: DocumentId;
  readonly clock: Clock;
  /** Sends encoded bytes to every session but `except`. */
  readonly deliver: (bytes: Uint8Array, except: SessionId) => void;
}

const everyMs = 50;

export class PresenceRelay {
  readonly #options: PresenceRelayOptions;

  constructor(options: PresenceRelayOptions) {
    this.#options = options;
  }

  joined(seat: Seat): void {
    this.#tell(seat, false);
  }

  left(seat: Seat): void {
    this.#tell(seat, true);
  }

  moved(seat: Seat, state: PresenceState | null): void {
    seat.presence = state;
    if (seat.presenceTimer) {
      seat.isPresenceHeld = true;
      return;
    }
    this.#tell(seat, false);
    this.#hold(seat);
  }

  #hold(seat: Seat): void {
    seat.presenceTimer = this.#options.clock.after(everyMs, () => {
      seat.presenceTimer = null;
      if (!seat.isPresenceHeld) return;
      seat.isPresenceHeld = false;
      this.#tell(seat, false);
      this.#hold(seat);
    });
  }

  #tell(seat: Seat, hasLeft: boolean): void {
    const { document: doc, deliver } = this.#options;
    const frame: DownFrame = { t: 'presence', doc, peer: peerOf(seat), ...(hasLeft ? { left: true } : {}) };
    deliver(encodeFrame(frame), seat.session.id);
  }
}

export function peerOf({ session, presence }: Seat): Peer {
  return { session: session.id, person: session.person, state: presence };
}
