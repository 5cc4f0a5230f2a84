import { asCellId, asDocumentId, asPersonId, asProjectId, asSessionId } from '@cahier/base/ids.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import { cellText, cellType, insertCell, readCell } from '@cahier/core/notebooks/source-doc.ts';
import { emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { typing } from '../editor/local-origin.ts';
import { LiveStore } from '../rooms/live-store.ts';
import { PresenceStore } from '../rooms/presence-store.ts';
import { Store } from '../rooms/store.ts';
import { syncStatus } from '../rooms/sync-status.ts';
import { toasts } from '../ui/toasts.ts';
import { extendTo, selectOne } from './cell-selection.ts';
import { NotebookActions } from './notebook-actions.ts';
import { NotebookModel } from './notebook-model.ts';
import type { NotebookSession } from './notebook-session.ts';

const [a, b, c] = [asCellId('a'), asCellId('b'), asCellId('c')];

function open(cells: readonly (readonly [string, CellType, string])[], mayEdit = true) {
  const ydoc = new Y.Doc();
  let last = null;
  for (const [id, type, source] of cells) {
    insertCell(ydoc, { id: asCellId(id), type, source }, { after: last }, 'server', 'x');
    last = asCellId(id);
  }
  const asked: unknown[] = [];
  const session: NotebookSession = {
    project: asProjectId('p'),
    doc: asDocumentId('d'),
    path: 'n.ipynb',
    mayEdit,
    ydoc,
    live: new LiveStore(emptyLiveNotebook),
    presence: new PresenceStore(() => {}),
    status: new Store(syncStatus('saved', 0)),
    undoOrigin: {},
    request: async (frame) => {
      asked.push(frame);
      return null;
    },
    blobUrl: (hash) => hash,
    projectUrl: (path) => path,
  };
  const model = new NotebookModel(session);
  return { model, actions: new NotebookActions(model), session, asked, ydoc };
}

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
    actions.runAndGo();
    expect(asked).toEqual([{ t: 'run.queue', cells: ['a'] }]);
    expect(model.selection.get()).toEqual(selectOne(c));
  });

  it('makes a new cell at the end and edits it', () => {
    const { model, actions } = open(three);
    model.select(selectOne(c));
    actions.runAndGo();
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
    actions[what]();
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
    actions.runAll();
    actions.kernel('kernel.interrupt');
    actions.clearOutputs();
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
