/**
 * The place in a room of somebody who is there by another wire (JupyterLab's): the others see them, the room stays open
 * for them, but none of the room's frames go to them.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { PresenceState } from '@cahier/protocol/client/up.ts';
import type { Present } from './presence-relay.ts';

export class GuestSeat implements Present, Disposable {
  readonly session: Present['session'];
  presence: PresenceState | null = null;
  presenceTimer: Disposable | null = null;
  isPresenceHeld = false;

  constructor(session: Present['session']) {
    this.session = session;
  }

  dispose(): void {
    this.presenceTimer?.dispose();
    this.presenceTimer = null;
  }
}
