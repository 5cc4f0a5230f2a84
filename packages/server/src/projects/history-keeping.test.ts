/** Purge, retention, collection, export, deleted files and verify, on the real file and real blobs. */
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asCellId, asDocumentId, asRunId, type BlobHash } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { appError } from '@cahier/core/errors.ts';
import { Blame } from '@cahier/core/history/blame.ts';
import type { Entry, EntryAuthor } from '@cahier/core/history/entry.ts';
import { HistoryReplay } from '@cahier/core/history/export-lines.ts';
import { foldTo, pastCells } from '@cahier/core/history/fold.ts';
import { emptyPast } from '@cahier/core/history/step.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import { SimProject } from '@cahier/testkit/sim-project.ts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { DiskBlobStore } from '../adapters/disk/disk-blob-store.ts';
import { SqliteHistoryLog } from '../adapters/sqlite/history-log.ts';
import { BlobCollector } from '../blobs/blob-collector.ts';
import { projectMirrors } from '../mirrors/project-mirrors.ts';
import { loadDocument } from '../history/load-document.ts';
import { Rooms } from '../rooms/rooms.ts';
import { readWhole } from '../runs/large-values.ts';
import { DeletedDocuments } from './deleted-documents.ts';
import { PurgedResults, underWayMs } from './purged-results.ts';
import { HistoryExport } from '../history/export.ts';
import { GroupRecorder } from '../history/group-recorder.ts';
import { ProjectHistories } from '../history/histories.ts';
import { HistoryNames } from '../history/names.ts';
import { HistoryPacker } from '../history/packer.ts';
import { HistoryPurge, isPurged } from '../history/purge.ts';
import { StepStore } from '../history/step-store.ts';
import { Turns } from '../history/turns.ts';
import { blobNames, HistoryUpkeep } from '../history/upkeep.ts';
import { verifyHistories } from '../history/verify.ts';

const all = Number.MAX_SAFE_INTEGER;
const dayMs = 24 * 60 * 60_000;
const id = asDocumentId('trace');
const trace = makeTrace({ seed: 8, entries: 600, broken: 0 }).filter((entry) => entry.kind === 'update');
const entries = trace.map((entry, i): Entry => ({ ...entry, seq: i + 1 }));
const last = entries.length;
const owner: EntryAuthor = { person: null, name: 'Owner', session: null };

let folder = '';
let file = '';
let project: SimProject;
let log: SqliteHistoryLog;
let blobs: DiskBlobStore;
let steps: StepStore;
let recorder: GroupRecorder;
let purge: HistoryPurge;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-keeping-'));
  file = join(folder, 'history.sqlite');
  project = new SimProject();
  log = await SqliteHistoryLog.open(file);
  blobs = new DiskBlobStore({ folder: join(folder, 'blobs') });
  steps = new StepStore({ log, steps: log, chunkSteps: 100 });
  recorder = new GroupRecorder({ log, clock: project.clock, windowMs: 0, random: () => 0 });
  purge = new HistoryPurge({ store: log, steps, blobs, clock: project.clock, prepare: async () => recorder });
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

async function fill(given: readonly Entry[] = entries): Promise<void> {
  await log.commit({
    documents: [{ id, project: project.id, kind: 'notebook', path: 'a.ipynb', epoch: 'e' }],
    entries: given,
  });
}

const pack = (hotBytes = 0) =>
  new HistoryPacker({ store: log, clock: project.clock, hotBytes, segmentEntries: 150 }).pack(id);
const docAt = async (seq: number) =>
  JSON.stringify(kinds.notebook.read((await loadDocument(log, id, new Y.Doc(), seq)).doc));
async function verified() {
  const found = [];
  const fresh = new StepStore({ log, steps: log, chunkSteps: 100 });
  for await (const document of verifyHistories({ store: log, steps: fresh, stepLog: log, blobs, kinds }))
    found.push(document);
  return found;
}

