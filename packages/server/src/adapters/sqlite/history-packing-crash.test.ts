/** Packing that is killed, or whose disk is full, loses and doubles nothing; a file with flipped bits is not believed. Real processes, real files. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asDocumentId, asProjectId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { SqliteHistoryLog } from './history-log.ts';
import { entryHash } from './history-reader.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-packing-crash-'));
afterAll(() => rm(folder, { recursive: true }));
const document = asDocumentId('d1');
const packer = join(import.meta.dirname, 'history-packer.ts');
const reader = join(import.meta.dirname, 'history-reader.ts');
const all = Number.MAX_SAFE_INTEGER;

const entries = Array.from(
  { length: 6_000 },
  (_, i): Entry => ({
    document,
    seq: i + 1,
    at: i,
    author: { person: null, name: `author ${i % 7}`, session: null },
    origin: 'typing',
    kind: 'update',
    update: new Uint8Array(20 + (i % 90)).map((_value, at) => (at * 31 + i * 7) & 255),
  }),
);

async function filled(name: string): Promise<string> {
  const file = join(folder, name);
  const log = await SqliteHistoryLog.open(file);
  await log.commit({
    documents: [{ id: document, project: asProjectId('p'), kind: 'text', path: 'a', epoch: 'e' }],
    entries,
  });
  await log.close();
  return file;
}

/** Runs a program until it ends, or until it has said so many lines; then it is killed. */
function run(command: string, args: readonly string[], lines = Number.POSITIVE_INFINITY): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });
}

async function segmentsIn(file: string): Promise<number> {
  const log = await SqliteHistoryLog.open(file);
  try {
    expect(await log.entries(document, 1, all)).toEqual(entries);
    const segments = await log.segments(document, 1, all);
    const packed = segments.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(packed + ((await log.hotStretch(document))?.count ?? 0)).toBe(entries.length);
    return segments.length;
  } finally {
    await log.close();
  }
}

it('kill -9 again and again while packing: every entry is there once', { timeout: 90_000 }, async () => {
  const file = await filled('kill.sqlite');
  const random = new SeededRandom(7);
  let segments = 0;
  for (let round = 0; round < 8; round += 1) {
    await run(process.execPath, [packer, file], random.between(1, 12));
    const now = await segmentsIn(file);
    expect(now).toBeGreaterThanOrEqual(segments);
    segments = now;
  }
  expect(segments).toBeGreaterThan(2);
});

it('a disk that is full while packing: entries stay as they are, and are packed when there is room', {
  timeout: 90_000,
}, async () => {
  const file = await filled('full.sqlite');
  // The process may write files of at most 2,000 × 512 bytes: the file has less, the journal of all segments more.
  const limited = `trap '' XFSZ; ulimit -f 2000; exec "$0" "$@"`;
  const said = await run('sh', ['-c', limited, process.execPath, packer, file]);
  expect(said).toContain('cannot write to its disk');
  expect(await segmentsIn(file)).toBeLessThan(60);
  expect(await run(process.execPath, [packer, file])).toContain('done');
  expect(await segmentsIn(file)).toBe(60);
});

const histories = z.array(
  z.object({ entries: z.array(z.union([z.string(), z.number()])), refused: z.string().nullable() }),
);

it('bit flips anywhere in the file: what is damaged is named, and nothing else than what was written is read', {
  timeout: 180_000,
}, async () => {
  const file = await filled('flips.sqlite');
  expect(await run(process.execPath, [packer, file])).toContain('done');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const bytes = await readFile(file);
  const random = new SeededRandom(11);
  const flipped: string[] = [];
  for (let n = 0; n < 20; n += 1) {
    const copy = Buffer.from(bytes);
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    flipped.push(join(folder, `flip-${n}.sqlite`));
    await writeFile(flipped.at(-1) ?? '', copy);
  }
  const wanted = entries.map(entryHash);
  const said = await run(process.execPath, [reader, String(entries.length), ...flipped]);
  const read = histories.parse(
    said
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  );
  expect(read).toHaveLength(flipped.length);
  let named = 0;
  for (const { entries: found, refused } of read) {
    if (refused !== null) {
      expect(refused).toMatch(/could not be opened|damaged/);
      continue;
    }
    const damaged = found.filter((entry) => typeof entry === 'number');
    if (damaged.length > 0) named += 1;
    expect(found).toEqual(wanted.map((hash, i) => (damaged.includes(i + 1) ? i + 1 : hash)));
    // One bit lies in one segment.
    expect(damaged.length).toBeLessThanOrEqual(100);
  }
  expect(named).toBeGreaterThan(5);
});
