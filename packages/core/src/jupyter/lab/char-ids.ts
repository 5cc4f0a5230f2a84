/**
 * Characters of Yjs texts by their ids (client, clock), which outlive moves and deletions: what connects a text that was
 * replaced by another with the one in the source. Reads Yjs' linked lists and changes nothing.
 */
import * as Y from 'yjs';

export interface CharId {
  readonly client: number;
  readonly clock: number;
}

/** `length` characters with consecutive clocks. */
export interface CharRange extends CharId {
  readonly length: number;
}

/** All items of a text in its order, deleted ones included (their content may be gone, their ids are not). */
export function* itemsOf(text: Y.Text): Generator<Y.Item> {
  for (let item = text._start; item !== null; item = item.right) yield item;
}

/** The characters that can be read now. */
export function liveRanges(text: Y.Text): CharRange[] {
  const ranges: CharRange[] = [];
  for (const item of itemsOf(text)) {
    if (!item.deleted && item.content instanceof Y.ContentString) {
      ranges.push({ client: item.id.client, clock: item.id.clock, length: item.length });
    }
  }
  return ranges;
}

/** The characters that could be read before a transaction that deleted `removed`; the text itself may be deleted now. */
export function rangesBefore(
  text: Y.Text,
  removed: DeletedIds,
  clockBefore: (client: number) => number,
): CharRange[] {
  const ranges: CharRange[] = [];
  for (const item of itemsOf(text)) {
    const { client, clock } = item.id;
    const end = Math.min(clock + item.length, clockBefore(client));
    if (!item.deleted) {
      if (item.content instanceof Y.ContentString && end > clock)
        ranges.push({ client, clock, length: end - clock });
      continue;
    }
    for (const range of removed.within(client, clock, end)) {
      ranges.push({ client, clock: range.clock, length: range.len });
    }
  }
  return ranges;
}

/** The ids that an update, or a transaction, deletes. */
export class DeletedIds {
  readonly #clients: ReadonlyMap<number, readonly { readonly clock: number; readonly len: number }[]>;

  constructor(set: Pick<Y.Transaction['deleteSet'], 'clients'>) {
    this.#clients = new Map(
      [...set.clients].map(([client, ranges]) => [client, ranges.toSorted((a, b) => a.clock - b.clock)]),
    );
  }

  has({ client, clock }: CharId): boolean {
    return this.within(client, clock, clock + 1).length > 0;
  }

  /** What of clocks `from` to `to` (exclusive) it deletes, in order. */
  within(client: number, from: number, to: number): { readonly clock: number; readonly len: number }[] {
    const ranges = this.#clients.get(client);
    if (!ranges) return [];
    const found: { clock: number; len: number }[] = [];
    for (let i = firstEndingAfter(ranges, from); i < ranges.length; i += 1) {
      const range = ranges[i];
      if (!range || range.clock >= to) break;
      const clock = Math.max(from, range.clock);
      const end = Math.min(to, range.clock + range.len);
      if (end > clock) found.push({ clock, len: end - clock });
    }
    return found;
  }
}

function firstEndingAfter(
  ranges: readonly { readonly clock: number; readonly len: number }[],
  at: number,
): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range && range.clock + range.len <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where to insert so that it stands right after a character (there or deleted), or when there is none to stand after,
 * right before another. The end when nobody knows them.
 */
export function offsetBetween(text: Y.Text, after: CharId | null, before: CharId | null): number {
  const neighbour = after ?? before;
  if (neighbour === null) return 0;
  let offset = 0;
  for (const item of itemsOf(text)) {
    const at = neighbour.clock - item.id.clock;
    const isCounted = !item.deleted && item.countable;
    if (item.id.client === neighbour.client && at >= 0 && at < item.length) {
      if (!isCounted) return offset;
      return offset + at + (after === null ? 0 : 1);
    }
    if (isCounted) offset += item.length;
  }
  return offset;
}

/** Inserts in the source; the range of the new characters. In a transaction. */
export function insertText(text: Y.Text, offset: number, inserted: string): CharRange | null {
  const { doc } = text;
  if (doc === null || inserted === '') return null;
  const clock = Y.getState(doc.store, doc.clientID);
  text.insert(offset, inserted);
  return { client: doc.clientID, clock, length: inserted.length };
}

/** Deletes one character when it is still there. In a transaction. */
export function deleteChar(text: Y.Text, id: CharId): void {
  let offset = 0;
  for (const item of itemsOf(text)) {
    const isCounted = !item.deleted && item.countable;
    const at = id.clock - item.id.clock;
    if (item.id.client === id.client && at >= 0 && at < item.length) {
      if (isCounted) text.delete(offset + at, 1);
      return;
    }
    if (isCounted) offset += item.length;
  }
}