describe('a purge', { timeout: 60_000 }, () => {
  it.each([
    ['hot', 1, 200],
    ['packed', 1, 200],
    ['packed', 160, 333],
    ['half packed', 140, last - 1],
    ['hot', 7, 7],
  ] as const)('of %s entries %d to %d leaves the rest as it was', async (how, from, to) => {
    await fill(how === 'half packed' ? entries.slice(0, 290) : entries);
    if (how !== 'hot') await pack();
    if (how === 'half packed') await log.commit({ entries: entries.slice(290) });
    const before = [await docAt(to), await docAt(last)];
    expect(await purge.purge(project.id, id, from, to, owner)).toBe(to - from + 1);
    expect([await docAt(to), await docAt(last)]).toEqual(before);
    const now = await log.entries(id, 1, all);
    expect(now.slice(0, from - 1)).toEqual(entries.slice(0, from - 1));
    expect(now.slice(to, last)).toEqual(entries.slice(to));
    expect(now.slice(from - 1, to - 1).every(isPurged)).toBe(true);
    expect(now.at(-1)).toMatchObject({ kind: 'mark', mark: 'purged', author: owner, seq: last + 1 });
    for (const seq of [to, last]) {
      const past = await steps.past(id, seq);
      const loaded = kinds.notebook.read((await loadDocument(log, id, new Y.Doc(), seq)).doc);
      expect(pastCells(past).map(({ source }) => source)).toEqual(loaded.cells.map(({ source }) => source));
    }
    expect((await verified())[0]?.faults).toEqual([]);
  });

  it.each([
    ['hot', 160, 333],
    ['packed', 40, last - 20],
    ['packed', 300, 301],
  ] as const)('of %s entries %d to %d leaves to everybody what they wrote before', async (how, from, to) => {
    await fill();
    if (how !== 'hot') await pack();
    const before = await writers(to, (seq) => (seq >= from && seq <= to ? to : seq));
    await purge.purge(project.id, id, from, to, owner);
    expect(await writers(to)).toEqual(before);
    const [carried] = await log.entries(id, to - 1, to - 1);
    // moved within the range: without the mark nobody would know
    if (to - from > 1) expect(carried).toMatchObject({ kind: 'mark', mark: 'carried', author: { name: '' } });
  });

  /** By cell at `to`: the step that wrote each unit. */
  async function writers(to: number, told = (seq: number) => seq): Promise<Record<string, number[]>> {
    const blame = new Blame(emptyPast);
    for (let seq = 1; seq <= to; ) {
      const chunk = await steps.chunk(id, seq);
      for (const step of chunk.steps) if (step.seq <= to) blame.apply(step);
      seq = chunk.base.seq + chunk.steps.length + 1;
    }
    const { cells } = await steps.past(id, to);
    return Object.fromEntries(
      Object.values(cells).map((cell) => [
        cell.id,
        blame.runs(cell.id).flatMap((run) => Array<number>(run.length).fill(told(run.seq))),
      ]),
    );
  }

  it('what it removes is not in the file any more, nor in the journal', async () => {
    const secret = 'password-hunter2';
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const text = doc.getText('text');
    text.insert(0, `a = ${secret}`);
    text.delete(4, secret.length);
    text.insert(4, '1');
    const author = { person: null, name: 'Ada', session: null };
    await log.commit({
      documents: [{ id, project: project.id, kind: 'text', path: 'a.py', epoch: 'e' }],
      entries: updates.map((update, i) => ({
        document: id,
        seq: i + 1,
        at: i,
        author,
        origin: 'typing',
        kind: 'update',
        update,
      })),
    });
    await steps.catchUp(id);
    expect(await contains(secret)).toBe(true);
    await purge.purge(project.id, id, 1, 2, owner);
    expect(await contains(secret)).toBe(false);
    expect((await steps.past(id, 3)).cells[asCellId('text')]?.source).toBe('a = 1');
  });

  it('nor is it after it was packed: the rows that it lay in before are wiped as well', async () => {
    const secret = 'password-hunter2';
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const text = doc.getText('text');
    for (let i = 0; i < 400; i += 1) {
      text.insert(0, `${secret}-${i}`);
      text.delete(0, text.length);
    }
    text.insert(0, 'ok');
    await log.commit({
      documents: [{ id, project: project.id, kind: 'text', path: 'a.py', epoch: 'e' }],
      entries: updates.map((update, i): Entry => ({ ...blank(i + 1), update })),
    });
    await steps.catchUp(id);
    await pack();
    await purge.purge(project.id, id, 1, updates.length - 1, owner);
    expect(await contains(secret)).toBe(false);
  });

  it('waits for what is being packed, so that it does not come back', async () => {
    await fill();
    const turns = new Turns();
    let asked = 0;
    const secondAsks = Promise.withResolvers<void>();
    const take = turns.take.bind(turns);
    turns.take = (document, work) => {
      asked += 1;
      if (asked === 2) secondAsks.resolve();
      return take(document, work);
    };
    const removing = new HistoryPurge({
      store: log,
      steps,
      blobs,
      clock: project.clock,
      prepare: async () => recorder,
      turns,
    });
    const purging: Promise<number>[] = [];
    const packs = log.pack.bind(log);
    // Between reading and writing somebody purges.
    log.pack = async (read) => {
      if (purging.length === 0) purging.push(removing.purge(project.id, id, 1, last, owner));
      await Promise.race([...purging, secondAsks.promise]);
      await packs(read);
    };
    await new HistoryPacker({ store: log, clock: project.clock, hotBytes: 0, turns }).pack(id);
    await Promise.all(purging);
    const now = await log.entries(id, 1, last - 1);
    expect(now.filter((entry) => !isPurged(entry))).toEqual([]);
  });

  it('that the disk stops on the way leaves nothing that was made of what is gone', async () => {
    await fill();
    const before = JSON.stringify(await steps.past(id, 50));
    const replace = log.replace.bind(log);
    log.replace = async (made) => {
      await replace(made);
      throw appError('history/not-durable', { details: { why: 'the answer was lost' } });
    };
    await expect(purge.purge(project.id, id, 1, last, owner)).rejects.toMatchObject({
      code: 'history/not-durable',
    });
    log.replace = replace;
    expect(before).toContain('"source"');
    expect((await steps.past(id, 50)).cells).toEqual({});
    expect(await purge.purge(project.id, id, 1, last, owner)).toBe(last);
    expect((await verified())[0]?.faults).toEqual([]);
  });

  it('refuses what is not there, and a range that the file still shows', async () => {
    await fill();
    await expect(purge.purge(project.id, id, 5, last + 1, owner)).rejects.toMatchObject({
      code: 'history/range',
    });
    await log.commit({ mirrors: [{ document: id, hash: 'a'.repeat(64), seq: 50 }] });
    await expect(purge.purge(project.id, id, 1, 60, owner)).rejects.toMatchObject({
      code: 'history/purge-unwritten',
    });
    expect(await log.entries(id, 1, all)).toEqual(entries);
  });
});

