/** Segments in an object store: all reads as before; what the store loses or alters is named, and the rest opens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { asProjectId, asDocumentId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import { MemoryBlobStore } from '@cahier/testkit/memory-blob-store.ts';
import { MemoryObjectStore } from '@cahier/testkit/memory-object-store.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { FarBlobs } from '../../blobs/far-blobs.ts';
import { HistoryMover } from '../../history/mover.ts';
import { HistoryPacker } from '../../history/packer.ts';
import { HistoryPurge, isPurged } from '../../history/purge.ts';
import { readAround } from '../../history/read-around.ts';
import { StepStore } from '../../history/step-store.ts';
import { DiskBlobStore } from '../disk/disk-blob-store.ts';
import { SqliteHistoryLog } from './history-log.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-far-'));
afterAll(() => rm(folder, { recursive: true }));
let files = 0;
const trace = makeTrace({ seed: 5, entries: 900, broken: 0 });
const id = trace[0]?.document ?? asDocumentId('trace');
const project = asProjectId('p');
const all = Number.MAX_SAFE_INTEGER;
const later = (trace.at(-1)?.at ?? 0) + 1;

/** Packed in segments of 100 entries; moved up to (not with) entry `upTo`. */
async function moved(upTo = trace.length + 1) {
  const file = join(folder, `${(files += 1)}.sqlite`);
  const far = new MemoryObjectStore();
  const clock = new FakeClock(later);
  const open = () => SqliteHistoryLog.open(file, { far });
  const log = await open();
  await log.commit({
    documents: [{ id, project, kind: 'notebook', path: 'a.ipynb', epoch: 'e' }],
    entries: trace,
  });
  const packer = new HistoryPacker({ store: log, clock, hotBytes: 0, segmentEntries: 100 });
  await packer.pack(id);
  const blobs = new FarBlobs({ near: new DiskBlobStore({ folder: join(folder, `b${files}`) }), far });
  const afterMs = clock.now() - (trace[upTo - 1]?.at ?? later);
  const mover = new HistoryMover({ store: log, blobs, far, clock, afterMs });
  return { file, far, clock, log, open, mover, result: await mover.move(), packer };
}

async function objectText(far: MemoryObjectStore, key: string): Promise<string> {
  const bytes = await far.get(key);
  return bytes ? zstdDecompressSync(bytes).toString('latin1') : '';
}

