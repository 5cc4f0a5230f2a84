/** Packing on the real file: everything comes back as it was, whatever happens meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asDocumentId, asProjectId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { HistoryPacker } from '../../history/packer.ts';
import { readAround } from '../../history/read-around.ts';
import { StepStore } from '../../history/step-store.ts';
import { loadDocument } from '../../history/load-document.ts';
import { SqliteHistoryLog } from './history-log.ts';
import * as Y from 'yjs';

const folder = await mkdtemp(join(tmpdir(), 'cahier-packing-'));
afterAll(() => rm(folder, { recursive: true }));
let files = 0;
const trace = makeTrace({ seed: 5, entries: 900 });
const id = trace[0]?.document ?? asDocumentId('trace');
const all = Number.MAX_SAFE_INTEGER;

async function filled(entries: readonly Entry[] = trace) {
  const file = join(folder, `${(files += 1)}.sqlite`);
  const log = await SqliteHistoryLog.open(file);
  await log.commit({
    documents: [{ id, project: asProjectId('p'), kind: 'notebook', path: 'a.ipynb', epoch: 'e' }],
    entries,
  });
  const packer = new HistoryPacker({ store: log, clock: new FakeClock(), hotBytes: 0, segmentEntries: 100 });
  return { file, log, packer };
}

function change(file: string, sql: string, ...values: (number | Uint8Array)[]): void {
  const db = new DatabaseSync(file);
  db.prepare(sql).run(...values);
  db.close();
}

describe('packing', { timeout: 60_000 }, () => {
  it('every entry, the document and its steps read as before, and hot rows are gone', async () => {
    const { log, packer } = await filled();
    const before = Y.encodeStateAsUpdate((await loadDocument(log, id, new Y.Doc())).doc);
    expect(await packer.pack(id)).toBe(trace.length);
    expect(await log.hotStretch(id)).toBeNull();
    expect(await log.entries(id, 1, all)).toEqual(trace);
    const random = new SeededRandom(1);
    for (let i = 0; i < 30; i += 1) {
      const from = random.between(1, trace.length);
      const to = random.between(from, trace.length);
      expect(await log.entries(id, from, to)).toEqual(trace.slice(from - 1, to));
    }
    expect(await log.lastSeq(id)).toBe(trace.length);
    expect(Y.encodeStateAsUpdate((await loadDocument(log, id, new Y.Doc())).doc)).toEqual(before);
    const steps = new StepStore({ log, steps: log });
    expect((await steps.past(id, trace.length)).seq).toBe(trace.length);
    await log.close();
  });

  it('goes on numbering after everything was packed, in a later life too', async () => {
    const { file, log, packer } = await filled(trace.slice(0, 250));
    await packer.pack(id);
    await log.close();
    const again = await SqliteHistoryLog.open(file);
    const next = trace[250];
    if (!next) throw new Error('the trace is too short');
    await expect(again.commit({ entries: [{ ...next, seq: 250 }] })).rejects.toMatchObject({
      code: 'history/not-durable',
    });
    await again.commit({ entries: [next] });
    expect(await again.entries(id, 249, all)).toEqual(trace.slice(248, 251));
    await again.close();
  });

  it('only what is old enough is packed, and short segments grow instead of becoming many', async () => {
    const { log } = await filled([]);
    const clock = new FakeClock();
    const packer = new HistoryPacker({ store: log, clock, hotMs: 1_000, segmentEntries: 100 });
    const entries = trace.slice(0, 90).map((entry, i): Entry => ({ ...entry, at: clock.now() + i * 100 }));
    for (let i = 0; i < 90; i += 10) {
      await log.commit({ entries: entries.slice(i, i + 10) });
      await clock.pass(1_000);
      await packer.pack(id);
    }
    const hot = await log.hotStretch(id);
    expect(hot?.oldestAt).toBeGreaterThanOrEqual(clock.now() - 1_000);
    expect((await log.segments(id, 1, all)).length).toBeLessThan(4);
    expect(await log.entries(id, 1, all)).toEqual(entries);
    await log.close();
  });

  it('reading while packing never sees a hole', async () => {
    const { log, packer } = await filled();
    let isPacking = true;
    const packing = packer.pack(id).finally(() => {
      isPacking = false;
    });
    let reads = 0;
    while (isPacking) {
      expect((await log.entries(id, 1, all)).length).toBe(trace.length);
      expect(await log.lastSeq(id)).toBe(trace.length);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await packing;
    expect(reads).toBeGreaterThan(1);
    await log.close();
  });

  it('a bit flipped in a segment is named; everything else opens, and steps tell what is missing', async () => {
    const { file, log, packer } = await filled();
    await packer.pack(id);
    await log.close();
    const db = new DatabaseSync(file);
    const row = db.prepare('SELECT bytes FROM segments WHERE first_seq = 201').get();
    db.close();
    const bytes = row?.bytes instanceof Uint8Array ? row.bytes : new Uint8Array();
    for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
      change(
        file,
        'UPDATE segments SET bytes = ? WHERE first_seq = 201',
        bytes.with(at, (bytes[at] ?? 0) ^ 4),
      );
      const again = await SqliteHistoryLog.open(file);
      await expect(again.entries(id, 150, 250)).rejects.toMatchObject({
        code: 'history/damaged',
        details: { seq: 201, segment: `${id} 201–300` },
      });
      expect(await again.entries(id, 1, 200)).toEqual(trace.slice(0, 200));
      expect(await again.entries(id, 301, all)).toEqual(trace.slice(300));
      const read = await readAround(again, id, 1, trace.length);
      expect(read.filter((entry) => typeof entry === 'number').length).toBe(100);
      await again.close();
    }
  });

  it('a damaged hot row stays where it is, between segments; all others are packed', async () => {
    const { file, log, packer } = await filled();
    change(file, 'UPDATE entries SET payload = ? WHERE seq = 150', Uint8Array.of(1));
    expect(await packer.pack(id)).toBe(trace.length - 1);
    expect(await log.hotStretch(id)).toMatchObject({ from: 150, to: 150 });
    expect(await packer.pack(id)).toBe(0);
    const read = await readAround(log, id, 1, trace.length);
    expect(read).toEqual(trace.map((entry) => (entry.seq === 150 ? 150 : entry)));
    await log.close();
  });

  it('refuses to pack what is not there', async () => {
    const { log } = await filled(trace.slice(0, 20));
    await expect(log.pack(trace.slice(10, 30))).rejects.toMatchObject({ code: 'history/not-durable' });
    expect(await log.entries(id, 1, all)).toEqual(trace.slice(0, 20));
    await log.close();
  });
});
