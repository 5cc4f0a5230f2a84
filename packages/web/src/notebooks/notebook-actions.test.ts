import { asCellId, asPersonId, asSessionId } from '@cahier/base/ids.ts';
import { cellText, cellType, readCell } from '@cahier/core/notebooks/source-doc.ts';
import { describe, expect, it } from 'vitest';
import { typing } from '../editor/local-origin.ts';
import { clientOriginOf } from '../rooms/client-origin.ts';
import { toasts } from '../ui/toasts.ts';
import { extendTo, selectOne } from './cell-selection.ts';
import { openNotebook as open } from './notebook-bench.sim.ts';

const [a, b, c] = [asCellId('a'), asCellId('b'), asCellId('c')];

const three = [
  ['a', 'code', 'one'],
  ['b', 'markdown', 'two'],
  ['c', 'code', 'three'],
] as const;

const sources = ({ model }: ReturnType<typeof open>) => model.order.get().map((id) => model.cell(id)?.source);

describe('cells', () => {
  it('come back by the toast, also after something else was done', () => {
    const notebook = open(three);
    const { model, actions } = notebook;
    model.select(extendTo(selectOne(a), b));
    actions.delete();
    expect(sources(notebook)).toEqual(['three']);
    const toast = toasts.get().at(-1);
    expect(toast?.text).toBe('2 cells deleted');
    actions.insert('below', 'code', { near: c });
    toast?.action?.run();
    expect(sources(notebook)).toEqual(['one', 'two', 'three', '']);
  });

  it('leave an empty one when the last is deleted', () => {
    const notebook = open([['a', 'code', 'one']]);
    notebook.actions.delete();
    expect(sources(notebook)).toEqual(['']);
    notebook.actions.undo();
    expect(sources(notebook)).toEqual(['one']);
  });

  it('are undone by whoever did it, not by others', () => {
    const notebook = open(three);
    const { actions, ydoc } = notebook;
    ydoc.transact(() => cellText(ydoc, a)?.insert(3, '!'), typing);
    ydoc.transact(() => cellText(ydoc, c)?.insert(0, 'their '), 'server');
    actions.undo();
    expect(sources(notebook)).toEqual(['one', 'two', 'their three']);
    actions.redo();
    expect(sources(notebook)).toEqual(['one!', 'two', 'their three']);
  });

  it('brought back by an undo are selected', () => {
    const { model, actions } = open(three);
    model.select(selectOne(b));
    actions.delete();
    expect(model.selection.get().active).toBe(c);
    actions.undo();
    expect(model.selection.get().active).toBe(b);
  });

  it('are cut and pasted where they are wanted', () => {
    const notebook = open(three);
    notebook.model.select(selectOne(a));
    notebook.actions.cut();
    notebook.model.select(selectOne(c));
    notebook.actions.paste('below');
    expect(sources(notebook)).toEqual(['two', 'three', 'one']);
    notebook.actions.paste('above');
    expect(sources(notebook)).toEqual(['two', 'three', 'one', 'one']);
  });

  it('move together and stop at the edges', () => {
    const notebook = open(three);
    notebook.model.select(extendTo(selectOne(b), c));
    notebook.actions.move(-1);
    expect(sources(notebook)).toEqual(['two', 'three', 'one']);
    notebook.actions.move(-1);
    expect(sources(notebook)).toEqual(['two', 'three', 'one']);
  });

  it('say of each edit whether it brings new text: who wrote what hangs on it', () => {
    const notebook = open(three);
    const { actions, model, ydoc } = notebook;
    const said: string[] = [];
    ydoc.on('update', (_: Uint8Array, origin: unknown) => said.push(clientOriginOf(origin)));
    const saidOf = (edit: () => void) => {
      said.length = 0;
      edit();
      return said.join();
    };
    model.select(selectOne(a));
    expect(saidOf(() => actions.move(1))).toBe('rearrangement');
    expect(saidOf(() => actions.merge())).toBe('rearrangement');
    expect(saidOf(() => actions.undo())).toBe('undo');
    expect(saidOf(() => actions.delete())).toBe('rearrangement');
    expect(saidOf(() => toasts.get().at(-1)?.action?.run())).toBe('undo');
    expect(saidOf(() => actions.duplicate(a))).toBe('structure');
    expect(saidOf(() => actions.insert('below', 'code'))).toBe('structure');
  });

  it('merge with the next when one is selected', () => {
    const notebook = open(three);
    notebook.model.select(selectOne(a));
    notebook.actions.merge();
    expect(sources(notebook)).toEqual(['one\ntwo', 'three']);
    expect(notebook.model.selection.get().active).toBe(a);
  });

  it('become headings without losing text', () => {
    const { model, actions, ydoc } = open(three);
    model.select(selectOne(a));
    actions.heading(2);
    expect([cellType(ydoc, a), readCell(ydoc, a)?.source]).toEqual(['markdown', '## one']);
    actions.heading(1);
    expect(readCell(ydoc, a)?.source).toBe('# one');
    expect(model.cell(a)?.isRendered).toBe(false);
  });
});

