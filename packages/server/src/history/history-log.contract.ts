/** What every history log must do. Run by each adapter's test with a way to make a log and to open it a second time. */
import {
  asBlobHash,
  asCellId,
  asDocumentId,
  asPersonId,
  asProjectId,
  asRunId,
  asRunnerId,
  asSessionId,
  type DocumentId,
} from '@cahier/base/ids.ts';
import type { Entry, EntryAuthor } from '@cahier/core/history/entry.ts';
import { describe, expect, it } from 'vitest';
import type { HistoryLog, KeptLab } from './history-log.ts';

export interface LogUnderTest {
  readonly log: HistoryLog;
  /** The log as the next life of the server finds it. */
  reopen(): Promise<HistoryLog>;
  /** From now on the disk refuses writes, until the function returned is called. */
  breakDisk(): () => void;
  end(): Promise<void>;
}

const project = asProjectId('p1');
/** What JupyterLab shares is kept for a while after its last use. */
const now = Date.now();
const doc = asDocumentId('d1');
const other = asDocumentId('d2');
const ada: EntryAuthor = { person: asPersonId('ada'), name: 'Ada', session: asSessionId('s1') };
const disk: EntryAuthor = { person: null, name: 'disk', session: null };

const update = (document: DocumentId, seq: number, author = ada): Entry => ({
  document,
  seq,
  at: 1_700_000_000_000 + seq,
  author,
  origin: 'typing',
  kind: 'update',
  update: Uint8Array.of(seq & 255, 1, 2, 3),
});

