/** The commands as Git runs them: real Git, real repositories in a temporary folder, our script as a program. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../../../../scripts/cahier.ts');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let home: string;
let repo: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cahier git '));
  repo = join(home, 'a repo');
  await mkdir(repo);
});
afterEach(() => rm(home, { recursive: true, force: true }));

function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const clean = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.org',
    GIT_EDITOR: 'true',
  };
  return new Promise((resolved) => {
    execFile(program, [...args], { cwd: repo, env: { ...clean, ...env } }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolved({ code, out, err });
    });
  });
}
const git = (...args: readonly string[]) => run('git', args);
const cahier = (...args: readonly string[]) => run(process.execPath, [script, ...args]);

interface Cell {
  readonly id: string;
  readonly source: string;
  readonly out?: string;
}

const cell = (id: string, source: string, out?: string): Cell => ({
  id,
  source,
  ...(out !== undefined && { out }),
});

function notebook(cells: readonly Cell[]): string {
  return `${JSON.stringify(
    {
      cells: cells.map(({ id, source, out }) => ({
        cell_type: 'code',
        execution_count: null,
        id,
        metadata: {},
        outputs: out === undefined ? [] : [{ name: 'stdout', output_type: 'stream', text: [out] }],
        source: source.split(/(?<=\n)/),
      })),
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  )}\n`;
}

const file = (name: string) => join(repo, name);
const write = (name: string, text: string) => writeFile(file(name), text);
async function sources(name = 'n.ipynb'): Promise<readonly string[]> {
  const read = notebookKind.fromFile(await readFile(file(name)), name, () => 'made-up');
  if (!read.ok) throw new Error(`not a notebook: ${JSON.stringify(read.details)}`);
  return read.plain.cells.map(({ source }) => source);
}
async function commit(message: string): Promise<void> {
  await git('add', '-A');
  const { code, err } = await git('commit', '-q', '-m', message);
  expect({ code, err }).toEqual({ code: 0, err: '' });
}

const base = [cell('a', 'import os'), cell('b', 'x = 1\ny = 2\nz = 3\n'), cell('c', 'print(x)')];
const withB = (source: string) => base.map((each) => (each.id === 'b' ? cell('b', source) : each));

/** A repository with the drivers in place, `base` on both branches, then one commit on each. */
async function twoBranches(ours: readonly Cell[], theirs: readonly Cell[]): Promise<void> {
  await git('init', '-q', '-b', 'main');
  expect((await cahier('git-setup')).code).toBe(0);
  await write('n.ipynb', notebook(base));
  await write('text.txt', 'one\ntwo\nthree\n');
  await commit('base');
  await git('checkout', '-q', '-b', 'theirs');
  await write('n.ipynb', notebook(theirs));
  await commit('theirs');
  await git('checkout', '-q', 'main');
  await write('n.ipynb', notebook(ours));
  await commit('ours');
}

