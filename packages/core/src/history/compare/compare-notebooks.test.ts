import { createHash } from 'node:crypto';
import { asBlobHash, asCellId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NbOutput, PlainCell, PlainNotebook } from '../../notebooks/notebook.ts';
import type { LiveOutput } from '../../runs/live.ts';
import type { PastCell, PastDocument } from '../step.ts';
import { comparableNotebook, comparablePast } from './comparable.ts';
import { compareNotebooks, type NotebookComparison } from './compare-notebooks.ts';
import { compareOutputs } from './compare-outputs.ts';

const code = (
  id: string,
  source: string,
  outputs: readonly NbOutput[] = [],
  executionCount: number | null = null,
) => ({ id: asCellId(id), type: 'code', source, metadata: {}, outputs, executionCount }) satisfies PlainCell;
const text = (id: string, source: string, more: { attachments?: JsonObject; metadata?: JsonObject } = {}) =>
  ({ id: asCellId(id), type: 'markdown', source, metadata: {}, ...more }) satisfies PlainCell;
const book = (cells: readonly PlainCell[], more: Partial<PlainNotebook> = {}): PlainNotebook => ({
  nbformatMinor: 5,
  metadata: {},
  cells,
  ...more,
});
const compare = (before: PlainNotebook, after: PlainNotebook) =>
  compareNotebooks(comparableNotebook(before), comparableNotebook(after));
/** Rows as `kind before→after`. */
const rows = (comparison: NotebookComparison) =>
  comparison.rows.map(
    ({ kind, before, after }) => `${kind} ${before?.cell.id ?? '-'}>${after?.cell.id ?? '-'}`,
  );
const stdout = (said: string): NbOutput => ({ type: 'stream', name: 'stdout', text: said });
const picture = (png: string): NbOutput => ({
  type: 'display_data',
  data: { 'image/png': png, 'text/plain': '<Figure>' },
  metadata: {},
});

