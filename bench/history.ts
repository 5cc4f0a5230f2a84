/** History: a semester of one notebook (500,000 steps, 5 authors, 200 cells), generated; figures of its log and steps. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { brotliCompress, constants } from 'node:zlib';
import {
  asCellId,
  asDocumentId,
  asPersonId,
  asProjectId,
  asRunId,
  asSessionId,
  type DocumentId,
} from '@cahier/base/ids.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { Entry, NewEntry } from '@cahier/core/history/entry.ts';
import { DiskBlobStore } from '@cahier/server/adapters/disk/disk-blob-store.ts';
import { SqliteHistoryLog } from '@cahier/server/adapters/sqlite/history-log.ts';
import { systemClock } from '@cahier/server/adapters/local/system-clock.ts';
import { GroupRecorder } from '@cahier/server/history/group-recorder.ts';
import { HistoryReader } from '@cahier/server/history/reader.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { openSemester } from '@cahier/testkit/open-semester.ts';
import type { Recorder } from '@cahier/server/history/recorder.ts';
import { Room } from '@cahier/server/rooms/room.ts';
import type { RoomSession } from '@cahier/server/rooms/room-session.ts';
import { Vouchers } from '@cahier/server/rooms/vouchers.ts';
import { type Logger, pino } from 'pino';
import { WebSocketServer } from 'ws';
import * as Y from 'yjs';
import { type Figure, ms, percentile, ratio } from './figure.ts';
import { historyPage } from './history-page.ts';

const document = asDocumentId('picture');
const project = asProjectId('p');
const row = { id: document, project, kind: 'notebook' as const, path: 'picture.ipynb', epoch: 'e' };
const author = { person: null, name: 'Ada', session: null };

export async function history(_bench?: unknown): Promise<Figure[]> {
  const wanted = Number(process.env['CAHIER_BENCH_STEPS'] ?? 500_000);
  const folder = mkdtempSync(join(tmpdir(), 'cahier-bench-history-'));
  try {
    return [...(await semester(folder, wanted)), await samePicture(folder), await keystrokes(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function semester(folder: string, wanted: number): Promise<Figure[]> {
  const data = join(folder, 'data');
  const opened = await openSemester(data, wanted);
  const { took, document } = opened;
  const file = join(data, 'history.sqlite');
  const log = await SqliteHistoryLog.open(file);
  const count = await log.lastSeq(document);
  const segments = bytesOf(file, 'segments');
  const cache = bytesOf(file, 'step_chunks') + bytesOf(file, 'step_resumes');
  console.log(
    `  ${count} entries: packed ${(segments / count).toFixed(2)} bytes each, steps and checkpoints (a cache) ${(cache / count).toFixed(2)}; derived in ${ms(took.derive)}, packed in ${ms(took.pack)}`,
  );

  const random = new SeededRandom(2);
  const fresh = new StepStore({ log, steps: log });
  await fresh.past(document, count);
  const seeks: number[] = [];
  for (let i = 0; i < 400; i += 1) {
    const seq = random.between(1, count);
    const startedAt = performance.now();
    await fresh.past(document, seq);
    seeks.push(performance.now() - startedAt);
  }
  const [cold, json] = await timeline(log, false);
  const [warm] = await timeline(log, true);
  const body = await promisify(brotliCompress)(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  await log.close();
  const inBrowser = await historyPage(data, opened);
  return [
    ...inBrowser,
    {
      ...figure('random state of the notebook, server fold, p95', percentile(seeks, 95), 10, 'ms'),
      baseline: `p50 ${ms(percentile(seeks, 50))}`,
    },
    figure('open its timeline (first time after a start)', cold, 300, 'ms'),
    figure('open its timeline again', warm, 300, 'ms'),
    {
      ...figure('its timeline on the wire', body.length / 1000, 60, 'kB'),
      ours: `${(body.length / 1000).toFixed(0)} kB`,
    },
    {
      ...figure(
        'bytes per keystroke on disk after packing, author and time included',
        segments / count,
        8,
        'bytes',
      ),
      ours: `${(segments / count).toFixed(2)} bytes`,
    },
  ];
}

const semesterOf = { project: asProjectId('semester-project'), document: asDocumentId('semester') };

async function timeline(log: SqliteHistoryLog, isWarm: boolean): Promise<[ms: number, json: Buffer]> {
  const steps = new StepStore({ log, steps: log });
  const reader = new HistoryReader({ log, steps, colorOf: async () => '#112233' });
  if (isWarm) await reader.timeline(semesterOf.project, semesterOf.document);
  const startedAt = performance.now();
  const json = Buffer.from(JSON.stringify(await reader.timeline(semesterOf.project, semesterOf.document)));
  return [performance.now() - startedAt, json];
}

/** One cell runs 200 times and draws the same 50 kB picture. */
async function samePicture(folder: string): Promise<Figure> {
  const file = join(folder, 'picture.sqlite');
  const store = join(folder, 'blobs');
  const blobs = new DiskBlobStore({ folder: store });
  const log = await SqliteHistoryLog.open(file);
  await log.commit({ documents: [row] });
  const picture = Buffer.alloc(50_000, 7);
  const runs = async (from: number, to: number) => {
    for (let seq = from; seq <= to; seq += 1) {
      const blob = await blobs.put(project, picture);
      const output = {
        type: 'display_data',
        data: {},
        blobs: { 'image/png': { blob, size: picture.length } },
        metadata: {},
      };
      const outputs = await blobs.put(project, Buffer.from(JSON.stringify([output])));
      const entry: Entry = {
        document,
        seq,
        at: Date.now(),
        author,
        origin: 'run',
        kind: 'run',
        run: asRunId(`run-${seq}`),
        cell: asCellId('c'),
        state: 'done',
        executionCount: seq,
        startedAt: Date.now() - 100,
        outputs,
      };
      await log.commit({ entries: [entry] });
    }
  };
  await runs(1, 1);
  const before = bytesOf(file, 'entries') + (await sizeBelow(store));
  await runs(2, 201);
  const more = bytesOf(file, 'entries') + (await sizeBelow(store)) - before;
  await log.close();
  return {
    ...figure(
      '200 re-runs with the same 50 kB picture, more on disk (not packed yet)',
      more / 1000,
      60,
      'kB',
    ),
    ours: `${(more / 1000).toFixed(0)} kB`,
  };
}

