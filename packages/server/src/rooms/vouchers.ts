/**
 * Makes and checks the server's word on who made an update (core/rooms/voucher.ts). The key is the data folder's: a server
 * that comes back after a crash knows its own word again, nobody else can give it. HMAC-SHA-256, cut to 128 bits
 * (RFC 2104, section 5).
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { DocumentRow, EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import type { Voucher } from '@cahier/core/rooms/voucher.ts';

const sealBytes = 16;

export class Vouchers {
  readonly #key: KeyObject;

  /** `key`: 256 random bits or more. */
  constructor(key: string) {
    this.#key = createSecretKey(key, 'utf8');
  }

  vouch(of: VouchedDocument, update: Uint8Array, author: EntryAuthor, origin: Origin): Voucher {
    const { person, name, session } = author;
    const seal = this.#seal(of, update, { person, name, session, origin }).toString('base64url');
    return { person, name, session, origin, seal };
  }

  isGenuine(of: VouchedDocument, update: Uint8Array, voucher: Voucher): boolean {
    const seal = Buffer.from(voucher.seal, 'base64url');
    return seal.length === sealBytes && timingSafeEqual(seal, this.#seal(of, update, voucher));
  }

  #seal({ id, epoch }: VouchedDocument, update: Uint8Array, by: Omit<Voucher, 'seal'>): Buffer {
    const said = JSON.stringify([id, epoch, by.person, by.name, by.session, by.origin, update.length]);
    return createHmac('sha256', this.#key).update(said).update(update).digest().subarray(0, sealBytes);
  }
}

/** Which history an update belongs to: in another one the word means nothing. */
export type VouchedDocument = Pick<DocumentRow, 'id' | 'epoch'>;
