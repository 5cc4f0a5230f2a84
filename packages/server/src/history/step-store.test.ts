import { asDocumentId } from '@cahier/base/ids.ts';
import { StepDeriver } from '@cahier/core/history/derive-steps.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { appError } from '@cahier/core/errors.ts';
import { emptyPast, type PastDocument } from '@cahier/core/history/step.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import { MemoryStepLog } from '@cahier/testkit/memory-step-log.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StepStore } from './step-store.ts';

const document = asDocumentId('trace');

/** What every moment must be: derived in one go, without chunks. */
function truth(entries: readonly Entry[]): PastDocument[] {
  const deriver = new StepDeriver(new Y.Doc(), emptyPast);
  return [
    emptyPast,
    ...entries.map((entry) => {
      deriver.apply(entry, 0);
      return deriver.past();
    }),
  ];
}

/** A log that counts what is read, and in which entries can be damaged. */
class CountingLog extends MemoryHistoryLog {
  read = 0;
  readonly damaged = new Set<number>();

  override async entries(id: typeof document, from: number, to: number): Promise<Entry[]> {
    const entries = await super.entries(id, from, to);
    const bad = entries.find((entry) => this.damaged.has(entry.seq));
    if (bad) throw appError('history/damaged', { details: { segment: `${id} ${bad.seq}` } });
    this.read += entries.length;
    return entries;
  }
}

async function setUp(entries: readonly Entry[], chunkSteps = 20) {
  const log = new CountingLog();
  if (entries.length > 0) await log.commit({ entries });
  const steps = new MemoryStepLog();
  const open = () => new StepStore({ log, steps, chunkSteps });
  return { log, steps, open, store: open() };
}

