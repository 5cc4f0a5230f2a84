/** Promise 8: the file is the export. Written in time and in the reference writer's bytes; changes by others are merged. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asCellId } from '@cahier/base/ids.ts';
import { cellText, readNotebook } from '@cahier/core/notebooks/source-doc.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './support/client.ts';
import { firstProject, newNotebook, ownerHeaders } from './support/http.ts';
import { ServerProcess } from './support/server-process.ts';

const small = {
  cells: [
    { cell_type: 'markdown', id: 'head', metadata: {}, source: ['# Title\n', '\n', 'First.'] },
    {
      cell_type: 'code',
      execution_count: null,
      id: 'one',
      metadata: {},
      outputs: [],
      source: ['a = 1\n', 'b = 2\n', 'c = 3'],
    },
    { cell_type: 'code', execution_count: null, id: 'two', metadata: {}, outputs: [], source: ['print(a)'] },
  ],
  metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
  nbformat: 4,
  nbformat_minor: 5,
};
const bytesOf = (notebook: object) => `${JSON.stringify(notebook, null, 1)}\n`;

describe('the file', () => {
  let folder: string;
  let server: ServerProcess;
  let project: string;
  let client: Client;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-files-'));
    writeFileSync(join(folder, 'small.ipynb'), bytesOf(small));
    writeFileSync(join(folder, 'notes.txt'), 'one\ntwo\nthree\n');
    server = await ServerProcess.start({ folder });
    project = await firstProject(server);
    client = await Client.connect(server.origin, project, server.token);
  });

  afterEach(async () => {
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const onDisk = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('is written at most 2 s after the last edit, in the reference form', async () => {
    const document = await client.open('small.ipynb');
    cellText(document.ydoc, asCellId('one'))?.insert(0, '# ü\n');
    const editedAt = Date.now();
    await expect.poll(() => onDisk('small.ipynb'), { interval: 20 }).toContain('# ü');
    expect(Date.now() - editedAt).toBeLessThanOrEqual(2_300);
    const [head, one, two] = small.cells;
    const wanted = bytesOf({
      ...small,
      cells: [head, { ...one, source: ['# ü\n', ...(one?.source ?? [])] }, two],
    });
    expect(onDisk('small.ipynb')).toBe(wanted);
  });

  it('changed by a script while people type is merged, cell by cell; nothing of either side is lost', async () => {
    const document = await client.open('small.ipynb');
    const text = cellText(document.ydoc, asCellId('one'));
    text?.insert(text.length, '\nmine = True');
    const theirs = structuredClone(small);
    theirs.cells[1] = {
      ...theirs.cells[1],
      source: ['theirs = True\n', 'a = 1\n', 'b = 2\n', 'c = 3'],
    } as (typeof theirs.cells)[number];
    theirs.cells.push({
      cell_type: 'code',
      execution_count: null,
      id: 'three',
      metadata: {},
      outputs: [],
      source: ['new'],
    });
    writeFileSync(join(folder, 'small.ipynb'), bytesOf(theirs));
    await client.until(() => readNotebook(document.ydoc).cells.length === 4);
    const merged = readNotebook(document.ydoc).cells.map((cell) => cell.source);
    expect(merged).toEqual([
      '# Title\n\nFirst.',
      'theirs = True\na = 1\nb = 2\nc = 3\nmine = True',
      'print(a)',
      'new',
    ]);
    await expect.poll(() => onDisk('small.ipynb')).toContain('mine = True');
    expect(onDisk('small.ipynb')).toContain('theirs = True');
  });

  it('of text is a document too, edited together with sed', async () => {
    const document = await client.open('notes.txt');
    textOf(document.ydoc).insert(0, 'zero\n');
    await expect.poll(() => onDisk('notes.txt')).toBe('zero\none\ntwo\nthree\n');
    execFileSync('sed', ['-i', 's/three/THREE/', join(folder, 'notes.txt')]);
    await client.until(() => textOf(document.ydoc).toString() === 'zero\none\ntwo\nTHREE\n');
  });

  it('cut short by another program is left alone until it can be read again; the document lives on', async () => {
    const document = await client.open('small.ipynb');
    truncateSync(join(folder, 'small.ipynb'), 100);
    const broken = onDisk('small.ipynb');
    let told = '';
    client.onFrame = (frame) => {
      if (frame.t === 'doc.file' && frame.file.state === 'failed') told = frame.file.message ?? '';
    };
    await client.until(() => told !== '');
    expect(told).toContain('not a notebook');
    expect(onDisk('small.ipynb')).toBe(broken);
    expect(readNotebook(document.ydoc).cells).toHaveLength(3);
    writeFileSync(join(folder, 'small.ipynb'), bytesOf(small).replace('print(a)', 'print(b)'));
    await client.until(() => cellText(document.ydoc, asCellId('two'))?.toString() === 'print(b)');
  });

  it.each([
    ['truncated JSON', 'cut.ipynb', bytesOf(small).slice(0, 200), 'notebook/not-json'],
    ['a picture named .ipynb', 'binary.ipynb', '\u0089PNG\r\n\u0000\u0001\u0002', 'notebook/not-json'],
    ['a notebook of the future', 'future.ipynb', bytesOf({ ...small, nbformat: 5 }), 'notebook/too-new'],
    ['a list instead of cells', 'list.ipynb', '[1,2,3]', 'notebook/'],
    ['cells that are text', 'words.ipynb', bytesOf({ ...small, cells: 'none' }), 'notebook/invalid'],
  ])('%s is refused with the reason and keeps every byte', async (_, name, content, code) => {
    writeFileSync(join(folder, name), content, 'latin1');
    const before = readFileSync(join(folder, name));
    await expect(client.open(name)).rejects.toThrow(code);
    expect(readFileSync(join(folder, name)).equals(before)).toBe(true);
  });

  it('of 200 MB is opened or refused with a sentence, and the server stays well', {
    timeout: 240_000,
  }, async () => {
    writeFileSync(
      join(folder, 'huge.ipynb'),
      `${bytesOf(small).slice(0, -3)},"x":"${'y'.repeat(200_000_000)}"}\n`,
    );
    const outcome = await client.open('huge.ipynb').then(
      () => 'opened',
      (error: Error) => error.message,
    );
    expect(outcome).toMatch(/^opened$|file\/too-large|notebook\//);
    expect(await client.open('small.ipynb')).toBeDefined();
  });

  it('with duplicate and missing cell ids opens with every cell once', async () => {
    const twins = {
      ...small,
      cells: [small.cells[1], { ...small.cells[1], source: ['twin'] }, { ...small.cells[2], id: undefined }],
    };
    writeFileSync(join(folder, 'twins.ipynb'), bytesOf(twins));
    const document = await client.open('twins.ipynb');
    const cells = readNotebook(document.ydoc).cells;
    expect(cells.map((cell) => cell.source)).toEqual(['a = 1\nb = 2\nc = 3', 'twin', 'print(a)']);
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(3);
  });

  it('with NaN, 1.0 and a 20-digit integer in its metadata keeps them through an edit', async () => {
    const odd = bytesOf({ ...small, metadata: { ...small.metadata, odd: 'ODD' } }).replace(
      '"ODD"',
      '[\n   NaN,\n   1.0,\n   12345678901234567890,\n   1e-07\n  ]',
    );
    writeFileSync(join(folder, 'odd.ipynb'), odd);
    const document = await client.open('odd.ipynb');
    cellText(document.ydoc, asCellId('two'))?.insert(0, '#');
    await expect.poll(() => onDisk('odd.ipynb')).toContain('#print(a)');
    expect(onDisk('odd.ipynb')).toBe(
      odd
        .replace('"print(a)"', '"#print(a)"')
        .replace(/"odd": \[[^\]]*\]/, odd.match(/"odd": \[[^\]]*\]/)?.[0] ?? ''),
    );
  });

  it('made new is called as Jupyter calls it', async () => {
    expect([await newNotebook(server, project), await newNotebook(server, project)]).toEqual([
      'Untitled.ipynb',
      'Untitled1.ipynb',
    ]);
  });

  it.each(['../outside.txt', '/etc/passwd', 'a/../../b', '..%2fx', 'a\u0000b'])(
    '%s does not leave the project',
    async (path) => {
      const answer = await fetch(
        `${server.origin}/api/projects/${project}/files/content?path=${encodeURIComponent(path)}`,
        {
          method: 'PUT',
          headers: { ...ownerHeaders(server), 'content-type': 'application/octet-stream' },
          body: 'x',
        },
      );
      if (path === '..%2fx') expect(answer.status).toBeLessThan(500);
      else expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    },
  );
});