describe('typing before the editor is there', () => {
  it('is kept', () => {
    const { actions, ydoc } = open(three);
    expect(actions.typeInto(a, '!')).toBe(true);
    expect(readCell(ydoc, a)?.source).toBe('one!');
    expect(open(three, false).actions.typeInto(a, '!')).toBe(false);
  });
});

describe('running', () => {
  it('asks for code cells only, renders Markdown, and goes on', () => {
    const { model, actions, asked } = open(three);
    model.select(extendTo(selectOne(a), b));
    actions.runs.runAndGo();
    expect(asked).toEqual([{ t: 'run.queue', cells: ['a'] }]);
    expect(model.selection.get()).toEqual(selectOne(c));
  });

  it('makes a new cell at the end and edits it', () => {
    const { model, actions } = open(three);
    model.select(selectOne(c));
    actions.runs.runAndGo();
    const last = model.order.get().at(-1);
    expect(model.order.get()).toHaveLength(4);
    expect(model.selection.get()).toEqual({ active: last, anchor: null, mode: 'edit' });
  });

  it.each([
    ['runAbove', ['a']],
    ['runBelow', ['c']],
    ['runAll', ['a', 'c']],
  ] as const)('%s asks for %j', (what, cells) => {
    const { model, actions, asked } = open(three);
    model.select(selectOne(c));
    actions.runs[what]();
    expect(asked).toEqual([{ t: 'run.queue', cells }]);
  });
});

describe('somebody who may only look', () => {
  it('changes and runs nothing, and is told why', () => {
    const notebook = open(three, false);
    const { actions, asked } = notebook;
    actions.delete();
    actions.insert('below');
    actions.cut();
    actions.merge();
    actions.changeType('raw');
    actions.heading(1);
    actions.undo();
    actions.runs.runAll();
    actions.runs.kernel('kernel.interrupt');
    actions.runs.clearOutputs();
    expect(sources(notebook)).toEqual(['one', 'two', 'three']);
    expect(asked).toEqual([]);
    expect(toasts.get().some(({ text }) => text.startsWith('You may look'))).toBe(true);
  });
});

describe('the model', () => {
  it('tells a cell only of what concerns it', () => {
    const { model, session, ydoc } = open(three);
    const told: string[] = [];
    for (const id of [a, b, c]) model.subscribeCell(id, () => told.push(id));
    ydoc.transact(() => cellText(ydoc, b)?.insert(0, 'x'), 'server');
    expect(told.splice(0)).toEqual(['b']);
    const run = { state: 'running', executionCount: null } as const;
    session.live.fold(0, [
      { op: 'cell', cell: c, run },
      { op: 'queue', queue: [c] },
    ]);
    expect(new Set(told.splice(0))).toEqual(new Set(['c']));
    expect(model.cell(c)?.live.state).toBe('running');
    expect(model.cell(a)?.place).toBeNull();
    model.select(selectOne(b));
    expect(new Set(told)).toEqual(new Set(['a', 'b']));
  });

  it('knows who is where', () => {
    const { model, session } = open(three);
    const person = { id: asPersonId('p'), name: 'Ada', color: '#123456' };
    session.presence.replace([{ session: asSessionId('s'), person, state: { cell: b, isEditing: true } }]);
    expect(model.cell(b)?.peers.map((peer) => peer.person.name)).toEqual(['Ada']);
    session.presence.replace([]);
    expect(model.cell(b)?.peers).toEqual([]);
  });

  it('keeps a selection while others delete and move', () => {
    const { model, ydoc } = open(three);
    model.select(selectOne(b, 'edit'));
    ydoc.transact(() => ydoc.getMap('cells').delete('a'), 'server');
    expect(model.selection.get()).toEqual(selectOne(b, 'edit'));
    ydoc.transact(() => ydoc.getMap('cells').delete('b'), 'server');
    expect(model.selection.get()).toEqual(selectOne(c));
  });
});
