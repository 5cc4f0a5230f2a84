/** What has gone wrong in other servers of shared notebooks, each as a test of this one. */
import { asCellId } from '@cahier/base/ids.ts';
import { YNotebook } from '@jupyter/ydoc';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import {
  cellText,
  deleteCells,
  insertCell,
  moveCells,
  readNotebook,
  setAttachment,
} from '../../notebooks/source-doc.ts';
import { LabBench } from './lab-bench.sim.ts';

const id = asCellId;

describe('wounds of others', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('a client with the same notebook of another history does not double it', () => {
    const bench = LabBench.of(['one', 'two', 'three']);
    bench.join();
    const foreign = new YNotebook({ disableDocumentWideUndoRedo: true });
    foreign.ydoc.clientID = 7;
    foreign.fromJSON({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [
        { id: 'c0', cell_type: 'code', source: 'one', metadata: {}, outputs: [], execution_count: null },
        {
          id: 'c1',
          cell_type: 'code',
          source: 'two, later',
          metadata: {},
          outputs: [],
          execution_count: null,
        },
        { id: 'c2', cell_type: 'code', source: 'three', metadata: {}, outputs: [], execution_count: null },
      ],
    });
    const update = Y.encodeStateAsUpdate(foreign.ydoc);
    bench.projection.receive(update, {}, (change) => bench.source.transact(() => change(bench.source, {})));
    bench.settle();
    bench.expectEqual();
    // What differs is kept, as a cell of its own.
    expect(bench.texts().toSorted()).toEqual(['one', 'three', 'two', 'two, later']);
    expect(new Set(bench.order()).size).toBe(4);
  });

  it('ten clients that slept through a restart, edits on all sides, come back to the same cells', () => {
    const bench = LabBench.of(['one', 'two']);
    const labs = Array.from({ length: 10 }, () => bench.join());
    bench.restart();
    cellText(bench.source, id('c0'))?.insert(3, ' page');
    labs[3]?.notebook.getCell(1).updateSource(3, 3, ' three');
    labs[4]?.notebook.moveCell(0, 1);
    bench.restart();
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(['two three', 'one page']);
  });

  it('typed into a cell before a restart that knew of its move: not lost', () => {
    const bench = LabBench.of(['one', 'two']);
    const lab = bench.join();
    bench.cut(lab);
    moveCells(bench.source, [id('c0')], { after: id('c1') }, null, 'x');
    cellText(bench.source, id('c0'))?.insert(0, '# ');
    bench.restart();
    lab.notebook.getCell(0).updateSource(3, 3, '!');
    lab.notebook.getCell(0).updateSource(0, 1, 'O');
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(['two', '# One!']);
  });

  it('what was saved differs from the source: mended cell by cell, never doubled', () => {
    const bench = LabBench.of(['one', 'two', 'three', 'four']);
    const lab = bench.join();
    const { saved } = bench;
    const before = [...saved];
    deleteCells(bench.source, [id('c1')], null);
    moveCells(bench.source, [id('c3')], { after: null }, null, 'x');
    cellText(bench.source, id('c0'))?.insert(0, 'all of ');
    insertCell(bench.source, { id: id('n'), type: 'raw', source: 'new' }, { after: null }, null, 'y');
    bench.projection.dispose();
    for (const client of bench.clients) bench.cut(client);
    bench.projection = bench.open(before);
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(readNotebook(bench.source).cells.map(({ source }) => source));
    expect(lab.notebook.cells.length).toBe(4);
  });

  it('whatever was saved beside whatever the source is: the cells are the source’s, never more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('keep', 'drop', 'move', 'type', 'add'), fc.nat(9)), {
          maxLength: 8,
        }),
        fc.array(fc.tuple(fc.constantFrom('move', 'type', 'add', 'drop'), fc.nat(9)), { maxLength: 8 }),
        fc.nat(1_000),
        (inSource, inSaved, seed) => {
          const bench = LabBench.of(['one', 'two 📊', 'three'], { seed });
          const lab = bench.join();
          for (const [what, at] of inSaved) {
            const index = at % Math.max(1, lab.notebook.cells.length);
            if (what === 'add') lab.notebook.insertCell(index, { cell_type: 'code', source: `saved ${at}` });
            else if (lab.notebook.cells.length < 2) continue;
            else if (what === 'drop') lab.notebook.deleteCell(index);
            else if (what === 'move') lab.notebook.moveCell(index, 0);
            else lab.notebook.getCell(index).updateSource(0, 0, `s${at}`);
          }
          bench.settle();
          const saved = [...bench.saved];
          // the source goes on without the shared document: a restore, a log that was mended, an older file of one of them
          bench.projection.dispose();
          bench.cut(lab);
          for (const [what, at] of inSource) {
            const order = bench.order();
            const cell = id(order[at % Math.max(1, order.length)] ?? '');
            if (what === 'add') {
              const made = { id: id(`n${at}-${order.length}`), type: 'raw', source: `source ${at}` } as const;
              insertCell(bench.source, made, { after: null }, null, 'y');
            } else if (order.length === 0) continue;
            else if (what === 'drop') deleteCells(bench.source, [cell], null);
            else if (what === 'move') moveCells(bench.source, [cell], { after: null }, null, 'x');
            else if (what === 'type') cellText(bench.source, cell)?.insert(0, `t${at}`);
          }
          const wanted = readNotebook(bench.source).cells.map(({ source }) => source);
          bench.projection = bench.open(saved);
          bench.settle();
          bench.expectEqual();
          expect(bench.texts()).toEqual(wanted);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  it('a backup of yesterday is put back under clients that know more: what they have comes back, once', () => {
    const bench = LabBench.of(['one', 'two']);
    const labs = Array.from({ length: 4 }, () => bench.join());
    const [a, b] = labs;
    a?.notebook.getCell(0).updateSource(3, 3, ' yesterday');
    bench.settle();
    const saved = [...bench.saved];
    const source = Y.encodeStateAsUpdate(bench.source);
    a?.notebook.getCell(0).updateSource(0, 0, 'today: ');
    b?.notebook.insertCell(1, { id: 'new', cell_type: 'code', source: 'new' });
    b?.notebook.moveCell(2, 0);
    bench.settle();
    cellText(bench.source, id('c1'))?.insert(3, ' by the page');
    bench.run({ op: 'cell', cell: id('c0'), run: { state: 'done', executionCount: 1 } });
    bench.settle();
    const before = bench.texts();
    for (const lab of labs) bench.cut(lab);
    bench.projection.dispose();
    bench.source = new Y.Doc();
    bench.source.clientID = bench.clientId();
    Y.applyUpdate(bench.source, source);
    bench.projection = bench.open(saved);
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(before);
    expect(before).toEqual(['two by the page', 'today: one yesterday', 'new']);
  });

  it('a client that never heard what is there and begins an empty notebook takes nothing away', () => {
    const bench = LabBench.of(['one', 'two', 'three']);
    const lab = bench.join();
    const asleep = new YNotebook({ disableDocumentWideUndoRedo: true });
    asleep.fromJSON({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [
        { id: 'blank', cell_type: 'code', source: '', metadata: {}, outputs: [], execution_count: null },
      ],
    });
    // it gives up what it has twice over: its answer, then all of it again as news
    for (const isWhole of [true, false]) {
      const update = Y.encodeStateAsUpdate(asleep.ydoc);
      bench.projection.receive(
        update,
        {},
        (change) => bench.source.transact(() => change(bench.source, {})),
        isWhole,
      );
    }
    bench.settle();
    bench.expectEqual();
    expect(bench.texts().filter((text) => text !== '')).toEqual(['one', 'two', 'three']);
    expect(bench.texts().length).toBeLessThanOrEqual(4);
    expect(lab.notebook.cells.length).toBe(bench.texts().length);
  });

  it('damaged or with a gap: refused, not guessed', () => {
    const bench = LabBench.of(['one']);
    const first = bench.saved[0] ?? new Uint8Array();
    cellText(bench.source, id('c0'))?.insert(0, 'a');
    cellText(bench.source, id('c0'))?.insert(0, 'b');
    const last = bench.saved.at(-1) ?? new Uint8Array();
    expect(() => bench.open([first, last])).toThrow('gap');
    expect(() => bench.open([new Uint8Array([1, 2, 3])])).toThrow();
  });

  it('a client that writes defaults over a loaded notebook removes no key', () => {
    const bench = LabBench.of(['one']);
    const lab = bench.join();
    lab.notebook.setMetadata('kernelspec', { name: 'k', display_name: 'K' });
    bench.settle();
    const other = new Y.Doc();
    Y.applyUpdate(other, bench.projection.state());
    const vector = Y.encodeStateVector(other);
    other.getMap('meta').set('metadata', new Y.Map([['language_info', { name: '' }]]));
    other.getMap('meta').set('nbformat_minor', 2);
    const update = Y.encodeStateAsUpdate(other, vector);
    bench.projection.receive(update, {}, (change) => bench.source.transact(() => change(bench.source, {})));
    bench.settle();
    bench.expectEqual();
    expect(readNotebook(bench.source).metadata).toEqual({
      kernelspec: { name: 'k', display_name: 'K' },
      language_info: { name: '' },
    });
    expect(lab.notebook.nbformat_minor).toBe(5);
  });

  it('ids survive in notebooks of an older minor, whose minor stays', () => {
    const bench = LabBench.of(['one'], { minor: 2 });
    const lab = bench.join();
    lab.notebook.getCell(0).updateSource(0, 0, 'x');
    bench.settle();
    expect(lab.notebook.toJSON().cells[0]?.id).toBe('c0');
    expect(readNotebook(bench.source).nbformatMinor).toBe(2);
  });

  it('an update that cannot be placed leaves nothing behind', () => {
    const bench = LabBench.of(['one']);
    const other = new Y.Doc();
    Y.applyUpdate(other, bench.projection.state());
    other.getMap('state').set('a', 1);
    const vector = Y.encodeStateVector(other);
    other.getMap('state').set('b', 2);
    const late = Y.encodeStateAsUpdate(other, vector);
    const edit = () => {
      throw new Error('nothing to edit');
    };
    expect(bench.projection.receive(late, {}, edit)).toEqual({ placement: 'gap' });
    expect(bench.projection.receive(new Uint8Array([7]), {}, edit)).toEqual({ placement: 'malformed' });
    bench.expectEqual();
  });

  it('an echo of everything is no edit of the one who echoes', () => {
    const bench = LabBench.of(['one', 'two']);
    const lab = bench.join();
    lab.notebook.moveCell(0, 1);
    cellText(bench.source, id('c0'))?.insert(0, 'x');
    bench.settle();
    const edits = bench.edits.length;
    let isCalled = false;
    const outcome = bench.projection.receive(bench.projection.state(), {}, () => {
      isCalled = true;
    });
    expect(outcome).toMatchObject({ placement: 'applied', isNew: false, cleared: [], brought: [] });
    expect(isCalled).toBe(false);
    expect(bench.edits.length).toBe(edits);
  });

  it('state keys are no edits', () => {
    const bench = LabBench.of(['one']);
    const lab = bench.join();
    lab.notebook.dirty = true;
    bench.settle();
    expect(bench.edits).toEqual([]);
    bench.projection.setState({ dirty: false, hash: 'h', path: 'a.ipynb' });
    bench.settle();
    expect(lab.notebook.state).toMatchObject({ dirty: false, hash: 'h', path: 'a.ipynb' });
  });

  it('an edit that is refused is taken back, moves and new cells too', () => {
    const bench = LabBench.of(['one', 'two']);
    const lab = bench.join();
    const other = new YNotebook({ disableDocumentWideUndoRedo: true });
    Y.applyUpdate(other.ydoc, bench.projection.state());
    const vector = Y.encodeStateVector(other.ydoc);
    other.moveCell(0, 1);
    other.getCell(0).updateSource(0, 0, 'x');
    other.insertCell(0, { cell_type: 'code', source: 'new' });
    bench.projection.receive(Y.encodeStateAsUpdate(other.ydoc, vector), {}, () => undefined);
    bench.settle();
    bench.expectEqual();
    expect(lab.notebook.cells.map((cell) => cell.getSource())).toEqual(['one', 'two']);
  });

  it('broken cells of a client: what can be read is kept, what cannot goes', () => {
    const bench = LabBench.of(['one']);
    const other = new Y.Doc();
    Y.applyUpdate(other, bench.projection.state());
    const vector = Y.encodeStateVector(other);
    other.getArray('cells').push([new Y.Map([['source', 'plain']]), 'text', new Y.Map()]);
    const update = Y.encodeStateAsUpdate(other, vector);
    bench.projection.receive(update, {}, (change) => bench.source.transact(() => change(bench.source, {})));
    bench.join();
    bench.expectEqual();
    expect(bench.texts()).toEqual(['one', 'plain']);
  });

  it('what is removed while a client is away comes before what is added', () => {
    const bench = LabBench.of(['one']);
    const lab = bench.join();
    const vector = Y.encodeStateVector(lab.notebook.ydoc);
    cellText(bench.source, id('c0'))?.delete(0, 1);
    cellText(bench.source, id('c0'))?.insert(0, 'W');
    const parts = bench.projection.catchUp(vector) ?? [];
    expect(parts.length).toBe(2);
    const doc = lab.notebook.ydoc;
    Y.applyUpdate(doc, parts[0] ?? new Uint8Array(), 'remote');
    expect(lab.notebook.getCell(0).getSource()).toBe('ne');
    expect(doc.store.pendingDs).toBeNull();
    Y.applyUpdate(doc, parts[1] ?? new Uint8Array(), 'remote');
    expect(lab.notebook.getCell(0).getSource()).toBe('Wne');
    expect(bench.projection.catchUp(new Uint8Array([255]))).toBeNull();
  });

  it('attachments of two people are united', () => {
    const bench = LabBench.of(['one']);
    const [a, b] = [bench.join(), bench.join()];
    a.changeType(0, 'markdown');
    bench.settle();
    for (const [lab, name] of [
      [a, 'a.png'],
      [b, 'b.png'],
    ] as const) {
      const cell = lab.notebook.getCell(0);
      if ('setAttachments' in cell) cell.setAttachments({ [name]: { 'image/png': 'x' } });
      bench.settle();
    }
    setAttachment(bench.source, id('c0'), 'p.png', { 'image/png': 'y' }, null);
    bench.settle();
    bench.expectEqual();
    const [cell] = readNotebook(bench.source).cells;
    expect(cell && 'attachments' in cell && Object.keys(cell.attachments ?? {}).toSorted()).toEqual([
      'b.png',
      'p.png',
    ]);
  });

  it('selections stand at the same character on both sides', () => {
    const bench = LabBench.of(['📊 one', 'two']);
    const lab = bench.join();
    const text = lab.notebook.getCell(0).ysource;
    const at = (index: number) => {
      const json: unknown = JSON.parse(JSON.stringify(Y.createRelativePositionFromTypeIndex(text, index)));
      return json as never;
    };
    expect(bench.projection.toSource({ anchor: at(3), head: at(6) })).toEqual({
      cell: 'c0',
      anchor: 3,
      head: 6,
    });
    const back = bench.projection.toShared({ cell: id('c1'), anchor: 1, head: 3 });
    expect(back && bench.projection.toSource(back)).toEqual({ cell: 'c1', anchor: 1, head: 3 });
    expect(bench.projection.toShared({ cell: id('gone'), anchor: 0, head: 0 })).toBeNull();
    expect(bench.projection.cellOf('c1')).toBe('c1');
    expect(bench.projection.cellOf('gone')).toBeNull();
  });
});
