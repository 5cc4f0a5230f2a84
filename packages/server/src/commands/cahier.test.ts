import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCahier } from './cahier.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-commands-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function cahier(argv: readonly string[], env: Record<string, string> = {}, isTerminal = false) {
  const said = { out: '', err: '' };
  const io = {
    cwd: folder,
    env,
    isTerminal,
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  };
  const code = await runCahier(argv, io, ['/node', '/cahier.ts']);
  return { code, ...said };
}
const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);
const read = (name: string) => readFile(join(folder, name), 'utf8');

type FileCell = Record<string, unknown>;
const code = (
  id: string,
  source: string,
  outputs: readonly unknown[] = [],
  count: number | null = null,
): FileCell => ({
  cell_type: 'code',
  execution_count: count,
  id,
  metadata: {},
  outputs,
  source,
});
const markdown = (id: string, source: string): FileCell => ({
  cell_type: 'markdown',
  id,
  metadata: {},
  source,
});
const stdout = (text: string) => ({ name: 'stdout', output_type: 'stream', text });
const figure = (png: string) => ({
  output_type: 'display_data',
  metadata: {},
  data: { 'image/png': png, 'text/plain': '<Figure>' },
});
const notebook = (cells: readonly FileCell[], metadata = {}) =>
  JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 });

