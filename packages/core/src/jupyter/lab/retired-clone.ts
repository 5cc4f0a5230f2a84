/**
 * A cell of the shared document that another one has replaced, because it was moved or changed its type. Clients that
 * have not heard of it yet still type into it: what they type would be lost in Yjs. So its text is remembered as pairs
 * of characters, its own and the source's; late edits find their place in the source by them.
 * Plain data apart from the Yjs types that stay in the document (lab-doc.ts keeps them from being collected).
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import { cellText } from '../../notebooks/source-doc.ts';
import type { CellType } from '../../notebooks/notebook.ts';
import { isCellType, objectOf } from '../../notebooks/source-layout.ts';
import {
  type CharId,
  type CharRange,
  type DeletedIds,
  insertText,
  itemsOf,
  liveRanges,
  offsetBetween,
} from './char-ids.ts';
import { type Clone, withoutTrust } from './shared-layout.ts';

/** Characters of the retired text and the same characters of the source; `at`: where they stand in `content`. */
interface Pair extends CharRange {
  readonly toClient: number;
  readonly toClock: number;
  readonly at: number;
}

/** Results of {@link RetiredClone.find}. */
export interface Counterpart extends CharId {
  /** Null: it was deleted before it was needed. */
  readonly char: string | null;
}

/** No character of a text: stands for one that cannot be read any more. */
export const unread = '\uffff';

/** Text that was typed into a retired cell by somebody who had not heard of it. */
export interface LateText extends CharId {
  readonly text: string;
}

export interface RetiredFacts {
  readonly id: CellId;
  readonly type: CellType;
  /** Without `trusted`. */
  readonly metadata: JsonObject;
  /** Null: not known any more. */
  readonly attachments: JsonObject | null;
}

export class RetiredClone {
  /** Later ones have higher numbers. */
  readonly number: number;
  readonly facts: RetiredFacts;
  readonly clone: Clone;
  readonly text: Y.Text;
  readonly metadata: Y.AbstractType<unknown> | null;
  #content = '';
  readonly #pairs = new Map<number, Pair[]>();

  private constructor(number: number, facts: RetiredFacts, clone: Clone, text: Y.Text) {
    this.number = number;
    this.facts = facts;
    this.clone = clone;
    this.text = text;
    const metadata = clone._map.get('metadata')?.content;
    this.metadata = metadata instanceof Y.ContentType ? metadata.type : null;
  }

  /** `own`: the characters that could be read in it; they are, one by one, those of the source's text. */
  static of(
    number: number,
    facts: RetiredFacts,
    clone: Clone,
    own: readonly CharRange[],
    source: Y.Text,
  ): RetiredClone | null {
    const text = textIn(clone);
    if (text === null) return null;
    const made = new RetiredClone(number, facts, clone, text);
    made.#pairUp(own, source);
    return made;
  }

  /** Yjs' id of the cell; a client that deletes it has heard of, or made, the replacement. Null when it was collected. */
  get key(): CharId | null {
    return this.clone._item?.id ?? null;
  }

  find(id: CharId): Counterpart | null {
    const pairs = this.#pairs.get(id.client) ?? [];
    const pair = pairs[firstEndingAfter(pairs, id.clock)];
    if (!pair || pair.clock > id.clock) return null;
    const offset = id.clock - pair.clock;
    return {
      client: pair.toClient,
      clock: pair.toClock + offset,
      char: this.#content.charAt(pair.at + offset),
    };
  }

