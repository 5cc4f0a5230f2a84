import { asDocumentId, asRunnerId } from '@cahier/base/ids.ts';
import type { AppError } from '@cahier/base/app-error.ts';
import type { NewEntry } from '@cahier/core/history/entry.ts';
import { FakeClock, settled } from '@cahier/testkit/fake-clock.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { describe, expect, it } from 'vitest';
import { GroupRecorder } from './group-recorder.ts';

const a = asDocumentId('a');
const b = asDocumentId('b');

const entry = (document = a, byte = 0): NewEntry => ({
  document,
  at: 1,
  author: { person: null, name: 'x', session: null },
  origin: 'typing',
  kind: 'update',
  update: Uint8Array.of(byte),
});

async function setUp(log = new MemoryHistoryLog(), leadMs = 0) {
  const clock = new FakeClock();
  const recorder = new GroupRecorder({ log, clock, windowMs: 5, leadMs, random: () => 0 });
  await recorder.open(a);
  await recorder.open(b);
  const durable: string[] = [];
  recorder.onDurable(({ document, seq }) => durable.push(`${document}${seq}`));
  const trouble: (AppError | null)[] = [];
  recorder.onTrouble((error) => trouble.push(error));
  return { log, clock, recorder, durable, trouble };
}

describe('GroupRecorder', { timeout: 30_000 }, () => {
  it('numbers at once, per document, on from what the log has', async () => {
    const log = new MemoryHistoryLog();
    await log.commit({ entries: [{ ...entry(a), seq: 1 }] });
    const { recorder } = await setUp(log);
    expect([recorder.record(entry(a)), recorder.record(entry(b)), recorder.record(entry(a))]).toEqual([
      2, 1, 3,
    ]);
    expect(recorder.durableSeq(a)).toBe(1);
  });

  it('writes at once after a pause, and all of one turn of every document together', async () => {
    const { log, recorder, durable } = await setUp();
    recorder.record(entry(a));
    recorder.record(entry(b));
    recorder.record(entry(a));
    await settled();
    expect(log.commits).toBe(1);
    expect(durable).toEqual(['a2', 'b1']);
    expect([recorder.durableSeq(a), recorder.durableSeq(b)]).toEqual([2, 1]);
  });

  it('collects what follows within the window', async () => {
    const { log, clock, recorder } = await setUp();
    recorder.record(entry());
    await settled();
    for (let i = 0; i < 4; i += 1) {
      recorder.record(entry());
      await clock.pass(1);
    }
    expect(log.commits).toBe(1);
    await clock.pass(1);
    expect(log.commits).toBe(2);
    expect(await log.lastSeq(a)).toBe(5);
  });

  it('lets others have an entry before the disk does, but nobody who asks waits longer', async () => {
    const { log, clock, recorder } = await setUp(new MemoryHistoryLog(), 2);
    recorder.record(entry());
    await clock.pass(1);
    recorder.record(entry());
    expect(log.commits).toBe(0);
    await clock.pass(1);
    expect([log.commits, recorder.durableSeq(a)]).toEqual([1, 2]);
    await clock.pass(10);
    recorder.record(entry());
    await recorder.flush();
    expect([log.commits, recorder.durableSeq(a)]).toEqual([2, 3]);
    // Within the window everybody waits for it, once.
    recorder.record(entry());
    const flushed = recorder.flush();
    await clock.pass(4);
    expect(log.commits).toBe(2);
    await clock.pass(1);
    await flushed;
    expect(log.commits).toBe(3);
  });

  it('collects while a commit is under way', async () => {
    const { log, clock, recorder } = await setUp();
    log.hold();
    recorder.record(entry());
    await clock.pass(100);
    for (let i = 0; i < 50; i += 1) recorder.record(entry());
    await clock.pass(100);
    expect(log.inFlight).toBe(1);
    log.release();
    await clock.pass(10);
    expect(log.commits).toBe(2);
    expect(recorder.durableSeq(a)).toBe(51);
  });

  it('commits what was attached in one batch with the entries of the same turn', async () => {
    const { log, recorder } = await setUp();
    log.hold();
    recorder.record(entry());
    const done = recorder.attach({
      live: [{ document: a, json: '1' }],
      cursor: { runner: asRunnerId('r'), seq: 4 },
    });
    await settled();
    expect(log.inFlight).toBe(1);
    const crashed = log.crash(1);
    expect([await crashed.lastSeq(a), await crashed.cursor(asRunnerId('r'))]).toEqual([1, 4]);
    expect(await Promise.race([done, Promise.resolve('waits')])).toBe('waits');
  });

  it('moves the cursors of two runners in two commits', async () => {
    const { log, clock, recorder } = await setUp();
    const [r, s] = [asRunnerId('r'), asRunnerId('s')];
    const all = Promise.all([
      recorder.attach({ cursor: { runner: r, seq: 1 } }),
      recorder.attach({ cursor: { runner: s, seq: 2 } }),
      recorder.attach({ cursor: { runner: r, seq: 3 } }),
    ]);
    await clock.pass(20);
    await all;
    expect([await log.cursor(r), await log.cursor(s)]).toEqual([3, 2]);
  });

  it('flush resolves when everything so far is durable, at once when nothing waits', async () => {
    const { log, clock, recorder } = await setUp();
    await recorder.flush();
    expect(log.commits).toBe(0);
    recorder.record(entry());
    await settled();
    recorder.record(entry());
    const flushed = recorder.flush();
    await clock.pass(5);
    await flushed;
    expect(await log.lastSeq(a)).toBe(2);
  });

  it('keeps order through a refusing disk, tries again, and tells when trouble begins and ends', async () => {
    const { log, clock, recorder, durable, trouble } = await setUp();
    log.failNext(3);
    recorder.record(entry(a, 1));
    await settled();
    recorder.record(entry(a, 2));
    const flushed = recorder.flush();
    await clock.pass(200);
    expect(trouble.map((error) => error?.code)).toEqual(['history/not-durable']);
    expect(durable).toEqual([]);
    await clock.pass(20_000);
    await flushed;
    expect(trouble.at(-1)).toBeNull();
    expect(trouble).toHaveLength(2);
    const kept = await log.entries(a, 1, 9);
    expect(kept.map((found) => found.kind === 'update' && found.update[0])).toEqual([1, 2]);
  });

  it('a commit that reached the disk though its answer was lost is not written twice', async () => {
    const log = new MemoryHistoryLog();
    const { clock, recorder, trouble } = await setUp(log);
    const commit = log.commit.bind(log);
    log.commit = async (batch) => {
      log.commit = commit;
      await commit(batch);
      throw new Error('the thread that writes has ended');
    };
    recorder.record(entry(a, 7));
    await clock.pass(10_000);
    recorder.record(entry(a, 8));
    await clock.pass(10);
    expect(trouble.at(-1)).toBeNull();
    expect((await log.entries(a, 1, 9)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('a listener that throws stops neither the recording nor the others', async () => {
    const { clock, recorder, log, durable } = await setUp();
    recorder.onDurable(() => {
      throw new Error('mine');
    });
    recorder.record(entry());
    await settled();
    recorder.record(entry());
    await clock.pass(10);
    expect(await log.lastSeq(a)).toBe(2);
    expect(durable).toEqual(['a1', 'a2']);
  });

  it('loses nothing acknowledged and doubles nothing, for any order of faults', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = new SeededRandom(seed);
      const clock = new FakeClock();
      let log = new MemoryHistoryLog({ clock, delayMs: () => random.below(12) });
      const acknowledged = new Map([
        [a, 0],
        [b, 0],
      ]);
      for (let life = 0; life < 3; life += 1) {
        const recorder = new GroupRecorder({ log, clock, windowMs: 5, random: () => random.next() });
        await Promise.all([recorder.open(a), recorder.open(b)]);
        for (const document of [a, b]) {
          expect(recorder.durableSeq(document), `seed ${seed}`).toBeGreaterThanOrEqual(
            acknowledged.get(document) ?? 0,
          );
        }
        let isAlive = true;
        recorder.onDurable(({ document, seq }) => {
          if (isAlive) acknowledged.set(document, seq);
        });
        for (let turn = 0; turn < 30; turn += 1) {
          for (let i = random.below(4); i > 0; i -= 1) recorder.record(entry(random.pick([a, b]), i));
          if (random.chance(0.1)) log.failNext(random.between(1, 3));
          await clock.pass(random.below(9));
        }
        isAlive = false;
        log = log.crash(random.below(2));
      }
      for (const document of [a, b]) {
        const kept = await log.entries(document, 1, 10_000);
        expect(
          kept.map(({ seq }) => seq),
          `seed ${seed}`,
        ).toEqual(kept.map((_, i) => i + 1));
        expect(kept.length, `seed ${seed}`).toBeGreaterThanOrEqual(acknowledged.get(document) ?? 0);
      }
    }
  });
});
