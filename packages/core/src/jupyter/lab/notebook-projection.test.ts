import { asCellId } from '@cahier/base/ids.ts';
import { YCodeCell } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';
import {
  cellText,
  changeType,
  deleteCells,
  insertCell,
  moveCells,
  readNotebook,
  setCellMetadata,
} from '../../notebooks/source-doc.ts';
import { LabBench } from './lab-bench.sim.ts';

const id = asCellId;

describe('a notebook in both documents', () => {
  it('shows JupyterLab what the source has', () => {
    const bench = LabBench.of(['a = 1', 'b 📊 = 2', '']);
    const lab = bench.join();
    expect(lab.notebook.toJSON()).toMatchObject({
      nbformat: 4,
      nbformat_minor: 5,
      cells: [
        { id: 'c0', cell_type: 'code', source: 'a = 1' },
        { id: 'c1', source: 'b 📊 = 2' },
        { id: 'c2', source: '' },
      ],
    });
    bench.expectEqual();
  });

  it('types in both directions', () => {
    const bench = LabBench.of(['a 📊 e\u0301 漢字', 'b']);
    const [one, two] = [bench.join(), bench.join()];
    one.notebook.getCell(0).updateSource(2, 4, '🎉x');
    two.notebook.getCell(1).updateSource(1, 1, '++');
    bench.settle();
    cellText(bench.source, id('c0'))?.insert(0, 'p');
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(['pa 🎉x e\u0301 漢字', 'b++']);
  });

  it('a person clears results; a client that empties a cell because it runs it clears nothing, also when its word is late', () => {
    const bench = LabBench.of(['a', 'b']);
    const agent = bench.join();
    for (const cell of [id('c0'), id('c1')]) {
      bench.run(
        { op: 'cell', cell, run: { state: 'done', executionCount: 1 } },
        { op: 'output.add', cell, output: { type: 'stream', name: 'stdout', text: 'x' } },
      );
    }
    bench.settle();
    const [first, second] = [agent.notebook.getCell(0), agent.notebook.getCell(1)];
    if (!(first instanceof YCodeCell) || !(second instanceof YCodeCell)) throw new Error('no code');
    agent.notebook.transact(() => {
      first.clearOutputs();
      first.execution_count = null;
      first.executionState = 'running';
    });
    second.clearOutputs();
    bench.settle();
    expect(bench.cleared).toEqual(['c1']);
  });

  it('moves cells in both directions without losing what is typed meanwhile', () => {
    const bench = LabBench.of(['one', 'two', 'three']);
    const [a, b] = [bench.join(), bench.join()];
    a.notebook.moveCell(0, 2);
    b.notebook.getCell(0).updateSource(3, 3, '!');
    cellText(bench.source, id('c0'))?.insert(0, '# ');
    bench.settle();
    bench.expectEqual();
    expect(bench.order()).toEqual(['c1', 'c2', 'c0']);
    expect(bench.texts()).toEqual(['two', 'three', '# one!']);
    moveCells(bench.source, [id('c0')], { after: null }, null, 'x');
    a.notebook.getCell(2).updateSource(0, 2, '%');
    b.notebook.getCell(2).updateSource(6, 6, '?');
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(['% one!?'.replace('% ', '%'), 'two', 'three']);
  });

  it('two people move the same cell: it is there once', () => {
    const bench = LabBench.of(['one', 'two', 'three']);
    const [a, b] = [bench.join(), bench.join()];
    a.notebook.moveCell(0, 2);
    b.notebook.moveCell(0, 1);
    b.notebook.getCell(1).updateSource(0, 0, 'by b ');
    a.notebook.getCell(2).updateSource(3, 3, ' by a');
    bench.settle();
    bench.expectEqual();
    expect(bench.texts().toSorted()).toEqual(['by b one by a', 'three', 'two']);
  });

  it('changes types in both directions, keeping the id', () => {
    const bench = LabBench.of(['one', 'two']);
    const [a, b] = [bench.join(), bench.join()];
    a.changeType(0, 'markdown');
    b.notebook.getCell(0).updateSource(0, 0, '# ');
    bench.settle();
    bench.expectEqual();
    expect(readNotebook(bench.source).cells[0]).toMatchObject({
      id: 'c0',
      type: 'markdown',
      source: '# one',
    });
    changeType(bench.source, id('c1'), 'raw', null);
    b.notebook.getCell(1).updateSource(3, 3, '!');
    bench.settle();
    bench.expectEqual();
    expect(readNotebook(bench.source).cells[1]).toMatchObject({ id: 'c1', type: 'raw', source: 'two!' });
  });

  it('adds, removes, splits and pastes', () => {
    const bench = LabBench.of(['one', 'two']);
    const a = bench.join();
    a.notebook.insertCell(1, { cell_type: 'markdown', source: 'new', metadata: { k: [1] } });
    a.notebook.deleteCell(0);
    insertCell(bench.source, { id: id('p'), type: 'code', source: 'page' }, { after: null }, null, 'x');
    deleteCells(bench.source, [id('c1')], null);
    bench.settle();
    bench.expectEqual();
    expect(bench.texts()).toEqual(['page', 'new']);
  });

  it('metadata goes over by keys, trust does not', () => {
    const bench = LabBench.of(['one']);
    const [a, b] = [bench.join(), bench.join()];
    a.notebook.getCell(0).setMetadata('mine', { x: 1 });
    b.notebook.getCell(0).setMetadata('yours', [2]);
    setCellMetadata(bench.source, id('c0'), 'page', true, null);
    a.notebook.setMetadata('kernelspec', { name: 'k', display_name: 'K' });
    bench.settle();
    bench.expectEqual();
    expect(readNotebook(bench.source)).toMatchObject({
      metadata: { kernelspec: { name: 'k' } },
      cells: [{ metadata: { mine: { x: 1 }, yours: [2], page: true } }],
    });
    expect(a.notebook.getCell(0).getMetadata('trusted')).toBe(true);
    b.notebook.getCell(0).deleteMetadata('mine');
    bench.settle();
    bench.expectEqual();
    expect(readNotebook(bench.source).cells[0]?.metadata).toEqual({ yours: [2], page: true });
  });
});
