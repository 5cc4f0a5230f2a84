/**
 * Entries of the hot log as bytes, to be compressed and kept for ever: nothing is merged, every update comes back byte
 * for byte. One column per field. An update that only types or only erases is taken apart (Yjs update format v1), so
 * that what follows from the one before costs nothing; every other payload is kept as it is. Pure.
 * Source of the update format: https://github.com/yjs/yjs (utils/updates.js, structs/Item.js), version 13.
 */
import { asBlobHash, asCellId, asRunId, type DocumentId } from '@cahier/base/ids.ts';
import { ColumnReader, ColumnWriter } from './byte-columns.ts';
import { type Entry, type EntryAuthor, type MarkEntry, origins } from './entry.ts';
import type { RunState } from '../runs/live.ts';
import { readPlainUpdate, type ItemId, type PlainUpdate, writePlainUpdate } from './plain-update.ts';

const version = 1;

/** Shapes of payloads; append only. */
const insertion = 0;
const deletion = 1;
const rawUpdate = 2;
const anyJson = 3;

const columnNames = [
  'at',
  'author',
  'origin',
  'shape',
  'client',
  'clock',
  'info',
  'left',
  'leftClient',
  'right',
  'rightClient',
  'length',
  'rawLength',
] as const;
type Columns<C> = Record<(typeof columnNames)[number], C>;

/** What kinds other than updates hold beside the common fields. */
type Rest = Pick<MarkEntry, 'kind' | 'mark' | 'text'> | RunRest;
interface RunRest {
  readonly kind: 'run';
  readonly run: string | null;
  readonly cell: string;
  readonly state: RunState;
  readonly executionCount: number | null;
  readonly startedAt: number | null;
  readonly outputs: string;
  readonly [more: string]: unknown;
}

/** Where the next edit is expected; writer and reader keep the same expectations. */
class Expectation {
  readonly #next = new Map<number, number>();
  #right = new Map<number, number>();
  #erased = new Map<number, number>();

  clock(client: number): number {
    return this.#next.get(client) ?? 0;
  }
  left(client: number, own: ItemId): number {
    return client === own.client ? own.clock - 1 : this.clock(client) - 1;
  }
  right(client: number): number {
    return this.#right.get(client) ?? 0;
  }
  erased(client: number): number {
    return this.#erased.get(client) ?? this.clock(client) - 1;
  }
  typed(client: number, end: number, right: ItemId | null): void {
    this.#next.set(client, end);
    this.#erased.delete(client);
    if (right) this.#right.set(right.client, right.clock);
  }
  wasErased(client: number, clock: number): void {
    this.#erased.set(client, clock - 1);
  }
}

/** Entries of one document that follow one another. */
export function packEntries(entries: readonly Entry[]): Uint8Array {
  const columns = makeColumns(() => new ColumnWriter());
  const raw = new ColumnWriter();
  const clients = new Map<number, number>();
  const authors = new Map<string, number>();
  const texts: string[] = [];
  const rest: unknown[] = [];
  const expected = new Expectation();
  const place = (client: number): number => {
    const known = clients.get(client) ?? clients.size;
    clients.set(client, known);
    return known;
  };
  let at = entries[0]?.at ?? 0;

  const plain = (update: PlainUpdate) => {
    if (update.t === 'delete') {
      columns.shape.byte(deletion);
      columns.client.unsigned(place(update.client));
      columns.clock.signed(update.clock - expected.erased(update.client));
      columns.length.unsigned(update.length);
      expected.wasErased(update.client, update.clock);
      return;
    }
    const { client, clock, info, left, right, text } = update;
    columns.shape.byte(insertion);
    columns.client.unsigned(place(client));
    columns.clock.signed(clock - expected.clock(client));
    columns.info.byte(info);
    if (left) {
      columns.leftClient.unsigned(place(left.client));
      columns.left.signed(left.clock - expected.left(left.client, update));
    }
    if (right) {
      columns.rightClient.unsigned(place(right.client));
      columns.right.signed(right.clock - expected.right(right.client));
    }
    columns.length.unsigned(text.length);
    texts.push(text);
    expected.typed(client, clock + text.length, right);
  };

  for (const entry of entries) {
    columns.at.signed(entry.at - at);
    at = entry.at;
    const { person, name, session } = entry.author;
    const key = JSON.stringify([person, name, session]);
    const author = authors.get(key) ?? authors.size;
    authors.set(key, author);
    columns.author.unsigned(author);
    columns.origin.byte(origins.indexOf(entry.origin));
    if (entry.kind === 'update') {
      const found = readPlainUpdate(entry.update);
      if (found) plain(found);
      else {
        columns.shape.byte(rawUpdate);
        columns.rawLength.unsigned(entry.update.length);
        raw.bytes(entry.update);
      }
    } else {
      columns.shape.byte(anyJson);
      const { document: _, seq: _seq, at: _at, author: _author, origin: _origin, ...more } = entry;
      rest.push(more);
    }
  }

  const encoder = new TextEncoder();
  const parts = [
    ...columnNames.map((name) => columns[name].taken()),
    raw.taken(),
    encoder.encode(JSON.stringify([...clients.keys()])),
    encoder.encode(JSON.stringify([...authors.keys()].map((key): unknown => JSON.parse(key)))),
    encoder.encode(JSON.stringify(texts.join(''))),
    encoder.encode(JSON.stringify(rest)),
  ];
  const out = new ColumnWriter();
  out.byte(version);
  out.unsigned(entries.length);
  out.unsigned(entries[0]?.seq ?? 1);
  out.unsigned(entries[0]?.at ?? 0);
  for (const part of parts) {
    out.unsigned(part.length);
    out.bytes(part);
  }
  return out.taken().slice();
}