const blank = (seq: number) => ({
  document: id,
  seq,
  at: 0,
  author: owner,
  origin: 'typing' as const,
  kind: 'update' as const,
});

async function contains(text: string): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const files = await Promise.all(
    [file, `${file}-wal`].map((path) => readFile(path).catch(() => Buffer.alloc(0))),
  );
  return files.some((bytes) => bytes.includes(text));
}

describe('retention', { timeout: 60_000 }, () => {
  it('removes what is older than the rule says, once, and keeps all without a rule', async () => {
    const begin = project.clock.now();
    const days = entries.slice(0, 100).map((entry, i): Entry => ({ ...entry, at: begin + i * (dayMs / 10) }));
    await fill(days);
    let keepDays: number | null = null;
    const upkeep = new HistoryUpkeep({
      store: log,
      packer: new HistoryPacker({ store: log, clock: project.clock }),
      collector: { collect: async () => 0 },
      purge,
      keepDays: () => keepDays,
      // its own timer would work at the same time
      clock: { now: () => project.clock.now(), after: () => ({ dispose: () => undefined }) },
    });
    project.clock.advance(10 * dayMs);
    await upkeep.work();
    expect((await log.entries(id, 1, all)).filter(isPurged)).toHaveLength(0);
    keepDays = 5;
    project.clock.advance(dayMs);
    const before = await docAt(100);
    await upkeep.work();
    const purged = (await log.entries(id, 1, all)).filter(isPurged).length;
    expect(purged).toBeGreaterThan(40);
    expect(purged).toBeLessThan(70);
    const marks = async () => (await log.entries(id, 1, all)).filter((entry) => entry.kind === 'mark').length;
    expect(await marks()).toBe(1);
    project.clock.advance(dayMs);
    await upkeep.work();
    expect(await marks()).toBe(2);
    expect((await log.entries(id, 1, all)).filter(isPurged).length).toBeGreaterThan(purged);
    expect(await docAt(100)).toBe(before);
    expect((await verified())[0]?.faults).toEqual([]);
  });
});

