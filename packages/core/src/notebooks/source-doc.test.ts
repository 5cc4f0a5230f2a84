import fc from 'fast-check';
import * as Y from 'yjs';
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { PlainCell } from './notebook.ts';
import {
  cellsMap,
  cellText,
  cellType,
  changeType,
  deleteCells,
  insertCell,
  mergeCells,
  metaMap,
  moveCells,
  notebookMetadata,
  observeSource,
  orderedCells,
  type Place,
  readCell,
  readNotebook,
  seedNotebook,
  setAttachment,
  setCellMetadata,
  setNotebookMetadata,
  type SourceChange,
  splitCell,
} from './source-doc.ts';

const id = asCellId;
const cell = (name: string, source = name): PlainCell => ({
  id: id(name),
  type: 'markdown',
  source,
  metadata: {},
});

function docOf(...names: readonly string[]): Y.Doc {
  const doc = new Y.Doc();
  seedNotebook(doc, { nbformatMinor: 5, metadata: {}, cells: names.map((name) => cell(name)) });
  return doc;
}

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
}

function exchange(a: Y.Doc, b: Y.Doc): void {
  const toB = Y.encodeStateAsUpdate(a, Y.encodeStateVector(b));
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
  Y.applyUpdate(b, toB);
}

const order = (doc: Y.Doc) =>
  orderedCells(doc)
    .map((placed) => placed.id)
    .join('');
const texts = (doc: Y.Doc) => readNotebook(doc).cells.map(({ source }) => source);

/** Counts what one edit writes: registers set per cell. */
function writes(doc: Y.Doc, edit: () => void): readonly string[] {
  const found: string[] = [];
  const listen = (events: readonly Y.YEvent<Y.Map<unknown> | Y.Text>[]) => {
    for (const event of events)
      for (const key of event.changes.keys.keys()) found.push([...event.path, key].join('.'));
  };
  cellsMap(doc).observeDeep(listen);
  edit();
  cellsMap(doc).unobserveDeep(listen);
  return found.sort();
}

describe('order', () => {
  it.each<[string, Place, string]>([
    ['at the top', { after: null }, 'Xabc'],
    ['after', { after: id('b') }, 'abXc'],
    ['before', { before: id('b') }, 'aXbc'],
    ['after one that is gone', { after: id('zz') }, 'abcX'],
  ])('inserts %s', (_, place, expected) => {
    const doc = docOf('a', 'b', 'c');
    expect(insertCell(doc, { id: id('X'), type: 'code', source: '' }, place, null, 'q')).toBe(true);
    expect(order(doc)).toBe(expected);
  });

  it('never overwrites a cell whose id is taken', () => {
    const doc = docOf('a');
    expect(insertCell(doc, { id: id('a'), type: 'code', source: 'new' }, { after: null }, null, 'q')).toBe(
      false,
    );
    expect(texts(doc)).toEqual(['a']);
  });

  it.each<[string, string, Place, string, number]>([
    ['one down', 'a', { after: id('b') }, 'bacd', 1],
    ['one up', 'd', { before: id('b') }, 'adbc', 1],
    ['several, in document order', 'db', { after: null }, 'bdac', 2],
    ['a place named by a moved cell', 'bc', { after: id('c') }, 'abcd', 0],
    ['before a moved cell', 'ab', { before: id('a') }, 'abcd', 0],
    ['to where it is', 'b', { after: id('a') }, 'abcd', 0],
    ['everything', 'abcd', { after: null }, 'abcd', 0],
    ['before the last of the moved', 'ad', { before: id('d') }, 'bcad', 2],
  ])('moves %s with one register write a cell', (_, moved, place, expected, count) => {
    const doc = docOf('a', 'b', 'c', 'd');
    const found = writes(doc, () => moveCells(doc, [...moved].map(id), place, null, 'q'));
    expect(order(doc)).toBe(expected);
    expect(found).toHaveLength(count);
    expect(found.every((key) => key.endsWith('.position'))).toBe(true);
  });

  it('is by id where positions are equal, and one can still insert and move there', () => {
    const doc = docOf('a', 'b', 'c');
    const position = readCell(doc, id('a'))?.position;
    for (const name of ['b', 'c']) {
      const map = cellsMap(doc).get(name);
      if (map instanceof Y.Map) map.set('position', position);
    }
    expect(order(doc)).toBe('abc');
    insertCell(doc, { id: id('X'), type: 'code', source: '' }, { after: id('c') }, null, 'q');
    expect(order(doc)).toBe('abcX');
    moveCells(doc, [id('a')], { after: id('X') }, null, 'q');
    expect(order(doc)).toBe('bcXa');
  });

  it('gives the same array while nothing of it changed', () => {
    const doc = docOf('a', 'b');
    const before = orderedCells(doc);
    cellText(doc, id('a'))?.insert(0, 'typing');
    expect(orderedCells(doc)).toBe(before);
    deleteCells(doc, [id('a')], null);
    expect(orderedCells(doc)).not.toBe(before);
  });
});