function figure(name: string, value: number, limit: number, unit: Figure['unit']): Figure {
  return { name, ours: ms(value), baseline: '', value, limit, unit };
}

/** The way of a key to the other person's socket, with the history on disk over a recorder that only counts. */
async function keystrokes(folder: string): Promise<Figure> {
  const log = await SqliteHistoryLog.open(join(folder, 'keys.sqlite'));
  const logger = pino({ level: 'silent' });
  const on = new GroupRecorder({ log, clock: systemClock, windowMs: 10, leadMs: 2, random: Math.random });
  const off = new CountingRecorder();
  const rooms = await Promise.all([on, off].map((recorder, i) => roomWith(recorder, `keys-${i}`, logger)));
  const samples: [number[], number[]] = [[], []];
  for (let key = 0; key < 4_400; key += 1) {
    // with, without, without, with: neither always comes after the other
    const isOff = key % 4 === 1 || key % 4 === 2;
    const taken = await rooms[isOff ? 1 : 0]?.type();
    if (key > 400 && taken !== undefined) samples[isOff ? 1 : 0].push(taken);
    // a room with many keys a second sends several together
    await new Promise((done) => setTimeout(done, 7));
  }
  for (const room of rooms) await room.close();
  await on.flush();
  await log.close();
  const shown = samples
    .map((each) => [50, 95].map((p) => ms(percentile(each, p))).join(' / '))
    .join(', without ');
  console.log(`  key → the other person, p50 / p95: with history ${shown}`);
  return ratio(
    'key → the other person, p50, with history over without',
    percentile(samples[0], 50),
    percentile(samples[1], 50),
    1.05,
  );
}

class CountingRecorder implements Recorder {
  readonly #durable = new Emitter<{ readonly document: DocumentId; readonly seq: number }>();
  #seq = 0;
  open = async () => undefined;
  record = ({ document }: NewEntry) => {
    this.#seq += 1;
    this.#durable.emit({ document, seq: this.#seq });
    return this.#seq;
  };
  attach = async () => undefined;
  flush = async () => undefined;
  durableSeq = () => this.#seq;
  onDurable = (listener: Parameters<Recorder['onDurable']>[0]) => this.#durable.on(listener);
  onTrouble = () => ({ dispose: () => undefined });
}

interface Keyboard {
  /** Types one key; resolves to the milliseconds until the other person's socket has it. */
  type(): Promise<number>;
  close(): Promise<void>;
}

/** A room behind a real socket, with one who types and one who reads. */
async function roomWith(recorder: Recorder, name: string, logger: Logger): Promise<Keyboard> {
  const id = asDocumentId(name);
  await recorder.open(id);
  const row = { id, kind: 'text' as const, path: name, epoch: 'e' };
  const room = new Room({
    row,
    doc: new Y.Doc(),
    lastSeq: 0,
    recorder,
    vouchers: new Vouchers('of the bench'),
    clock: systemClock,
    logger,
  });
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  let n = 0;
  server.on('connection', (socket, request) => {
    const who = request.url?.slice(1) ?? '';
    const session: RoomSession = {
      id: asSessionId(`${name}-${who}`),
      person: { id: asPersonId(who), name: who, color: '#000000' },
      may: () => true,
      send: () => undefined,
      sendEncoded: (bytes) => socket.send(bytes),
    };
    room.join(session, { t: 'doc.open', id: 1, path: name }, Y.encodeStateVector(new Y.Doc()));
    socket.on('message', (data: Buffer) =>
      room.receive(session, [new Uint8Array(data)], ['typing'], (n += 1)),
    );
    socket.send('here');
  });
  const keyboard = new Worker(new URL('./keyboard.worker.ts', import.meta.url), {
    workerData: { url: `ws://127.0.0.1:${port}` },
  });
  const heard = () =>
    new Promise<number>((done) => keyboard.once('message', (taken: unknown) => done(Number(taken))));
  await heard();
  return {
    type: () => {
      const taken = heard();
      keyboard.postMessage('key');
      return taken;
    },
    close: async () => {
      await keyboard.terminate();
      room.dispose();
      server.close();
    },
  };
}

/** Pages of a table, in bytes. Source: https://www.sqlite.org/dbstat.html */
function bytesOf(file: string, table: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(
      db.prepare('SELECT sum(pgsize) AS bytes FROM dbstat WHERE name = ?').get(table)?.['bytes'] ?? 0,
    );
  } finally {
    db.close();
  }
}

async function sizeBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) => stat(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

if (import.meta.main) {
  for (const { name, ours, value, limit, unit } of await history()) {
    console.log(
      `${value <= limit ? 'kept  ' : 'BROKEN'} ${name}: ${ours} (${value.toFixed(2)} ${unit}, at most ${limit})`,
    );
  }
}