describe('collecting blobs', { timeout: 60_000 }, () => {
  const old = async (hash: BlobHash) => {
    const at = new Date(Date.now() - 3 * dayMs);
    await utimes(join(folder, 'blobs', project.id, hash.slice(0, 2), hash), at, at);
    return hash;
  };
  const put = async (text: string) => blobs.put(project.id, Buffer.from(text));
  const collector = () =>
    new BlobCollector({
      blobs,
      names: blobNames(log),
      clock: { now: () => Date.now(), after: project.clock.after.bind(project.clock) },
    });
  const run = (seq: number, outputs: BlobHash): Entry => ({
    document: id,
    seq,
    at: 0,
    author: owner,
    origin: 'run',
    kind: 'run',
    run: asRunId('r'),
    cell: asCellId('c'),
    state: 'done',
    executionCount: 1,
    startedAt: null,
    outputs,
  });

  it('keeps what hot and packed runs, their outputs, live documents and mirrors name, and what is young', async () => {
    const picture = await old(await put('picture'));
    const packed = await old(
      await put(JSON.stringify([{ blobs: { 'image/png': { blob: picture, size: 7 } } }])),
    );
    const hot = await old(await put('[1]'));
    const live = await old(await put('live'));
    const [mirror, next] = [await old(await put('mirror')), await old(await put('next'))];
    const young = await put('young');
    const lost = await old(await put('lost'));
    await fill([run(1, packed)]);
    await pack();
    await log.commit({
      entries: [run(2, hot)],
      live: [{ document: id, json: JSON.stringify({ cells: { c: { outputs: [{ blob: live }] } } }) }],
      mirrors: [{ document: id, hash: mirror, seq: 1, next }],
    });
    expect(await collector().collect(project.id)).toBe(1);
    for (const hash of [picture, packed, hot, live, mirror, next, young]) {
      expect(await blobs.has(project.id, hash)).toBe(true);
    }
    expect(await blobs.has(project.id, lost)).toBe(false);
    expect((await verified())[0]?.faults).toEqual([]);
  });

  it('a damaged output that may name others keeps everything', async () => {
    const outputs = await old(await put('[1]'));
    await fill([run(1, outputs)]);
    const other = await old(await put('other'));
    await writeFile(join(folder, 'blobs', project.id, outputs.slice(0, 2), outputs), 'damaged');
    await old(outputs);
    expect(await collector().collect(project.id)).toBe(0);
    expect(await blobs.has(project.id, other)).toBe(true);
    expect((await verified())[0]?.faults).toEqual([`output ${outputs} is damaged`]);
  });

  it('after a purge, results that only the removed part named go at once, and young ones a while later', async () => {
    const picture = await old(await put('secret picture'));
    const picturedBy = (hash: BlobHash, type: string) =>
      JSON.stringify([{ type, data: {}, metadata: {}, blobs: { 'image/png': { blob: hash, size: 1 } } }]);
    const secret = await old(await put(picturedBy(picture, 'display_data')));
    const young = await put('just made');
    const kept = await old(await put('[]'));
    const live = await old(await put('live'));
    await fill([run(1, secret), run(2, young), run(3, kept)]);
    await log.commit({
      live: [{ document: id, json: JSON.stringify({ cells: { c: { outputs: [{ blob: live }] } } }) }],
    });
    await pack();
    await purge.purge(project.id, id, 1, 2, owner);
    let forgotten = 0;
    const results = new PurgedResults({
      open: async () => ({ recorder, runs: { forgetBlobs: () => void (forgotten += 1) } }),
      collector: collector(),
      clock: project.clock,
      logger: pino({ level: 'silent' }),
    });
    await results.remove(project.id);
    const there = async () => {
      const all = await Promise.all(
        [picture, secret, young, kept, live].map((hash) => blobs.has(project.id, hash)),
      );
      return all;
    };
    expect(await there()).toEqual([false, false, true, true, true]);
    await old(young);
    project.clock.advance(underWayMs + 60_000);
    await expect.poll(there).toEqual([false, false, false, true, true]);
    expect(forgotten).toBe(2);
    results.dispose();
  });

  it('a put while collecting wins: what was put is there when put has answered', async () => {
    for (let round = 0; round < 40; round += 1) {
      const hashes = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => old(await put(`blob ${i}`))),
      );
      const collecting = collector().collect(project.id);
      for (let turn = 0; turn < round % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const again = await Promise.all(hashes.map((_, i) => put(`blob ${i}`)));
      for (const hash of again) expect(await blobs.has(project.id, hash)).toBe(true);
      await collecting;
      for (const hash of again) expect(await blobs.has(project.id, hash)).toBe(true);
    }
  });
});