describe('compareNotebooks', () => {
  const a = code('a', 'import numpy as np');
  const b = code('b', 'x = np.arange(10)\nx.sum()');
  const c = text('c', '# Results of the measurement');

  it('equal notebooks are the same, row by row', () => {
    const comparison = compare(book([a, b]), book([{ ...a }, { ...b }]));
    expect(comparison.isSame).toBe(true);
    expect(rows(comparison)).toEqual(['same a>a', 'same b>b']);
  });

  it('shows added, removed and changed cells where they stand', () => {
    const changed = code('b', 'x = np.arange(12)\nx.sum()');
    const comparison = compare(book([a, b, c]), book([changed, code('d', 'new'), c]));
    expect(rows(comparison)).toEqual(['removed a>-', 'changed b>b', 'added ->d', 'same c>c']);
    expect(comparison.rows[1]?.changes?.source).toMatchObject({ addedLines: 1, removedLines: 1 });
    expect(comparison.summary).toEqual({
      added: 1,
      removed: 1,
      moved: 0,
      changed: 1,
      outputsChanged: 0,
      onlyCounted: 0,
    });
    expect(comparison.isSame).toBe(false);
  });

  it('a moved cell is one row at its new place, with what was changed in it', () => {
    const comparison = compare(book([a, b, c]), book([{ ...c, source: '# Results' }, a, b]));
    expect(rows(comparison)).toEqual(['moved c>c', 'same a>a', 'same b>b']);
    expect(comparison.rows[0]?.before?.index).toBe(2);
    expect(comparison.summary).toMatchObject({ moved: 1, changed: 1 });
  });

  it('finds cells by content when ids were rewritten, and says so', () => {
    const comparison = compare(book([a, b]), book([{ ...a, id: asCellId('z') }, b]));
    expect(rows(comparison)).toEqual(['changed a>z', 'same b>b']);
    expect(comparison.rows[0]?.changes?.id).toEqual({ before: 'a', after: 'z' });
  });

  it('another id and another text is another cell, as long as other ids were kept', () => {
    const comparison = compare(book([a, code('y', 'y = 2')]), book([a, code('n', 'new = True')]));
    expect(rows(comparison)).toEqual(['same a>a', 'removed y>-', 'added ->n']);
  });

  it('made-up ids of formats before 4.5 neither meet nor differ', () => {
    const old = { nbformatMinor: 4 };
    const comparison = compare(
      book([a, b], old),
      book(
        [
          { ...b, id: a.id },
          { ...a, id: b.id },
        ],
        old,
      ),
    );
    expect(comparison.rows.map(({ kind }) => kind).sort()).toEqual(['moved', 'same']);
    const same = compare(book([a], old), book([{ ...a, id: asCellId('q') }], old));
    expect(same.isSame).toBe(true);
  });

  it('a line added below leaves the last line the same, though it had no line end', () => {
    const comparison = compare(book([code('a', 'x = 1')]), book([code('a', 'x = 1\ny = 2')]));
    expect(comparison.rows[0]?.changes?.source).toMatchObject({ addedLines: 1, removedLines: 0 });
    const opened = compare(book([code('a', 'x = 1')]), book([code('a', 'x = 1\n')]));
    expect(opened.rows[0]?.changes?.source).toMatchObject({ addedLines: 1, removedLines: 0 });
  });

  it('tells type, metadata, attachments, and what changed in the notebook itself', () => {
    const before = book([text('c', 'hello', { metadata: { tags: ['x'], deep: { k: 1, l: 2 } } })], {
      metadata: { kernelspec: { name: 'python3', display_name: 'Python 3' } },
    });
    const after = book(
      [
        text('c', 'hello', {
          metadata: { deep: { k: 1, l: 3 } },
          attachments: { 'a.png': { 'image/png': 'QQ==' } },
        }),
      ],
      { metadata: { kernelspec: { name: 'ir', display_name: 'Python 3' } }, nbformatMinor: 6 },
    );
    const comparison = compare(before, after);
    expect(comparison.metadata).toEqual([{ path: ['kernelspec', 'name'], before: 'python3', after: 'ir' }]);
    expect(comparison.nbformatMinor).toEqual({ before: 5, after: 6 });
    expect(comparison.rows[0]?.changes).toMatchObject({
      source: null,
      metadata: [
        { path: ['tags'], before: ['x'] },
        { path: ['deep', 'l'], before: 2, after: 3 },
      ],
      attachments: [{ path: ['a.png'], after: { 'image/png': 'QQ==' } }],
    });
    const retyped = compare(book([text('c', 'hi')]), book([code('c', 'hi')]));
    expect(retyped.rows[0]?.changes?.type).toEqual({ before: 'markdown', after: 'code' });
  });

  it('outputs: text line by line, pictures before and after, counts apart', () => {
    const before = book([code('a', 'f()', [stdout('1\n2\n'), picture('AAAA')], 1)]);
    const after = book([code('a', 'f()', [stdout('1\n3\n'), picture('BBBB')], 2)]);
    const comparison = compare(before, after);
    const changes = comparison.rows[0]?.changes;
    expect(changes?.executionCount).toEqual({ before: 1, after: 2 });
    expect(changes?.outputs).toMatchObject([
      { kind: 'changed', text: { addedLines: 1, removedLines: 1 }, mimes: [] },
      { kind: 'changed', mimes: [{ mime: 'image/png', change: 'changed', shownAs: 'picture' }] },
    ]);
    expect(comparison.summary).toMatchObject({ changed: 0, outputsChanged: 1 });
    const counted = compare(book([code('a', 'f()', [], 1)]), book([code('a', 'f()', [], 7)]));
    expect(counted.summary).toMatchObject({ changed: 0, outputsChanged: 0, onlyCounted: 1 });
    const options = { withoutResults: true };
    expect(compareNotebooks(comparableNotebook(before), comparableNotebook(after), options).isSame).toBe(
      true,
    );
  });

  it('results of the past are compared when they are here, and named unknown when not', () => {
    const past = (outputs: string): PastDocument => {
      const cell: PastCell = {
        id: asCellId('a'),
        type: 'code',
        position: 'a',
        source: 'f()',
        metadata: {},
        run: { state: 'done', count: 1, outputs: asBlobHash(outputs) },
      };
      return { seq: 1, meta: {}, cells: { [cell.id]: cell } };
    };
    const [before, after] = [comparablePast(past('h1')), comparablePast(past('h2'))];
    expect(compareNotebooks(before, comparablePast(past('h1'))).isSame).toBe(true);
    expect(compareNotebooks(before, after).rows[0]?.changes?.outputs).toBe('unknown');
    const outputs = (hash: string): readonly LiveOutput[] => [stdout(hash === 'h1' ? 'old' : 'new')];
    const known = compareNotebooks(before, after, { outputs });
    expect(known.rows[0]?.changes?.outputs).toMatchObject([{ kind: 'changed' }]);
    expect(compareNotebooks(before, after, { outputs: () => [stdout('equal')] }).isSame).toBe(true);
    const silent = comparablePast(past(createHash('sha256').update('[]').digest('hex')));
    expect(compareNotebooks(silent, comparableNotebook(book([code('a', 'f()', [], 1)]))).isSame).toBe(true);
    const file = comparableNotebook(book([code('a', 'f()', [stdout('old')], 1)]));
    expect(compareNotebooks(before, file, { outputs }).isSame).toBe(true);
  });

  it('every cell of both notebooks is in exactly one row, the later ones in order', () => {
    const cell = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      source: fc.constantFrom('', 'x', 'x = 1', 'y'),
    });
    const cells = fc
      .uniqueArray(cell, { selector: ({ id }) => id })
      .map((list) => list.map((each) => code(each.id, each.source)));
    fc.assert(
      fc.property(cells, cells, fc.constantFrom(4, 5), (before, after, nbformatMinor) => {
        const comparison = compare(book(before, { nbformatMinor }), book(after, { nbformatMinor }));
        const indices = (of: readonly ({ index: number } | null)[]) =>
          of.flatMap((each) => (each ? [each.index] : []));
        expect(indices(comparison.rows.map((row) => row.after))).toEqual(after.map((_, i) => i));
        expect(indices(comparison.rows.map((row) => row.before)).sort((x, y) => x - y)).toEqual(
          before.map((_, i) => i),
        );
        expect(compare(book(before), book(before)).isSame).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('compareOutputs', () => {
  const kinds = (before: readonly LiveOutput[], after: readonly LiveOutput[]) =>
    compareOutputs(before, after).map(({ kind }) => kind);

  it('keeps equal outputs together around what came and went', () => {
    expect(kinds([stdout('a'), picture('A')], [picture('A')])).toEqual(['removed', 'same']);
    expect(kinds([picture('A')], [stdout('a'), picture('A'), stdout('b')])).toEqual([
      'added',
      'same',
      'added',
    ]);
    expect(kinds([picture('A'), stdout('a')], [picture('B'), stdout('a')])).toEqual(['changed', 'same']);
  });

  it('an error and a stream are no versions of each other', () => {
    const error: NbOutput = {
      type: 'error',
      ename: 'E',
      evalue: 'v',
      traceback: ['\u001b[31mE\u001b[0m: v'],
    };
    expect(kinds([stdout('a')], [error])).toEqual(['removed', 'added']);
    const other: NbOutput = { ...error, evalue: 'w', traceback: ['\u001b[31mE\u001b[0m: w'] };
    expect(compareOutputs([error], [other])[0]?.text?.blocks).toMatchObject([
      { parts: [{ text: 'E: ' }, { text: 'v', change: 'removed' }, { text: 'w', change: 'added' }] },
    ]);
  });

  it('base64 with and without line breaks is the same picture; values by hash are told apart by hash', () => {
    expect(kinds([picture('AAAA\nBBBB\n')], [picture('AAAABBBB')])).toEqual(['same']);
    const stored = (blob: string): LiveOutput => ({
      type: 'display_data',
      data: {},
      blobs: { 'image/png': { blob: asBlobHash(blob), size: 3 } },
      metadata: {},
    });
    expect(kinds([stored('h')], [stored('h')])).toEqual(['same']);
    expect(kinds([stored('h')], [stored('i')])).toEqual(['changed']);
    const value = () => 'AAAA';
    const inline: LiveOutput = { type: 'display_data', data: { 'image/png': 'AAAA' }, metadata: {} };
    expect(compareOutputs([stored('h')], [inline], { value })).toMatchObject([{ kind: 'same' }]);
  });

  it('a long stream whose pages are not here is compared by them', () => {
    const paged = (blob: string, tail: string): LiveOutput => ({
      type: 'stream',
      name: 'stdout',
      text: tail,
      pages: [{ blob: asBlobHash(blob), size: 9, lines: 1 }],
    });
    expect(kinds([paged('p', 'x')], [paged('p', 'x')])).toEqual(['same']);
    expect(compareOutputs([paged('p', 'x')], [paged('p', 'y')])).toMatchObject([
      { kind: 'changed', text: null },
    ]);
    const value = () => 'page\n';
    expect(compareOutputs([paged('p', 'x')], [stdout('page\nx')], { value })).toMatchObject([
      { kind: 'same' },
    ]);
  });
});
