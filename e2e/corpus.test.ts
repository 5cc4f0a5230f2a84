/** Real notebooks by others: every one opens or is refused with a reason, none is rewritten, and these five run to the end. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CellId } from '@cahier/base/ids.ts';
import { readNotebook } from '@cahier/core/notebooks/source-doc.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './support/client.ts';
import { firstProject } from './support/http.ts';
import { root, ServerProcess } from './support/server-process.ts';

const corpus = resolve(root, '../shared/notebooks');
const names = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ipynb'))
  .sort();
/** nbformat's own files that break the format: shown with the reason, not edited. */
const refused = new Set([
  'nbformat/invalid.ipynb',
  'nbformat/test3_no_metadata.ipynb',
  'nbformat/test3_no_worksheets.ipynb',
  'nbformat/test3_worksheet_with_no_cells.ipynb',
]);
const toRun = [
  'pytudes/lispy.ipynb',
  'pytudes/Sudoku.ipynb',
  'pytudes/Cheryl.ipynb',
  'pytudes/Life.ipynb',
  'handson-ml3/tools_numpy.ipynb',
];

/** Errors caused by data files that the collection does not have, in order. */
const missingData: Record<string, readonly string[]> = {
  'pytudes/Sudoku.ipynb': ['FileNotFoundError', 'NameError', 'NameError', 'NameError'],
};

const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('notebooks by others', () => {
  let folder: string;
  let server: ServerProcess;
  let client: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-corpus-'));
    cpSync(realpathSync(corpus), folder, { recursive: true });
    server = await ServerProcess.start({ folder });
    client = await Client.connect(server.origin, await firstProject(server), server.token);
  });

  afterAll(async () => {
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are there', () => expect(names.length).toBeGreaterThan(30));

  it.each(names)('%s opens or is refused with the reason, and keeps every byte', async (name) => {
    const before = hash(join(folder, name));
    const outcome = await client.open(name).then(
      (document) => ({ cells: readNotebook(document.ydoc).cells.length, reason: '' }),
      (error: Error) => ({ cells: -1, reason: error.message }),
    );
    if (outcome.cells === -1) {
      expect(outcome.reason).toContain('notebook/');
      expect(refused, outcome.reason).toContain(name);
    } else {
      const raw: { cells?: unknown[]; worksheets?: { cells: unknown[] }[] } = JSON.parse(
        readFileSync(join(folder, name), 'utf8'),
      );
      const inFile = raw.cells?.length ?? raw.worksheets?.reduce((sum, sheet) => sum + sheet.cells.length, 0);
      expect(outcome.cells).toBe(inFile);
    }
    expect(hash(join(folder, name))).toBe(before);
  });

  it('writes nothing into the folder but what is edited', () => {
    const now = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    const then = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).sort();
    expect(now).toEqual(then);
    for (const name of names) expect(hash(join(folder, name)), name).toBe(hash(join(corpus, name)));
  });

  it.each(toRun)('%s runs from top to bottom to the end', { timeout: 600_000 }, async (name) => {
    const document = await client.open(name);
    const { cells } = readNotebook(document.ydoc);
    const code = cells
      .filter((cell) => cell.type === 'code' && cell.source.trim() !== '')
      .map((cell) => cell.id);
    const state = (id: CellId) => document.live.cells[id]?.state ?? 'idle';
    let rest = code;
    while (rest.length > 0) {
      await client.runAndWait(document, rest, 580_000);
      const failed = rest.findIndex((id) => state(id) === 'failed');
      if (failed === -1) break;
      rest = rest.slice(failed + 1);
    }
    // What fails here fails in every Jupyter: the notebook reads a data file that does not come with it.
    const outputs = code.flatMap((id) => document.live.cells[id]?.outputs ?? []);
    const errors = outputs.flatMap((output) => (output.type === 'error' ? [output.ename] : []));
    expect(errors).toEqual(missingData[name] ?? []);
    expect(code.map(state).filter((end) => end !== 'done')).toHaveLength(errors.length);
    await expect
      .poll(
        () =>
          statSync(join(folder, name)).mtimeMs > statSync(join(corpus, name)).mtimeMs &&
          JSON.parse(readFileSync(join(folder, name), 'utf8')).cells.length === cells.length,
      )
      .toBe(true);
    await client.request({ t: 'kernel.shutdown', doc: document.doc });
  });
});
