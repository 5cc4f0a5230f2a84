import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as Y from 'yjs';
import { appError } from '../../errors.ts';
import { notebookKind } from '../notebook-kind.ts';
import type { PlainNotebook } from '../notebook.ts';
import { plainNumbers } from './numbers.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function ids(): () => string {
  let n = 0;
  return () => `new${n++}`;
}

const read = (file: string | object) =>
  notebookKind.fromFile(encode(typeof file === 'string' ? file : JSON.stringify(file)), 'a.ipynb', ids());

function plain(file: string | object): PlainNotebook {
  const parsed = read(file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.plain;
}

function why(file: string | object): string {
  const parsed = read(file);
  if (parsed.ok) throw new Error('was read');
  return `${parsed.code}: ${String(parsed.details['why'] ?? parsed.details['version'])}`;
}

const notebook = (cells: readonly object[], minor = 5, rest: object = {}) => ({
  nbformat: 4,
  nbformat_minor: minor,
  metadata: {},
  cells,
  ...rest,
});
const code = (rest: object = {}) => ({
  cell_type: 'code',
  id: 'a',
  metadata: {},
  source: [],
  outputs: [],
  execution_count: null,
  ...rest,
});

describe('files that are no JSON', () => {
  it.each([
    ['', 'the file is empty'],
    ['  \n ', 'the file is empty'],
    ['{"cells": [{"source": ["abc', 'it breaks off, its end is missing, at line 1, column 28'],
    ['{\n "cells": [\n', 'it breaks off, its end is missing, at line 3, column 1'],
    ['{\n "cells": [,]\n}', 'a value is missing or is not JSON at line 2, column 12'],
    ['{"a": 1 "b": 2}', 'a comma or “}” is missing at line 1, column 9'],
    ['{"a": "x\ny"}', 'a string holds a forbidden character or escape at line 1, column 7'],
    ['{} {}', 'there is more text after its end at line 1, column 4'],
    ['{\n "cells": [\n<<<<<<< HEAD\n', 'it has a conflict mark of Git at line 3, column 1'],
    ['[1]', 'it holds no JSON object'],
    ['<html>', 'a value is missing or is not JSON at line 1, column 1'],
    [`${'['.repeat(100_000)}`, 'it is nested too deeply at line 1, column 502'],
  ])('%j', (file, reason) => {
    expect(why(file)).toBe(`notebook/not-json: ${reason}`);
  });

  it('binary', () => {
    const parsed = notebookKind.fromFile(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]), 'a.ipynb', ids());
    expect(parsed).toMatchObject({ ok: false, code: 'notebook/not-json' });
    expect(parsed.ok || appError(parsed.code, { details: parsed.details }).message).toBe(
      '“a.ipynb” is not a notebook: it is not text in UTF-8. The file was left untouched.',
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(notebookKind.fromFile(bytes, 'x', ids()).ok).toBe(false);
      }),
    );
    const whole = JSON.stringify(notebook([code({ source: ['é\n', '"x'] })]));
    for (let end = 0; end < whole.length; end++) expect(read(whole.slice(0, end)).ok).toBe(false);
  });
});

describe('broken notebooks', () => {
  it.each([
    [{}, 'notebook/invalid: it has no nbformat number'],
    [{ nbformat: 4 }, 'notebook/invalid: it has no list of cells'],
    [{ nbformat: 1, cells: [] }, 'notebook/invalid: notebook format 1 is too old to be read'],
    [{ nbformat: 5, nbformat_minor: 1 }, 'notebook/too-new: 5.1'],
    [notebook([], 5, { metadata: [] }), 'notebook/invalid: its metadata is not an object'],
    [
      notebook([code(), { cell_type: 'heading', source: 'x' }]),
      'notebook/invalid: cell 2 has the unknown type “heading”',
    ],
    [notebook([code({ source: 7 })]), 'notebook/invalid: cell 1 has a source that is not text'],
    [notebook([code({ metadata: 'x' })]), 'notebook/invalid: cell 1 has metadata that is not an object'],
    [notebook([code({ outputs: {} })]), 'notebook/invalid: cell 1 has outputs that are not a list'],
    [
      notebook([code({ outputs: [1] })]),
      'notebook/invalid: cell 1 has an output (number 1) that is not an object',
    ],
    [
      notebook([code({ execution_count: 'x' })]),
      'notebook/invalid: cell 1 has an execution_count that is not a whole number',
    ],
    [notebook([7 as unknown as object]), 'notebook/invalid: cell 1 is not an object'],
  ])('%j', (file, reason) => {
    expect(why(file)).toBe(reason);
  });
});

describe('cell ids', () => {
  it('are given where missing, double or against the rules', () => {
    const file = notebook([code(), code(), code({ id: 'new0' }), code({ id: '$' }), code({ id: undefined })]);
    const found = plain(file).cells.map(({ id }) => String(id));
    expect(found[0]).toBe('a');
    expect(found[2]).toBe('new0');
    expect(new Set(found).size).toBe(5);
    expect(found.every((id) => /^[\w-]{1,64}$/.test(id))).toBe(true);
  });

  it('are unique even when newId repeats itself', () => {
    const file = encode(JSON.stringify(notebook([code({ id: 1 }), code({ id: 2 })])));
    const parsed = notebookKind.fromFile(file, 'x', () => 'same');
    expect(parsed.ok && new Set(parsed.plain.cells.map(({ id }) => id)).size).toBe(2);
  });

  it('are not written below 4.5', () => {
    expect(decode(notebookKind.toFile(plain(notebook([code()], 4))))).not.toContain('"id"');
  });
});

