import { asCellId } from '@cahier/base/ids.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import { emptyPast, type PastDocument, type Step } from '@cahier/core/history/step.ts';
import type { Chunk } from '@cahier/protocol/http/history.ts';
import { describe, expect, it } from 'vitest';
import { PastReader } from './past-reader.ts';

const cell = asCellId('text');
const total = 1000;
const perChunk = 400;
const steps: Step[] = Array.from({ length: total }, (_, i) => ({
  seq: i + 1,
  at: 1_000 + i,
  author: 0,
  origin: 'typing',
  changes:
    i === 0
      ? [{ c: 'cell+', cell, type: 'raw', position: 'a', source: '', metadata: {} }]
      : [{ c: 'text', cell, delta: [String(i % 10)] }],
}));

function server() {
  const asked: (number | null)[] = [];
  const fetchChunk = async (seq: number | null): Promise<Chunk> => {
    asked.push(seq);
    const start = Math.floor(((seq ?? total) - 1) / perChunk) * perChunk;
    const base: PastDocument = start === 0 ? emptyPast : foldTo(emptyPast, steps, start);
    return {
      authors: [{ person: null, name: 'Ada', color: '#123456' }],
      base,
      steps: steps.slice(start, start + perChunk),
    };
  };
  return { asked, fetchChunk };
}

describe('PastReader', () => {
  it('gives every moment as the plain fold does, whatever the order of asking', async () => {
    const reader = new PastReader(server().fetchChunk);
    for (const seq of [1, 1000, 128, 127, 129, 400, 401, 256, 999, 2, 800, 650]) {
      const moment = await reader.at(seq);
      expect(moment.past).toEqual(foldTo(emptyPast, steps, seq));
      expect(moment.step?.seq).toBe(seq);
      expect(moment.author?.name).toBe('Ada');
    }
  });

  it('asks once per chunk and then answers without waiting', async () => {
    const { asked, fetchChunk } = server();
    const reader = new PastReader(fetchChunk);
    expect(reader.now(10)).toBeNull();
    await Promise.all([reader.at(10), reader.at(10)]);
    expect(reader.now(399)?.past.seq).toBe(399);
    expect(reader.now(401)).toBeNull();
    expect(asked).toEqual([10]);
  });

  it('fetches the neighbours ahead', async () => {
    const { asked, fetchChunk } = server();
    const reader = new PastReader(fetchChunk);
    await reader.at(500);
    reader.prefetchAround(500, total);
    await Promise.all([reader.at(801), reader.at(400)]);
    expect(asked).toEqual([500, 801, 400]);
  });

  it('the newest, fetched before its number is known, is not fetched again', async () => {
    const { asked, fetchChunk } = server();
    const reader = new PastReader(fetchChunk);
    reader.prefetch(null);
    expect((await reader.at(total)).past.seq).toBe(total);
    expect(asked).toEqual([null]);
    await reader.at(1);
    expect(asked).toEqual([null, 1]);
  });

  it('what cannot be fetched ahead is asked for again when it is wanted', async () => {
    const { fetchChunk } = server();
    const reader = new PastReader((seq) =>
      seq === null ? Promise.reject(new Error('no way')) : fetchChunk(seq),
    );
    reader.prefetch(null);
    expect((await reader.at(total)).past.seq).toBe(total);
  });
});
