/**
 * A client has put a copy of a cell into the place of the cell itself (that is how JupyterLab moves cells and changes
 * their type). The copy is what this client knew of the cell, perhaps with edits of its own since; the source may know
 * more. What the client changed against what it knew goes into the source, everything else of the source stays.
 *
 * What it knew can be told exactly: with the cell it deleted each of its characters and values, by id. So a character
 * that others typed meanwhile is not in the update's deletions, and one that others deleted is.
 */
import { isJsonObject, jsonEquals, type JsonObject } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import { diffText } from '../../documents/text-diff.ts';
import {
  jsonOf,
  nestedMap,
  objectOf,
  setEntries,
  textOfCell,
  typeOf,
} from '../../notebooks/source-layout.ts';
import { type CharId, deleteChar, type DeletedIds, insertText, itemsOf, offsetBetween } from './char-ids.ts';
import { type RetiredClone, unread } from './retired-clone.ts';
import { type Clone, type CloneParts, withoutTrust } from './shared-layout.ts';

/** The update that brought the copy. */
export interface Adopting {
  /** What the update deletes. */
  readonly deleted: DeletedIds;
  /** How far each client's characters were known before it. */
  readonly clockBefore: (client: number) => number;
  /** It also deletes what reached the client after it had made the copy. */
  readonly isWhole: boolean;
}

/** One character that the client saw in the cell when it made the copy. */
interface KnownChar {
  /** In the source; null: somebody had deleted it, or the client typed it in the same update. */
  readonly source: CharId | null;
  /** Null: it cannot be read any more. */
  readonly char: string | null;
  readonly isOwn: boolean;
}

/** What the client made of what it saw. */
type Step =
  | { readonly is: 'kept'; readonly known: KnownChar; readonly char: string }
  | { readonly is: 'deleted'; readonly known: KnownChar }
  | { readonly is: 'typed'; readonly text: string };

/** Takes the client's changes into the cell of the source, in its transaction. The copy is made equal afterwards. */
export function adoptClone(
  old: RetiredClone,
  copy: Clone,
  parts: CloneParts,
  cell: Y.Map<unknown>,
  update: Adopting,
): void {
  const text = textOfCell(cell);
  if (text) adoptText(old, parts.text, text, update);
  adoptMetadata(old, parts.metadata, cell, update);
  if (parts.type !== old.facts.type && parts.type !== typeOf(cell)) cell.set('type', parts.type);
  if (parts.type !== 'code') adoptAttachments(old, copy, cell, update);
}

function adoptText(old: RetiredClone, copy: Y.Text, source: Y.Text, update: Adopting): void {
  const known = knownChars(old, update);
  let after: CharId | null = null;
  const first = known.find(({ source: there }) => there !== null)?.source ?? null;
  const type = (typed: string) => {
    const range = insertText(source, offsetBetween(source, after, first), typed);
    if (range) after = { client: range.client, clock: range.clock + range.length - 1 };
  };
  const exact = exactSteps(known, copy);
  const isSure = exact !== null || !update.isWhole;
  for (const step of exact ?? comparedSteps(known, copy)) {
    if (step.is === 'typed') type(step.text);
    else if (step.known.source === null) {
      if (step.is === 'kept' && step.known.isOwn) type(step.char);
    } else {
      if (step.is === 'deleted' && isSure) deleteChar(source, step.known.source);
      after = step.known.source;
    }
  }
}

function knownChars(old: RetiredClone, { deleted, clockBefore }: Adopting): KnownChar[] {
  const known: KnownChar[] = [];
  for (const { id, length } of itemsOf(old.text)) {
    for (const { clock, len } of deleted.within(id.client, id.clock, id.clock + length)) {
      for (let at = clock; at < clock + len; at += 1) {
        const found = old.find({ client: id.client, clock: at });
        known.push({
          source: found,
          char: found?.char ?? null,
          isOwn: found === null && at >= clockBefore(id.client),
        });
      }
    }
  }
  return known;
}

/**
 * The copy's text was written in one go, right after the text itself: these characters are the known ones, in order.
 * Null when the copy was made in another way.
 */
function exactSteps(known: readonly KnownChar[], copy: Y.Text): Step[] | null {
  const made = copy._item?.id;
  if (!made) return null;
  const first = made.clock + 1;
  const steps: Step[] = [];
  let copied = 0;
  for (const item of itemsOf(copy)) {
    const text = item.content instanceof Y.ContentString ? item.content.str : null;
    if (!item.deleted && text === null) {
      if (item.countable) return null;
      continue;
    }
    const index = item.id.client === made.client ? item.id.clock - first : -1;
    if (index < 0 || index > known.length) {
      if (!item.deleted && text !== null) steps.push({ is: 'typed', text });
      continue;
    }
    if (index + item.length > known.length) return null;
    for (let i = 0; i < item.length; i += 1) {
      const char = known[index + i];
      if (!char) return null;
      copied += 1;
      if (item.deleted || text === null) steps.push({ is: 'deleted', known: char });
      else if (char.char !== null && char.char !== text.charAt(i)) return null;
      else steps.push({ is: 'kept', known: char, char: text.charAt(i) });
    }
  }
  return copied === known.length ? steps : null;
}

