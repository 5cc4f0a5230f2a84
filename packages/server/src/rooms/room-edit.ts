/** Edits that come in by a room's doors: whose they are, and what of them is recorded and handed out. */
import type { SessionId } from '@cahier/base/ids.ts';
import type { EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import type { Voucher } from '@cahier/core/rooms/voucher.ts';
import * as Y from 'yjs';
import type { RoomSession } from './room-session.ts';

/** The transaction origin of every edit that comes in by the room's doors. */
export class Edit {
  readonly author: EntryAuthor;
  readonly origin: Origin;
  /** The session that has it already. */
  readonly from: SessionId | null;
  /** As it came; null: made here. */
  readonly received: Uint8Array | null;

  constructor(author: EntryAuthor, origin: Origin, from: SessionId | null, received: Uint8Array | null) {
    this.author = author;
    this.origin = origin;
    this.from = from;
    this.received = received;
  }
}

/**
 * What Yjs made of it, as a rule the bytes that came. What is typed into a cell that somebody else has just deleted Yjs
 * takes as a gap without content; there it is what came: another, who did not know of the deletion either, may have put
 * it elsewhere.
 */
export function recordedOf({ received }: Edit, applied: Uint8Array): Uint8Array {
  const isCut =
    received !== null &&
    applied.length < received.length &&
    Y.decodeUpdate(applied).structs.some((struct) => struct instanceof Y.GC);
  return isCut ? received : applied;
}

export function authorOfSession({ id, person }: RoomSession): EntryAuthor {
  return { person: person.id, name: person.name, session: id };
}

export function authorOfVoucher({ person, name, session }: Voucher): EntryAuthor {
  return { person, name, session };
}
