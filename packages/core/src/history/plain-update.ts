/**
 * The two commonest Yjs updates (v1 encoding) taken apart and put together again: one inserted text, one erased
 * stretch. For entry-codec.ts alone. What does not come back byte for byte counts as not plain.
 * Source: https://github.com/yjs/yjs, version 13 (utils/updates.js, structs/Item.js, utils/DeleteSet.js).
 */
import { ColumnReader, ColumnWriter } from './byte-columns.ts';

export interface ItemId {
  readonly client: number;
  readonly clock: number;
}

export type PlainUpdate =
  | (ItemId & {
      readonly t: 'insert';
      /** Bits of the item: 0x80 has a left neighbour, 0x40 has a right one, low bits: kind of content. */
      readonly info: number;
      readonly left: ItemId | null;
      readonly right: ItemId | null;
      readonly text: string;
    })
  | (ItemId & { readonly t: 'delete'; readonly length: number });

const stringContent = 4;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function readPlainUpdate(update: Uint8Array): PlainUpdate | null {
  let found: PlainUpdate | null;
  try {
    found = parsed(new ColumnReader(update));
  } catch {
    return null;
  }
  return found && isSame(writePlainUpdate(found), update) ? found : null;
}

function parsed(reader: ColumnReader): PlainUpdate | null {
  const clients = reader.unsigned();
  if (clients === 0) {
    if (reader.unsigned() !== 1) return null;
    const client = reader.unsigned();
    if (reader.unsigned() !== 1) return null;
    return { t: 'delete', client, clock: reader.unsigned(), length: reader.unsigned() };
  }
  if (clients !== 1 || reader.unsigned() !== 1) return null;
  const client = reader.unsigned();
  const clock = reader.unsigned();
  const info = reader.byte();
  // Without a neighbour the item names its parent; 0x20 would be a key of a map.
  if ((info & 0x1f) !== stringContent || (info & 0xc0) === 0 || (info & 0x20) !== 0) return null;
  const id = (): ItemId => ({ client: reader.unsigned(), clock: reader.unsigned() });
  const left = (info & 0x80) === 0 ? null : id();
  const right = (info & 0x40) === 0 ? null : id();
  const text = decoder.decode(reader.bytes(reader.unsigned()));
  return { t: 'insert', client, clock, info, left, right, text };
}

export function writePlainUpdate(update: PlainUpdate): Uint8Array {
  const out = new ColumnWriter(64);
  if (update.t === 'delete') {
    for (const value of [0, 1, update.client, 1, update.clock, update.length]) out.unsigned(value);
    return out.taken().slice();
  }
  for (const value of [1, 1, update.client, update.clock]) out.unsigned(value);
  out.byte(update.info);
  for (const id of [update.left, update.right]) {
    if (!id) continue;
    out.unsigned(id.client);
    out.unsigned(id.clock);
  }
  const text = encoder.encode(update.text);
  out.unsigned(text.length);
  out.bytes(text);
  out.unsigned(0);
  return out.taken().slice();
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