describe('StepStore', { timeout: 30_000 }, () => {
  it('is served from memory while the disk takes nothing, and stored when it does again', async () => {
    const trace = makeTrace({ seed: 6, entries: 230 });
    const moments = truth(trace);
    const { log, steps, store, open } = await setUp(trace.slice(0, 150));
    const keep = steps.keep.bind(steps);
    steps.keep = async () => {
      throw appError('history/not-durable', { details: { why: 'the disk is full' } });
    };
    for (let seq = 0; seq <= 150; seq += 1) expect(await store.past(document, seq)).toEqual(moments[seq]);
    expect((await store.summaries(document)).length).toBe(8);
    expect(steps.chunks(document)).toEqual([]);
    steps.keep = keep;
    await log.commit({ entries: trace.slice(150) });
    for (let seq = 0; seq <= 230; seq += 1) expect(await store.past(document, seq)).toEqual(moments[seq]);
    expect(steps.chunks(document).map(({ from }) => from)).toEqual(
      Array.from({ length: 11 }, (_, i) => i * 20 + 1),
    );
    expect(await open().past(document, 77)).toEqual(moments[77]);
  });

  it('shows every moment of a history, whatever the chunks', async () => {
    const trace = makeTrace({ seed: 3, entries: 130, broken: 0.02 });
    const moments = truth(trace);
    for (const chunkSteps of [1, 20, 65, 1_000]) {
      const { store } = await setUp(trace, chunkSteps);
      for (let seq = 0; seq <= trace.length; seq += 1) {
        expect(await store.past(document, seq), `${seq} of ${chunkSteps}`).toEqual(moments[seq]);
      }
      await expect(store.past(document, trace.length + 1)).rejects.toMatchObject({ code: 'history/range' });
      await expect(store.past(document, -1)).rejects.toMatchObject({ code: 'history/range' });
      await expect(store.past(document, 1.5)).rejects.toMatchObject({ code: 'history/range' });
    }
  });

  it('a document without history has one empty chunk', async () => {
    const { store } = await setUp([]);
    expect(await store.summaries(document)).toEqual([]);
    expect((await store.chunk(document, 0)).steps).toEqual([]);
    expect(await store.past(document, 0)).toEqual(emptyPast);
  });

  it('chunks follow one another; the steps of all are the steps of the log, with their authors', async () => {
    const trace = makeTrace({ seed: 4, entries: 97 });
    const { store } = await setUp(trace);
    const seen: { seq: number; name: string | undefined; at: number; origin: string }[] = [];
    for (let seq = 0; seq < trace.length; ) {
      const { base, steps, authors } = await store.chunk(document, seq + 1);
      expect(base.seq).toBe(seq);
      seen.push(...steps.map((step) => ({ ...step, name: authors[step.author]?.name })));
      seq += steps.length;
    }
    const wanted = trace.map(({ seq, at, origin, author }) => ({ seq, at, origin, name: author.name }));
    expect(seen.map(({ seq, at, origin, name }) => ({ seq, at, origin, name }))).toEqual(wanted);
    const summaries = await store.summaries(document);
    expect(summaries.flatMap(({ moments }) => moments).reduce((sum, moment) => sum + moment[3], 0)).toBe(
      trace.length,
    );
  });

  it('follows a growing log, also through restarts, reading each entry about once', async () => {
    const trace = makeTrace({ seed: 9, entries: 400 });
    const moments = truth(trace);
    const { log, open } = await setUp([]);
    let store = open();
    for (let from = 0; from < trace.length; from += 33) {
      await log.commit({ entries: trace.slice(from, from + 33) });
      if ((from / 33) % 4 === 3) store = open();
      const seq = Math.min(from + 33, trace.length);
      expect(await store.past(document, seq)).toEqual(moments[seq]);
      expect(await store.past(document, Math.floor(seq / 2))).toEqual(moments[Math.floor(seq / 2)]);
    }
    // Three restarts; each reads at most the 20 entries of an unfinished chunk again.
    expect(log.read).toBeLessThanOrEqual(400 + 3 * 20);
  });

  it('many who ask at once are answered from one derivation', async () => {
    const trace = makeTrace({ seed: 2, entries: 150 });
    const { log, store } = await setUp(trace);
    const asked = await Promise.all([
      store.summaries(document),
      store.past(document, 150),
      store.past(document, 3),
      store.catchUp(document),
      store.chunk(document, 75),
    ]);
    expect(asked[1].seq).toBe(150);
    expect(log.read).toBe(trace.length);
  });

  it('packed chunks are as many as fit, and always one', async () => {
    const { store } = await setUp(makeTrace({ seed: 6, entries: 90 }));
    const packed = async (from: number, to: number, mostBytes: number) =>
      (await store.packed(document, { from, to, mostBytes })).map((chunk) => [chunk.from, chunk.to]);
    expect(await packed(15, 70, 1)).toEqual([[1, 20]]);
    expect(await packed(15, 61, 1_000_000)).toEqual([
      [1, 20],
      [21, 40],
      [41, 60],
      [61, 80],
    ]);
    const [first, second] = await store.packed(document, { from: 1, to: 40, mostBytes: 1_000_000 });
    const [one, two] = [first?.steps.length ?? 0, second?.steps.length ?? 0];
    expect(await packed(1, 80, one + 1)).toEqual([
      [1, 20],
      [21, 40],
    ]);
    expect(await packed(1, 80, one + two)).toHaveLength(2);
  });

  it('derives again when a stored chunk is damaged', async () => {
    const trace = makeTrace({ seed: 6, entries: 90 });
    const moments = truth(trace);
    const { steps, store, open } = await setUp(trace);
    await store.catchUp(document);
    steps.damage(document, 21);
    const again = open();
    expect(await again.past(document, 30)).toEqual(moments[30]);
    expect(await again.past(document, 90)).toEqual(moments[90]);
    steps.damage(document, 61);
    expect((await open().summaries(document)).length).toBe(5);
  });

  it('names a damaged entry, shows all the rest, and heals from a younger snapshot', async () => {
    const doc = new Y.Doc();
    const text = doc.getText('text');
    const entries: Entry[] = [];
    doc.on('update', (update: Uint8Array) => {
      const seq = entries.length + 1;
      const author = { person: null, name: 'x', session: null };
      entries.push({ document, seq, at: seq, author, origin: 'typing', kind: 'update', update });
    });
    let state: Uint8Array = new Uint8Array();
    for (const word of ['one ', 'two ', 'three ', 'four ', 'five ', 'six ']) {
      text.insert(text.length, word);
      if (entries.length === 5) state = Y.encodeStateAsUpdate(doc);
    }
    const { log, store } = await setUp(entries, 4);
    await log.commit({ snapshots: [{ document, seq: 5, state }] });
    log.damaged.add(2);
    const source = async (seq: number) => Object.values((await store.past(document, seq)).cells)[0]?.source;
    expect(await source(1)).toBe('one ');
    // What was typed behind the damaged words waits for them.
    expect(await source(4)).toBe('one ');
    expect(await source(5)).toBe('one two three four five ');
    expect(await source(6)).toBe('one two three four five six ');
    expect((await store.summaries(document)).flatMap(({ damaged }) => damaged)).toEqual([2]);
  });

  it('keeps few memory for many documents and finds each again', async () => {
    const log = new MemoryHistoryLog();
    const store = new StepStore({ log, steps: new MemoryStepLog(), chunkSteps: 10 });
    const names = Array.from({ length: 30 }, (_, i) => asDocumentId(`d${i}`));
    const trace = makeTrace({ seed: 8, entries: 25 });
    for (const id of names) await log.commit({ entries: trace.map((entry) => ({ ...entry, document: id })) });
    const moments = truth(trace);
    for (const id of [...names, ...names]) expect(await store.past(id, 25)).toEqual(moments[25]);
    expect(names.filter((id) => store.derivedSeq(id) > 0).length).toBeLessThan(20);
  });
});
