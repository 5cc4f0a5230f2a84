import { asCellId } from '@cahier/base/ids.ts';
import { cellText, setCellMetadata } from '@cahier/core/notebooks/source-doc.ts';
import { expect, test } from 'vitest';
import { extendTo, selectOne } from './cell-selection.ts';
import { openNotebook } from './notebook-bench.sim.ts';
import { NotebookModel } from './notebook-model.ts';

const [one, inner, two] = [asCellId('one'), asCellId('inner'), asCellId('two')];

function sections() {
  const notebook = openNotebook([
    ['one', 'markdown', '## One'],
    ['code', 'code', '1 + 1'],
    ['inner', 'markdown', '### Inner'],
    ['two', 'markdown', '## Two'],
    ['last', 'code', '2'],
  ]);
  return { ...notebook, shown: () => notebook.model.sections.shown.get() };
}

test('arrows step over what is folded away; Left on a cell goes up to its heading', () => {
  const { model, actions, shown } = sections();
  model.select(selectOne(inner));
  actions.fold(true);
  actions.fold(true);
  expect(model.selection.get().active).toBe(one);
  actions.fold(true);
  expect(shown()).toEqual(['one', 'two', 'last']);
  actions.go(1);
  expect(model.selection.get().active).toBe(two);
  actions.go(-1);
  actions.fold(false);
  expect(shown()).toHaveLength(5);
});

test('a folded section is run, cut and moved as one, and changing its type changes the heading alone', () => {
  const { model, actions, asked } = sections();
  model.fold(one, true);
  actions.runs.run();
  expect(asked).toEqual([{ t: 'run.queue', cells: ['code'] }]);
  actions.move(1);
  expect(model.order.get()).toEqual(['two', 'one', 'code', 'inner', 'last']);
  actions.changeType('raw');
  expect(model.order.get().map((id) => model.cell(id)?.type)).toEqual([
    'markdown',
    'raw',
    'code',
    'markdown',
    'code',
  ]);
  actions.changeType('markdown');
  actions.delete();
  expect(model.order.get()).toEqual(['two']);
  actions.undo();
  expect(model.order.get()).toHaveLength(5);
});

test('what is selected or shown elsewhere in the page is never left folded away', () => {
  const { model, shown } = sections();
  model.select(selectOne(inner));
  model.fold(null, true);
  expect(model.selection.get().active).toBe(one);
  expect(shown()).toEqual(['one', 'two']);
  model.select(selectOne(inner));
  expect(shown()).toEqual(['one', 'code', 'inner', 'two']);
  model.reveal(asCellId('last'));
  expect(shown()).toHaveLength(5);
});

test('a heading that is typed away shows its section; a selection over a fold has what is seen', () => {
  const { model, shown, ydoc } = sections();
  model.fold(one, true);
  model.select(selectOne(one));
  model.select(extendTo(model.selection.get(), two));
  expect(model.selected()).toEqual(['one', 'two']);
  cellText(ydoc, one)?.delete(0, 3);
  expect(shown()).toHaveLength(5);
});

test('a fold that JupyterLab noted in the file is how the notebook opens', () => {
  const { session, ydoc } = sections();
  setCellMetadata(ydoc, two, 'jp-MarkdownHeadingCollapsed', true, 'server');
  const model = new NotebookModel(session);
  expect(model.sections.shown.get()).toEqual(['one', 'code', 'inner', 'two']);
  expect(model.cell(two)?.folded).toBe(1);
});

test('a new heading has the level of the section it stands in', () => {
  const { model, actions } = sections();
  model.select(selectOne(asCellId('code')));
  actions.insertHeading('below');
  expect(model.active?.source).toBe('## ');
  model.select(selectOne(inner));
  actions.insertHeading('above');
  expect(model.active?.source).toBe('### ');
});

test('after a restart, everything up to the selected cell runs, or nothing', async () => {
  const { model, actions, asked } = sections();
  model.select(selectOne(inner));
  await actions.runs.restartAnd('run-up-to');
  await actions.runs.restartAnd('restart');
  await actions.runs.restartAnd('clear');
  expect(asked).toEqual([
    { t: 'kernel.restart' },
    { t: 'run.queue', cells: ['code'] },
    { t: 'kernel.restart' },
    { t: 'kernel.restart' },
    { t: 'outputs.clear' },
  ]);
});