describe('what a file has comes back', () => {
  const roundTrip = (file: string) => decode(notebookKind.toFile(plain(file)));
  const withMetadata = (json: string) =>
    `{\n "cells": [],\n "metadata": {\n  "x": ${json}\n },\n "nbformat": 4,\n "nbformat_minor": 5\n}\n`;

  it.each([
    '1.0',
    '-0.0',
    '1e-07',
    '1e+16',
    '1e+22',
    '1.5e+300',
    '123456789012345678901',
    '-9007199254740993',
    'NaN',
    'Infinity',
    '-Infinity',
    '0.1',
    '100000.0',
    '0.0001',
    '5e-324',
    '0',
    '-1',
    '3.141592653589793',
  ])('the number %s, also through the document', (literal) => {
    const doc = new Y.Doc();
    notebookKind.seed(doc, plain(withMetadata(literal)));
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    expect(decode(notebookKind.toFile(notebookKind.read(copy)))).toBe(withMetadata(literal));
    expect(roundTrip(withMetadata(literal))).toBe(withMetadata(literal));
  });

  it.each([
    ['-0', '0'],
    ['1E5', '100000.0'],
    ['0.00001', '1e-05'],
    ['1.50', '1.5'],
    ['1e999', 'Infinity'],
  ])('the number %s as Python writes it: %s', (literal, python) => {
    expect(roundTrip(withMetadata(literal))).toBe(withMetadata(python));
  });

  it.each([
    '{\n   "$number": "1.0"\n  }',
    '{\n   "$$number": 1\n  }',
    '{\n   "$number": [\n    1.0\n   ]\n  }',
    '{\n   "__proto__": 1\n  }',
  ])('the object %s', (json) => {
    expect(roundTrip(withMetadata(json))).toBe(withMetadata(json));
  });

  it('numbers that JavaScript has not are kept by their text, and can be shown', () => {
    const { metadata } = plain(withMetadata('[1.0, NaN, 1.5, {"$number": "7"}, 12345678901234567890]'));
    expect(metadata).toEqual({
      x: [
        { $number: '1.0' },
        { $number: 'NaN' },
        1.5,
        { $$number: '7' },
        { $number: '12345678901234567890' },
      ],
    });
    expect(plainNumbers(metadata)).toEqual({
      x: [1, 'NaN', 1.5, { $number: '7' }, Number('12345678901234567890')],
    });
  });

  it('any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const first = roundTrip(JSON.stringify(notebook([], 5, { metadata: { value } })));
        expect(roundTrip(first)).toBe(first);
        expect(JSON.parse(first).metadata.value).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keys sorted by code point, no ASCII escaping, control characters escaped', () => {
    const text = roundTrip(
      JSON.stringify(notebook([], 5, { metadata: { '\u{1f600}': 1, '\uff5e': 2, é: '\u007f\u0001' } })),
    );
    expect(text).toContain('"é": "\u007f\\u0001",\n  "\uff5e": 2,\n  "\u{1f600}": 1');
  });

  it('lines split where Python splits them', () => {
    const source = 'a\r\nb\rc\vd\fe\x1cf\x1dg\x1eh\x85i\u2028j\u2029k\x1fl\n\n';
    const written = JSON.parse(decode(notebookKind.toFile(plain(notebook([code({ source })])))));
    expect(written.cells[0].source).toEqual([
      'a\r\n',
      'b\r',
      'c\v',
      'd\f',
      'e\x1c',
      'f\x1d',
      'g\x1e',
      'h\x85',
      'i\u2028',
      'j\u2029',
      'k\x1fl\n',
      '\n',
    ]);
  });

  it('lists under a JSON type are not joined, texts are', () => {
    const data = {
      'application/json': ['a', 'b'],
      'application/x+json': ['c'],
      'text/html': ['<b>\n', 'x'],
      'image/png': 'AA\n',
    };
    const file = notebook([code({ outputs: [{ output_type: 'display_data', data, metadata: {} }] })]);
    const [cell] = plain(file).cells;
    expect(cell?.type === 'code' && cell.outputs[0]).toEqual({
      type: 'display_data',
      data: { ...data, 'text/html': '<b>\nx' },
      metadata: {},
    });
    expect(JSON.parse(decode(notebookKind.toFile(plain(file)))).cells[0].outputs[0].data).toEqual(data);
  });

  it('unknown fields, cell types and outputs', () => {
    const file = notebook(
      [
        code({
          outputs: [
            { output_type: 'sound', wave: [1] },
            { output_type: 'stream', name: 'log', text: ['a\n', 'b'], x: 1 },
          ],
        }),
        code({ id: 'b', review: { by: 'x' } }),
        { cell_type: 'map', id: 'c', metadata: {}, layers: [] },
        { cell_type: 'markdown', id: 'd', metadata: {}, source: ['x'], attachments: {} },
        {
          cell_type: 'markdown',
          id: 'e',
          metadata: {},
          source: ['x'],
          attachments: { 'a.png': { 'image/png': 'AA' } },
        },
      ],
      7,
      { created: 'now' },
    );
    expect(JSON.parse(decode(notebookKind.toFile(plain(file))))).toEqual(file);
  });

  it('a byte-order mark is no reason to refuse', () => {
    expect(plain(`\uFEFF${JSON.stringify(notebook([]))}`).cells).toEqual([]);
  });

  it('trust marks and signatures are dropped', () => {
    const metadata = { signature: 'x', orig_nbformat: 2, orig_nbformat_minor: 1, kept: 1 };
    const read = plain(notebook([code({ metadata: { trusted: true, kept: 1 } })], 5, { metadata }));
    expect(read.metadata).toEqual({ kept: 1 });
    expect(read.cells[0]?.metadata).toEqual({ kept: 1 });
  });
});
