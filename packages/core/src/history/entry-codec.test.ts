import { asBlobHash, asCellId, asDocumentId } from '@cahier/base/ids.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Entry } from './entry.ts';
import { packEntries, unpackEntries } from './entry-codec.ts';

const document = asDocumentId('trace');
const typed = (seq: number, update: Uint8Array): Entry => ({
  document,
  seq,
  at: 1_700_000_000_000 + seq * 200,
  author: { person: null, name: 'Ada', session: null },
  origin: 'typing',
  kind: 'update',
  update,
});

describe('entry codec', () => {
  it('gives back every entry of any history byte for byte', { timeout: 60_000 }, () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 0, max: 120 }),
      (seed, cut) => {
        const trace = makeTrace({ seed, entries: 200, broken: 0.05 }).slice(cut);
        expect(unpackEntries(packEntries(trace), document)).toEqual(trace);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('gives back bytes that are no update at all, and everything a mark or a run may hold', () => {
    const author = { person: null, name: 'é', session: null };
    const entries: Entry[] = [
      typed(7, Uint8Array.of()),
      typed(8, Uint8Array.of(0, 0)),
      typed(9, Uint8Array.of(1, 1, 255, 255)),
      typed(10, new Uint8Array(300).fill(255)),
      { document, seq: 11, at: 5, author, origin: 'api', kind: 'mark', mark: 'named', text: '“v1” \ud800' },
      {
        document,
        seq: 12,
        at: 4,
        author,
        origin: 'import',
        kind: 'run',
        run: null,
        cell: asCellId('c'),
        state: 'done',
        executionCount: null,
        startedAt: null,
        outputs: asBlobHash('ab'),
      },
    ];
    expect(unpackEntries(packEntries(entries), document)).toEqual(entries);
    expect(unpackEntries(packEntries([]), document)).toEqual([]);
  });

  it('a key of steady typing costs a byte or two beside its time', () => {
    const doc = new Y.Doc();
    doc.clientID = 3_141_592_653;
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const text = doc.getText('text');
    for (let i = 0; i < 1_000; i += 1) text.insert(i, 'x');
    const packed = packEntries(updates.map((update, i) => typed(i + 1, update)));
    expect(packed.length).toBeLessThan(updates.reduce((sum, update) => sum + update.length, 0));
  });

  it('refuses what is cut short or of another version', () => {
    const packed = packEntries(makeTrace({ seed: 1, entries: 20 }));
    expect(() => unpackEntries(packed.subarray(0, packed.length - 3), document)).toThrow();
    expect(() => unpackEntries(packed.with(0, 9), document)).toThrow(RangeError);
  });
});
