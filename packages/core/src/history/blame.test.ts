import { asCellId, asDocumentId } from '@cahier/base/ids.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { cellsMap, mergeCells, splitCell } from '../notebooks/source-doc.ts';
import { Blame } from './blame.ts';
import { StepDeriver } from './derive-steps.ts';
import type { Entry } from './entry.ts';
import { pastCells } from './fold.ts';
import { emptyPast } from './step.ts';

const a = asCellId('a');
const b = asCellId('b');

/** People edit one document in turn; what they did as a blame. */
type Edit = readonly [author: number, origin: Entry['origin'], edit: (doc: Y.Doc) => void];

function told(edits: readonly Edit[]) {
  const doc = new Y.Doc();
  const deriver = new StepDeriver(new Y.Doc(), emptyPast);
  const blame = new Blame(emptyPast);
  let seq = 0;
  for (const [author, origin, edit] of edits) {
    const note = (update: Uint8Array) => {
      const by = { person: null, name: '', session: null };
      seq += 1;
      const entry = {
        document: asDocumentId('d'),
        seq,
        at: seq,
        author: by,
        origin,
        kind: 'update' as const,
        update,
      };
      blame.apply(deriver.apply(entry, author));
    };
    doc.on('update', note);
    doc.transact(() => edit(doc));
    doc.off('update', note);
  }
  const authors = (id: typeof a) =>
    blame
      .runs(id)
      .map(({ length, author }) => `${author}`.repeat(length))
      .join('');
  return { doc, authors, deriver };
}

const newCell = (id: string, source: string) => (doc: Y.Doc) => {
  const cell = new Y.Map<unknown>([
    ['type', 'code'],
    ['position', id],
    ['source', new Y.Text(source)],
  ]);
  doc.getMap('cells').set(id, cell);
};
const text = (doc: Y.Doc, id: string): Y.Text => {
  const cell = cellsMap(doc).get(id);
  const source: unknown = cell instanceof Y.Map ? cell.get('source') : null;
  if (!(source instanceof Y.Text)) throw new Error('no text');
  return source;
};

describe('blame', () => {
  it('tells every character of every history apart as Yjs does', { timeout: 60_000 }, () => {
    // Without splits, merges and undo Yjs itself knows the author of each character: its client.
    const property = fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 150 }),
      (seed, entries) => {
        const trace = makeTrace({
          seed,
          entries,
          broken: 0,
          acts: ['type', 'erase', 'insert', 'delete', 'move', 'retype'],
        });
        const replica = new Y.Doc();
        const deriver = new StepDeriver(new Y.Doc(), emptyPast);
        const blame = new Blame(emptyPast);
        const clients = new Map<number, number>();
        for (const entry of trace) {
          const author = Number(entry.author.person?.at(-1));
          if (entry.kind === 'update') {
            for (const client of Y.parseUpdateMeta(entry.update).to.keys()) clients.set(client, author);
            Y.applyUpdate(replica, entry.update);
          }
          blame.apply(deriver.apply(entry, author));
        }
        for (const { id } of pastCells(deriver.past())) {
          // A half of a surrogate pair that Yjs replaced counts as written by whoever cut the pair.
          const now = text(replica, id).toString();
          const wanted: number[] = [];
          for (let item = text(replica, id)._start; item; item = item.right) {
            const author = clients.get(item.id.client) ?? -9;
            if (!item.deleted) for (let i = 0; i < item.length; i += 1) wanted.push(author);
          }
          const found = blame.runs(id).flatMap(({ length, author }) => Array<number>(length).fill(author));
          expect(found.length).toBe(now.length);
          const isWhole = (_: number, at: number) => now.charAt(at) !== '\ufffd';
          expect(found.filter(isWhole)).toEqual(wanted.filter(isWhole));
        }
      },
    );
    fc.assert(property, { numRuns: 40 });
  });

  it('covers every character of histories with everything in them', { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const deriver = new StepDeriver(new Y.Doc(), emptyPast);
      const blame = new Blame(emptyPast);
      for (const entry of makeTrace({ seed, entries: 150, broken: 0.02 })) {
        blame.apply(deriver.apply(entry, 0));
        for (const { id, source } of pastCells(deriver.past())) {
          expect(blame.runs(id).reduce((sum, run) => sum + run.length, 0)).toBe(source.length);
        }
      }
    }
  });

  it('a split and a merge keep who wrote what', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'one ')],
      [2, 'typing', (doc) => text(doc, 'a').insert(4, 'two ')],
      [1, 'typing', (doc) => text(doc, 'a').insert(8, 'three')],
      [3, 'structure', (doc) => splitCell(doc, a, 6, b, null, '')],
    ]);
    expect([authors(a), authors(b)]).toEqual(['111122', '2211111']);
    const merged = told([
      [1, 'structure', newCell('a', 'one')],
      [2, 'structure', newCell('b', 'two')],
      [1, 'typing', (doc) => text(doc, 'b').insert(3, '!')],
      [3, 'structure', (doc) => void mergeCells(doc, [a, b], null)],
    ]);
    expect([merged.authors(a), merged.authors(b)]).toEqual(['11132221', '']);
  });

  it('an undo and a restore bring the authors back with the text; typing it anew does not', () => {
    const begin = [
      [1, 'structure', newCell('a', 'mine ')],
      [2, 'typing', (doc: Y.Doc) => text(doc, 'a').insert(5, 'yours')],
      [3, 'typing', (doc: Y.Doc) => text(doc, 'a').delete(0, 10)],
    ] as const satisfies readonly Edit[];
    const back = (doc: Y.Doc) => text(doc, 'a').insert(0, 'mine yours');
    expect(told([...begin, [3, 'undo', back]]).authors(a)).toBe('1111122222');
    expect(told([...begin, [3, 'restore', back]]).authors(a)).toBe('1111122222');
    expect(told([...begin, [3, 'typing', back]]).authors(a)).toBe('3333333333');
  });

  it('what was there before the first step has no author', () => {
    const past = told([[1, 'structure', newCell('a', 'old')]]).deriver.past();
    const blame = new Blame(past);
    blame.apply({
      seq: 2,
      at: 2,
      author: 5,
      origin: 'typing',
      changes: [{ c: 'text', cell: a, delta: [1, 'x'] }],
    });
    expect(blame.runs(a).map(({ length, author }) => [length, author])).toEqual([
      [1, -1],
      [1, 5],
      [2, -1],
    ]);
  });
});
