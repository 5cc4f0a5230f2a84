import { asCellId } from '@cahier/base/ids.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import { emptyPast, type PastDocument } from '@cahier/core/history/step.ts';
import { cellText, orderedCells, readNotebook } from '@cahier/core/notebooks/source-doc.ts';
import { SimProject } from '@cahier/testkit/sim-project.ts';
import { SimSession } from '@cahier/testkit/sim-session.ts';
import { describe, expect, it } from 'vitest';
import { NotebookRoom } from './notebook-room.ts';
import type { OpenRoom } from './open-room.ts';
import { Rooms, type RoomsParts } from './rooms.ts';

const author = { person: null, name: 'ann', session: null };
const notebook = JSON.stringify({
  cells: [
    { cell_type: 'markdown', id: 'aaaa', metadata: {}, source: ['# Title'] },
    {
      cell_type: 'code',
      execution_count: 3,
      id: 'bbbb',
      metadata: {},
      outputs: [{ name: 'stdout', output_type: 'stream', text: ['hi\n'] }],
      source: ["print('hi')"],
    },
  ],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
});

function setUp(more: Partial<RoomsParts> = {}, project = new SimProject()) {
  const rooms = new Rooms({ ...project.parts(), ...more });
  project.files.onChanged = (change) => rooms.filesChanged([change]);
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    await project.clock.pass(50);
    return work;
  };
  const open = async (path: string): Promise<OpenRoom> => {
    const opening = await settle(rooms.open(path));
    if (!opening.ok) throw opening.refused.error;
    return opening.open;
  };
  return { project, rooms, settle, open };
}

