/** One client in a project, as rooms see it. The client link owns it; rooms only send through it. */
import type { PersonId, SessionId } from '@cahier/base/ids.ts';
import type { Action } from '@cahier/core/access/rights.ts';
import type { DownFrame, PersonOnWire } from '@cahier/protocol/client/down.ts';

export interface RoomSession {
  readonly id: SessionId;
  readonly person: PersonOnWire & { readonly id: PersonId };
  /** Asked anew for every frame: rights may change while the socket is open. */
  may(action: Action): boolean;
  /** Encodes and sends to this client. */
  send(frame: DownFrame, payload?: Uint8Array): void;
  /** Sends bytes encoded once for many. The link drops a reader whose queue passes its cap and makes it resync. */
  sendEncoded(bytes: Uint8Array): void;
}