describe('segments in the object store', { timeout: 60_000 }, () => {
  it('read as before, after a restart too, and their bytes have left the file', async () => {
    const { log, far, open, result } = await moved();
    expect(result).toMatchObject({ segments: 9, trouble: null });
    expect(far.keys).toHaveLength(9);
    expect(far.keys[0]).toMatch(/^segments\/p\/[^/]+\/[0-9a-f]{64}$/);
    expect(await log.nearSegments(id)).toEqual([]);
    expect(await log.entries(id, 1, all)).toEqual(trace);
    expect(await log.entries(id, 95, 205)).toEqual(trace.slice(94, 205));
    await log.close();
    const again = await open();
    expect(await again.entries(id, 1, all)).toEqual(trace);
    expect((await new StepStore({ log: again, steps: again }).past(id, 450)).seq).toBe(450);
    await again.close();
  });

  it('what is young stays, and goes when it is old', async () => {
    const { log, mover, clock, result } = await moved(450);
    expect(result.segments).toBe(4);
    expect((await log.nearSegments(id))[0]).toEqual({ from: 401, to: 500 });
    clock.advance(1e12);
    expect(await mover.move()).toMatchObject({ segments: 5 });
    expect(await mover.move()).toMatchObject({ segments: 0, bytes: 0 });
    expect(await log.entries(id, 1, all)).toEqual(trace);
    await log.close();
  });

  it('a store that does not answer: said so, nothing is called damaged, what is here opens', async () => {
    const { log, far, open } = await moved(450);
    await log.close();
    far.isDown = true;
    const again = await open();
    await expect(again.entries(id, 1, 10)).rejects.toMatchObject({ code: 'object/unreachable' });
    await expect(readAround(again, id, 1, 900)).rejects.toMatchObject({ code: 'object/unreachable' });
    const steps = new StepStore({ log: again, steps: again });
    await expect(steps.summaries(id)).rejects.toMatchObject({ code: 'object/unreachable' });
    expect(await again.entries(id, 401, 900)).toEqual(trace.slice(400));
    far.isDown = false;
    expect(await again.entries(id, 1, all)).toEqual(trace);
    expect((await steps.past(id, 10)).seq).toBe(10);
    await again.close();
  });

  it('an object that is gone, or holds other bytes, is named; the rest opens', async () => {
    const { log, far, open } = await moved();
    await log.close();
    const [gone = '', altered = ''] = far.keys;
    far.damage(gone, null);
    far.damage(altered, Uint8Array.of(1, 2, 3));
    const again = await open();
    const read = await readAround(again, id, 1, 900);
    const damaged = read.filter((entry) => typeof entry === 'number');
    expect(damaged).toHaveLength(200);
    expect(read.filter((entry) => typeof entry !== 'number')).toEqual(
      trace.filter(({ seq }) => !damaged.includes(seq)),
    );
    const [first = 0] = damaged;
    await expect(again.entries(id, first, first)).rejects.toMatchObject({
      code: 'history/damaged',
      details: { segment: expect.stringContaining(`${first}–${first + 99}`) },
    });
    await again.close();
  });

  it('a store that gives back other bytes than it was given: nothing leaves the disk', async () => {
    const { log, far, mover } = await moved(1);
    far.isLying = true;
    expect((await mover.move()).segments).toBe(0);
    const eager = await moved(1);
    eager.far.isLying = true;
    eager.clock.advance(1e12);
    expect(await eager.mover.move()).toMatchObject({
      segments: 0,
      trouble: { code: 'object/unreachable', details: { why: 'it gave back other bytes than it was given' } },
    });
    expect(await eager.log.nearSegments(id)).toHaveLength(9);
    eager.far.isLying = false;
    expect(await eager.mover.move()).toMatchObject({ segments: 9, trouble: null });
    expect(await eager.log.entries(id, 1, all)).toEqual(trace);
    await log.close();
    await eager.log.close();
  });

  it('a purge takes it out of the store, and what could not be removed goes later', async () => {
    const { log, far, mover } = await moved();
    const before = [...far.keys];
    const recorder = { open: async () => undefined, record: () => 0, flush: async () => undefined };
    const purge = new HistoryPurge({
      store: log,
      steps: new StepStore({ log, steps: log }),
      blobs: new MemoryBlobStore(),
      clock: new FakeClock(later),
      prepare: async () => recorder,
    });
    const author = { person: null, name: 'owner', session: null };
    await purge.purge(project, id, 101, 300, author);
    expect(await log.leftovers()).toHaveLength(2);
    far.isDown = true;
    await expect(mover.sweep()).rejects.toMatchObject({ code: 'object/unreachable' });
    far.isDown = false;
    await mover.sweep();
    expect(await log.leftovers()).toEqual([]);
    expect(before.filter((key) => !far.keys.includes(key))).toHaveLength(2);
    expect(await log.entries(id, 301, all)).toEqual(trace.slice(300));
    await log.close();
  });

  it('a segment that is purged while it is on its way does not stay in the store', async () => {
    const { log, far, mover, clock, packer } = await moved(1);
    clock.advance(1e12);
    const recorder = { open: async () => undefined, record: () => 0, flush: async () => undefined };
    const purge = new HistoryPurge({
      store: log,
      steps: new StepStore({ log, steps: log }),
      blobs: new MemoryBlobStore(),
      clock,
      prepare: async () => recorder,
    });
    const put = far.put.bind(far);
    let purging: Promise<unknown> | null = null;
    far.put = async (key, bytes) => {
      purging ??= purge.purge(project, id, 1, 900, { person: null, name: 'owner', session: null });
      await purging;
      await put(key, bytes);
    };
    await mover.move();
    await mover.sweep();
    await packer.pack(id);
    const purged = await log.entries(id, 1, 899);
    expect(purged.every((entry) => isPurged(entry))).toBe(true);
    // Of what was there before nothing; what took its place may be there.
    for (const key of far.keys) expect(await objectText(far, key)).not.toMatch(/Person \d/);
    expect(await log.leftovers()).toEqual([]);
    await log.close();
  });

  it('what was put by a server that died then is removed, unless it is moved after all', async () => {
    const { log, far, mover, clock } = await moved(1);
    clock.advance(1e12);
    const segmentMoved = log.segmentMoved.bind(log);
    log.segmentMoved = async () => {
      throw appError('history/not-durable');
    };
    expect((await mover.move()).trouble).not.toBeNull();
    expect(far.keys).toHaveLength(1);
    log.segmentMoved = segmentMoved;
    await mover.sweep();
    expect(far.keys).toEqual([]);
    expect(await mover.move()).toMatchObject({ segments: 9, trouble: null });
    await mover.sweep();
    expect(far.keys).toHaveLength(9);
    expect(await log.entries(id, 1, all)).toEqual(trace);
    await log.close();
  });

  it('the file no longer holds their bytes', async () => {
    const { file, log } = await moved();
    await log.close();
    const db = new DatabaseSync(file);
    const sum = db.prepare('SELECT sum(length(bytes)) AS bytes, count(*) AS count FROM segments').get();
    db.close();
    expect(sum).toEqual({ bytes: 0, count: 9 });
  });
});
