/** What every step log must do. Run by each adapter's test. */
import { asDocumentId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { StepChunkRow, StepLog, StepResumeRow } from './step-log.ts';

export interface StepLogUnderTest {
  readonly steps: StepLog;
  reopen(): Promise<StepLog>;
  /** The stored steps of the chunk that begins at `from` change behind the log's back. */
  damage(from: number): Promise<void>;
  end(): Promise<void>;
}

const document = asDocumentId('d1');
const other = asDocumentId('d2');
const chunk = (from: number, to: number, mark = 1): StepChunkRow => ({
  document,
  from,
  to,
  steps: Uint8Array.of(mark, 1),
  base: Uint8Array.of(mark, 2),
  baseDictionary: from === 1 ? null : 1,
  summary: Uint8Array.of(mark, 3),
});
const resume = (seq: number): StepResumeRow => ({ document, seq, replica: Uint8Array.of(seq) });

export function stepLogContract(name: string, make: () => Promise<StepLogUnderTest>): void {
  const test = (title: string, body: (under: StepLogUnderTest) => Promise<void>) =>
    it(title, { timeout: 30_000 }, async () => {
      const under = await make();
      try {
        await body(under);
      } finally {
        await under.end();
      }
    });

  describe(`step log contract: ${name}`, () => {
    test('gives back chunks by any number in them, and where to go on', async ({ steps, reopen }) => {
      await steps.keep([chunk(1, 10), chunk(11, 20)], resume(20));
      const again = await reopen();
      expect(await again.chunk(document, 1)).toEqual(chunk(1, 10));
      expect(await again.chunk(document, 10)).toEqual(chunk(1, 10));
      expect(await again.chunk(document, 11)).toEqual(chunk(11, 20));
      expect(await again.chunk(document, 21)).toBeNull();
      expect(await again.chunk(other, 1)).toBeNull();
      expect(await again.resume(document)).toEqual(resume(20));
      expect(await again.resume(other)).toBeNull();
    });

    test('lists summaries in order, also of what came later', async ({ steps }) => {
      await steps.keep([chunk(1, 10), chunk(11, 20)], resume(20));
      await steps.keep([chunk(21, 30)], resume(30));
      const { summary } = chunk(1, 1);
      expect(await steps.summaries(document)).toEqual(
        [1, 11, 21].map((from) => ({ document, from, to: from + 9, summary })),
      );
      expect(await steps.summaries(other)).toEqual([]);
    });

    test('replaces from the first chunk given on, and forgets all when told so', async ({ steps }) => {
      await steps.keep([chunk(1, 10), chunk(11, 20), chunk(21, 30)], resume(30));
      await steps.keep([chunk(11, 20, 9)], resume(20));
      expect((await steps.summaries(document)).map(({ from }) => from)).toEqual([1, 11]);
      expect(await steps.chunk(document, 11)).toEqual(chunk(11, 20, 9));
      await steps.clear(document);
      expect([await steps.summaries(document), await steps.resume(document)]).toEqual([[], null]);
    });

    test('names a damaged chunk; the others can be read', async ({ steps, damage }) => {
      await steps.keep([chunk(1, 10), chunk(11, 20)], resume(20));
      await damage(11);
      await expect(steps.chunk(document, 15)).rejects.toMatchObject({ code: 'history/damaged' });
      expect(await steps.chunk(document, 5)).toEqual(chunk(1, 10));
    });
  });
}