/** Throws a RangeError or SyntaxError when the bytes are not what `packEntries` writes. */
export function unpackEntries(bytes: Uint8Array, document: DocumentId): Entry[] {
  const reader = new ColumnReader(bytes);
  if (reader.byte() !== version) throw new RangeError('entries of an unknown version');
  const count = reader.unsigned();
  const first = reader.unsigned();
  let at = reader.unsigned();
  const part = () => reader.bytes(reader.unsigned());
  const columns = makeColumns(() => new ColumnReader(part()));
  const raw = new ColumnReader(part());
  const decoder = new TextDecoder();
  const json = (): unknown => JSON.parse(decoder.decode(part()));
  const clients: number[] = listOf(json(), isNumber);
  const authors: EntryAuthor[] = listOf(json(), isAuthor).map(([person, name, session]) => ({
    person,
    name,
    session,
  }));
  const text = json();
  if (typeof text !== 'string') throw new RangeError('the entries have no text');
  const rest: Rest[] = listOf(json(), isRest);
  const expected = new Expectation();
  const client = (column: ColumnReader): number => present(clients[column.unsigned()]);
  let textAt = 0;
  let restAt = 0;

  const plain = (shape: number): PlainUpdate => {
    const by = client(columns.client);
    if (shape === deletion) {
      const clock = columns.clock.signed() + expected.erased(by);
      expected.wasErased(by, clock);
      return { t: 'delete', client: by, clock, length: columns.length.unsigned() };
    }
    const own = { client: by, clock: columns.clock.signed() + expected.clock(by) };
    const info = columns.info.byte();
    const id = (names: ColumnReader, clocks: ColumnReader, guess: (of: number) => number): ItemId => {
      const of = client(names);
      return { client: of, clock: clocks.signed() + guess(of) };
    };
    const left =
      (info & 0x80) === 0 ? null : id(columns.leftClient, columns.left, (of) => expected.left(of, own));
    const right =
      (info & 0x40) === 0 ? null : id(columns.rightClient, columns.right, (of) => expected.right(of));
    const length = columns.length.unsigned();
    textAt += length;
    expected.typed(by, own.clock + length, right);
    return { t: 'insert', ...own, info, left, right, text: text.slice(textAt - length, textAt) };
  };

  return Array.from({ length: count }, (_, index): Entry => {
    at += columns.at.signed();
    const author = present(authors[columns.author.unsigned()]);
    const origin = present(origins[columns.origin.byte()]);
    const base = { document, seq: first + index, at, author, origin };
    const shape = columns.shape.byte();
    if (shape === anyJson) {
      const more = present(rest[restAt++]);
      if (more.kind === 'mark') return { ...base, ...more };
      const { run, cell, outputs } = more;
      return {
        ...base,
        ...more,
        run: run === null ? null : asRunId(run),
        cell: asCellId(cell),
        outputs: asBlobHash(outputs),
      };
    }
    const update =
      shape === rawUpdate
        ? Uint8Array.from(raw.bytes(columns.rawLength.unsigned()))
        : writePlainUpdate(plain(shape));
    return { ...base, kind: 'update', update };
  });
}

function makeColumns<C>(make: () => C): Columns<C> {
  return {
    at: make(),
    author: make(),
    origin: make(),
    shape: make(),
    client: make(),
    clock: make(),
    info: make(),
    left: make(),
    leftClient: make(),
    right: make(),
    rightClient: make(),
    length: make(),
    rawLength: make(),
  };
}

function listOf<T>(value: unknown, is: (each: unknown) => each is T): T[] {
  if (!Array.isArray(value) || !value.every(is))
    throw new RangeError('the entries hold a list of another shape');
  return value;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isAuthor(value: unknown): value is readonly [EntryAuthor['person'], string, EntryAuthor['session']] {
  return Array.isArray(value) && value.length === 3 && typeof value[1] === 'string';
}

function isRest(value: unknown): value is Rest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'run' || value.kind === 'mark')
  );
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('the entries name what is not there');
  return value;
}
