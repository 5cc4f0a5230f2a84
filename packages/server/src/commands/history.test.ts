/** `cahier history verify` and `replay` on a data folder as a server leaves it: the recorded session of three people. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { kinds } from '@cahier/core/documents/kinds.ts';
import { openRecordedSession, type OpenedSession } from '@cahier/testkit/recorded/open-recorded-session.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { DiskBlobStore } from '../adapters/disk/disk-blob-store.ts';
import { SqliteHistoryLog } from '../adapters/sqlite/history-log.ts';
import { HistoryExport } from '../history/export.ts';
import { loadDocument } from '../history/load-document.ts';
import { HistoryPacker } from '../history/packer.ts';
import { StepStore } from '../history/step-store.ts';
import { readWhole } from '../runs/large-values.ts';
import { runCahier } from './cahier.ts';

let folder: string;
let data: string;
let opened: OpenedSession;
const clock = { now: () => Date.now(), after: () => ({ dispose: () => undefined }) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-history-commands-'));
  data = join(folder, 'data');
  opened = await openRecordedSession(data);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function cahier(...argv: string[]) {
  const said = { out: '', err: '' };
  const io = {
    cwd: folder,
    env: {},
    isTerminal: false,
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  };
  return { code: await runCahier(argv, io, ['/node', '/cahier.ts']), ...said };
}
const verify = () => cahier('history', 'verify', '--data', data);

function sql(...statements: readonly string[]): void {
  const db = new DatabaseSync(join(data, 'history.sqlite'));
  for (const statement of statements) db.exec(statement);
  db.close();
}

async function withLog<T>(work: (log: SqliteHistoryLog) => Promise<T>): Promise<T> {
  const log = await SqliteHistoryLog.open(join(data, 'history.sqlite'));
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** What a server has after a day: everything packed, steps derived. */
const packed = () =>
  withLog(async (log) => {
    await new HistoryPacker({ store: log, clock, hotBytes: 0, segmentEntries: 200 }).packAll();
    await new StepStore({ log, steps: log, chunkSteps: 300 }).catchUp(opened.document);
  });

describe('cahier history verify', { timeout: 120_000 }, () => {
  it('finds a data folder whole, hot and packed', async () => {
    expect(await verify()).toMatchObject({ code: 0, out: expect.stringContaining('Everything is whole.') });
    await packed();
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out).toContain(`${opened.path}: ${opened.entries} entries (0 hot`);
  });

  const half = "substr(hex(%), 1, length(hex(%)) - 2) || '00'";
  const altered = (column: string) => `unhex(${half.replaceAll('%', column)})`;
  const notebook = '(SELECT number FROM document_numbers ORDER BY number LIMIT 1)';
  const hot: readonly (readonly [string, string, RegExp])[] = [
    [
      'an entry',
      `UPDATE entries SET payload = x'0102' WHERE document = ${notebook} AND seq = 40`,
      /entry 40 is damaged/,
    ],
    ['who wrote it', `UPDATE authors SET name = name || 'x' WHERE number = 1`, /damaged or missing/],
    [
      'when it was',
      `UPDATE entries SET at = at + 1 WHERE document = ${notebook} AND seq = 41`,
      /entry 41 is damaged/,
    ],
    [
      'how it came',
      `UPDATE entries SET origin = (origin + 1) % 3 WHERE document = ${notebook} AND seq = 42`,
      /entry 42 is damaged/,
    ],
    [
      'a gap',
      `DELETE FROM entries WHERE document = ${notebook} AND seq BETWEEN 50 AND 52`,
      /entries 50 to 52 are damaged or missing/,
    ],
    ['a lost end', `DELETE FROM entries WHERE document = ${notebook} AND seq > 60`, /missing at its end/],
    [
      'a document without a row',
      `DELETE FROM documents WHERE number = ${notebook}`,
      /belongs to no document/,
    ],
    ['last results', `UPDATE live SET json = substr(json, 1, 30)`, /its last results cannot be read/],
  ];
  it.each(hot)('names %s', async (_what, statement, said) => {
    sql(statement);
    const { code, out } = await verify();
    expect(out).toMatch(said);
    expect(code).toBe(1);
  });

  const cold: readonly (readonly [string, string, RegExp])[] = [
    [
      'a segment',
      `UPDATE segments SET bytes = ${altered('bytes')} WHERE first_seq = 201`,
      /entries 201 to 400 are damaged/,
    ],
    [
      'a segment’s name',
      `UPDATE segments SET sha256 = ${altered('sha256')} WHERE first_seq = 201`,
      /entries 201 to 400 are damaged/,
    ],
    [
      'the names of its outputs',
      "UPDATE segments SET blobs = x''",
      /would be taken for one that nothing names/,
    ],
    [
      'a chunk of steps',
      `UPDATE step_chunks SET steps = ${altered('steps')} WHERE first_seq = 301`,
      /stored steps from 301 on are damaged/,
    ],
    [
      'a checkpoint',
      `UPDATE step_chunks SET base = ${altered('base')} WHERE first_seq = 301`,
      /stored steps from 301 on are damaged/,
    ],
    [
      'a missing chunk',
      'DELETE FROM step_chunks WHERE first_seq = 301',
      /stored steps 301 to 600 are missing/,
    ],
  ];
  it.each(cold)('names %s', async (_what, statement, said) => {
    await packed();
    sql(statement);
    const { code, out } = await verify();
    expect(out).toMatch(said);
    expect(code).toBe(1);
  });

  it('names outputs that are damaged or gone, and files that are no databases any more', async () => {
    const blobs = join(data, 'blobs', opened.project);
    const names = (await readdir(blobs, { recursive: true }))
      .filter((name) => /[0-9a-f]{64}$/.test(name))
      .sort();
    const [first = '', second = ''] = names;
    await rm(join(blobs, first));
    await writeFile(join(blobs, second), 'other bytes');
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toMatch(/output [0-9a-f]{64} is (missing|damaged)/);
    await writeFile(join(data, 'main.sqlite'), Buffer.alloc(8192, 7));
    expect((await verify()).out).toContain('DAMAGED main.sqlite: SQLite says: the file is not a database');
  });
});

