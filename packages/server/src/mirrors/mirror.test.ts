import { appError } from '@cahier/core/errors.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { SimProject } from '@cahier/testkit/sim-project.ts';
import { SimSession } from '@cahier/testkit/sim-session.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Room } from '../rooms/room.ts';
import { Rooms } from '../rooms/rooms.ts';

const path = 'notes/a.txt';
const typist = { person: null, name: 'ann', session: null };

/** A project with one text file, opened by one person. */
async function opened(content = 'one\ntwo\nthree\n', at = path) {
  const project = new SimProject();
  project.files.externally(at, content);
  return { project, content, ...(await life(project, at)) };
}

async function life(project: SimProject, at = path) {
  const parts = project.parts();
  const rooms = new Rooms(parts);
  project.files.onChanged = (change) => rooms.filesChanged([change]);
  const opening = rooms.open(at);
  await project.clock.pass(50);
  const found = await opening;
  if (!found.ok) throw found.refused.error;
  const { room } = found.open;
  const session = new SimSession('ann');
  room.join(session, { t: 'doc.open', id: 1, path: at }, new Uint8Array(0));
  const states = () => session.frames('doc.file').map(({ file }) => file.state);
  return { rooms, room, session, states, recorder: parts.recorder };
}

function type(room: Room, at: number, text: string): void {
  room.edit(typist, 'typing', (doc) => textOf(doc).insert(at, text));
}

const shown = (room: Room) => textOf(room.doc).toJSON();

describe('a mirror, towards the file', () => {
  it('does not write a document that nobody changed', async () => {
    const { project, room } = await opened();
    await project.clock.pass(10_000);
    expect(project.files.writes).toBe(0);
    expect(room.file.state).toBe('written');
  });

  it('writes soon after the last edit, once for many', async () => {
    const { project, room, states } = await opened('');
    for (const letter of 'hello') {
      type(room, textOf(room.doc).length, letter);
      await project.clock.pass(100);
    }
    await project.clock.pass(600);
    expect(project.files.text(path)).toBe('hello');
    expect(project.files.writes).toBe(1);
    expect(states()).toEqual(['dirty', 'written']);
  });

  it('is never more than 2 s behind while somebody types without a pause', async () => {
    const { project, room } = await opened('');
    for (let ms = 0; ms < 12_000; ms += 100) {
      type(room, textOf(room.doc).length, '.');
      await project.clock.pass(100);
      const behind = (textOf(room.doc).length - (project.files.text(path)?.length ?? 0)) * 100;
      expect(behind).toBeLessThanOrEqual(2_000);
    }
  });

  it('knows its own writes', async () => {
    const { project, room } = await opened('');
    type(room, 0, 'x');
    await project.clock.pass(3_000);
    const { reads } = project.files;
    await project.clock.pass(3_000);
    expect(project.files.reads).toBe(reads);
    expect(reads).toBe(1);
  });

  it('writes nothing that is not durable', async () => {
    const { project, room } = await opened('');
    project.log.hold();
    type(room, 0, 'x');
    await project.clock.pass(5_000);
    expect(project.files.text(path)).toBe('');
    project.log.release();
    await project.clock.pass(1_000);
    expect(project.files.text(path)).toBe('x');
  });

  it('says that the disk is full, and writes when it is not', async () => {
    const { project, room, session } = await opened('');
    project.files.failNext(appError('file/disk-full', { details: { path } }), 2);
    type(room, 0, 'x');
    await project.clock.pass(700);
    expect(session.frames('doc.file').at(-1)?.file).toEqual({
      state: 'failed',
      message: appError('file/disk-full', { details: { path } }).message,
    });
    await project.clock.pass(10_000);
    expect(project.files.text(path)).toBe('x');
    expect(room.file.state).toBe('written');
  });

  it('keeps edits while the runner is away and writes them when it is back', async () => {
    const { project, room, rooms } = await opened('');
    project.files.isReachable = false;
    type(room, 0, 'x');
    await project.clock.pass(60_000);
    expect(room.file.state).toBe('dirty');
    project.files.isReachable = true;
    rooms.runnerConnected();
    await project.clock.pass(100);
    expect(project.files.text(path)).toBe('x');
  });

  it('writes before its room closes', async () => {
    const { project, rooms, room } = await opened('');
    type(room, 0, 'last words');
    const closing = rooms.close();
    await project.clock.pass(100);
    await closing;
    expect(project.files.text(path)).toBe('last words');
  });
});

