/** Who is where in a room: told to the others at most every 50 ms per session, the latest state last; never stored. */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, SessionId } from '@cahier/base/ids.ts';
import type { DownFrame, Peer } from '@cahier/protocol/client/down.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import { encodeFrame } from '@cahier/protocol/frame.ts';
import type { RoomSession } from './room-session.ts';

/** Somebody who is in the room. */
export interface Present {
  readonly session: Pick<RoomSession, 'id' | 'person'>;
  presence: PresenceState | null;
  presenceTimer: Disposable | null;
  isPresenceHeld: boolean;
}

export interface PresenceRelayOptions {
  readonly document: DocumentId;
  readonly clock: Clock;
  /** Sends encoded bytes to every session but `except`. */
  readonly deliver: (bytes: Uint8Array, except: SessionId) => void;
  /** Whoever is told beside them. */
  readonly told?: (peer: Peer, hasLeft: boolean) => void;
}

const everyMs = 50;

export class PresenceRelay {
  readonly #options: PresenceRelayOptions;

  constructor(options: PresenceRelayOptions) {
    this.#options = options;
  }

  joined(seat: Present): void {
    this.#tell(seat, false);
  }

  left(seat: Present): void {
    this.#tell(seat, true);
  }

  moved(seat: Present, state: PresenceState | null): void {
    seat.presence = state;
    if (seat.presenceTimer) {
      seat.isPresenceHeld = true;
      return;
    }
    this.#tell(seat, false);
    this.#hold(seat);
  }

  #hold(seat: Present): void {
    seat.presenceTimer = this.#options.clock.after(everyMs, () => {
      seat.presenceTimer = null;
      if (!seat.isPresenceHeld) return;
      seat.isPresenceHeld = false;
      this.#tell(seat, false);
      this.#hold(seat);
    });
  }

  #tell(seat: Present, hasLeft: boolean): void {
    const { document: doc, deliver, told } = this.#options;
    const peer = peerOf(seat);
    const frame: DownFrame = { t: 'presence', doc, peer, ...(hasLeft ? { left: true } : {}) };
    deliver(encodeFrame(frame), seat.session.id);
    told?.(peer, hasLeft);
  }
}

export function peerOf({ session, presence }: Present): Peer {
  return { session: session.id, person: session.person, state: presence };
}
