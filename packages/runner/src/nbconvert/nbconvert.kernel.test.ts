/** The real nbconvert from PyPI, and none at all. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonWith } from '../testing/python-tools.ts';
import { type ConvertLimits, Nbconvert } from './nbconvert.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'cahier-convert-test-')));
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
let python: string;

beforeAll(async () => {
  python = await pythonWith('jupyter-tools', ['nbconvert', 'ipykernel', 'jupyter-console']);
  mkdirSync(join(home, 'sub'));
});
afterAll(() => rmSync(home, { recursive: true }));

function converter(pythons: readonly string[] = [python], limits: Partial<ConvertLimits> = {}) {
  return new Nbconvert({
    pythons: () => Promise.resolve(pythons),
    folder: (path) => Promise.resolve(join(home, path)),
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    now: () => 0,
    limits,
  });
}

const notebook = (...sources: string[]) =>
  Buffer.from(
    JSON.stringify({
      cells: [
        { cell_type: 'markdown', id: 'm', metadata: {}, source: '# Größe ☂' },
        ...sources.map((source, i) => ({
          cell_type: 'code',
          id: `c${i}`,
          metadata: {},
          execution_count: 1,
          source,
          outputs: [{ output_type: 'display_data', metadata: {}, data: { 'image/png': png } }],
        })),
      ],
      metadata: {
        kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' },
        language_info: { name: 'python', file_extension: '.py' },
      },
      nbformat: 4,
      nbformat_minor: 5,
    }),
  );
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('nbconvert', () => {
  it('says what it can write', async () => {
    const formats = new Map((await converter().list()).map(({ name, mime }) => [name, mime]));
    expect(formats.get('html')).toBe('text/html');
    expect([...formats.keys()]).toEqual(expect.arrayContaining(['markdown', 'script', 'notebook', 'pdf']));
  });

  it('writes pages, scripts, and archives when there are pictures', async () => {
    const html = await converter().convert('html', 'sub/my work.ipynb', notebook('print(1)'));
    expect([html.mime, html.fileName]).toEqual(['text/html', 'my work.html']);
    expect(text(html.bytes)).toContain('Größe ☂');
    const script = await converter().convert('script', 'a.ipynb', notebook('print(1)'));
    expect([script.fileName, text(script.bytes)]).toEqual(['a.py', expect.stringContaining('print(1)')]);
    const archive = await converter().convert('markdown', 'a.ipynb', notebook('x'));
    expect([archive.mime, archive.fileName]).toEqual(['application/zip', 'a.zip']);
    const zip = join(home, 'a.zip');
    writeFileSync(zip, archive.bytes);
    const names = execFileSync(python, ['-m', 'zipfile', '-l', zip], { encoding: 'utf8' });
    expect(names).toMatch(/a\.md/);
    expect(names).toMatch(/\.png/);
  });

  it('is looked for in every environment, the first that has it is taken', async () => {
    const with_ = await converter(['/no/such/python', 'python3', python]).list();
    expect(with_.length).toBeGreaterThan(5);
  });

  it('says so when there is none', async () => {
    const none = converter(['/no/such/python', '/bin/false']);
    await expect(none.list()).rejects.toMatchObject({ code: 'nbconvert/not-installed' });
    await expect(none.convert('html', 'a.ipynb', notebook())).rejects.toMatchObject({
      code: 'nbconvert/not-installed',
    });
  });

  it('says what went wrong, in a sentence', async () => {
    await expect(converter().convert('cuneiform', 'a.ipynb', notebook())).rejects.toMatchObject({
      code: 'nbconvert/no-format',
      message: expect.stringMatching(/“cuneiform”.*html/),
    });
  });

  it.each([
    ['no JSON', '{', /does not appear to be JSON/],
    ['no cells', '{"metadata":{},"nbformat":4,"nbformat_minor":5}', /missing an expected key: cells/],
    ['an unknown format', '{"cells":[],"metadata":{},"nbformat":9,"nbformat_minor":0}', /version 9/],
    [
      'an output of another form',
      JSON.stringify({
        cells: [
          {
            cell_type: 'code',
            id: 'a',
            metadata: {},
            source: '1',
            execution_count: 1,
            outputs: [{ output_type: 'stream' }],
          },
        ],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 5,
      }),
      /'name' is a required property.*outputs/,
    ],
  ])('says in nbconvert’s own words why a notebook is none: %s', async (_, bytes, words) => {
    await expect(converter().convert('html', 'sub/a.ipynb', Buffer.from(bytes))).rejects.toMatchObject({
      code: 'nbconvert/no-notebook',
      kind: 'invalid',
      message: expect.stringMatching(words),
    });
  });

  it('is ended when it takes too long, and refused when the result is too large', async () => {
    await converter().list();
    const slow = converter([python], { convertMs: 50 });
    await expect(slow.convert('html', 'a.ipynb', notebook('1'))).rejects.toMatchObject({
      code: 'nbconvert/failed',
      message: expect.stringMatching(/could not be written as html: .*took longer than 0\.05 seconds\.$/),
    });
    const small = converter([python], { resultBytes: 1_000 });
    await expect(small.convert('html', 'a.ipynb', notebook('1'))).rejects.toThrow('larger than');
  });
});