describe('export and replay', { timeout: 60_000 }, () => {
  it('any moment of the export is the document at that moment, with outputs', async () => {
    const outputs = await blobs.put(
      project.id,
      Buffer.from(JSON.stringify([{ type: 'stream', name: 'stdout', text: 'hello' }])),
    );
    await fill();
    const cell =
      pastCells(await steps.past(id, last)).find(({ type }) => type === 'code')?.id ?? asCellId('none');
    const ran = {
      document: id,
      at: 0,
      author: owner,
      origin: 'run' as const,
      kind: 'run' as const,
      cell,
      outputs,
    };
    await log.commit({
      entries: [
        { ...ran, seq: last + 1, run: asRunId('r'), state: 'done', executionCount: 3, startedAt: null },
      ],
    });
    const exports = new HistoryExport({ log, steps, blobs, readWhole, clock: project.clock });
    let text = '';
    for await (const piece of await exports.write(project.id, id, true)) text += piece;
    const lines = text.split('\n');
    expect(lines.at(-1)).toBe('');
    for (const seq of [1, 99, 100, 101, 250, last]) {
      const replay = new HistoryReplay({ seq });
      for (const line of lines) replay.take(line);
      expect(replay.past()).toEqual(await steps.past(id, seq));
    }
    const end = new HistoryReplay();
    for (const line of lines) end.take(line);
    const made = end.notebook().cells.find((each) => each.id === cell);
    expect(made).toMatchObject({
      executionCount: 3,
      outputs: [{ type: 'stream', name: 'stdout', text: 'hello' }],
    });
    expect(kinds.notebook.fromFile(kinds.notebook.toFile(end.notebook()), 'a.ipynb', () => 'x').ok).toBe(
      true,
    );
    await expect(exports.write(project.id, asDocumentId('no'), false)).rejects.toMatchObject({
      code: 'document/not-found',
    });
  });

  it('says which steps could not be read', async () => {
    await fill();
    await log.close();
    const db = new DatabaseSync(file);
    db.exec("UPDATE entries SET payload = x'00' WHERE seq IN (20, 130)");
    db.close();
    log = await SqliteHistoryLog.open(file);
    const damagedSteps = new StepStore({ log, steps: log, chunkSteps: 100 });
    const exports = new HistoryExport({ log, steps: damagedSteps, blobs, readWhole, clock: project.clock });
    const replay = new HistoryReplay();
    for await (const piece of await exports.write(project.id, id, false))
      for (const line of piece.split('\n')) replay.take(line);
    expect(replay.damaged).toEqual([20, 130]);
  });

  it('refuses what is no export', () => {
    expect(() => new HistoryReplay().take('{')).toThrow('line 1 is not JSON');
    expect(() => new HistoryReplay().take('{"line":"step","seq":1,"at":1,"changes":[]}')).toThrow(
      'first line',
    );
    expect(() => new HistoryReplay().take('{"line":"history","version":9,"kind":"text"}')).toThrow(
      'version 9',
    );
  });
});