describe('cahier history replay', { timeout: 120_000 }, () => {
  it('makes the notebook anywhere, byte for byte as the server would write it', async () => {
    await packed();
    const wanted = await withLog(async (log) => {
      const steps = new StepStore({ log, steps: log });
      const blobs = new DiskBlobStore({ folder: join(data, 'blobs') });
      const exports = new HistoryExport({ log, steps, blobs, readWhole, clock });
      let text = '';
      for await (const piece of await exports.write(opened.project, opened.document, false)) text += piece;
      await writeFile(join(folder, 'history.jsonl'), text);
      const at = async (seq: number) => {
        const { doc } = await loadDocument(log, opened.document, new Y.Doc(), seq);
        return Buffer.from(kinds.notebook.toFile(kinds.notebook.read(doc))).toString();
      };
      return { half: await at(Math.floor(opened.entries / 2)), end: await at(opened.entries) };
    });
    // Nothing of the server is there any more.
    await rm(data, { recursive: true });
    const half = String(Math.floor(opened.entries / 2));
    for (const [argv, text] of [
      [['--at', half], wanted.half],
      [[], wanted.end],
    ] as const) {
      const { code } = await cahier('history', 'replay', 'history.jsonl', ...argv, '-o', 'out.ipynb');
      expect(code).toBe(0);
      expect(withoutCounts(await readFile(join(folder, 'out.ipynb'), 'utf8'))).toBe(withoutCounts(text));
    }
  });

  it('says when a part of it was damaged', async () => {
    sql('UPDATE entries SET at = at + 1 WHERE seq = 30');
    await withLog(async (log) => {
      const steps = new StepStore({ log, steps: log });
      const blobs = new DiskBlobStore({ folder: join(data, 'blobs') });
      const exports = new HistoryExport({ log, steps, blobs, readWhole, clock });
      let text = '';
      for await (const piece of await exports.write(opened.project, opened.document, false)) text += piece;
      await writeFile(join(folder, 'history.jsonl'), text);
    });
    const { code, err } = await cahier('history', 'replay', 'history.jsonl', '-o', 'out.ipynb');
    expect(code).toBe(1);
    expect(err).toContain('1 step was damaged');
  });
});

/** How often a cell ran is no part of the source. */
function withoutCounts(text: string): string {
  return text.replaceAll(/"execution_count": (\d+|null)/g, '"execution_count": null');
}