/**
 * The copy holds another text than what is known to have been there (it was edited before it was made, or its maker heard
 * of more afterwards). What was copied is told from what was typed later by its ids, and only that is compared.
 */
function comparedSteps(known: readonly KnownChar[], copy: Y.Text): Step[] {
  const seen = known.filter(({ isOwn }) => !isOwn);
  const { copied, parts } = partsOfCopy(copy);
  const steps: Step[] = [];
  const matches = matchesOf(seen, copied);
  let at = 0;
  const skipTo = (end: number) => {
    for (; at < end; at += 1) {
      const char = seen[at];
      if (char) steps.push({ is: 'deleted', known: char });
    }
  };
  for (const part of parts) {
    if (part.is === 'typed') {
      steps.push(part);
      continue;
    }
    const match = matches.get(part.index);
    const char = match === undefined ? undefined : seen[match];
    if (match !== undefined && char) {
      skipTo(match);
      at = match + 1;
      steps.push(part.isGone ? { is: 'deleted', known: char } : { is: 'kept', known: char, char: part.char });
    } else if (!part.isGone) steps.push({ is: 'typed', text: part.char });
  }
  skipTo(seen.length);
  return steps;
}

type CopyPart =
  | { readonly is: 'typed'; readonly text: string }
  | { readonly is: 'copied'; readonly index: number; readonly char: string; readonly isGone: boolean };

/** A copy's text was written in one go, right after the text itself: its characters have consecutive ids from there. */
function partsOfCopy(copy: Y.Text): { readonly copied: string; readonly parts: readonly CopyPart[] } {
  const made = copy._item?.id;
  const own = new Set<number>();
  for (const { id, length } of itemsOf(copy)) {
    if (id.client === made?.client) for (let i = 0; i < length; i += 1) own.add(id.clock + i);
  }
  const first = (made?.clock ?? 0) + 1;
  let end = first;
  while (own.has(end)) end += 1;
  const parts: CopyPart[] = [];
  let copied = '';
  for (const { id, length, deleted, content } of itemsOf(copy)) {
    const text = content instanceof Y.ContentString ? content.str : null;
    const isCopied = id.client === made?.client && id.clock >= first && id.clock < end;
    if (!isCopied) {
      if (!deleted && text !== null) parts.push({ is: 'typed', text });
      continue;
    }
    for (let i = 0; i < length; i += 1) {
      const char = text?.charAt(i) ?? unread;
      parts.push({ is: 'copied', index: copied.length, char, isGone: deleted || text === null });
      copied += char;
    }
  }
  return { copied, parts };
}

/** Which known character each copied one is. */
function matchesOf(seen: readonly KnownChar[], copied: string): ReadonlyMap<number, number> {
  const matches = new Map<number, number>();
  const before = seen.map(({ char }) => char ?? nothing).join('');
  let [from, to] = [0, 0];
  const same = (count: number) => {
    for (let i = 0; i < count; i += 1) matches.set(to + i, from + i);
    from += count;
    to += count;
  };
  for (const part of diffText(before, copied)) {
    if (typeof part === 'number') same(part);
    else if (typeof part === 'string') to += part.length;
    else from += part.d;
  }
  same(Math.min(before.length - from, copied.length - to));
  return matches;
}

/** Stands for a known character that cannot be read; never the same as {@link unread}, which stands for a copied one. */
const nothing = '\ufffe';

function adoptMetadata(
  old: RetiredClone,
  copy: Y.Map<unknown>,
  cell: Y.Map<unknown>,
  { deleted }: Adopting,
): void {
  const before = old.facts.metadata;
  const after = withoutTrust(objectOf(copy));
  const isSeen = (key: string) => {
    const item = old.metadata?._map.get(key);
    return item !== undefined && deleted.has(item.id);
  };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const isOld = Object.hasOwn(before, key);
    // Known differently: others set it (or removed it) and the client had not heard of that.
    if (isOld !== isSeen(key)) continue;
    if (jsonEquals(before[key], after[key])) continue;
    const map = nestedMap(cell, 'metadata');
    const value = after[key];
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}

function adoptAttachments(old: RetiredClone, copy: Clone, cell: Y.Map<unknown>, { deleted }: Adopting): void {
  const item = old.clone._map.get('attachments');
  if (old.facts.type === 'code' && item === undefined && !copy.has('attachments')) return;
  const before = old.facts.attachments;
  if (before === null) return;
  const isOld = Object.keys(before).length > 0;
  if (isOld !== (item !== undefined && deleted.has(item.id))) return;
  const after = objectOf(copy.get('attachments'));
  if (!jsonEquals(before, after)) setBundles(nestedMap(cell, 'attachments'), after);
}

/** A client's own write of all attachments of a cell. `isInformed`: it knew of all that are there. */
export function takeAttachments(cell: Y.Map<unknown>, written: unknown, isInformed: boolean): void {
  const map = nestedMap(cell, 'attachments');
  const after = objectOf(written);
  setBundles(map, isInformed ? after : { ...objectOf(map), ...after });
}

function setBundles(map: Y.Map<unknown>, bundles: JsonObject): void {
  const sound = Object.entries(bundles).filter(([, bundle]) => isJsonObject(jsonOf(bundle)));
  setEntries(map, Object.fromEntries(sound));
}
