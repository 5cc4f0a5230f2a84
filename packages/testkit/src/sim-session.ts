/** A session that writes down what it is sent: for tests of rooms, and the server's end of a simulated link. */
import { asPersonId, asSessionId, type SessionId } from '@cahier/base/ids.ts';
import { may, type Action, type Role } from '@cahier/core/access/rights.ts';
import { down, type DownFrame, type DownFrameOf } from '@cahier/protocol/client/down.ts';
import { decodeFrame, encodeFrame, splitPayload } from '@cahier/protocol/frame.ts';
import type { RoomSession } from '@cahier/server/rooms/room-session.ts';

export interface SentFrame {
  readonly frame: DownFrame;
  readonly payload: Uint8Array;
  /** The very bytes: shared with other sessions when encoded once. */
  readonly bytes: Uint8Array;
}

export class SimSession implements RoomSession {
  readonly id: SessionId;
  readonly person: RoomSession['person'];
  role: Role;
  readonly sent: SentFrame[] = [];
  /** Where frames go besides `sent`. */
  onSent: (sent: SentFrame) => void = () => undefined;

  constructor(name: string, role: Role = 'editor') {
    this.id = asSessionId(`session-${name}`);
    this.person = { id: asPersonId(`person-${name}`), name, color: '#336699' };
    this.role = role;
  }

  may(action: Action): boolean {
    return may(this.role, action);
  }

  send(frame: DownFrame, payload?: Uint8Array): void {
    this.sendEncoded(encodeFrame(frame, payload));
  }

  sendEncoded(bytes: Uint8Array): void {
    const raw = decodeFrame(bytes);
    const sent: SentFrame = { frame: down.parse(raw.header), payload: raw.payload, bytes };
    this.sent.push(sent);
    this.onSent(sent);
  }

  /** All frames of one type, in order. */
  frames<T extends DownFrame['t']>(type: T): DownFrameOf<T>[] {
    return this.sent.flatMap(({ frame }) => (isOfType(frame, type) ? [frame] : []));
  }

  /** Updates by others, in order. */
  updates(): Uint8Array[] {
    return this.sent.flatMap(({ frame, payload }) =>
      frame.t === 'doc.update' ? splitPayload(payload, frame.parts ?? [payload.length]) : [],
    );
  }

  forget(): void {
    this.sent.length = 0;
  }
}

function isOfType<T extends DownFrame['t']>(frame: DownFrame, type: T): frame is DownFrameOf<T> {
  return frame.t === type;
}
