import fc from 'fast-check';
import * as Y from 'yjs';
import { asCellId } from '@cahier/base/ids.ts';
import type { Json, JsonObject } from '@cahier/base/json.ts';
import { describe, expect, it } from 'vitest';
import { notebookKind } from './notebook-kind.ts';
import type { NbOutput, PlainCell, PlainNotebook } from './notebook.ts';
import { cellsMap, cellText, orderedCells } from './source-doc.ts';

const id = asCellId;
const { edit, equals, merge, read, seed } = notebookKind;

function ids(): () => string {
  let n = 0;
  return () => (n++).toString(16).padStart(8, '0');
}

const markdown = (name: string, source = name, metadata: JsonObject = {}): PlainCell => ({
  id: id(name),
  type: 'markdown',
  source,
  metadata,
});
const code = (
  name: string,
  source: string,
  text: string | null = null,
  count: number | null = null,
): PlainCell => ({
  id: id(name),
  type: 'code',
  source,
  metadata: {},
  outputs: text === null ? [] : [{ type: 'stream', name: 'stdout', text } satisfies NbOutput],
  executionCount: count,
});
const notebook = (cells: readonly PlainCell[], rest: Partial<PlainNotebook> = {}): PlainNotebook => ({
  nbformatMinor: 5,
  metadata: {},
  cells,
  ...rest,
});

function docOf(plain: PlainNotebook): Y.Doc {
  const doc = new Y.Doc();
  seed(doc, plain);
  return doc;
}

// Random notebooks whose ids and texts come from small sets.
const text = fc
  .array(fc.constantFrom('x = 1', 'y = 2', 'print(x)', '', '# Title', 'é \u{1f600}', 'for i in range(3):'), {
    maxLength: 4,
  })
  .map((lines) => lines.join('\n'));
const value = fc.jsonValue({ maxDepth: 1 }).map((json): Json => JSON.parse(JSON.stringify(json)));
const metadata = fc.dictionary(fc.constantFrom('tags', 'name', '/x', 'nbformat_minor'), value, {
  maxKeys: 3,
});
const bundle = fc.constantFrom({ 'image/png': 'AA==' }, { 'text/plain': 'one\ntwo' });
const attachments = fc.option(fc.dictionary(fc.constantFrom('a.png', 'b.png'), bundle, { maxKeys: 2 }), {
  nil: undefined,
});
const extra = fc.option(fc.constant({ review: 'later' }), { nil: undefined });
const cell = fc
  .record({
    name: fc.constantFrom(...'abcdefghijkl'),
    type: fc.constantFrom('code', 'markdown', 'raw'),
    source: text,
    metadata,
    attachments,
    extra,
  })
  .map((made): PlainCell => {
    const { source, metadata: keys, extra: unknown } = made;
    const common = { id: id(made.name), source, metadata: keys, ...(unknown && { extra: unknown }) };
    if (made.type === 'code') return { ...common, type: 'code', outputs: [], executionCount: null };
    const type = made.type === 'raw' ? 'raw' : 'markdown';
    return { ...common, type, ...(made.attachments && { attachments: made.attachments }) };
  });
const arbitrary: fc.Arbitrary<PlainNotebook> = fc
  .record({
    nbformatMinor: fc.constantFrom(2, 4, 5),
    metadata,
    extra,
    cells: fc.uniqueArray(cell, { selector: (made) => made.id, maxLength: 8 }),
  })
  .map(({ extra: unknown, ...rest }) => ({ ...rest, ...(unknown && { extra: unknown }) }));

describe('seed and read', () => {
  it('any notebook comes back', () => {
    fc.assert(
      fc.property(arbitrary, (plain) => {
        expect(read(docOf(plain))).toEqual(plain);
      }),
    );
  });
});

