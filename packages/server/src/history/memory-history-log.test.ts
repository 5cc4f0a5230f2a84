/** The testkit's memory log keeps the same promises as a real one. */
import { asDocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import { expect, it } from 'vitest';
import { historyLogContract } from './history-log.contract.ts';

historyLogContract('memory', async () => {
  const log = new MemoryHistoryLog();
  return {
    log,
    reopen: async () => log.crash(),
    breakDisk: () => {
      log.failNext();
      return () => undefined;
    },
    end: () => log.close(),
  };
});

const entry = (seq: number): Entry => ({
  document: asDocumentId('d'),
  seq,
  at: seq,
  author: { person: null, name: 'x', session: null },
  origin: 'typing',
  kind: 'update',
  update: Uint8Array.of(seq),
});

it('a crash in mid-commit keeps what had reached the disk, and answers nobody', async () => {
  const log = new MemoryHistoryLog();
  await log.commit({ entries: [entry(1)] });
  log.hold();
  let answers = 0;
  for (const seq of [2, 3]) void log.commit({ entries: [entry(seq)] }).finally(() => (answers += 1));
  const [lost, reached] = [log.crash(0), log.crash(1)];
  log.release();
  expect([await lost.lastSeq(asDocumentId('d')), await reached.lastSeq(asDocumentId('d'))]).toEqual([1, 2]);
  expect(answers).toBe(0);
});

it('a lying disk loses acknowledged commits from the end', async () => {
  const log = new MemoryHistoryLog();
  for (const seq of [1, 2, 3]) await log.commit({ entries: [entry(seq)] });
  expect(await log.loseTail(2).lastSeq(asDocumentId('d'))).toBe(1);
});
