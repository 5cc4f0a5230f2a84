import { asCellId } from '@cahier/base/ids.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import { expect, test } from 'vitest';
import { openNotebook } from './notebook-bench.sim.ts';
import { NotebookFind } from './notebook-find.ts';

const [a, b] = [asCellId('a'), asCellId('b')];

function searched() {
  const notebook = openNotebook([
    ['a', 'code', 'total = 1\ntotal + 1'],
    ['b', 'markdown', 'the total'],
    ['c', 'code', 'x = total'],
  ]);
  const find = new NotebookFind(notebook.model);
  find.start();
  find.ask({ text: 'total', isCaseSensitive: false, isWholeWord: false, isPattern: false });
  const texts = () => notebook.model.order.get().map((id) => notebook.model.cell(id)?.source);
  const place = () => find.current && [find.current.cell, find.current.from];
  return { ...notebook, find, texts, place };
}

test('steps go from cell to cell and around the end', () => {
  const { find, place, model } = searched();
  const seen = [place()];
  for (let i = 0; i < 4; i++) {
    find.step(1);
    seen.push(place());
  }
  expect(seen).toEqual([
    ['a', 0],
    ['a', 10],
    ['b', 4],
    ['c', 4],
    ['a', 0],
  ]);
  expect(model.selection.get().active).toBe(a);
});

test('a rendered Markdown cell shows its source while its hit is looked at, and no longer', () => {
  const { find, model } = searched();
  expect(model.cell(b)?.isRendered).toBe(true);
  find.step(1);
  find.step(1);
  expect(model.cell(b)?.isRendered).toBe(false);
  find.step(1);
  expect(model.cell(b)?.isRendered).toBe(true);
});

test('what others type meanwhile moves the hits along; the one that is looked at stays', () => {
  const { find, place, ydoc } = searched();
  find.step(1);
  cellText(ydoc, a)?.insert(0, '# by another\n');
  find.step(1);
  expect(place()).toEqual(['b', 4]);
});

test('Replace puts the new word in and goes on behind it, even when the new word is found in itself', () => {
  const { find, texts, place } = searched();
  find.replace('total_of_all');
  expect(texts()[0]).toBe('total_of_all = 1\ntotal + 1');
  expect(place()).toEqual(['a', 17]);
});

test('Replace all changes every cell, and one undo brings all of them back', () => {
  const { find, texts, actions } = searched();
  expect(find.replaceAll('sum')).toBe(4);
  expect(texts()).toEqual(['sum = 1\nsum + 1', 'the sum', 'x = sum']);
  actions.undo();
  expect(texts()).toEqual(['total = 1\ntotal + 1', 'the total', 'x = total']);
});

test('after the search nothing follows the text any more, and the source it opened is closed', () => {
  const { find, model } = searched();
  find.step(1);
  find.step(1);
  find.stop();
  expect(model.cell(b)?.isRendered).toBe(true);
});