describe('verify', { timeout: 60_000 }, () => {
  it('finds nothing wrong with what is whole, hot or packed', async () => {
    await fill();
    expect(await verified()).toMatchObject([{ path: 'a.ipynb', entries: last, hot: last, faults: [] }]);
    await pack();
    expect(await verified()).toMatchObject([{ hot: 0, segments: Math.ceil(last / 150), faults: [] }]);
  });

  it('names damaged and missing entries, segments and outputs', async () => {
    await fill();
    const missing = 'b'.repeat(64);
    await log.commit({
      entries: [
        {
          document: id,
          seq: last + 1,
          at: 0,
          author: owner,
          origin: 'run',
          kind: 'run',
          run: null,
          cell: asCellId('c'),
          state: 'done',
          executionCount: null,
          startedAt: null,
          outputs: await blobs.put(
            project.id,
            Buffer.from(
              JSON.stringify([
                {
                  type: 'display_data',
                  data: {},
                  metadata: {},
                  blobs: { 'image/png': { blob: missing, size: 3 } },
                },
              ]),
            ),
          ),
        },
      ],
    });
    await log.close();
    const db = new DatabaseSync(file);
    db.exec(
      "UPDATE entries SET payload = x'00' WHERE seq = 20; DELETE FROM entries WHERE seq BETWEEN 30 AND 32",
    );
    db.close();
    log = await SqliteHistoryLog.open(file);
    expect((await verified())[0]?.faults).toEqual([
      'entry 20 is damaged or missing',
      'entries 30 to 32 are damaged or missing',
      `output ${missing} is missing`,
    ]);
  });
});

