import { asBlobHash, asCellId, asDocumentId, asRunId } from '@cahier/base/ids.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { cellText, deleteCells, insertCell, readNotebook } from '../notebooks/source-doc.ts';
import { packSteps, unpackSteps } from './codec.ts';
import { StepDeriver } from './derive-steps.ts';
import type { Entry } from './entry.ts';
import { applyStep, foldTo, pastCells } from './fold.ts';
import { notebookOf, textOf } from './restore.ts';
import { emptyPast, type PastDocument, type Step, textCellId, unknownCellId } from './step.ts';

const a = asCellId('a');
const author = { person: null, name: 'x', session: null };
const base = { document: asDocumentId('d'), at: 1, author, origin: 'typing' as const };

function derive(entries: readonly Entry[]) {
  const deriver = new StepDeriver(new Y.Doc(), emptyPast);
  const steps = entries.map((entry) => deriver.apply(entry, 0));
  return { steps, deriver };
}

/** The entries that one document's edits make. */
function record(doc: Y.Doc, edits: () => void): Entry[] {
  const entries: Entry[] = [];
  const note = (update: Uint8Array) =>
    void entries.push({ ...base, seq: entries.length + 1, kind: 'update', update });
  doc.on('update', note);
  edits();
  doc.off('update', note);
  return entries;
}