describe('structure', () => {
  it('splits: the first part keeps its text object, the second gets the new id', () => {
    const doc = docOf('a', 'b');
    const text = cellText(doc, id('a'));
    text?.insert(1, ' one\ntwo');
    setCellMetadata(doc, id('a'), 'tags', ['x'], null);
    expect(splitCell(doc, id('a'), 6, id('n'), null, 'q')).toBe(true);
    expect(order(doc)).toBe('anb');
    expect(texts(doc)).toEqual(['a one\n', 'two', 'b']);
    expect(cellText(doc, id('a'))).toBe(text);
    expect(readCell(doc, id('n'))).toMatchObject({ type: 'markdown', metadata: { tags: ['x'] } });
    expect(splitCell(doc, id('a'), 1, id('b'), null, 'q')).toBe(false);
    expect(splitCell(doc, id('gone'), 1, id('m'), null, 'q')).toBe(false);
  });

  it('merges into the first in document order, with attachments', () => {
    const doc = docOf('a', 'b', 'c');
    setAttachment(doc, id('a'), 'x.png', { 'image/png': 'A' }, null);
    setAttachment(doc, id('c'), 'x.png', { 'image/png': 'other' }, null);
    setAttachment(doc, id('c'), 'y.png', { 'image/png': 'C' }, null);
    expect(mergeCells(doc, [id('c'), id('a'), id('b')], null)).toBe('a');
    expect(texts(doc)).toEqual(['a\nb\nc']);
    expect(readCell(doc, id('a'))?.attachments).toEqual({
      'x.png': { 'image/png': 'A' },
      'y.png': { 'image/png': 'C' },
    });
    expect(mergeCells(doc, [id('a'), id('gone')], null)).toBeNull();
  });

  it('a type is a register; text and attachments outlive it', () => {
    const doc = docOf('a');
    setAttachment(doc, id('a'), 'x', { 'text/plain': 'A' }, null);
    changeType(doc, id('a'), 'code', null);
    expect(readNotebook(doc).cells[0]).toEqual({
      id: 'a',
      type: 'code',
      source: 'a',
      metadata: {},
      outputs: [],
      executionCount: null,
    });
    changeType(doc, id('a'), 'raw', null);
    expect(readNotebook(doc).cells[0]).toMatchObject({
      type: 'raw',
      attachments: { x: { 'text/plain': 'A' } },
    });
    expect(cellType(doc, id('a'))).toBe('raw');
  });

  it('every edit is one transaction with its origin', () => {
    const doc = docOf('a', 'b', 'c');
    const origins: unknown[] = [];
    doc.on('update', (_: Uint8Array, origin: unknown) => origins.push(origin));
    insertCell(doc, { id: id('n'), type: 'code', source: 'x\ny' }, { after: null }, 1, 'q');
    moveCells(doc, [id('a'), id('b')], { after: null }, 2, 'q');
    splitCell(doc, id('n'), 2, id('m'), 3, 'q');
    mergeCells(doc, [id('n'), id('m')], 4);
    changeType(doc, id('n'), 'raw', 5);
    setCellMetadata(doc, id('n'), 'k', 1, 6);
    setNotebookMetadata(doc, 'k', 1, 7);
    deleteCells(doc, [id('a'), id('b')], 8);
    expect(origins).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('metadata', () => {
  it('keys that look like our own come back', () => {
    const doc = new Y.Doc();
    const metadata = { nbformat_minor: 'x', '/extra': 1, '//': 2, kernelspec: { name: 'python3' } };
    seedNotebook(doc, { nbformatMinor: 2, metadata, extra: { more: 1 }, cells: [] });
    expect(readNotebook(doc)).toEqual({ nbformatMinor: 2, metadata, extra: { more: 1 }, cells: [] });
    setNotebookMetadata(doc, 'nbformat_minor', undefined, null);
    setNotebookMetadata(doc, 'kernelspec', { name: 'ir' }, null);
    expect(notebookMetadata(doc)).toEqual({ '/extra': 1, '//': 2, kernelspec: { name: 'ir' } });
    expect(metaMap(doc).get('kernelspec')).toEqual({ name: 'ir' });
  });

  it('different keys set at the same time both stand', () => {
    const a = docOf('a');
    const b = copyOf(a);
    setCellMetadata(a, id('a'), 'x', 1, null);
    setCellMetadata(b, id('a'), 'y', 2, null);
    setAttachment(a, id('a'), 'p', { 'text/plain': 'p' }, null);
    setAttachment(b, id('a'), 'q', { 'text/plain': 'q' }, null);
    setNotebookMetadata(a, 'x', 1, null);
    setNotebookMetadata(b, 'y', 2, null);
    exchange(a, b);
    expect(readCell(a, id('a'))).toMatchObject({ metadata: { x: 1, y: 2 } });
    expect(Object.keys(readCell(a, id('a'))?.attachments ?? {}).sort()).toEqual(['p', 'q']);
    expect(notebookMetadata(a)).toEqual({ x: 1, y: 2 });
    expect(readNotebook(b)).toEqual(readNotebook(a));
  });
});

describe('observeSource', () => {
  it('tells what a transaction changed, once', () => {
    const doc = docOf('a', 'b', 'c');
    const changes: SourceChange[] = [];
    const watch = observeSource(doc, (change) => changes.push(change));
    cellText(doc, id('a'))?.insert(0, 'x');
    moveCells(doc, [id('c')], { after: null }, 'me', 'q');
    setNotebookMetadata(doc, 'k', 1, null);
    mergeCells(doc, [id('a'), id('b')], null);
    doc.getMap('elsewhere').set('k', 1);
    watch.dispose();
    cellText(doc, id('a'))?.insert(0, 'x');
    expect(
      changes.map(({ isOrder, isMeta, cells }) => [isOrder, isMeta, [...cells].sort().join('')]),
    ).toEqual([
      [false, false, 'a'],
      [true, false, 'c'],
      [false, true, ''],
      [true, false, 'ab'],
    ]);
    expect(changes[1]?.origin).toBe('me');
  });
});

describe('a broken peer', () => {
  it('never makes a reader throw', () => {
    const doc = docOf('a');
    const junk: [string, unknown][] = [
      ['number', 1],
      ['empty', new Y.Map()],
      ['text', new Y.Text('x')],
      ['noSource', new Y.Map([['type', 'code']])],
      [
        'odd',
        new Y.Map<unknown>([
          ['type', 7],
          ['position', {}],
          ['source', new Y.Text('odd')],
          ['metadata', 3],
          ['extra', []],
        ]),
      ],
      [
        'deep',
        new Y.Map<unknown>([
          ['position', 'z'],
          ['source', new Y.Text('deep')],
          ['metadata', new Y.Map([['k', new Y.Map([['x', 1]])]])],
        ]),
      ],
    ];
    for (const [name, value] of junk) cellsMap(doc).set(name, value);
    metaMap(doc).set('nbformat_minor', 'five');
    metaMap(doc).set('bytes', new Uint8Array(3));
    metaMap(doc).set('nothing', undefined);
    const read = readNotebook(doc);
    expect(read.nbformatMinor).toBe(5);
    expect(read.metadata).toEqual({ bytes: null, nothing: null });
    expect(read.cells.map(({ id: name, type, metadata }) => [name, type, metadata])).toEqual([
      ['a', 'markdown', {}],
      ['deep', 'code', { k: { x: 1 } }],
      ['odd', 'code', {}],
    ]);
    setCellMetadata(doc, id('odd'), 'k', 1, null);
    expect(readCell(doc, id('odd'))?.metadata).toEqual({ k: 1 });
    for (const [name] of junk.slice(0, 4)) {
      expect(cellText(doc, id(name))).toBeUndefined();
      expect(splitCell(doc, id(name), 0, id('n'), null, 'q')).toBe(false);
      moveCells(doc, [id(name)], { after: null }, null, 'q');
      changeType(doc, id(name), 'raw', null);
    }
  });
});

describe('people who edit at the same time', () => {
  it('a move and typing both stand, and the cell is there once', () => {
    const a = docOf('a', 'b', 'c');
    const b = copyOf(a);
    moveCells(a, [id('a')], { after: id('c') }, null, 'q');
    cellText(b, id('a'))?.insert(1, ' typed');
    moveCells(b, [id('a')], { after: id('b') }, null, 'r');
    exchange(a, b);
    expect(readNotebook(b)).toEqual(readNotebook(a));
    expect([...order(a)].sort().join('')).toBe('abc');
    expect(readCell(a, id('a'))?.source).toBe('a typed');
  });

  it('a deleted cell stays deleted', () => {
    const a = docOf('a', 'b');
    const b = copyOf(a);
    deleteCells(a, [id('a')], null);
    cellText(b, id('a'))?.insert(0, 'x');
    moveCells(b, [id('a')], { after: id('b') }, null, 'q');
    exchange(a, b);
    expect(order(a)).toBe('b');
    expect(order(b)).toBe('b');
  });

  it('converge whatever they do; no cell is doubled; what nobody deleted is there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('anything', 'no deletion', 'no split either'),
        fc.array(operation, { maxLength: 40 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        (mood, ops, syncs) => {
          const origin = docOf('a', 'b', 'c');
          const docs = [origin, copyOf(origin), copyOf(origin)];
          const typed = new Set<string>();
          ops.forEach((op, i) => {
            const doc = docs[op.who % docs.length] ?? origin;
            perform(doc, { ...op, kind: tamed(mood, op.kind) }, i, typed);
            if (syncs[i] === true) exchange(doc, docs[(op.who + 1) % docs.length] ?? origin);
          });
          const updates = docs.map((doc) => Y.encodeStateAsUpdate(doc));
          docs.forEach((doc, i) => {
            for (const update of [...updates.slice(i), ...updates.slice(0, i)]) Y.applyUpdate(doc, update);
          });
          const [first, ...others] = docs.map((doc) => readNotebook(doc));
          for (const other of others) expect(other).toEqual(first);
          const ids = first?.cells.map((found) => found.id) ?? [];
          expect(new Set(ids).size).toBe(ids.length);
          const whole = first?.cells.map(({ source }) => source).join('\n') ?? '';
          for (const mark of mood === 'anything' ? [] : typed) {
            // Two who split one cell at the same time both make a cell of its end.
            if (mood === 'no deletion') expect(whole).toContain(mark);
            else expect(whole.split(mark)).toHaveLength(2);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('split and merge alone lose no character that was there', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (text, at) => {
        const doc = docOf('a', 'b');
        cellText(doc, id('a'))?.insert(1, text);
        const before = readCell(doc, id('a'))?.source ?? '';
        splitCell(doc, id('a'), at % (before.length + 1), id('n'), null, 'q');
        const parts = texts(doc);
        expect(`${parts[0]}${parts[1]}`).toBe(before);
        mergeCells(doc, [id('a'), id('n')], null);
        expect(texts(doc)[0]).toBe(`${parts[0]}\n${parts[1]}`);
      }),
    );
  });
});

function tamed(mood: string, kind: string): string {
  if (mood !== 'anything' && (kind === 'delete' || kind === 'merge')) return 'typing';
  return mood === 'no split either' && kind === 'split' ? 'move' : kind;
}

const operation = fc.record({
  who: fc.nat(2),
  kind: fc.constantFrom('insert', 'delete', 'move', 'split', 'merge', 'type', 'typing'),
  cell: fc.nat(),
  place: fc.nat(),
});

/** Each insertion is a mark of its own from the private use area, so that it can be looked for. */
function perform(
  doc: Y.Doc,
  op: { who: number; kind: string; cell: number; place: number },
  i: number,
  typed: Set<string>,
): void {
  const present = orderedCells(doc);
  const at = present[op.cell % Math.max(1, present.length)]?.id;
  const neighbour = present[op.place % Math.max(1, present.length)]?.id ?? null;
  const fresh: CellId = id(`n${i}`);
  const mark = String.fromCharCode(0xe000 + i);
  if (op.kind === 'insert') {
    insertCell(
      doc,
      { id: fresh, type: 'code', source: mark },
      { after: neighbour },
      null,
      String(op.place % 10),
    );
    typed.add(mark);
  }
  if (at === undefined) return;
  const length = readCell(doc, at)?.source.length ?? 0;
  if (op.kind === 'delete') deleteCells(doc, [at], null);
  if (op.kind === 'move') moveCells(doc, [at], { after: neighbour }, null, String(op.cell % 10));
  if (op.kind === 'split') splitCell(doc, at, op.place % (length + 1), fresh, null, 'q');
  if (op.kind === 'merge' && neighbour !== null) mergeCells(doc, [at, neighbour], null);
  if (op.kind === 'type') changeType(doc, at, op.place % 2 === 0 ? 'code' : 'markdown', null);
  if (op.kind === 'typing') {
    cellText(doc, at)?.insert(op.place % (length + 1), mark);
    typed.add(mark);
  }
}