describe('cahier diff', () => {
  it('shows what differs, cell by cell, and leaves the rest out', async () => {
    const long = Array.from({ length: 12 }, (_, i) => `line ${i}\n`).join('');
    await write(
      'a.ipynb',
      notebook([
        markdown('t', '# Title'),
        code('x', `${long}x = 1`, [stdout('1\n'), figure('AAAA')], 1),
        code('g', 'gone'),
        code('s', 'same'),
      ]),
    );
    await write(
      'b.ipynb',
      notebook(
        [
          code('x', `${long}x = 2`, [stdout('2\n'), figure('AAAABBBB')], 2),
          code('s', 'same'),
          markdown('t', '# Title'),
          code('n', 'new', [stdout('hi\n')]),
        ],
        {
          kernelspec: { name: 'python3' },
        },
      ),
    );
    const { code: exit, out, err } = await cahier(['diff', 'a.ipynb', 'b.ipynb']);
    expect({ exit, err }).toEqual({ exit: 1, err: '' });
    expect(out).toBe(`--- a.ipynb
+++ b.ipynb
1 cell added, 1 cell removed, 1 cell changed, 1 cell moved, other outputs in 1 cell

── notebook
  metadata kernelspec:
+ {"name":"python3"}

── cell 1 (code, x) changed (was cell 2)
  …
  line 9
  line 10
  line 11
- x = 1
+ x = 2
  execution count 1 → 2
  output 1 (stdout) changed
- 1
+ 2
  output 2 (image/png) changed
  image/png: 3 bytes → 6 bytes

── was cell 3 (code, g) removed
- gone

── cell 3 (markdown, t) moved (was cell 1)
  # Title

── cell 4 (code, n) added
+ new
  output 1 (stdout) added
+ hi
`);
  });

  it('ends with 0 and says nothing when there is no difference, however the files are written', async () => {
    await write('a.ipynb', notebook([code('x', 'x')]));
    await write('b.ipynb', JSON.stringify(JSON.parse(notebook([code('x', 'x')])), null, 4));
    expect(await cahier(['diff', 'a.ipynb', 'b.ipynb'])).toEqual({ code: 0, out: '', err: '' });
  });

  it('cells without ids, or with the same id twice, are found by their text', async () => {
    const { id: _, ...bare } = code('x', 'x = 1');
    await write('a.ipynb', notebook([bare, code('y', 'y'), code('y', 'z')]));
    await write('b.ipynb', notebook([code('y', 'y'), code('y', 'z'), bare]));
    expect((await cahier(['diff', 'a.ipynb', 'a.ipynb'])).code).toBe(0);
    const { out } = await cahier(['diff', 'a.ipynb', 'b.ipynb']);
    expect(out).toContain('1 cell moved');
    expect(out).not.toContain('  id ');
    // Ids that were made up for reading are not shown.
    expect(out).toContain('── cell 3 (code) moved (was cell 1)\n  x = 1\n');
  });

  it('--no-outputs leaves results out', async () => {
    await write('a.ipynb', notebook([code('x', 'x', [stdout('1')], 1)]));
    await write('b.ipynb', notebook([code('x', 'x', [stdout('2')], 2)]));
    expect((await cahier(['diff', 'a.ipynb', 'b.ipynb'])).out).toContain('── cell 1 (code, x) ran again');
    expect(await cahier(['diff', '--no-outputs', 'a.ipynb', 'b.ipynb'])).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });

  it('marks the words in colour on a terminal, in Git’s pager and when asked, unless it was told not to', async () => {
    await write('a.ipynb', notebook([code('x', 'see one here')]));
    await write('b.ipynb', notebook([code('x', 'see two here')]));
    const marked = '\u001b[31msee \u001b[0m\u001b[7;31mone\u001b[0m\u001b[31m here\u001b[0m';
    const argv = ['diff', 'a.ipynb', 'b.ipynb'];
    expect((await cahier(argv)).out).not.toContain('\u001b');
    expect((await cahier(argv, { PAGER: 'cat' }, true)).out).toContain(marked);
    expect((await cahier(argv, { GIT_PAGER_IN_USE: 'true' })).out).toContain(marked);
    expect((await cahier([...argv, '--color'])).out).toContain(marked);
    expect((await cahier(argv, { NO_COLOR: '1', PAGER: '' }, true)).out).not.toContain('\u001b');
    expect((await cahier([...argv, '--no-color'], { PAGER: 'cat' }, true)).out).not.toContain('\u001b');
  });

  it('goes through the pager on a terminal, and is printed where there is none', async () => {
    await write('a.ipynb', notebook([code('x', 'one')]));
    await write('b.ipynb', notebook([code('x', 'two')]));
    const argv = ['diff', 'a.ipynb', 'b.ipynb'];
    const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', PAGER: 'echo "$LESS" > seen; cat >> seen' };
    expect(await cahier(argv, env, true)).toEqual({ code: 1, out: '', err: '' });
    const plain = (await cahier(argv)).out;
    expect(plain).toContain('+ two');
    expect(await read('seen')).toBe(`FRX\n${plain}`);
    expect((await cahier(argv, { ...env, PAGER: 'cat' }, true)).out).toBe(plain);
    expect((await cahier(argv, { ...env, PAGER: 'no-such-pager 2>/dev/null' }, true)).out).toBe(plain);
    expect((await cahier([...argv, '--json'], env, true)).out).toContain('"notebook"');
  });

  it('does not let text of a notebook steer the terminal', async () => {
    await write('a.ipynb', notebook([code('x', 'x')]));
    await write('b.ipynb', notebook([code('x', 'x\u001b[2J\u0007\r')]));
    expect((await cahier(['diff', 'a.ipynb', 'b.ipynb'])).out).toContain('+ x␛[2J␇␍');
  });

  it('--json is one JSON value', async () => {
    await write('a.ipynb', notebook([code('x', 'x = 1', [figure('AAAA')]), code('g', 'gone')]));
    await write('b.ipynb', notebook([code('x', 'x = 2', [figure('BBBB')])]));
    const { code: exit, out } = await cahier(['diff', '--json', 'a.ipynb', 'b.ipynb']);
    expect(exit).toBe(1);
    const told = z.looseObject({ rows: z.array(z.looseObject({ kind: z.string() })) }).parse(JSON.parse(out));
    expect(told).toMatchObject({
      kind: 'notebook',
      isSame: false,
      summary: { changed: 1, removed: 1 },
      rows: [
        {
          kind: 'changed',
          before: { index: 0, id: 'x' },
          changes: { outputs: [{ mimes: [{ mime: 'image/png' }] }] },
        },
        { kind: 'removed', before: { source: 'gone' }, after: null },
      ],
    });
    expect(out).not.toContain('AAAA');
  });

  it('compares other files as text, and broken notebooks too, saying so', async () => {
    await write('a.txt', 'one\ntwo\nthree');
    await write('b.txt', 'one\n2\nthree\n');
    expect((await cahier(['diff', 'a.txt', 'b.txt'])).out).toBe(
      '--- a.txt\n+++ b.txt\n@@ line 1 @@\n  one\n- two\n- three\n+ 2\n+ three\n  (earlier text: no line end after the last line)\n',
    );
    await write('a.ipynb', '<<<<<<< ours\n{}');
    const broken = await cahier(['diff', 'a.ipynb', 'b.txt']);
    expect(broken.code).toBe(1);
    expect(broken.err).toContain('“a.ipynb” is not a notebook');
    await write('a.bin', new Uint8Array([0, 1]));
    await write('b.bin', new Uint8Array([0, 2]));
    expect(await cahier(['diff', 'a.bin', 'b.bin'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('Binary files a.bin and b.bin differ'),
    });
    expect((await cahier(['diff', 'a.bin', 'a.bin'])).code).toBe(0);
  });

  it('ends with 2 and a sentence when it cannot', async () => {
    await write('a.ipynb', notebook([]));
    expect(await cahier(['diff', 'a.ipynb', 'no.ipynb'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no file'),
    });
    expect(await cahier(['diff', 'a.ipynb', '.'])).toMatchObject({ code: 2 });
    expect(await cahier(['diff', 'a.ipynb'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('cahier diff'),
    });
    expect(await cahier(['diff', '--nope', 'a.ipynb', 'a.ipynb'])).toMatchObject({ code: 2 });
    expect(await cahier(['frobnicate'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('cahier merge'),
    });
    expect(await cahier(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('cahier git-setup'),
    });
    expect(await cahier(['merge', '--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--write-ours'),
    });
  });
});

describe('cahier merge', () => {
  const three = async (base: string, ours: string, theirs: string) => {
    await write('base.ipynb', notebook([code('x', base)]));
    await write('ours.ipynb', notebook([code('x', ours)]));
    await write('theirs.ipynb', notebook([code('x', theirs)]));
    return ['base.ipynb', 'ours.ipynb', 'theirs.ipynb'];
  };

  it('prints the merged notebook, or writes it where it was told', async () => {
    const files = await three('a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nC\n');
    const printed = await cahier(['merge', ...files]);
    expect(printed).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(printed.out)).toMatchObject({ cells: [{ source: ['A\n', 'b\n', 'C\n'] }] });
    expect(await cahier(['merge', ...files, '-o', 'out.ipynb'])).toEqual({ code: 0, out: '', err: '' });
    expect(await read('out.ipynb')).toBe(printed.out);
    expect(await cahier(['merge', '--write-ours', ...files])).toEqual({ code: 0, out: '', err: '' });
    expect(await read('ours.ipynb')).toBe(printed.out);
  });

  it('keeps both texts where both changed the same, names the cell, and ends with 1', async () => {
    const files = await three('x = 1\n', 'x = 2\n', 'x = 3\n');
    const { code: exit, out, err } = await cahier(['merge', '--path', 'work.ipynb', ...files]);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ cells: [{ metadata: {}, source: ['x = 2\n', 'x = 3\n'] }] });
    expect(err).toContain('work.ipynb: cell 1 (x): both sides changed the same text');
  });

  it('says that results of both sides met, and asks nobody', async () => {
    await three('f()', 'f()', 'f()');
    await write('ours.ipynb', notebook([code('x', 'f()', [stdout('1')], 1)]));
    await write('theirs.ipynb', notebook([code('x', 'f()', [stdout('2')], 2)]));
    const { code: exit, out, err } = await cahier(['merge', 'base.ipynb', 'ours.ipynb', 'theirs.ipynb']);
    expect(exit).toBe(0);
    expect(err).toContain('run it again');
    expect(JSON.parse(out)).toMatchObject({ cells: [{ execution_count: 2 }] });
  });

  it('takes the cell ids of the side that raised the format', async () => {
    const { id: _, ...bare } = code('x', 'import os');
    const old = JSON.stringify({ cells: [bare], metadata: {}, nbformat: 4, nbformat_minor: 4 });
    await write('base.ipynb', old);
    await write('ours.ipynb', old.replace('import os', 'import os, sys'));
    await write('theirs.ipynb', notebook([code('theirs', 'import os')]));
    const { out } = await cahier(['merge', 'base.ipynb', 'ours.ipynb', 'theirs.ipynb']);
    expect(JSON.parse(out)).toMatchObject({
      nbformat_minor: 5,
      cells: [{ id: 'theirs', source: ['import os, sys'] }],
    });
  });

  it('merges text files, and leaves what it cannot read alone', async () => {
    await write('base.txt', 'a\nb\n');
    await write('ours.txt', 'A\nb\n');
    await write('theirs.txt', 'a\nB\n');
    expect(await cahier(['merge', 'base.txt', 'ours.txt', 'theirs.txt'])).toEqual({
      code: 0,
      out: 'A\nB\n',
      err: '',
    });
    await three('x', 'y', 'z');
    await write('theirs.ipynb', '{');
    const before = await read('ours.ipynb');
    const { code: exit, err } = await cahier([
      'merge',
      '--write-ours',
      'base.ipynb',
      'ours.ipynb',
      'theirs.ipynb',
    ]);
    expect(exit).toBe(2);
    expect(err).toContain('their version');
    expect(await read('ours.ipynb')).toBe(before);
  });
});