describe('edit', () => {
  it('makes any document read as any target, in one transaction', () => {
    fc.assert(
      fc.property(fc.array(arbitrary, { minLength: 2, maxLength: 4 }), ([first, ...targets]) => {
        const doc = docOf(first ?? notebook([]));
        for (const target of targets) {
          let transactions = 0;
          doc.once('update', () => transactions++);
          edit(doc, target, 'disk', ids());
          expect(read(doc)).toEqual(target);
          expect(transactions).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('writes nothing when nothing differs', () => {
    fc.assert(
      fc.property(arbitrary, (plain) => {
        const doc = docOf(plain);
        let updates = 0;
        doc.on('update', () => updates++);
        edit(doc, plain, 'disk', ids());
        expect(updates).toBe(0);
      }),
    );
  });

  it('moves with as few position writes as the new order needs', () => {
    const names = [...'abcdefgh'];
    const doc = docOf(notebook(names.map((name) => markdown(name))));
    const before = new Map(orderedCells(doc).map((placed) => [placed.id, placed.position]));
    edit(doc, notebook([...'habcdefg'].map((name) => markdown(name))), null, ids());
    const after = orderedCells(doc);
    expect(
      after.filter((placed) => before.get(placed.id) !== placed.position).map((placed) => placed.id),
    ).toEqual(['h']);
  });

  it('keeps the text object and what others type meanwhile', () => {
    const doc = docOf(notebook([markdown('a', 'one two three'), markdown('b')]));
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    cellText(other, id('a'))?.insert(3, '!');
    edit(doc, notebook([markdown('b'), markdown('a', 'one two four')]), 'disk', ids());
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(read(doc).cells.map(({ source }) => source)).toEqual(['b', 'one! two four']);
  });

  it('gives a second cell of the same id another one', () => {
    const doc = docOf(notebook([]));
    edit(doc, notebook([markdown('a', 'x'), markdown('a', 'y')]), null, ids());
    expect(read(doc).cells.map(({ source }) => source)).toEqual(['x', 'y']);
  });

  it('replaces what a broken peer left under the id', () => {
    const doc = docOf(notebook([]));
    cellsMap(doc).set('a', 'junk');
    cellsMap(doc).set('b', 'junk');
    edit(doc, notebook([markdown('a')]), null, ids());
    expect(read(doc).cells).toEqual([markdown('a')]);
    expect([...cellsMap(doc).keys()]).toEqual(['a']);
  });
});

describe('merge', () => {
  const sources = (merged: PlainNotebook) => merged.cells.map(({ source }) => source);

  // A cell whose text equals one of ours takes our id: the id may have been lost on the way.
  const noIds = (plain: PlainNotebook) => ({
    ...plain,
    cells: plain.cells.map((one) => ({ ...one, id: '' })),
  });

  it('is the other side when one changed nothing', () => {
    fc.assert(
      fc.property(arbitrary, arbitrary, (base, side) => {
        expect(noIds(merge(base, base, side))).toEqual(noIds(side));
        expect(merge(base, side, base)).toEqual(side);
        expect(equals(merge(base, side, side), side)).toBe(true);
      }),
    );
  });

  it('keeps every cell and every line that either side added, once', () => {
    const side = (mark: string) =>
      fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 5 }).map((list) => ({ mark, list }));
    fc.assert(
      fc.property(arbitrary, side('O'), side('T'), (base, ours, theirs) => {
        const change = ({ mark, list }: typeof ours) => {
          const cells = [...base.cells];
          list.forEach(([at, isCell], i) => {
            const chosen = cells[at % Math.max(1, cells.length)];
            if (isCell || chosen === undefined)
              cells.splice(at % (cells.length + 1), 0, markdown(`${mark}${i}`, `${mark}${i}`));
            else cells[cells.indexOf(chosen)] = { ...chosen, source: `${mark}${i}\n${chosen.source}` };
          });
          return { ...base, cells };
        };
        const merged = merge(base, change(ours), change(theirs));
        const lines = sources(merged).join('\n').split('\n');
        for (const { mark, list } of [ours, theirs]) {
          list.forEach((_, i) => expect(lines.filter((line) => line === `${mark}${i}`)).toHaveLength(1));
        }
        const found = merged.cells.map((one) => one.id);
        expect(new Set(found).size).toBe(found.length);
        for (const { id: kept } of base.cells) expect(found).toContain(kept);
      }),
    );
  });

  const base = notebook([
    code('a', 'import numpy as np\nx = np.arange(10)'),
    markdown('b', '# A title'),
    code('c', 'print(x.sum())', '45\n', 3),
  ]);
  const [a, b, c] = [
    code('a', 'import numpy as np\nx = np.arange(10)'),
    markdown('b', '# A title'),
    code('c', 'print(x.sum())', '45\n', 3),
  ];

  it('matches cells whose ids were lost', () => {
    const theirs = notebook([
      code('1', 'import numpy as np\nx = np.arange(20)'),
      markdown('2', '# A title'),
      code('new', 'y = 1'),
      code('3', 'print(x.sum())', '190\n', 4),
    ]);
    const ours = notebook([{ ...a, source: `${a.source}\n# note` }, b, c]);
    const merged = merge(base, ours, theirs);
    expect(merged.cells.map((one) => one.id)).toEqual(['a', 'b', 'new', 'c']);
    expect(sources(merged)).toEqual([
      'import numpy as np\nx = np.arange(20)\n# note',
      '# A title',
      'y = 1',
      'print(x.sum())',
    ]);
    expect(merged.cells[3]).toMatchObject({ outputs: [{ text: '190\n' }], executionCount: 4 });
  });

  it('a cell deleted on one side and edited on the other survives with the edit', () => {
    const without = notebook([a, c]);
    const edited = notebook([a, { ...b, source: '# A better title' }, c]);
    expect(sources(merge(base, without, edited))).toEqual(sources(edited));
    expect(sources(merge(base, edited, without))).toEqual(sources(edited));
    const untouched = notebook([a, { ...b, metadata: { collapsed: true } }, c]);
    expect(sources(merge(base, without, untouched))).toEqual(sources(without));
    expect(sources(merge(base, untouched, without))).toEqual(sources(without));
  });

  it('moves of both sides stand, with edits of the other', () => {
    const ours = notebook([c, a, { ...b, source: '# B' }]);
    const theirs = notebook([{ ...b, metadata: { k: 1 } }, a, { ...c, source: 'print(x)' }]);
    const merged = merge(base, ours, theirs);
    expect(merged.cells.map((one) => one.id)).toEqual(['b', 'c', 'a']);
    expect(merged.cells[0]).toEqual(markdown('b', '# B', { k: 1 }));
    expect(merged.cells[1]?.source).toBe('print(x)');
  });

  it('keeps our outputs unless they ran the cell', () => {
    const ours = notebook([a, b, code('c', 'print(x.sum())', 'ours\n', 9)]);
    expect(merge(base, ours, base).cells[2]).toMatchObject({ executionCount: 9 });
    const ran = notebook([a, b, code('c', 'print(x.sum())', 'theirs\n', 7)]);
    expect(merge(base, ours, ran).cells[2]).toMatchObject({
      executionCount: 7,
      outputs: [{ text: 'theirs\n' }],
    });
  });

  it('type and metadata are merged key by key; tags as a set', () => {
    const old = notebook([markdown('a', 'x', { tags: ['p', 'q'], k: 1 })], {
      metadata: { kernelspec: { name: 'a' } },
    });
    const ours = notebook([markdown('a', 'x', { tags: ['q', 'r'], k: 1, o: 1 })], {
      metadata: { kernelspec: { name: 'b' } },
    });
    const theirs = notebook([{ ...markdown('a', 'x', { tags: ['p', 'q', 's'], t: 1 }), type: 'raw' }], {
      metadata: { other: 1, kernelspec: { name: 'a' } },
    });
    const merged = merge(old, ours, theirs);
    expect(merged.metadata).toEqual({ kernelspec: { name: 'b' }, other: 1 });
    expect(merged.cells[0]).toMatchObject({ type: 'raw', metadata: { tags: ['q', 'r', 's'], o: 1, t: 1 } });
    expect(merged.cells[0]?.metadata['k']).toBeUndefined();
  });

  it('does not double a notebook whose earlier state is not known', () => {
    const nothing = notebook([]);
    const again = notebook(base.cells.map((one) => ({ ...one, id: id(`x${one.id}`) })));
    expect(merge(nothing, base, again).cells.map((one) => one.id)).toEqual(['a', 'b', 'c']);
    expect(merge(nothing, base, base)).toEqual(base);
  });

  it('a new cell of theirs with the id of another of ours gets its own', () => {
    const merged = merge(
      notebook([markdown('a', 'first thing')]),
      notebook([markdown('a', 'first thing'), markdown('n', 'ours is about apples')]),
      notebook([markdown('n', 'first thing'), markdown('a', 'something entirely different: 1 2 3')]),
    );
    const found = merged.cells.map((one) => one.id);
    expect(new Set(found).size).toBe(found.length);
    expect(sources(merged).join('\n')).toContain('ours is about apples');
  });
});

describe('equals', () => {
  it('does not look at ids that the file does not have', () => {
    expect(equals(notebook([markdown('a', 'x')]), notebook([markdown('b', 'x')]))).toBe(false);
    const old = { nbformatMinor: 4 };
    expect(equals(notebook([markdown('a', 'x')], old), notebook([markdown('b', 'x')], old))).toBe(true);
    expect(equals(notebook([code('a', 'x', 'out')], old), notebook([code('b', 'x')], old))).toBe(false);
  });
});
