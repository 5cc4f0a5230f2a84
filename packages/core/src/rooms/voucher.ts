/**
 * The server's sealed word on who made an update, given to everybody along with it. An update that is handed out may be
 * lost in a crash before it is on the server's disk; then whoever still has it brings it back with this, and history names
 * who made it, not who brought it. Only the server makes and checks seals (server/rooms/vouchers.ts).
 */
import type { EntryAuthor, Origin } from '../history/entry.ts';

export interface Voucher extends EntryAuthor {
  readonly origin: Origin;
  /** Over this voucher, the update, its document and epoch. */
  readonly seal: string;
}

/** Somebody else's update that is not known to be on the server's disk. */
export interface VouchedUpdate {
  /** Its number in the history as the server gave it; null: it was lost since, and has been brought back. */
  readonly seq: number | null;
  /** The replica's own number of the last update that it had made when this one came; 0: not known. */
  readonly after: number;
  readonly bytes: Uint8Array;
  readonly voucher: Voucher;
}