describe('rooms', () => {
  it('make a document from its file once, and share one opening', async () => {
    const { project, rooms, settle } = setUp();
    project.files.externally('a.txt', 'hello');
    const [one, two] = await settle(Promise.all([rooms.open('a.txt'), rooms.open('a.txt')]));
    expect(one.ok && two.ok && one.open === two.open).toBe(true);
    expect(project.files.reads).toBe(1);
    const room = rooms.byPath('a.txt');
    expect(room && (await project.log.entries(room.id, 1, 9))).toMatchObject([{ seq: 1, origin: 'import' }]);
    expect(rooms.paths).toEqual(['a.txt']);
  });

  it('import a notebook: source to the room, outputs to the live document', async () => {
    const { project, open } = setUp();
    project.files.externally('n.ipynb', notebook);
    const { room, notebook: face } = await open('n.ipynb');
    expect(face?.order()).toEqual(['aaaa', 'bbbb']);
    expect(face?.cell(asCellId('bbbb'))).toEqual({ type: 'code', source: "print('hi')" });
    expect(face?.wantedKernel()).toEqual({ name: 'python3', language: 'python' });
    expect(project.live.get(room.id)?.kept.get(asCellId('bbbb'))).toEqual({
      outputs: [{ type: 'stream', name: 'stdout', text: 'hi\n' }],
      executionCount: 3,
    });
    await project.clock.pass(10_000);
    expect(project.files.writes).toBe(0);
  });

  it('refuse a file that cannot be edited, with its bytes, and keep nothing of it', async () => {
    const { project, rooms, settle } = setUp();
    project.files.externally('n.ipynb', '{"cells": [');
    const session = new SimSession('ann');
    const refused = await settle(
      rooms.join(session, { t: 'doc.open', id: 1, path: 'n.ipynb' }, new Uint8Array(0)),
    );
    expect(refused).toMatchObject({ error: { code: 'notebook/not-json' }, path: 'n.ipynb' });
    expect(await project.log.documentByPath(project.id, 'n.ipynb')).toBeNull();
    project.files.externally('n.ipynb', notebook);
    expect((await settle(rooms.open('n.ipynb'))).ok).toBe(true);
  });

  it('say that there is no such file', async () => {
    const { rooms, project } = setUp();
    const opening = expect(rooms.open('none.txt')).rejects.toMatchObject({ code: 'file/not-found' });
    await project.clock.pass(10);
    await opening;
  });

  it('close a minute after the last person has left, but not while something runs', async () => {
    const { project, rooms, open } = setUp();
    project.files.externally('a.txt', '');
    const { room } = await open('a.txt');
    const session = new SimSession('ann');
    room.join(session, { t: 'doc.open', id: 1, path: 'a.txt' }, new Uint8Array(0));
    await project.clock.pass(200_000);
    expect(rooms.byPath('a.txt')).toBe(room);
    project.busy.add(room.id);
    rooms.leaveAll(session.id);
    await project.clock.pass(200_000);
    expect(rooms.byPath('a.txt')).toBe(room);
    project.busy.clear();
    await project.clock.pass(61_000);
    expect(rooms.byPath('a.txt')).toBeNull();
    expect(rooms.paths).toEqual([]);
    const again = await open('a.txt');
    expect(again.room.epoch).toBe(room.epoch);
    expect(again.room.id).toBe(room.id);
  });

  it('open again with all that was typed, from snapshot and log', async () => {
    const { project, rooms, open, settle } = setUp();
    project.files.externally('a.txt', '');
    const { room } = await open('a.txt');
    for (let i = 0; i < 700; i += 1)
      room.edit(author, 'typing', (doc) => textOf(doc).insert(i, String(i % 10)));
    const text = textOf(room.doc).toJSON();
    await settle(rooms.close());
    const next = setUp({}, project);
    const again = await next.open('a.txt');
    expect(textOf(again.room.doc).toJSON()).toBe(text);
    expect(again.room.lastSeq).toBe(700);
  });

  it('take the history along when a file or its folder moves', async () => {
    const { project, rooms, open, settle } = setUp();
    project.files.externally('old/a.txt', 'x');
    const { room } = await open('old/a.txt');
    const session = new SimSession('ann');
    room.join(session, { t: 'doc.open', id: 1, path: 'old/a.txt' }, new Uint8Array(0));
    project.files.externally('old/deep/b.txt', 'closed');
    await open('old/deep/b.txt');
    await project.clock.pass(70_000);
    expect(rooms.paths).toEqual(['old/a.txt']);
    const closed = await project.log.documentByPath(project.id, 'old/deep/b.txt');
    for (const [path, content] of [
      ['a.txt', 'x'],
      ['deep/b.txt', 'closed'],
    ] as const) {
      project.files.externally(`new/${path}`, content);
      project.files.externallyRemoved(`old/${path}`);
    }
    await settle(rooms.renamed('old', 'new'));
    expect((await project.log.documentByPath(project.id, 'new/deep/b.txt'))?.id).toBe(closed?.id);
    expect(await project.log.documentByPath(project.id, 'old/deep/b.txt')).toBeNull();
    expect(session.frames('doc.renamed')).toMatchObject([{ path: 'new/a.txt' }]);
    expect(rooms.paths).toEqual(['new/a.txt']);
    room.edit(author, 'typing', (doc) => textOf(doc).insert(1, 'y'));
    await project.clock.pass(2_000);
    expect(project.files.text('new/a.txt')).toBe('xy');
    expect(project.files.text('old/a.txt')).toBeNull();
    expect((await project.log.documentByPath(project.id, 'new/a.txt'))?.id).toBe(room.id);
  });

  it('end with their file when it is deleted; a new file of that name is a new document', async () => {
    const { project, rooms, open, settle } = setUp();
    project.files.externally('a.txt', 'old');
    const { room } = await open('a.txt');
    const session = new SimSession('ann');
    room.join(session, { t: 'doc.open', id: 1, path: 'a.txt' }, new Uint8Array(0));
    project.files.externallyRemoved('a.txt');
    await settle(rooms.removed('a.txt'));
    expect(session.frames('doc.closed')).toMatchObject([{ error: { code: 'file/not-found' } }]);
    project.files.externally('a.txt', 'new');
    const next = await open('a.txt');
    expect(next.room.id).not.toBe(room.id);
    expect(textOf(next.room.doc).toJSON()).toBe('new');
    expect((await project.log.document(room.id))?.path).toContain(room.id);
  });

  it('restore a past moment as an ordinary edit, for those who may', async () => {
    const past: PastDocument = {
      ...emptyPast,
      meta: { nbformat_minor: 5 },
      cells: {
        [asCellId('aaaa')]: {
          id: asCellId('aaaa'),
          type: 'markdown',
          position: 'a',
          source: '# Old title',
          metadata: {},
        },
      },
    };
    const { project, rooms, open, settle } = setUp({ past: async () => past });
    project.files.externally('n.ipynb', notebook);
    const { room } = await open('n.ipynb');
    const [ann, viewer] = [new SimSession('ann'), new SimSession('viewer', 'viewer')];
    await expect(rooms.restore(viewer, { doc: room.id, seq: 1 })).rejects.toMatchObject({
      code: 'access/forbidden',
    });
    await settle(rooms.restore(ann, { doc: room.id, seq: 1, cell: asCellId('aaaa') }));
    expect(readNotebook(room.doc).cells.map(({ source }) => source)).toEqual(['# Old title', "print('hi')"]);
    await expect(rooms.restore(ann, { doc: room.id, seq: 1, cell: asCellId('bbbb') })).rejects.toMatchObject({
      code: 'cell/not-found',
    });
    await settle(rooms.restore(ann, { doc: room.id, seq: 1 }));
    expect(orderedCells(room.doc).map(({ id }) => id)).toEqual(['aaaa']);
    const entries = await project.log.entries(room.id, 2, 9);
    expect(entries.map(({ origin, author: by }) => [origin, by.name])).toEqual([
      ['restore', 'ann'],
      ['restore', 'ann'],
    ]);
  });
});

describe('the room of a notebook, for runs', () => {
  it('tells which cells are gone and writes the kernel only when it differs', async () => {
    const { project, open } = setUp();
    project.files.externally('n.ipynb', notebook);
    const { room } = await open('n.ipynb');
    const face = new NotebookRoom(room);
    const gone: string[][] = [];
    face.onCellsChanged((ids) => gone.push([...ids]));
    room.edit(author, 'structure', (doc) => doc.getMap('cells').delete('bbbb'));
    room.edit(author, 'typing', (doc) => cellText(doc, asCellId('aaaa'))?.insert(0, 'x'));
    expect(gone).toEqual([['bbbb']]);
    const before = room.lastSeq;
    const spec = { name: 'python3', display_name: 'Python 3', language: 'python' };
    face.setKernel(spec, null, author);
    expect(room.lastSeq).toBe(before);
    face.setKernel({ ...spec, name: 'other' }, { name: 'python', version: '3.13' }, author);
    expect(room.lastSeq).toBe(before + 1);
    expect(face.wantedKernel()).toEqual({ name: 'other', language: 'python' });
  });
});
