import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { kindFor, kindOf } from './kinds.ts';
import { textKind, textOf } from './text-kind.ts';

const newId = () => '00000000';

describe('text files', () => {
  it.each(['', 'a', 'a\r\nb\n', '\uFEFFx\r', '\u{1f600}\u2028', 'no end\n\n'])(
    '%j comes back byte for byte',
    (text) => {
      const bytes = new TextEncoder().encode(text);
      const parsed = textKind.fromFile(bytes, 'a.txt', newId);
      if (!parsed.ok) throw new Error(parsed.code);
      const doc = new Y.Doc();
      textKind.seed(doc, parsed.plain);
      expect(textKind.toFile(textKind.read(doc))).toEqual(bytes);
    },
  );

  it('refuses what is not text', () => {
    for (const bytes of [
      [0xff, 0xfe],
      [0x61, 0x00, 0x62],
      [0xc3, 0x28],
    ]) {
      expect(textKind.fromFile(new Uint8Array(bytes), 'a.bin', newId)).toEqual({
        ok: false,
        code: 'document/binary',
        details: { path: 'a.bin' },
      });
    }
  });

  it('an edit reads as its target, is one transaction and keeps what others type meanwhile', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const doc = new Y.Doc();
        textKind.seed(doc, a);
        const origins: unknown[] = [];
        doc.on('update', (_: Uint8Array, origin: unknown) => origins.push(origin));
        textKind.edit(doc, b, 'disk', newId);
        expect(textKind.read(doc)).toBe(b);
        expect(origins).toEqual(a === b ? [] : ['disk']);
      }),
    );
    const doc = new Y.Doc();
    textKind.seed(doc, 'one\ntwo\n');
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    textOf(other).insert(7, '!');
    textKind.edit(doc, 'ONE\ntwo\n', 'disk', newId);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(textKind.read(doc)).toBe('ONE\ntwo!\n');
  });
});

describe('kindOf', () => {
  it('knows notebooks by their name', () => {
    expect(['a.ipynb', 'A.IPYNB', 'a.py', 'ipynb', 'x.ipynb.txt'].map(kindOf)).toEqual([
      'notebook',
      'notebook',
      'text',
      'text',
      'text',
    ]);
    expect(kindFor('notebook').id).toBe('notebook');
    expect(kindFor('text').id).toBe('text');
  });
});
