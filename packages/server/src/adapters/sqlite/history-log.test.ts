import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { asDocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { historyLogContract } from '../../history/history-log.contract.ts';
import { stepLogContract } from '../../history/step-log.contract.ts';
import { SqliteHistoryLog } from './history-log.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-history-'));
afterAll(() => rm(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, `${(files += 1)}.sqlite`);

const doc = asDocumentId('d1');
const entry = (seq: number): Entry => ({
  document: doc,
  seq,
  at: seq,
  author: { person: null, name: 'x', session: null },
  origin: 'typing',
  kind: 'update',
  update: new Uint8Array(40).fill(seq),
});

historyLogContract('sqlite', async () => {
  const file = newFile();
  const log = await SqliteHistoryLog.open(file, { busyMs: 20 });
  const opened = [log];
  return {
    log,
    reopen: async () => {
      const again = await SqliteHistoryLog.open(file);
      opened.push(again);
      return again;
    },
    breakDisk: () => lock(file),
    end: async () => {
      for (const one of opened) await one.close();
    },
  };
});

stepLogContract('sqlite', async () => {
  const file = newFile();
  const log = await SqliteHistoryLog.open(file);
  const opened = [log];
  return {
    steps: log,
    reopen: async () => {
      const again = await SqliteHistoryLog.open(file);
      opened.push(again);
      return again;
    },
    damage: async (from) => {
      const db = new DatabaseSync(file);
      db.prepare("UPDATE step_chunks SET steps = x'00' WHERE first_seq = ?").run(from);
      db.close();
    },
    end: async () => {
      for (const one of opened) await one.close();
    },
  };
});

/** Another program holds the file: every write fails until it lets go. */
function lock(file: string): () => void {
  const db = new DatabaseSync(file);
  db.exec('BEGIN IMMEDIATE');
  return () => db.close();
}

describe('SqliteHistoryLog', { timeout: 30_000 }, () => {
  it('refuses data of a newer version and leaves it alone', async () => {
    const file = newFile();
    await (await SqliteHistoryLog.open(file)).close();
    const db = new DatabaseSync(file);
    db.exec('INSERT INTO migrations VALUES (9999, 0)');
    db.close();
    await expect(SqliteHistoryLog.open(file)).rejects.toMatchObject({
      code: 'storage/too-new',
      message: expect.stringContaining('9999'),
    });
  });

  it('says why a file cannot be opened', async () => {
    await expect(SqliteHistoryLog.open(join(folder, 'no', 'such', 'folder.sqlite'))).rejects.toMatchObject({
      code: 'storage/open-failed',
      message: expect.stringContaining('folder exists'),
    });
  });

  it.each([
    'UPDATE entries SET origin = 1 WHERE seq = 2',
    'UPDATE entries SET at = 9 WHERE seq = 2',
    "UPDATE authors SET name = 'y'",
  ])('a row whose author, time or origin is another is damaged: %s', async (sql) => {
    const file = newFile();
    const log = await SqliteHistoryLog.open(file);
    await log.commit({ entries: [1, 2].map(entry) });
    await log.close();
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
    const again = await SqliteHistoryLog.open(file);
    await expect(again.entries(doc, 2, 2)).rejects.toMatchObject({ code: 'history/damaged' });
    await again.close();
  });

  it('reads rows with the checksum of older versions', async () => {
    const file = newFile();
    const log = await SqliteHistoryLog.open(file);
    await log.commit({ entries: [entry(1)] });
    await log.close();
    const db = new DatabaseSync(file);
    const payload = new Uint8Array(40).fill(1);
    db.prepare('UPDATE entries SET checksum = ?').run(crc32(payload, crc32('1 1')));
    db.close();
    const again = await SqliteHistoryLog.open(file);
    expect(await again.entries(doc, 1, 1)).toEqual([entry(1)]);
    await again.close();
  });

  it('forgets what JupyterLab shared when nobody has used it for more than a month', async () => {
    const file = newFile();
    const log = await SqliteHistoryLog.open(file);
    const now = Date.now();
    const lab = (days: number) => ({
      epoch: 'e',
      n: 0,
      usedAt: now - days * 86_400_000,
      state: Uint8Array.of(1),
    });
    const [old, young] = [asDocumentId('old'), asDocumentId('young')];
    await log.commit({
      labStates: [
        { document: old, ...lab(40) },
        { document: young, ...lab(29) },
      ],
      labUpdates: [old, young].map((document) => ({ document, epoch: 'e', n: 1, update: Uint8Array.of(2) })),
    });
    await log.close();
    const again = await SqliteHistoryLog.open(file);
    expect([await again.lab(old), (await again.lab(young))?.n]).toEqual([null, 1]);
    await again.close();
    const db = new DatabaseSync(file);
    expect(db.prepare('SELECT count(*) AS count FROM lab_updates').get()).toEqual({ count: 1 });
    db.close();
  });

  it('names a damaged row; the rest opens', async () => {
    const file = newFile();
    const log = await SqliteHistoryLog.open(file);
    await log.commit({ entries: [1, 2, 3, 4].map(entry) });
    await log.close();
    const db = new DatabaseSync(file);
    db.prepare('UPDATE entries SET payload = ? WHERE seq = 3').run(new Uint8Array(40).fill(77));
    db.close();
    const again = await SqliteHistoryLog.open(file);
    await expect(again.entries(doc, 1, 4)).rejects.toMatchObject({
      code: 'history/damaged',
      details: { seq: 3 },
    });
    expect(await again.entries(doc, 1, 2)).toHaveLength(2);
    expect(await again.entries(doc, 4, 4)).toHaveLength(1);
    await again.close();
  });
});