  /** The characters of the source that an update deletes by their ids in the retired text. */
  deletedIn(deleted: DeletedIds): CharId[] {
    const found: CharId[] = [];
    for (const { client, clock, length, toClient, toClock } of [...this.#pairs.values()].flat()) {
      for (const range of deleted.within(client, clock, clock + length)) {
        for (let i = 0; i < range.len; i += 1) {
          found.push({ client: toClient, clock: toClock + (range.clock - clock) + i });
        }
      }
    }
    return found;
  }

  /** Late text gets its place in the source. In a transaction of the source. */
  take(late: readonly LateText[], source: Y.Text): void {
    let after: CharId | null = null;
    const first = this.#first();
    for (const { id, length } of itemsOf(this.text)) {
      for (let clock = id.clock; clock < id.clock + length; clock += 1) {
        const here = { client: id.client, clock };
        const typed = late.find((text) => text.client === id.client && text.clock === clock);
        if (typed) {
          const offset: number = offsetBetween(source, after, first);
          const range: CharRange | null = insertText(source, offset, typed.text);
          if (range) this.add(here, range, typed.text);
        }
        after = this.find(here) ?? after;
      }
    }
  }

  /** Late characters have got their place in the source. */
  add(own: CharId, source: CharRange, text: string): void {
    this.#add({
      ...own,
      length: text.length,
      toClient: source.client,
      toClock: source.clock,
      at: this.#content.length,
    });
    this.#content += text;
  }

  #first(): CharId | null {
    for (const { id, length } of itemsOf(this.text)) {
      for (let clock = id.clock; clock < id.clock + length; clock += 1) {
        const found = this.find({ client: id.client, clock });
        if (found) return found;
      }
    }
    return null;
  }

  #pairUp(own: readonly CharRange[], source: Y.Text): void {
    const theirs = withoutReturns(source);
    let [i, used] = [0, 0];
    for (const range of own) {
      let done = 0;
      while (done < range.length) {
        const other = theirs[i];
        if (!other) return;
        const length = Math.min(range.length - done, other.length - used);
        this.add(
          { client: range.client, clock: range.clock + done },
          { client: other.client, clock: other.clock + used, length },
          other.text.slice(used, used + length),
        );
        done += length;
        used += length;
        if (used === other.length) [i, used] = [i + 1, 0];
      }
    }
  }

  #add(pair: Pair): void {
    const pairs = this.#pairs.get(pair.client);
    if (pairs) pairs.splice(firstEndingAfter(pairs, pair.clock), 0, pair);
    else this.#pairs.set(pair.client, [pair]);
  }

  /** As it is written down; without the text, which the source has. */
  toText(): string {
    const { id, type, metadata, attachments } = this.facts;
    const bundles = JSON.stringify(attachments);
    return JSON.stringify({
      number: this.number,
      id,
      type,
      metadata,
      ...(bundles.length <= longestAttachments && { attachments }),
      pairs: [...this.#pairs.values()]
        .flat()
        .map((p) => [p.client, p.clock, p.length, p.toClient, p.toClock]),
    });
  }

  /** `key`: of the cell, as its map of `cahier` has it. Null when it does not fit the documents. */
  static parse(key: string, text: unknown, shared: Y.Doc, source: Y.Doc): RetiredClone | null {
    const saved = jsonIn(text);
    const { number, id, type, pairs } = saved;
    const [client = -1, clock = -1] = key.split(':').map(Number);
    if (typeof id !== 'string' || !isCellType(type) || !Array.isArray(pairs)) return null;
    const clone = cloneAt(shared, client, clock);
    const own = clone && textIn(clone);
    if (!clone || !own) return null;
    const facts = {
      id: asCellId(id),
      type,
      metadata: withoutTrust(objectOf(saved['metadata'])),
      attachments: Object.hasOwn(saved, 'attachments') ? objectOf(saved['attachments']) : null,
    };
    const made = new RetiredClone(typeof number === 'number' ? number : 0, facts, clone, own);
    const theirs = cellText(source, facts.id);
    const chars = theirs ? charsOf(theirs) : new Map<string, string>();
    for (const pair of pairs) {
      if (!isNumbers(pair, 5)) return null;
      const [from = 0, start = 0, length = 0, toClient = 0, toClock = 0] = pair;
      const content = Array.from(
        { length },
        (_, i) => chars.get(`${toClient}:${toClock + i}`) ?? unread,
      ).join('');
      made.add({ client: from, clock: start }, { client: toClient, clock: toClock, length }, content);
    }
    return made;
  }
}

/** A cell's attachments of more than so many characters are not written down. */
const longestAttachments = 4096;

function jsonIn(text: unknown): JsonObject {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : null;
    return objectOf(value);
  } catch {
    return {};
  }
}

/** A cell that was deleted. */
function cloneAt(shared: Y.Doc, client: number, clock: number): Clone | null {
  if (!Number.isInteger(clock) || clock < 0 || clock >= Y.getState(shared.store, client)) return null;
  const item = Y.getItem(shared.store, Y.createID(client, clock));
  if (!(item instanceof Y.Item) || !item.deleted || !(item.content instanceof Y.ContentType)) return null;
  return item.content.type instanceof Y.Map ? item.content.type : null;
}

function charsOf(text: Y.Text): ReadonlyMap<string, string> {
  const content = text.toString();
  const chars = new Map<string, string>();
  let at = 0;
  for (const { client, clock, length } of liveRanges(text)) {
    for (let i = 0; i < length; i += 1, at += 1) chars.set(`${client}:${clock + i}`, content.charAt(at));
  }
  return chars;
}

function isNumbers(value: Json | undefined, length: number): value is readonly number[] {
  return Array.isArray(value) && value.length === length && value.every((n) => Number.isInteger(n));
}

/** Also of a cell that is deleted. */
function textIn(clone: Clone): Y.Text | null {
  const content = clone._map.get('source')?.content;
  return content instanceof Y.ContentType && content.type instanceof Y.Text ? content.type : null;
}

/** The characters of the source that the shared text has as well. */
function withoutReturns(source: Y.Text): readonly (CharRange & { readonly text: string })[] {
  const text = source.toString();
  let at = 0;
  const found: (CharRange & { readonly text: string })[] = [];
  for (const { client, clock, length } of liveRanges(source)) {
    let from = 0;
    for (let i = 0; i <= length; i += 1) {
      const isLeftOut = i < length && text.charAt(at + i) === '\r' && text.charAt(at + i + 1) === '\n';
      if (i < length && !isLeftOut) continue;
      if (i > from) {
        found.push({ client, clock: clock + from, length: i - from, text: text.slice(at + from, at + i) });
      }
      from = i + 1;
    }
    at += length;
  }
  return found;
}

function firstEndingAfter(pairs: readonly Pair[], clock: number): number {
  let [low, high] = [0, pairs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const pair = pairs[middle];
    if (pair && pair.clock + pair.length <= clock) low = middle + 1;
    else high = middle;
  }
  return low;
}
