import { asBlobHash, asCellId, asDocumentId, asRunId } from '@cahier/base/ids.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  cellsMap,
  deleteCells,
  insertCell,
  mergeCells,
  moveCells,
  orderedCells,
  splitCell,
} from '../notebooks/source-doc.ts';
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
  return { doc, authors, deriver, blame };
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

/** Edits in which no character is typed twice; `writers` learns who typed it. */
function uniqueEdits(
  acts: readonly (readonly [number, number, number])[],
  writers: Map<string, number>,
): readonly Edit[] {
  // private use: signs that stand for a syllable or a word would count for more
  let next = 0xe000;
  const fresh = (count: number, author: number) => {
    let typed = '';
    for (let i = 0; i < count; i += 1) {
      const char = String.fromCharCode((next += 1));
      writers.set(char, author);
      typed += char;
    }
    return typed;
  };
  let undo: Y.UndoManager | null = null;
  return acts.map(([what, x, y], i): Edit => {
    const author = (x + y) % 4;
    const isUndo = what >= 85;
    const isTyping = what < 55;
    const isRearranging = what >= 62;
    return [
      author,
      isUndo ? 'undo' : isTyping ? 'typing' : isRearranging ? 'rearrangement' : 'structure',
      (doc) => {
        undo ??= new Y.UndoManager([cellsMap(doc)], { captureTimeout: 0 });
        const cells = orderedCells(doc);
        const at = (n: number) => cells[n % Math.max(1, cells.length)]?.id ?? a;
        const length = cells.length === 0 ? 0 : text(doc, at(x)).length;
        if (cells.length === 0 || (what >= 55 && what < 62)) {
          const place = { after: cells.length === 0 ? null : at(x) };
          insertCell(
            doc,
            { id: asCellId(`c${i}`), type: 'code', source: fresh(x % 4, author) },
            place,
            null,
            '',
          );
        } else if (what < 40) text(doc, at(x)).insert(y % (length + 1), fresh(1 + (x % 3), author));
        else if (what < 55)
          text(doc, at(x)).delete(y % (length + 1), Math.min(1 + (x % 3), length - (y % (length + 1))));
        else if (what < 70) splitCell(doc, at(x), y % (length + 1), asCellId(`c${i}`), null, '');
        else if (what < 77) mergeCells(doc, [at(x), at(y)], null);
        else if (what < 81) moveCells(doc, [at(x)], { after: at(y) }, null, '');
        else if (what < 85) deleteCells(doc, [at(x)], null);
        else if (what < 95) undo.undo();
        else undo.redo();
      },
    ];
  });
}

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
        for (const { id, source: now } of pastCells(deriver.past())) {
          // A half of a surrogate pair that Yjs replaced counts as written by whoever cut the pair.
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

  it('knows the author of every character through splits, merges, moves, deletions and undo', {
    timeout: 60_000,
  }, () => {
    // Every typed character is another one: who first wrote it is its author, wherever it goes.
    const acts = fc.array(fc.tuple(fc.nat(99), fc.nat(9_999), fc.nat(9_999)), {
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(acts, (list) => {
        const writers = new Map<string, number>();
        const found = told(uniqueEdits(list, writers));
        for (const { id, source } of pastCells(found.deriver.past())) {
          const authors = found.blame
            .runs(id)
            .flatMap(({ length, author }) => Array<number>(length).fill(author));
          expect(authors.length).toBe(source.length);
          for (let i = 0; i < source.length; i += 1) {
            const wanted = writers.get(source.charAt(i));
            // The line end between merged cells is nobody's first.
            if (wanted !== undefined)
              expect(`${source.charAt(i)} ${authors[i]}`).toBe(`${source.charAt(i)} ${wanted}`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('a step with several edits of one cell', () => {
    const blame = new Blame(told([[1, 'structure', newCell('a', 'abcd')]]).deriver.past());
    const changes = [
      { c: 'text', cell: a, delta: [4, 'Q'] },
      { c: 'text', cell: a, delta: [{ d: 2 }, 2, 'ab'] },
    ] as const;
    blame.apply({ seq: 2, at: 2, author: 2, origin: 'structure', changes });
    expect(blame.runs(a).map(({ length, author }) => [length, author])).toEqual([
      [4, -1],
      [1, 2],
    ]);
  });

  it('a split of a single character', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'xy')],
      [2, 'typing', (doc) => text(doc, 'a').insert(2, 'z')],
      [3, 'structure', (doc) => splitCell(doc, a, 2, b, null, '')],
    ]);
    expect([authors(a), authors(b)]).toEqual(['11', '2']);
  });

  it('a moved line and a completed word keep their authors; letters that occur by chance do not', () => {
    const begin = [
      [1, 'structure', newCell('a', 'in\nx = 1')],
      [2, 'typing', (doc: Y.Doc) => text(doc, 'a').insert(8, '2\npri')],
    ] as const satisfies readonly Edit[];
    expect(told(begin).authors(a)).toBe('1111111122222');
    const moveLine = (doc: Y.Doc) => {
      text(doc, 'a').delete(2, 7);
      text(doc, 'a').insert(0, 'x = 12\n');
    };
    expect(told([...begin, [3, 'typing', moveLine]]).authors(a)).toBe('1111123112222');
    const complete = (doc: Y.Doc) => {
      text(doc, 'a').delete(10, 3);
      text(doc, 'a').insert(10, 'print');
    };
    expect(told([...begin, [3, 'typing', complete]]).authors(a)).toBe('111111112222233');
    const rewrite = (doc: Y.Doc) => {
      text(doc, 'a').delete(0, 2);
      text(doc, 'a').insert(11, 'nting');
    };
    expect(told([...begin, [3, 'offline', rewrite]]).authors(a)).toBe('1111112222233333');
    const inside = (doc: Y.Doc) => {
      text(doc, 'a').delete(3, 6);
      text(doc, 'a').insert(7, ' = ');
    };
    expect(told([...begin, [3, 'offline', inside]]).authors(a)).toBe('1112222333');
  });

  it('text that is cut and pasted later belongs to whoever pasted it', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'mine and yours')],
      [2, 'typing', (doc) => text(doc, 'a').delete(0, 4)],
      [2, 'paste', (doc) => text(doc, 'a').insert(10, 'mine')],
    ]);
    expect(authors(a)).toBe('11111111112222');
  });

  it('letters deleted one by one come back in one undo with their authors', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'ab')],
      [2, 'typing', (doc) => text(doc, 'a').insert(2, 'ab')],
      ...[3, 2, 1, 0].map((at): Edit => [3, 'typing', (doc) => text(doc, 'a').delete(at, 1)]),
      [3, 'undo', (doc) => text(doc, 'a').insert(0, 'abab')],
    ]);
    expect(authors(a)).toBe('1122');
  });

  it('a cell comes back with its authors though it was changed before it was deleted', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'rows = read(file)\n')],
      [2, 'typing', (doc) => text(doc, 'a').insert(18, 'print(rows)')],
      [3, 'typing', (doc) => text(doc, 'a').insert(4, '_all')],
      [3, 'structure', (doc) => deleteCells(doc, [a], null)],
      [4, 'restore', newCell('a', 'rows = read(file)\nprint(rows)')],
    ]);
    expect(authors(a)).toBe(`${'1'.repeat(18)}${'2'.repeat(11)}`);
  });

  it('cells are merged while somebody types in one of them, or split while somebody deletes it', () => {
    const begin = [
      [1, 'structure', newCell('a', 'first')],
      [2, 'structure', newCell('b', 'second line')],
    ] as const satisfies readonly Edit[];
    const merge = (doc: Y.Doc) => {
      text(doc, 'b').insert(11, '!!');
      cellsMap(doc).delete('b');
      text(doc, 'a').insert(5, '\nsecond line');
    };
    expect(told([...begin, [3, 'structure', merge]]).authors(a)).toBe(`111113${'2'.repeat(11)}`);
    const split = told([
      ...begin,
      [3, 'structure', (doc) => deleteCells(doc, [b], null)],
      [4, 'structure', newCell('c', 'cond line')],
    ]);
    expect(split.authors(asCellId('c'))).toBe('2'.repeat(9));
  });

  it.each(['rearrangement', 'offline-rearrangement'] as const)(
    'a split or a merge has no new text: single letters that others changed meanwhile keep their authors (%s)',
    (origin) => {
      const begin = [
        [1, 'structure', newCell('a', 'x1')],
        [2, 'typing', (doc) => text(doc, 'a').insert(2, 'y')],
        [3, 'structure', newCell('b', 'z')],
        // after who splits or merges has seen it
        [4, 'typing', (doc) => text(doc, 'a').delete(2, 1)],
        [5, 'typing', (doc) => text(doc, 'b').insert(0, 'new')],
      ] as const satisfies readonly Edit[];
      expect(told([...begin, [6, origin, newCell('c', 'y')]]).authors(asCellId('c'))).toBe('2');
      const merge = (doc: Y.Doc) => {
        cellsMap(doc).delete('a');
        text(doc, 'b').insert(4, '\nx1y');
      };
      expect(told([...begin, [6, origin, merge]]).authors(b)).toBe('55536112');
    },
  );

  it('a merge tells one letter at the edge of a line from the line end beside it', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'x\ny')],
      [2, 'structure', newCell('b', 'kl')],
      [3, 'typing', (doc) => text(doc, 'b').insert(1, '\nnew')],
      [
        4,
        'rearrangement',
        (doc) => {
          cellsMap(doc).delete('b');
          text(doc, 'a').insert(3, '\nkl');
        },
      ],
    ]);
    expect(authors(a).slice(-2)).toBe('22');
  });

  it.each(['undo', 'rearrangement', 'offline-rearrangement'] as const)(
    'nobody gets others to have written what was put together of their letters, though it calls itself %s',
    (origin) => {
      const { authors } = told([
        [1, 'structure', newCell('a', 'the quick brown fox jumps over a lazy dog')],
        [2, 'typing', (doc) => text(doc, 'a').delete(0, 20)],
        [3, 'structure', newCell('b', '')],
        [4, origin, (doc) => text(doc, 'b').insert(0, 'i admit to have cheated')],
      ]);
      expect(authors(b)).toBe('4'.repeat(23));
    },
  );

  it.each(['undo', 'offline-undo', 'restore'] as const)(
    '%s brings single letters back with their authors',
    (origin) => {
      const { authors } = told([
        [1, 'structure', newCell('a', 'p')],
        [2, 'typing', (doc) => text(doc, 'a').insert(1, 'q')],
        [3, 'typing', (doc) => text(doc, 'a').insert(2, 'r')],
        [4, 'typing', (doc) => text(doc, 'a').delete(0, 2)],
        [5, 'typing', (doc) => text(doc, 'a').insert(1, 's')],
        [6, origin, (doc) => text(doc, 'a').insert(0, 'pq')],
      ]);
      expect(authors(a)).toBe('1235');
    },
  );

  it('who completes a word in JupyterLab has typed its new letters', () => {
    const { authors } = told([
      [1, 'structure', newCell('a', 'tin pri')],
      [2, 'typing', (doc) => text(doc, 'a').insert(0, 'nt ')],
      [3, 'typing', (doc) => text(doc, 'a').delete(0, 3)],
      [
        4,
        'jupyterlab',
        (doc) => {
          text(doc, 'a').delete(4, 3);
          text(doc, 'a').insert(4, 'print');
        },
      ],
    ]);
    expect(authors(a)).toBe('111111144');
  });

  it('what JupyterLab joins, or brings back under its old id, keeps the authors of its last letter too', () => {
    const begin = [
      [1, 'structure', newCell('a', 'k')],
      [2, 'structure', newCell('b', 'l')],
    ] as const satisfies readonly Edit[];
    const join = (doc: Y.Doc) => {
      cellsMap(doc).delete('b');
      text(doc, 'a').insert(1, '\nl');
    };
    expect(told([...begin, [3, 'jupyterlab', join]]).authors(a)).toBe('132');
    const back = told([
      ...begin,
      [3, 'rearrangement', (doc) => deleteCells(doc, [b], null)],
      [4, 'jupyterlab', newCell('b', 'l')],
    ]);
    expect(back.authors(b)).toBe('2');
    const another = told([...begin, [4, 'jupyterlab', newCell('c', 'l')]]);
    expect(another.authors(asCellId('c'))).toBe('4');
  });

  it('two texts that lie in one another letter by letter keep their authors when they come back whole, not in another order', () => {
    const told4 = (put: string) =>
      told([
        [1, 'structure', newCell('a', 'kmnop')],
        [2, 'structure', newCell('b', 'vwxy')],
        [3, 'rearrangement', (doc) => deleteCells(doc, [a, b], null)],
        [4, 'rearrangement', newCell('c', put)],
      ]).authors(asCellId('c'));
    expect(told4('kvmwnxoyp')).toBe('121212121');
    expect(told4('pvowyxnmk')).toBe('444444444');
  });

  it('what JupyterLab joins with a cell that somebody had just deleted keeps its authors, what it pastes is new', () => {
    const begin = [
      [1, 'structure', newCell('a', 'k')],
      [2, 'structure', newCell('b', 'lm')],
    ] as const satisfies readonly Edit[];
    const gone = [3, 'rearrangement', (doc) => deleteCells(doc, [b], null)] as const satisfies Edit;
    const joined = (doc: Y.Doc) => {
      text(doc, 'a').delete(0, 1);
      text(doc, 'a').insert(text(doc, 'a').length, 'k\nlm');
    };
    expect(told([...begin, gone, [4, 'jupyterlab', joined]]).authors(a)).toBe('1422');
    // somebody typed meanwhile, or emptied the cell
    const typed = [5, 'typing', (doc) => text(doc, 'a').insert(1, 'x')] as const satisfies Edit;
    expect(told([...begin, gone, typed, [4, 'jupyterlab', joined]]).authors(a)).toBe('51422');
    const emptied = [5, 'typing', (doc) => text(doc, 'a').delete(0, 1)] as const satisfies Edit;
    const below = (doc: Y.Doc) => text(doc, 'a').insert(0, '\nlm');
    expect(told([...begin, gone, emptied, [4, 'jupyterlab', below]]).authors(a)).toBe('422');
    const pasted = (doc: Y.Doc) => text(doc, 'a').insert(1, '\nl');
    expect(told([...begin, [4, 'jupyterlab', pasted]]).authors(a)).toBe('144');
    const more = (doc: Y.Doc) => {
      text(doc, 'a').delete(0, 1);
      text(doc, 'a').insert(0, 'k\nlq');
    };
    expect(told([...begin, gone, [4, 'jupyterlab', more]]).authors(a)).toBe('4444');
  });

  it('says when and how, who made the cell, and who ran it', () => {
    const { blame, deriver } = told([[1, 'structure', newCell('a', 'x')]]);
    const ran = {
      c: 'run',
      cell: a,
      run: asRunId('r'),
      state: 'done',
      count: 3,
      startedAt: 1,
      outputs: asBlobHash('h'),
    } as const;
    blame.apply({ seq: 2, at: 20, author: 2, origin: 'run', changes: [ran] });
    blame.apply({
      seq: 3,
      at: 30,
      author: 3,
      origin: 'paste',
      changes: [{ c: 'text', cell: a, delta: [1, '!'] }],
    });
    expect(blame.cell(a)).toEqual({
      created: { author: 1, seq: 1, at: 1, origin: 'structure' },
      edited: { author: 3, seq: 3, at: 30, origin: 'paste' },
      result: { author: 2, seq: 2, at: 20, origin: 'run', run: 'r', state: 'done', count: 3 },
      runs: [
        { length: 1, author: 1, seq: 1, at: 1, origin: 'structure' },
        { length: 1, author: 3, seq: 3, at: 30, origin: 'paste' },
      ],
    });
    expect(blame.seq).toBe(3);
    expect(blame.cell(b)).toBeNull();
    expect(new Blame(deriver.past()).cell(a)?.created).toEqual({
      author: -1,
      seq: 1,
      at: null,
      origin: null,
    });
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
