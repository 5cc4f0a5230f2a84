/** Every notebook of ../shared/notebooks against the bytes that the reference writer (nbformat 5.11.1) makes of it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { notebookKind } from './notebook-kind.ts';
import type { PlainNotebook } from './notebook.ts';

const folder = resolve(import.meta.dirname, '../../../../../shared/notebooks');

/** Files that are not in reference form on disk: why, and SHA-256 of the reference's bytes with cell ids as `*`. */
const rewritten: Record<string, readonly [why: string, reference: string]> = {
  'nbformat/invalid_cell_id.ipynb': [
    'the id breaks the rules and is replaced; keys are not sorted',
    'fb9b6c1f2a0b8b5e4f92e8b8901a9031fda8cea2263098b2915fcd758d105f80',
  ],
  'nbformat/invalid_unique_cell_id.ipynb': [
    'the second of two equal ids is replaced; keys are not sorted',
    'd2ca7d203e9f8453e43b84d7a01a502b1ada8498a4e59cc48d9d9096625baf01',
  ],
  'nbformat/test2.ipynb': [
    'format 2 is written as 4.5',
    '1cc8ea915d77c11b69587f8d76bba75828bfd255c9756584d906a91a14fbbea2',
  ],
  'nbformat/test3.ipynb': [
    'format 3 is written as 4.5',
    'bd3db360cd586ffa280928d2bd033dd6fae44af0e192b4775b47e4d3d1928ac9',
  ],
  'nbformat/test3_no_min_version.ipynb': [
    'format 3 is written as 4.5',
    '4a62b68a633d79c53a6fd8893e8ea42dcf2b9a8a3e907b1b9861661f04f21517',
  ],
  'nbformat/test4.ipynb': [
    'a text is one string, not a list of lines',
    'eb15b713c21fa2a70fe10ca01aaf05a8935986826bf4c53888449dc69d578f7a',
  ],
  'nbformat/test4docinfo.ipynb': [
    'a text is one string, not a list of lines',
    'e30490a6a1bcbdfc8ff99980af7c36a71726fed008d8e083322e3003d3b330cc',
  ],
  'nbformat/test4plus.ipynb': [
    'keys are not sorted',
    '0197461e4fa78bca6b32a419afee9293124d8d0eb73b4415ac54275d1661ec5c',
  ],
  'nbformat/v4_5_invalid_metadata.ipynb': [
    'keys are not sorted',
    'de407fc00506005b0b0d39d4b1425112fc41cb84f4a580eb7bf8652d809d2e67',
  ],
  'nbformat/v4_5_no_cell_id.ipynb': [
    'ids are missing',
    '5455b7e0de68e3c3c8215d2abe6231e54bdced470f167c4a9a175f86db1cc7e7',
  ],
  'nbformat/no_min_version.ipynb': [
    'nbformat_minor is missing: we write the 0 that it means, the reference leaves the file invalid',
    'f3c25282915737f5507dc94d58320af870defaf391f55b46b4379acbaf74cd34',
  ],
};

/** Files that are not opened for editing, and the reason that is shown. */
const refused: Record<string, string> = {
  'nbformat/invalid.ipynb': 'cell 1 has no source',
  'nbformat/test3_no_metadata.ipynb': 'it has no metadata',
  'nbformat/test3_no_worksheets.ipynb': 'it has no worksheets',
  'nbformat/test3_worksheet_with_no_cells.ipynb': 'worksheet 1 has no list of cells',
};

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ipynb'))
  .sort();

const ids = () => {
  let n = 0;
  return () => (n++).toString(16).padStart(8, '0');
};

function referenceHash(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replace(/^ {3}"id": "[^"]*"/gm, '   "id": "*"');
  return createHash('sha256').update(text).digest('hex');
}

function throughDocument(plain: PlainNotebook): PlainNotebook {
  const doc = new Y.Doc();
  notebookKind.seed(doc, plain);
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const outputs = new Map(plain.cells.map((cell) => [cell.id, cell]));
  const read = notebookKind.read(other);
  return {
    ...read,
    cells: read.cells.map((cell) => {
      const had = outputs.get(cell.id);
      if (cell.type !== 'code' || had?.type !== 'code') return cell;
      return { ...cell, outputs: had.outputs, executionCount: had.executionCount };
    }),
  };
}

describe('notebooks written by others', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(37);
  });

  it.each(files.filter((name) => !(name in refused)))('%s comes back byte for byte', (name) => {
    const bytes = readFileSync(resolve(folder, name));
    const parsed = notebookKind.fromFile(bytes, name, ids());
    if (!parsed.ok) throw new Error(JSON.stringify(parsed));
    const written = notebookKind.toFile(parsed.plain);
    const known = rewritten[name];
    if (known === undefined) expect(Buffer.compare(written, bytes)).toBe(0);
    else {
      expect(Buffer.compare(written, bytes), known[0]).not.toBe(0);
      expect(referenceHash(written)).toBe(known[1]);
    }
    const again = notebookKind.fromFile(written, name, ids());
    expect(again.ok && notebookKind.equals(again.plain, parsed.plain)).toBe(true);
    const carried = throughDocument(parsed.plain);
    expect(Buffer.compare(notebookKind.toFile(carried), written)).toBe(0);
    expect(notebookKind.equals(carried, parsed.plain)).toBe(true);
  });

  it.each(Object.entries(refused))('%s is refused: %s', (name, why) => {
    const parsed = notebookKind.fromFile(readFileSync(resolve(folder, name)), name, ids());
    expect(parsed).toEqual({ ok: false, code: 'notebook/invalid', details: { path: name, why } });
  });
});