describe('a deleted file', { timeout: 60_000 }, () => {
  it('is listed and comes back with its text, and its history goes on', async () => {
    const around = { ...project.parts(), log, recorder };
    const { clock, random, files } = project;
    const rooms = new Rooms({
      ...around,
      mirrors: projectMirrors({
        project: project.id,
        recorder,
        runner: files.runner,
        blobs,
        clock,
        logger: pino({ level: 'silent' }),
        random: () => random.next(),
        newId: (length) => random.hex(length),
      }),
    });
    const deleted = new DeletedDocuments({
      store: log,
      kinds,
      open: async () => ({ recorder, runner: files.runner, rooms }),
    });
    files.externally('notes.txt', Buffer.from('one'));
    const settled = async <T>(work: Promise<T>): Promise<T> => {
      let isDone = false;
      const done = work.finally(() => {
        isDone = true;
      });
      done.catch(() => undefined);
      // the disk is a real one: if the clock ran far ahead of it, a flush would give up
      while (!isDone) {
        await clock.pass(5);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return done;
    };
    const opening = await settled(rooms.open('notes.txt'));
    if (!opening.ok) throw opening.refused.error;
    const { room } = opening.open;
    room.edit({ person: null, name: 'Ada', session: null }, 'typing', (doc) =>
      doc.getText('text').insert(3, ' two'),
    );
    await settled(rooms.flush());
    expect(await settled(deleted.list(project.id))).toEqual([]);
    files.externallyRemoved('notes.txt');
    await settled(rooms.removed('notes.txt'));
    const [found] = await settled(deleted.list(project.id));
    expect(found).toMatchObject({ document: room.id, path: 'notes.txt', lastAuthor: 'Ada' });
    const before = await log.entries(room.id, 1, all);
    expect(await settled(deleted.recover(project.id, room.id))).toBe('notes.txt');
    expect(files.text('notes.txt')).toBe('one two');
    expect(rooms.byPath('notes.txt')?.id).toBe(room.id);
    expect(await log.entries(room.id, 1, all)).toEqual(before);
    expect(await settled(deleted.list(project.id))).toEqual([]);
    await expect(settled(deleted.recover(project.id, room.id))).rejects.toMatchObject({
      code: 'file/exists',
    });
    await settled(rooms.close());
  });
});

describe('all histories of a project', () => {
  it('are listed, and exported one after the other, of which one can be replayed', async () => {
    await fill();
    const other = asDocumentId('notes');
    await log.commit({
      documents: [
        { id: other, project: project.id, kind: 'notebook', path: '/deleted/notes/b.ipynb', epoch: 'e' },
      ],
      entries: entries.slice(0, 50).map((entry) => ({ ...entry, document: other })),
    });
    const exports = new HistoryExport({ log, steps, blobs, readWhole, clock: project.clock });
    const histories = new ProjectHistories({ store: log, exports });
    expect(await histories.list(project.id)).toEqual([
      expect.objectContaining({ document: id, path: 'a.ipynb', isDeleted: false, steps: last }),
      expect.objectContaining({ document: other, path: 'b.ipynb', isDeleted: true, steps: 50 }),
    ]);
    let all = '';
    for await (const part of histories.exportAll(project.id, false)) all += part;
    const lines = all.split('\n');
    const replay = new HistoryReplay({}, '/deleted/notes/b.ipynb');
    for (const line of lines) replay.take(line);
    expect(pastCells(replay.past())).toEqual(pastCells(await steps.past(other, 50)));
    const careless = new HistoryReplay();
    expect(() => lines.forEach((line) => careless.take(line))).toThrow(/several documents/);
    const first = new HistoryReplay({ seq: 20 }, 'a.ipynb');
    for (const line of lines) first.take(line);
    expect(pastCells(first.past())).toEqual(pastCells(await steps.past(id, 20)));
  });
});

describe('names of moments', () => {
  it('are entries with author and time, over all chunks, and can be taken away', async () => {
    await fill();
    const names = new HistoryNames({ log, steps, clock: project.clock, prepare: async () => recorder });
    await names.name(project.id, id, 40, 'First try', owner);
    await names.name(project.id, id, 333, 'Handed out', { ...owner, name: 'Ada' });
    await names.name(project.id, id, 40, 'Before the exam', owner);
    const at = project.clock.now();
    expect(await names.list(project.id, id)).toEqual([
      { seq: 40, name: 'Before the exam', by: 'Owner', at },
      { seq: 333, name: 'Handed out', by: 'Ada', at },
    ]);
    await names.name(project.id, id, 40, '', owner);
    expect((await names.list(project.id, id)).map(({ seq }) => seq)).toEqual([333]);
    expect((await log.entries(id, last + 1, all)).map(({ author }) => author.name)).toEqual([
      'Owner',
      'Ada',
      'Owner',
      'Owner',
    ]);
    expect(await docAt(last + 4)).toEqual(await docAt(last));
    await expect(names.name(project.id, id, last + 9, 'x', owner)).rejects.toMatchObject({
      code: 'history/range',
    });
    expect((await verified())[0]?.faults).toEqual([]);
  });
});

describe('folding', () => {
  it('of purged steps gives the base', async () => {
    await fill();
    await purge.purge(project.id, id, 1, 300, owner);
    const chunk = await steps.chunk(id, 250);
    expect(Object.keys(foldTo(chunk.base, chunk.steps, 299).cells)).toEqual([]);
  });
});