describe('a mirror, towards the document', () => {
  it('brings in what another program wrote, as an edit of its own', async () => {
    const { project, room } = await opened();
    project.files.externally(path, 'one\n2\nthree\n');
    await project.clock.pass(1_000);
    expect(shown(room)).toBe('one\n2\nthree\n');
    expect(project.files.writes).toBe(0);
    const entries = await project.log.entries(room.id, 1, 99);
    expect(entries.map(({ origin, author }) => [origin, author.person])).toEqual([
      ['import', null],
      ['disk', null],
    ]);
  });

  it('merges it with what was typed meanwhile', async () => {
    const { project, room } = await opened();
    type(room, 0, 'zero\n');
    project.files.externally(path, 'one\ntwo\nthree\nfour\n');
    await project.clock.pass(2_000);
    expect(shown(room)).toBe('zero\none\ntwo\nthree\nfour\n');
    expect(project.files.text(path)).toBe(shown(room));
  });

  it('overwrites nothing that came between its look and its write', async () => {
    const { project, room } = await opened();
    project.files.beforeWrite = () => project.files.externally(path, 'one\ntwo\nthree\nfour\n');
    type(room, 0, 'zero\n');
    await project.clock.pass(3_000);
    expect(project.files.text(path)).toBe('zero\none\ntwo\nthree\nfour\n');
    expect(shown(room)).toBe('zero\none\ntwo\nthree\nfour\n');
  });

  it('leaves a file alone that it cannot read, and goes on when it can', async () => {
    const { project, room, session } = await opened();
    project.files.externally(path, new Uint8Array([0, 255, 1]));
    await project.clock.pass(1_000);
    type(room, 0, 'zero\n');
    await project.clock.pass(20_000);
    expect(session.frames('doc.file').at(-1)?.file.state).toBe('failed');
    expect(project.files.writes).toBe(0);
    expect(shown(room)).toBe('zero\none\ntwo\nthree\n');
    project.files.externally(path, 'one\ntwo\nthree\nfour\n');
    await project.clock.pass(2_000);
    expect(project.files.text(path)).toBe('zero\none\ntwo\nthree\nfour\n');
    expect(room.file.state).toBe('written');
  });

  it('shows a deleted file as missing and brings it back only with the next edit', async () => {
    const { project, room } = await opened();
    project.files.externallyRemoved(path);
    await project.clock.pass(30_000);
    expect(room.file.state).toBe('missing');
    expect(project.files.text(path)).toBeNull();
    type(room, 0, 'zero\n');
    await project.clock.pass(2_000);
    expect(project.files.text(path)).toBe('zero\none\ntwo\nthree\n');
    expect(room.file.state).toBe('written');
  });

  it('brings a file back that was deleted while somebody typed', async () => {
    const { project, room } = await opened();
    project.files.beforeWrite = () => project.files.externallyRemoved(path);
    type(room, 0, 'zero\n');
    await project.clock.pass(5_000);
    expect(project.files.text(path)).toBe('zero\none\ntwo\nthree\n');
    expect(room.file.state).toBe('written');
  });

  it('takes a file that is removed and written again for a change', async () => {
    const { project, room, states } = await opened();
    project.files.externallyRemoved(path);
    await project.clock.pass(20);
    project.files.externally(path, 'one\ntwo\nthree\nfour\n');
    await project.clock.pass(2_000);
    expect(shown(room)).toBe('one\ntwo\nthree\nfour\n');
    expect(states()).not.toContain('missing');
  });

  it('loses nothing of either side, whatever the timing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        const random = new SeededRandom(seed);
        const lines = Array.from({ length: 12 }, (_, i) => `line ${i}\n`).join('');
        const { project, room } = await opened(lines);
        const tokens: string[] = [];
        for (let i = 0; i < 25; i += 1) {
          const token = `<${i}>`;
          tokens.push(token);
          if (random.chance(0.6)) type(room, edge(shown(room), random), token);
          else {
            const now = project.files.text(path) ?? '';
            const at = edge(now, random);
            project.files.externally(path, now.slice(0, at) + token + now.slice(at));
          }
          if (random.chance(0.1)) project.files.failNext(appError('file/disk-full', { details: { path } }));
          await project.clock.pass(random.below(900));
        }
        await project.clock.pass(60_000);
        expect(project.files.text(path)).toBe(shown(room));
        for (const token of tokens)
          expect(shown(room).split(token).length - 1, token).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a mirror, from one life of the server to the next', () => {
  it('opens from the history while no runner is there', async () => {
    const { project, room } = await opened();
    type(room, 0, 'zero\n');
    await project.clock.pass(1_000);
    project.crash();
    project.files.isReachable = false;
    const next = await life(project);
    expect(shown(next.room)).toBe('zero\none\ntwo\nthree\n');
    expect(next.room.epoch).toBe(room.epoch);
  });

  it('takes its own last write for its own, though it died before it could note it', async () => {
    const { project, room } = await opened();
    type(room, 0, 'zero\n');
    project.files.beforeWrite = () => project.log.hold();
    await project.clock.pass(1_000);
    expect(project.files.text(path)).toBe('zero\none\ntwo\nthree\n');
    project.crash();
    const next = await life(project);
    type(next.room, 0, 'more\n');
    await project.clock.pass(3_000);
    expect(shown(next.room)).toBe('more\nzero\none\ntwo\nthree\n');
    expect(project.files.text(path)).toBe('more\nzero\none\ntwo\nthree\n');
  });

  it('writes what it could not before it died', async () => {
    const { project, room } = await opened();
    type(room, 0, 'zero\n');
    await project.clock.pass(100);
    project.crash();
    const next = await life(project);
    await project.clock.pass(1_000);
    expect(project.files.text(path)).toBe('zero\none\ntwo\nthree\n');
    expect(shown(next.room)).toBe('zero\none\ntwo\nthree\n');
  });

  it('merges what was written while no server ran, even when the base is only in the history', async () => {
    const { project, room } = await opened();
    type(room, 0, 'zero\n');
    await project.clock.pass(1_000);
    project.crash();
    project.files.externally(path, 'zero\none\ntwo\nthree\nfour\n');
    const next = await life(project);
    type(next.room, 0, 'minus one\n');
    await project.clock.pass(3_000);
    expect(shown(next.room)).toBe('minus one\nzero\none\ntwo\nthree\nfour\n');
    expect(project.files.text(path)).toBe(shown(next.room));
  });
});

/** A place between tokens and lines, so that no token is cut by the other side. */
function edge(text: string, random: SeededRandom): number {
  const edges = [0, ...[...text.matchAll(/[>\n]/g)].map(({ index }) => index + 1)];
  return random.pick(edges);
}