export function historyLogContract(name: string, make: () => Promise<LogUnderTest>): void {
  const test = (title: string, body: (under: LogUnderTest) => Promise<void>) =>
    it(title, { timeout: 30_000 }, async () => {
      const under = await make();
      try {
        await body(under);
      } finally {
        await under.end();
      }
    });

  describe(`history log contract: ${name}`, () => {
    test('gives back every kind of entry as it was, in order', async ({ log, reopen }) => {
      const entries: Entry[] = [
        update(doc, 1),
        {
          document: doc,
          seq: 2,
          at: 5,
          author: disk,
          origin: 'run',
          kind: 'run',
          run: asRunId('r'),
          cell: asCellId('c'),
          state: 'done',
          executionCount: 3,
          startedAt: 4,
          outputs: asBlobHash('ab'),
          codeSeq: 1,
          kernel: 'python3',
        },
        {
          document: doc,
          seq: 3,
          at: 6,
          author: ada,
          origin: 'restore',
          kind: 'mark',
          mark: 'named',
          text: 'é “x”',
        },
        { ...update(doc, 4, { ...ada, name: 'Ada Lovelace' }), origin: 'disk' },
      ];
      await log.commit({ entries });
      expect(await log.entries(doc, 1, 4)).toEqual(entries);
      expect(await (await reopen()).entries(doc, 1, 4)).toEqual(entries);
    });

    test('reads ranges, and nothing where there is nothing', async ({ log }) => {
      await log.commit({ entries: [1, 2, 3, 4].map((seq) => update(doc, seq)) });
      expect((await log.entries(doc, 2, 3)).map((entry) => entry.seq)).toEqual([2, 3]);
      expect((await log.entries(doc, 3, 99)).map((entry) => entry.seq)).toEqual([3, 4]);
      expect(await log.entries(doc, 4, 3)).toEqual([]);
      expect(await log.entries(other, 1, 9)).toEqual([]);
      expect([await log.lastSeq(doc), await log.lastSeq(other)]).toEqual([4, 0]);
    });

    test('a view into a larger buffer is kept as the view', async ({ log }) => {
      const pool = new Uint8Array(4096).fill(9);
      await log.commit({ entries: [{ ...update(doc, 1), kind: 'update', update: pool.subarray(10, 13) }] });
      pool.fill(1);
      const [entry] = await log.entries(doc, 1, 1);
      expect(entry?.kind === 'update' && [...entry.update]).toEqual([9, 9, 9]);
    });

    test('refuses a number twice and a gap, and keeps nothing of that batch', async ({ log }) => {
      await log.commit({ entries: [update(doc, 1)] });
      const live = [{ document: doc, json: '{"half":true}' }];
      const fails = { code: 'history/not-durable' };
      await expect(log.commit({ live, entries: [update(other, 1), update(doc, 1)] })).rejects.toMatchObject(
        fails,
      );
      await expect(log.commit({ live, entries: [update(other, 1), update(doc, 3)] })).rejects.toMatchObject(
        fails,
      );
      expect(await log.live(doc)).toBeNull();
      expect([await log.lastSeq(doc), await log.lastSeq(other)]).toEqual([1, 0]);
      await log.commit({ entries: [update(doc, 2), update(other, 1)] });
      expect([await log.lastSeq(doc), await log.lastSeq(other)]).toEqual([2, 1]);
    });

    test('commits called without waiting keep their order, and a refused one takes only followers down', async ({
      log,
    }) => {
      const results = await Promise.allSettled([
        log.commit({ entries: [update(doc, 1)] }),
        log.commit({ entries: [update(doc, 3)] }),
        log.commit({ entries: [update(doc, 2)] }),
        log.commit({ entries: [update(other, 1)] }),
      ]);
      expect(results.map((result) => result.status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      expect((await log.entries(doc, 1, 9)).map((entry) => entry.seq)).toEqual([1, 2]);
    });

    test('a refusing disk keeps nothing half, and later commits work again', async ({
      log,
      breakDisk,
      reopen,
    }) => {
      await log.commit({ entries: [update(doc, 1)] });
      const mend = breakDisk();
      await expect(
        log.commit({
          entries: [update(doc, 2), update(other, 1)],
          cursor: { runner: asRunnerId('r'), seq: 7 },
        }),
      ).rejects.toMatchObject({ code: 'history/not-durable', details: { why: expect.stringMatching(/./) } });
      mend();
      expect([await log.lastSeq(doc), await log.lastSeq(other), await log.cursor(asRunnerId('r'))]).toEqual([
        1, 0, 0,
      ]);
      await log.commit({ entries: [update(doc, 2)] });
      expect((await (await reopen()).entries(doc, 1, 9)).map((entry) => entry.seq)).toEqual([1, 2]);
    });

    test('finds documents by path; a rename and a successor take the path with them', async ({
      log,
      reopen,
    }) => {
      const row = { id: doc, project, kind: 'notebook' as const, path: 'a.ipynb', epoch: 'e1' };
      const plain = { id: doc, kind: 'notebook', path: 'a.ipynb', epoch: 'e1' };
      await log.commit({ documents: [row] });
      expect(await log.documentByPath(project, 'a.ipynb')).toEqual(plain);
      expect(await log.documentByPath(asProjectId('p2'), 'a.ipynb')).toBeNull();
      await log.commit({ documents: [{ ...row, path: 'b.ipynb' }] });
      expect(await log.documentByPath(project, 'a.ipynb')).toBeNull();
      await log.commit({ documents: [{ id: other, project, kind: 'text', path: 'b.ipynb', epoch: 'e2' }] });
      const again = await reopen();
      expect((await again.documentByPath(project, 'b.ipynb'))?.id).toBe(other);
      expect(await again.document(doc)).toEqual({ ...plain, path: 'b.ipynb', project });
      await again.commit({ documents: [{ ...row, path: 'b.ipynb' }] });
      expect((await again.documentByPath(project, 'b.ipynb'))?.id).toBe(doc);
    });

    test('keeps live states, mirrors and cursors as last written, snapshots as the newest', async ({
      log,
      reopen,
    }) => {
      const runner = asRunnerId('r1');
      const state = Uint8Array.of(1, 2, 3);
      await log.commit({
        live: [{ document: doc, json: '{"v":1}' }],
        cursor: { runner, seq: 5 },
        mirrors: [{ document: doc, hash: 'h1', seq: 1, next: 'h2' }],
        snapshots: [{ document: doc, seq: 9, state }],
      });
      await log.commit({
        live: [{ document: doc, json: '{"v":2}' }],
        cursor: { runner, seq: 4 },
        mirrors: [
          { document: doc, hash: 'h2', seq: 2 },
          { document: other, hash: 'h3', seq: 0, next: 'h4' },
        ],
        snapshots: [{ document: doc, seq: 8, state: Uint8Array.of(0) }],
      });
      const again = await reopen();
      expect(await again.live(doc)).toEqual({ document: doc, json: '{"v":2}' });
      expect(await again.cursor(runner)).toBe(5);
      expect(await again.mirror(doc)).toEqual({ document: doc, hash: 'h2', seq: 2 });
      expect(await again.snapshot(doc)).toEqual({ document: doc, seq: 9, state });
      expect(await again.mirror(other)).toEqual({ document: other, hash: 'h3', seq: 0, next: 'h4' });
      expect([await again.live(other), await again.snapshot(other)]).toEqual([null, null]);
      expect(await again.cursor(asRunnerId('r2'))).toBe(0);
    });

    test('a mirror names the write in progress until it is done', async ({ log, reopen }) => {
      const announced = { document: doc, hash: 'h1', seq: 1, next: 'h2' };
      await log.commit({ mirrors: [announced] });
      const again = await reopen();
      expect(await again.mirror(doc)).toEqual(announced);
      await again.commit({ mirrors: [{ document: doc, hash: 'h2', seq: 2 }] });
      expect(await again.mirror(doc)).toEqual({ document: doc, hash: 'h2', seq: 2 });
    });

    test('what JupyterLab shares comes back whole: the state and what followed it, of one epoch', async ({
      log,
      reopen,
    }) => {
      const byte = (value: number) => Uint8Array.of(value);
      const row = (n: number, epoch = 'e1') => ({ document: doc, epoch, n, update: byte(n) });
      await log.commit({ labUpdates: [row(1)] });
      expect(await log.lab(doc)).toBeNull();
      await log.commit({
        entries: [update(doc, 1)],
        labUpdates: [row(2), row(3)],
        labStates: [{ document: doc, epoch: 'e1', n: 2, usedAt: now + 7, state: byte(12) }],
      });
      const kept = { epoch: 'e1', n: 3, usedAt: now + 7, updates: [byte(12), byte(3)] };
      expect(plainLab(await log.lab(doc))).toEqual(kept);
      await log.commit({ labUpdates: [row(3), row(4)] });
      const again = await reopen();
      expect(plainLab(await again.lab(doc))).toEqual({
        ...kept,
        n: 4,
        updates: [...kept.updates, byte(4)],
      });
      expect(await again.lab(other)).toBeNull();
      await again.commit({ labUpdates: [row(6)] });
      expect(await again.lab(doc)).toBeNull();
      await again.commit({
        labUpdates: [row(1, 'e2')],
        labStates: [{ document: doc, epoch: 'e2', n: 0, usedAt: now + 9, state: byte(20) }],
      });
      expect(plainLab(await again.lab(doc))).toEqual({
        epoch: 'e2',
        n: 1,
        usedAt: now + 9,
        updates: [byte(20), byte(1)],
      });
    });

    test('a refused batch keeps nothing of what JupyterLab shares', async ({ log }) => {
      await log.commit({
        entries: [update(doc, 1)],
        labStates: [{ document: doc, epoch: 'e1', n: 0, usedAt: now, state: Uint8Array.of(1) }],
      });
      const lab = [{ document: doc, epoch: 'e1', n: 1, update: Uint8Array.of(2) }];
      await expect(log.commit({ entries: [update(doc, 1)], labUpdates: lab })).rejects.toMatchObject({
        code: 'history/not-durable',
      });
      expect((await log.lab(doc))?.n).toBe(0);
    });

    test('many small commits at once all arrive', async ({ log }) => {
      await Promise.all(Array.from({ length: 500 }, (_, i) => log.commit({ entries: [update(doc, i + 1)] })));
      expect((await log.entries(doc, 1, 500)).map((entry) => entry.seq)).toEqual(
        Array.from({ length: 500 }, (_, i) => i + 1),
      );
    });
  });
}

function plainLab(kept: KeptLab | null) {
  return kept && { ...kept, updates: kept.updates.map((bytes) => Uint8Array.from(bytes)) };
}