describe('steps from the log', () => {
  it('fold(steps up to n) is the document at n, for every n of random histories of several people', {
    timeout: 60_000,
  }, () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 120 }),
      (seed, entries) => {
        const trace = makeTrace({ seed, entries, broken: seed % 2 === 0 ? 0.03 : 0 });
        const replica = new Y.Doc();
        const deriver = new StepDeriver(new Y.Doc(), emptyPast);
        const steps: Step[] = [];
        let past: PastDocument = emptyPast;
        const runs = new Map<string, string>();
        for (const entry of trace) {
          if (entry.kind === 'update') Y.applyUpdate(replica, entry.update);
          steps.push(deriver.apply(entry, 0));
          past = applyStep(past, unpackSteps(packSteps(steps.slice(-1)))[0] ?? fail());
          expect(notebookOf(past)).toEqual(readNotebook(replica));
          expect(past).toEqual(deriver.past());
          const present = new Set(pastCells(past).map((cell) => String(cell.id)));
          for (const id of runs.keys()) if (!present.has(id)) runs.delete(id);
          if (entry.kind === 'run' && present.has(entry.cell)) runs.set(entry.cell, entry.outputs);
          for (const [id, outputs] of runs) expect(past.cells[asCellId(id)]?.run?.outputs).toBe(outputs);
        }
        const middle = Math.floor(trace.length / 2);
        expect(foldTo(foldTo(emptyPast, steps, middle), steps, trace.length)).toEqual(past);
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('goes on from a replica and a checkpoint as if it had never stopped', () => {
    const trace = makeTrace({ seed: 5, entries: 200 });
    const whole = derive(trace);
    for (const cut of [1, 77, 199]) {
      const first = derive(trace.slice(0, cut));
      const replica = new Y.Doc();
      for (const entry of trace.slice(0, cut))
        if (entry.kind === 'update') Y.applyUpdate(replica, entry.update);
      const again = new Y.Doc();
      Y.applyUpdate(again, Y.encodeStateAsUpdate(replica));
      const deriver = new StepDeriver(again, first.deriver.past());
      const rest = trace.slice(cut).map((entry) => deriver.apply(entry, 0));
      expect([...first.steps, ...rest]).toEqual(whole.steps);
    }
  });

  it('tells typing to the unit, where comparing texts could not', () => {
    const doc = new Y.Doc();
    const entries = record(doc, () => {
      const source = new Y.Text('aaa');
      doc.getMap('cells').set('c', new Y.Map<unknown>([['source', source]]));
      source.insert(1, 'a');
      source.delete(0, 1);
      doc.transact(() => {
        source.insert(0, 'x');
        source.insert(3, 'y');
      });
    });
    expect(
      derive(entries)
        .steps.slice(1)
        .map((step) => step.changes),
    ).toEqual([
      [{ c: 'text', cell: 'c', delta: [1, 'a'] }],
      [{ c: 'text', cell: 'c', delta: [{ d: 1 }] }],
      [{ c: 'text', cell: 'c', delta: ['x', 2, 'y'] }],
    ]);
  });

  it('a move is one register, a type change leaves the text alone', () => {
    const doc = new Y.Doc();
    const entries = record(doc, () => {
      const cell = new Y.Map<unknown>([
        ['source', new Y.Text('t')],
        ['position', 'a'],
        ['type', 'code'],
      ]);
      doc.getMap('cells').set('c', cell);
      cell.set('position', 'b');
      cell.set('type', 'raw');
    });
    expect(
      derive(entries)
        .steps.slice(1)
        .map((step) => step.changes),
    ).toEqual([
      [{ c: 'set', cell: 'c', key: 'position', value: 'b' }],
      [{ c: 'set', cell: 'c', key: 'type', value: 'raw' }],
    ]);
  });

  it('a text document is one cell', () => {
    const doc = new Y.Doc();
    const text = doc.getText('text');
    const entries = record(doc, () => {
      text.insert(0, 'hello');
      text.insert(5, '!');
      text.delete(0, 6);
    });
    const { steps } = derive(entries);
    expect([0, 1, 2, 3].map((seq) => textOf(foldTo(emptyPast, steps, seq)))).toEqual([
      '',
      'hello',
      'hello!',
      '',
    ]);
    expect(steps[1]?.changes).toEqual([{ c: 'text', cell: textCellId, delta: [5, '!'] }]);
  });

  it('an update that comes again, or before what it needs, is a step that changes what it changed', () => {
    const doc = new Y.Doc();
    const text = doc.getText('text');
    const [first, second] = record(doc, () => {
      text.insert(0, 'a');
      text.insert(1, 'b');
    });
    if (!first || !second) throw new Error('no entries');
    const order = [second, first, first].map((entry, i) => ({ ...entry, seq: i + 1 }));
    const { steps } = derive(order);
    expect(steps.map((step) => step.changes.length)).toEqual([0, 1, 0]);
    expect(textOf(foldTo(emptyPast, steps, 3))).toBe('ab');
  });

  it('says what was typed into a cell that was gone by then, and changes nothing', () => {
    const [ada, ben] = [new Y.Doc(), new Y.Doc()];
    const made = record(ada, () =>
      insertCell(ada, { id: a, type: 'code', source: 'x' }, { after: null }, null, ''),
    );
    for (const entry of made) if (entry.kind === 'update') Y.applyUpdate(ben, entry.update);
    const gone = record(ada, () => deleteCells(ada, [a], null));
    const typed = record(ben, () => cellText(ben, a)?.insert(1, 'yz'));
    const entries = [...made, ...gone, ...typed, ...typed].map((entry, i) => ({ ...entry, seq: i + 1 }));
    const { steps } = derive(entries);
    expect(steps.slice(-2).map(({ changes }) => changes)).toEqual([
      [{ c: 'text', cell: unknownCellId, delta: ['yz'] }],
      [],
    ]);
    expect(foldTo(emptyPast, steps, entries.length).cells).toEqual({});
  });

  it('bytes that are no update change nothing and stop nothing', () => {
    const doc = new Y.Doc();
    const [good] = record(doc, () => doc.getText('text').insert(0, 'a'));
    if (!good) throw new Error('no entry');
    const bad: Entry = { ...base, seq: 1, kind: 'update', update: Uint8Array.of(255, 255, 255, 3, 1) };
    const { steps } = derive([bad, { ...good, seq: 2 }]);
    expect(textOf(foldTo(emptyPast, steps, 2))).toBe('a');
  });

  it('runs and marks become changes', () => {
    const run: Entry = {
      ...base,
      seq: 1,
      kind: 'run',
      run: asRunId('r'),
      cell: asCellId('c'),
      state: 'failed',
      executionCount: 2,
      startedAt: 9,
      outputs: asBlobHash('ab'),
    };
    const mark: Entry = { ...base, seq: 2, kind: 'mark', mark: 'kernel-died', text: 'why' };
    expect(derive([run, mark]).steps.map((step) => step.changes)).toEqual([
      [{ c: 'run', cell: 'c', run: 'r', state: 'failed', count: 2, startedAt: 9, outputs: 'ab' }],
      [{ c: 'mark', mark: 'kernel-died', text: 'why' }],
    ]);
  });
});

function fail(): never {
  throw new Error('no step');
}
