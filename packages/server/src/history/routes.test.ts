import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { asDocumentId, asPersonId, asProjectId } from '@cahier/base/ids.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import { chunk as chunkBody, timeline as timelineBody } from '@cahier/protocol/http/history.ts';
import { parsePackedSteps, stepsOfPacked } from '@cahier/protocol/http/packed-steps.ts';
import { makeTrace } from '@cahier/testkit/history-trace.ts';
import { MemoryHistoryLog } from '@cahier/testkit/memory-history-log.ts';
import { MemoryStepLog } from '@cahier/testkit/memory-step-log.ts';
import { describe, expect, it } from 'vitest';
import { RawAnswer } from '../http/route.ts';
import { HistoryReader } from './reader.ts';
import { historyRoutes } from './routes.ts';
import { StepStore } from './step-store.ts';

const project = asProjectId('p1');
const document = asDocumentId('trace');
const trace = makeTrace({ seed: 12, entries: 130 });

async function setUp() {
  const log = new MemoryHistoryLog();
  await log.commit({
    documents: [{ id: document, project, kind: 'notebook', path: 'a.ipynb', epoch: 'e1' }],
    entries: trace,
  });
  const steps = new StepStore({ log, steps: new MemoryStepLog(), chunkSteps: 50 });
  const history = new HistoryReader({
    log,
    steps,
    colorOf: async (person) => (person === 'person-0' ? '#112233' : null),
  });
  const routes = historyRoutes({ history });
  const get = async (name: string, query: object, { from = project, accept = '', known = '' } = {}) => {
    const route = routes.find(({ path }) => path.endsWith(name));
    if (!route) throw new Error('no route');
    const answer = await route.run({
      parse: (schema) => schema.parse({ params: { project: from, document }, query }),
      call: {
        bytes: new Uint8Array(),
        principal: {
          person: { id: asPersonId('a'), name: 'A', color: '#000' },
          isServerOwner: false,
          session: null,
        },
        requestId: '',
        ip: '',
        acceptEncoding: accept,
        ifNoneMatch: known,
        origin: '',
      },
      project: { project: from, role: 'viewer' },
    });
    if (!(answer instanceof RawAnswer)) throw new Error('not bytes');
    return answer;
  };
  return { routes, history, get };
}
const jsonOf = (answer: RawAnswer): unknown => JSON.parse(Buffer.from(answer.body).toString());

describe('history routes', { timeout: 30_000 }, () => {
  it('need the right to read history', async () => {
    expect((await setUp()).routes.map(({ access }) => access)).toEqual(
      Array.from({ length: 3 }, () => 'history.read'),
    );
  });

  it('the timeline covers every step once and names who made it', async () => {
    const { get } = await setUp();
    const timeline = timelineBody.parse(jsonOf(await get('/timeline', {})));
    expect(timeline).toMatchObject({ epoch: 'e1', kind: 'notebook', firstAt: trace[0]?.at, lastSeq: 130 });
    let seq = 0;
    for (const [last, at, author, steps] of timeline.moments) {
      seq += steps;
      expect(last).toBe(seq);
      expect(at).toBe(Math.max(...trace.slice(last - steps, last).map((entry) => entry.at)));
      expect(timeline.authors[author]?.name).toBe(trace[last - 1]?.author.name);
    }
    expect(seq).toBe(130);
    const colors = new Map(timeline.authors.map(({ name, color }) => [name, color]));
    expect([colors.get('Person 0'), colors.get('Person 1')]).toEqual(['#112233', '#6b7280']);
  });

  it('chunks fold in the browser to what the server folds', async () => {
    const { get, history } = await setUp();
    for (const seq of [0, 1, 50, 51, 130]) {
      const { base, steps } = chunkBody.parse(jsonOf(await get('/chunk', { seq: String(seq) })));
      expect(foldTo(base, steps, seq)).toEqual(await history.past(document, seq));
    }
  });

  it('without a number the newest chunk comes', async () => {
    const { get } = await setUp();
    const { base, steps } = chunkBody.parse(jsonOf(await get('/chunk', {})));
    expect([base.seq, steps.at(-1)?.seq]).toEqual([100, 130]);
  });

  it('packed stretches hold the steps of the chunks, with their authors, as far as there are any', async () => {
    const { get } = await setUp();
    for (const [from, to, first, last] of [
      [1, 130, 1, 130],
      [51, 100, 51, 100],
      [60, 101, 51, 130],
      [130, 40_000, 101, 130],
    ] as const) {
      const answer = await get('/steps', { from: String(from), to: String(to) });
      const { authors, chunks } = parsePackedSteps(Buffer.from(answer.body));
      const found = chunks.flatMap((chunk) => stepsOfPacked(chunk));
      const expected = [];
      for (let seq = first; seq <= last; seq += 50) {
        const chunk = chunkBody.parse(jsonOf(await get('/chunk', { seq: String(seq) })));
        for (const step of chunk.steps) expected.push({ ...step, author: chunk.authors[step.author] });
      }
      expect(found.map((step) => ({ ...step, author: authors[step.author] }))).toEqual(expected);
      expect([found[0]?.seq, found.at(-1)?.seq]).toEqual([first, last]);
      expect([chunks[0]?.from, chunks.at(-1)?.to]).toEqual([first, last]);
    }
  });

  it('are compressed as the browser likes, and not sent again to who has them', async () => {
    const { get } = await setUp();
    const plain = await get('/chunk', { seq: '60' });
    const br = await get('/chunk', { seq: '60' }, { accept: 'gzip, deflate, br' });
    const gz = await get('/chunk', { seq: '60' }, { accept: 'gzip' });
    expect(brotliDecompressSync(br.body)).toEqual(plain.body);
    expect(gunzipSync(gz.body)).toEqual(plain.body);
    expect([br.headers['content-encoding'], gz.headers['content-encoding']]).toEqual(['br', 'gzip']);
    expect((await get('/chunk', { seq: '60' }, { known: plain.headers.etag ?? '' })).status).toBe(304);
    expect((await get('/chunk', { seq: '130' }, { known: plain.headers.etag ?? '' })).status).toBe(200);
  });

  it('refuse moments that are none and documents of other projects', async () => {
    const { get } = await setUp();
    await expect(get('/chunk', { seq: '131' })).rejects.toMatchObject({ code: 'history/range' });
    await expect(get('/chunk', { seq: '-1' })).rejects.toThrow();
    await expect(get('/chunk', { seq: 'x' })).rejects.toThrow();
    for (const [from, to] of [
      ['131', '140'],
      ['9', '8'],
      ['1', '40001'],
    ])
      await expect(get('/steps', { from, to })).rejects.toMatchObject({ code: 'history/range' });
    await expect(get('/steps', { from: '0', to: '8' })).rejects.toThrow();
    const elsewhere = { from: asProjectId('p2') };
    await expect(get('/timeline', {}, elsewhere)).rejects.toMatchObject({ code: 'document/not-found' });
    await expect(get('/steps', { from: '1', to: '9' }, elsewhere)).rejects.toMatchObject({
      code: 'document/not-found',
    });
    await expect(get('/chunk', { seq: '1' }, elsewhere)).rejects.toMatchObject({
      code: 'document/not-found',
    });
  });
});