describe('in Git', { timeout: 60_000 }, () => {
  it('git diff shows notebooks cell by cell, and other files as ever', async () => {
    await git('init', '-q', '-b', 'main');
    await cahier('git-setup');
    await write('n.ipynb', notebook(base));
    await write('text.txt', 'one\n');
    await commit('base');
    await write('n.ipynb', notebook(withB('x = 10\ny = 2\nz = 3\n')));
    await write('text.txt', 'two\n');
    const { code, out } = await git('diff');
    expect(code).toBe(0);
    expect(out).toContain('diff --cahier a/n.ipynb b/n.ipynb');
    expect(out).toContain('── cell 2 (code, b) changed\n- x = 1\n+ x = 10\n  y = 2');
    expect(out).not.toContain('"source"');
    expect(out).toContain('diff --git a/text.txt b/text.txt');
    expect(out).toContain('-one\n+two\n');
  });

  it('git diff shows notebooks that are new, deleted, renamed, broken, or only written differently', async () => {
    await git('init', '-q', '-b', 'main');
    await cahier('git-setup');
    await write('old.ipynb', notebook(base));
    await write('kept.ipynb', notebook(base));
    await write('gone.ipynb', notebook([cell('g', 'gone = 1\n'.repeat(30))]));
    await write('broken.ipynb', notebook(base));
    await commit('base');
    await git('mv', 'old.ipynb', 'new name.ipynb');
    await write('new name.ipynb', notebook(withB('x = 10\ny = 2\nz = 3\n')));
    await write('kept.ipynb', JSON.stringify(JSON.parse(notebook(base)), null, 4));
    await write('broken.ipynb', '<<<<<<< HEAD\n{}\n');
    await write('added.ipynb', notebook([cell('n', 'added = 1')]));
    await git('rm', '-q', 'gone.ipynb');
    await git('add', '-A');
    const { code, out, err } = await git('diff', '--cached', '-M');
    expect(code).toBe(0);
    expect(out).toContain('new file\n--- /dev/null\n+++ b/added.ipynb');
    expect(out).toContain('+ added = 1');
    expect(out).toContain('deleted file\n--- a/gone.ipynb\n+++ /dev/null');
    expect(out).toContain('--- a/old.ipynb\n+++ b/new name.ipynb');
    expect(out).toContain('rename from old.ipynb');
    expect(out).toContain(
      '+++ b/kept.ipynb\n(the notebooks are the same; the files are written differently)',
    );
    expect(out).toContain('+ <<<<<<< HEAD');
    expect(err).toContain('compared as text');
  });

  it('cahier diff reads what Git has committed', async () => {
    await git('init', '-q', '-b', 'main');
    await mkdir(file('sub'));
    await write('sub/n.ipynb', notebook(base));
    await commit('base');
    await write('sub/n.ipynb', notebook(withB('x = 10\ny = 2\nz = 3\n')));
    const { code, out } = await cahier('diff', 'HEAD:sub/n.ipynb', 'sub/n.ipynb');
    expect(code).toBe(1);
    expect(out).toContain('- x = 1\n+ x = 10');
    expect((await cahier('diff', 'nowhere:n.ipynb', 'sub/n.ipynb')).code).toBe(2);
  });

  it('the command is there from any folder, also by a link to it', async () => {
    const link = join(home, 'cahier');
    await symlink(resolve(import.meta.dirname, '../../../../bin/cahier'), link);
    await write('a.ipynb', notebook(base));
    await write('b.ipynb', notebook(withB('x = 5')));
    const { code, out, err } = await run(link, ['diff', 'a.ipynb', 'b.ipynb']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain('+ x = 5');
  });

  it('git merge puts both sides together; what is written is a notebook', async () => {
    await twoBranches(withB('x = 10\ny = 2\nz = 3\n'), [
      cell('n', 'new'),
      ...withB('x = 1\ny = 2\nz = 30\n'),
    ]);
    const { code } = await git('merge', '-q', '--no-edit', 'theirs');
    expect(code).toBe(0);
    expect(await sources()).toEqual(['new', 'import os', 'x = 10\ny = 2\nz = 30\n', 'print(x)']);
    expect((await git('status', '--porcelain')).out).toBe('');
  });

  it('git merge stops where both changed the same text; the file opens and holds both', async () => {
    await twoBranches(withB('x = 10\ny = 2\nz = 3\n'), withB('x = 20\ny = 2\nz = 3\n'));
    const { code, out, err } = await git('merge', '--no-edit', 'theirs');
    expect(code).toBe(1);
    expect(err).toContain(
      'n.ipynb: cell 2 (b): both sides changed the same text; both versions are in the cell',
    );
    expect(out).toContain('CONFLICT');
    expect(await sources()).toEqual(['import os', 'x = 10\nx = 20\ny = 2\nz = 3\n', 'print(x)']);
    expect((await git('status', '--porcelain')).out).toContain('UU n.ipynb');
    expect((await git('diff', '--theirs')).out).toContain('* Unmerged path n.ipynb');
    expect((await git('diff', '--theirs')).out).toContain('── cell 2 (code, b) changed\n+ x = 10\n  x = 20');
    await commit('resolved');
    expect((await git('status', '--porcelain')).out).toBe('');
  });

  it('git rebase, cherry-pick and stash pop use it as well', async () => {
    await twoBranches(withB('x = 10\ny = 2\nz = 3\n'), withB('x = 1\ny = 2\nz = 30\n'));
    expect((await git('rebase', 'theirs')).code).toBe(0);
    expect(await sources()).toEqual(['import os', 'x = 10\ny = 2\nz = 30\n', 'print(x)']);
    await write('n.ipynb', notebook([...withB('x = 10\ny = 2\nz = 30\n'), cell('s', 'stashed')]));
    await git('stash', '-q');
    await write('n.ipynb', notebook([cell('f', 'first'), ...withB('x = 10\ny = 2\nz = 30\n')]));
    await commit('first');
    expect((await git('stash', 'pop')).code).toBe(0);
    expect(await sources()).toEqual(['first', 'import os', 'x = 10\ny = 2\nz = 30\n', 'print(x)', 'stashed']);
  });

  it('a notebook added by both is merged; one that cannot be read is left to the person', async () => {
    await git('init', '-q', '-b', 'main');
    await cahier('git-setup');
    await commit('setup');
    await git('checkout', '-q', '-b', 'theirs');
    await write('n.ipynb', notebook([cell('a', 'theirs')]));
    await write('bad.ipynb', '{"theirs": ');
    await commit('theirs');
    await git('checkout', '-q', 'main');
    await write('n.ipynb', notebook([cell('b', 'ours')]));
    await write('bad.ipynb', notebook(base));
    await commit('ours');
    const { code, err } = await git('merge', '--no-edit', 'theirs');
    expect(code).toBe(1);
    expect(await sources()).toEqual(['ours', 'theirs']);
    expect(err).toContain('their version: “bad.ipynb” is not a notebook');
    expect(await sources('bad.ipynb')).toEqual(base.map(({ source }) => source));
    expect((await git('status', '--porcelain')).out).toContain('AA bad.ipynb');
  });

  it('text files are merged by Git itself', async () => {
    await twoBranches([cell('f', 'first'), ...base], [...base, cell('n', 'new')]);
    await write('text.txt', 'ONE\ntwo\nthree\n');
    await commit('ours');
    await git('checkout', '-q', 'theirs');
    await write('text.txt', '1\ntwo\nthree\n');
    await commit('theirs');
    const { code } = await git('merge', '--no-edit', 'main');
    expect(code).toBe(1);
    expect(await readFile(file('text.txt'), 'utf8')).toContain(
      '<<<<<<< HEAD\n1\n=======\nONE\n>>>>>>> main\n',
    );
  });
});

describe('git-setup', { timeout: 60_000 }, () => {
  it('says what it does, does it once, and can be done again', async () => {
    await git('init', '-q');
    await write('.gitattributes', '*.png binary');
    const first = await cahier('git-setup');
    expect(first.code).toBe(0);
    expect(first.out).toContain('merge.cahier.driver = ');
    const again = await cahier('git-setup');
    expect(again.code).toBe(0);
    expect(again.out).toContain('set already');
    expect(await readFile(file('.gitattributes'), 'utf8')).toBe(
      '*.png binary\n*.ipynb diff=cahier merge=cahier\n',
    );
  });

  it('leaves other programs’ settings as they are', async () => {
    await git('init', '-q');
    const theirs = '*.ipynb diff=jupyternotebook merge=jupyternotebook\n';
    await write('.gitattributes', theirs);
    await git('config', 'merge.cahier.driver', 'another-program %O %A %B');
    const { code, err } = await cahier('git-setup');
    expect(code).toBe(2);
    expect(err).toContain('“jupyternotebook”');
    expect(err).toContain('another-program');
    expect(await readFile(file('.gitattributes'), 'utf8')).toBe(theirs);
    expect((await git('config', 'merge.cahier.driver')).out).toBe('another-program %O %A %B\n');
  });

  it('for the whole account: every repository', async () => {
    expect((await cahier('git-setup', '--global')).code).toBe(0);
    expect((await cahier('git-setup', '--global')).out).toContain('already');
    await git('init', '-q');
    expect((await git('check-attr', 'merge', '--', 'x/y.ipynb')).out).toContain('merge: cahier');
    expect(await readFile(join(home, '.config/git/attributes'), 'utf8')).toBe(
      '*.ipynb diff=cahier merge=cahier\n',
    );
  });

  it('outside a repository it says so', async () => {
    const { code, err } = await cahier('git-setup');
    expect(code).toBe(2);
    expect(err).toContain('--global');
  });
});
