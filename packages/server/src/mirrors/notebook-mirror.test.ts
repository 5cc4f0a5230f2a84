import { asCellId } from '@cahier/base/ids.ts';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { PlainCell, PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { cellText, deleteCells, orderedCells, readNotebook } from '@cahier/core/notebooks/source-doc.ts';
import { SimProject } from '@cahier/testkit/sim-project.ts';
import { describe, expect, it } from 'vitest';
import type { Room } from '../rooms/room.ts';
import { Rooms } from '../rooms/rooms.ts';

const path = 'n.ipynb';
const author = { person: null, name: 'ann', session: null };

function code(id: string, source: string, text?: string): PlainCell {
  return {
    type: 'code',
    id: asCellId(id),
    source,
    metadata: {},
    outputs: text === undefined ? [] : [{ type: 'stream', name: 'stdout', text }],
    executionCount: text === undefined ? null : 1,
  };
}

function bytes(cells: readonly PlainCell[], nbformatMinor = 5): Uint8Array {
  return notebookKind.toFile({ nbformatMinor, metadata: {}, cells });
}

async function opened(cells: readonly PlainCell[], minor = 5) {
  const project = new SimProject();
  project.files.externally(path, bytes(cells, minor));
  return { project, ...(await life(project)) };
}

async function life(project: SimProject) {
  const rooms = new Rooms(project.parts());
  project.files.onChanged = (change) => rooms.filesChanged([change]);
  const opening = rooms.open(path);
  await project.clock.pass(50);
  const found = await opening;
  if (!found.ok) throw found.refused.error;
  const { room } = found.open;
  const live = project.live.get(room.id);
  if (!live) throw new Error('no live document');
  return { rooms, room, live };
}

function onDisk(project: SimProject): PlainNotebook {
  let made = 0;
  const text = new TextEncoder().encode(project.files.text(path) ?? '');
  const parsed = notebookKind.fromFile(text, path, () => `made${made++}`);
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.plain;
}

function type(room: Room, cell: string, at: number, text: string): void {
  room.edit(author, 'typing', (doc) => cellText(doc, asCellId(cell))?.insert(at, text));
}

const sources = (room: Room) => readNotebook(room.doc).cells.map(({ source }) => source);

describe('the mirror of a notebook', () => {
  it('writes outputs when they change, and does not write what is the same', async () => {
    const { project, live } = await opened([code('a', '1+1')]);
    await live.takeResults(
      new Map([
        [asCellId('a'), { outputs: [{ type: 'stream', name: 'stdout', text: 'x' }], executionCount: 2 }],
      ]),
    );
    await project.clock.pass(2_000);
    expect(onDisk(project).cells).toMatchObject([{ executionCount: 2, outputs: [{ text: 'x' }] }]);
    expect(project.files.writes).toBe(1);
    await live.takeResults(new Map(live.kept));
    await project.clock.pass(5_000);
    expect(project.files.writes).toBe(1);
  });

  it('does not write what was typed and taken back, long after it read the file', async () => {
    const { project, room } = await opened([code('a', 'one', 'printed')]);
    await project.clock.pass(30_000);
    type(room, 'a', 3, '!');
    room.edit(author, 'undo', (doc) => cellText(doc, asCellId('a'))?.delete(3, 1));
    await project.clock.pass(3_000);
    expect(room.file.state).toBe('written');
    expect(project.files.writes).toBe(0);
  });

  it('knows what both sides started from, long after it read the file', async () => {
    const { project, room, live } = await opened([
      code('a', 'one', 'old'),
      code('b', 'two'),
      code('c', 'three'),
    ]);
    await project.clock.pass(30_000);
    type(room, 'b', 3, ' ours');
    project.files.externally(path, bytes([code('a', 'one', 'new'), code('b', 'two')]));
    await project.clock.pass(3_000);
    expect(sources(room)).toEqual(['one', 'two ours']);
    expect(live.kept.get(asCellId('a'))?.outputs).toMatchObject([{ text: 'new' }]);
    expect(onDisk(project).cells.map(({ source }) => source)).toEqual(sources(room));
  });

  it('merges per cell what others changed while people type', async () => {
    const { project, room } = await opened([code('a', 'one'), code('b', 'two'), code('c', 'three')]);
    type(room, 'a', 3, ' ours');
    project.files.externally(
      path,
      bytes([code('c', 'three'), code('b', 'two theirs'), code('a', 'one'), code('d', 'four')]),
    );
    type(room, 'b', 0, 'ours ');
    await project.clock.pass(3_000);
    expect(orderedCells(room.doc).map(({ id }) => id)).toEqual(['c', 'b', 'a', 'd']);
    expect(sources(room)).toEqual(['three', 'ours two theirs', 'one ours', 'four']);
    expect(onDisk(project).cells.map(({ source }) => source)).toEqual(sources(room));
  });

  it('takes outputs that another program computed, and keeps ours elsewhere', async () => {
    const { project, room, live } = await opened([code('a', '1'), code('b', '2', 'old')]);
    await live.takeResults(new Map([[asCellId('a'), { outputs: [], executionCount: 7 }]]));
    await project.clock.pass(2_000);
    const now = onDisk(project).cells;
    project.files.externally(path, bytes([now[0] ?? code('a', '1'), code('b', '2', 'new')]));
    await project.clock.pass(2_000);
    expect(live.kept.get(asCellId('b'))?.outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'new' }]);
    expect(live.kept.get(asCellId('a'))?.executionCount).toBe(7);
    expect(room.lastSeq).toBe(1);
  });

  it('leaves a half-written notebook alone until it is whole', async () => {
    const { project, room } = await opened([code('a', 'one')]);
    const whole = new TextDecoder().decode(bytes([code('a', 'one'), code('b', 'two')]));
    project.files.externally(path, whole.slice(0, whole.length / 2));
    await project.clock.pass(1_000);
    expect(room.file).toMatchObject({ state: 'failed' });
    expect(sources(room)).toEqual(['one']);
    project.files.externally(path, whole);
    await project.clock.pass(1_000);
    expect(sources(room)).toEqual(['one', 'two']);
    expect(room.file.state).toBe('written');
  });

  it('follows a notebook without cell ids through many changes', async () => {
    const { project, room } = await opened([code('a', 'x = 1'), code('b', 'y = 2'), code('c', 'z = 3')], 4);
    const first = orderedCells(room.doc).map(({ id }) => id);
    for (let i = 0; i < 5; i += 1) {
      const cells = onDisk(project).cells.map((cell, at) =>
        at === 1 ? { ...cell, source: `${cell.source}\n# ${i}` } : cell,
      );
      project.files.externally(path, bytes(cells, 4));
      await project.clock.pass(2_000);
      type(room, first[0] ?? '', 0, `# ${i}\n`);
      await project.clock.pass(2_000);
    }
    expect(orderedCells(room.doc).map(({ id }) => id)).toEqual(first);
    expect(sources(room)).toEqual([
      '# 4\n# 3\n# 2\n# 1\n# 0\nx = 1',
      'y = 2\n# 0\n# 1\n# 2\n# 3\n# 4',
      'z = 3',
    ]);
    expect(onDisk(project).nbformatMinor).toBe(4);
  });

  it('is opened after a crash with its file as it was, and never doubled', async () => {
    const { project, room } = await opened([code('a', 'one', 'out'), code('b', 'two')], 4);
    const ids = orderedCells(room.doc).map(({ id }) => id);
    type(room, ids[1] ?? '', 0, 'x');
    await project.clock.pass(2_000);
    const { writes } = project.files;
    project.crash();
    const next = await life(project);
    await project.clock.pass(5_000);
    expect(sources(next.room)).toEqual(['one', 'xtwo']);
    expect(orderedCells(next.room.doc).map(({ id }) => id)).toEqual(ids);
    expect(project.files.writes).toBe(writes);
    project.files.externally(path, bytes([...onDisk(project).cells, code('q', 'three')], 4));
    await project.clock.pass(2_000);
    expect(sources(next.room)).toEqual(['one', 'xtwo', 'three']);
  });

  it('keeps a cell that was deleted on disk while somebody typed into it', async () => {
    const { project, room } = await opened([code('a', 'one'), code('b', 'two')]);
    type(room, 'b', 3, ' more');
    project.files.externally(path, bytes([code('a', 'one')]));
    await project.clock.pass(2_000);
    expect(sources(room)).toEqual(['one', 'two more']);
    room.edit(author, 'structure', (doc, by) => deleteCells(doc, [asCellId('a')], by));
    await project.clock.pass(2_000);
    expect(onDisk(project).cells.map(({ source }) => source)).toEqual(['two more']);
  });
});
