import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProjectGit } from './project-git.ts';

let home: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Ada L', '-c', 'user.email=a@example.org', ...args], {
    cwd: home,
    env: {
      ...process.env,
      GIT_AUTHOR_DATE: '2026-03-01T10:00:00Z',
      GIT_COMMITTER_DATE: '2026-03-01T10:00:00Z',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString();
const write = (path: string, text: string) => writeFileSync(join(home, path), text);
const most = 100;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cahier-git-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function repository(): void {
  git('init', '-q');
  write('first name.txt', 'one\n');
  git('add', '.');
  git('commit', '-qm', 'The first; with \u201csigns\u201d');
  git('mv', 'first name.txt', 'ö.txt');
  git('commit', '-qm', 'Another name');
  write('ö.txt', 'one\ntwo\n');
  git('commit', '-qam', 'Two\n\nand a body');
}

describe('the Git of a project', () => {
  it('tells the commits of a file, also under its earlier name, and the file in each', async () => {
    repository();
    const project = new ProjectGit(home);
    const { git: state, commits, isCut } = await project.log('ö.txt', most);
    expect([state, isCut]).toEqual(['here', false]);
    expect(commits.map(({ message, path }) => [message, path])).toEqual([
      ['Two', 'ö.txt'],
      ['Another name', 'ö.txt'],
      ['The first; with \u201csigns\u201d', 'first name.txt'],
    ]);
    expect(commits[0]).toMatchObject({ author: 'Ada L', at: Date.UTC(2026, 2, 1, 10) });
    const texts = await Promise.all(
      commits.map(async ({ hash, path }) => (await project.show(path, hash, 1_000)).toString()),
    );
    expect(texts).toEqual(['one\ntwo\n', 'one\n', 'one\n']);
    const cut = await project.log('ö.txt', 2);
    expect([cut.commits.length, cut.isCut]).toEqual([2, true]);
  });

  it('works when the project is a folder of a repository', async () => {
    git('init', '-q');
    mkdirSync(join(home, 'inside'));
    write('inside/a.txt', 'deep');
    git('add', '.');
    git('commit', '-qm', 'Deep');
    const project = new ProjectGit(join(home, 'inside'));
    const { commits } = await project.log('a.txt', most);
    expect(commits.map(({ path }) => path)).toEqual(['a.txt']);
    expect((await project.show('a.txt', commits[0]?.hash ?? '', 100)).toString()).toBe('deep');
  });

  it('says what is missing: the program, the repository, a commit of the file', async () => {
    write('a.txt', 'a');
    expect(await new ProjectGit(home, join(home, 'no-git')).log('a.txt', most)).toMatchObject({
      git: 'no-program',
      commits: [],
    });
    expect((await new ProjectGit(home).log('a.txt', most)).git).toBe('no-repository');
    git('init', '-q');
    expect((await new ProjectGit(home).log('a.txt', most)).git).toBe('untracked');
  });

  it('refuses what is not there, too large, or outside of the project', async () => {
    repository();
    const project = new ProjectGit(home);
    const hash = git('rev-parse', 'HEAD').trim();
    await expect(project.show('none.txt', hash, 100)).rejects.toMatchObject({ code: 'git/no-version' });
    await expect(project.show('ö.txt', 'abcdef0123', 100)).rejects.toMatchObject({ code: 'git/no-version' });
    await expect(project.show('ö.txt', hash, 3)).rejects.toMatchObject({ code: 'file/too-large' });
    await expect(project.log('../ö.txt', most)).rejects.toMatchObject({ code: 'file/outside' });
  });

  it('runs nothing that the repository’s settings name', async () => {
    repository();
    const trap = join(home, 'trapped');
    for (const name of ['core.fsmonitor', 'core.pager', 'diff.external', 'diff.trap.textconv', 'gpg.program'])
      git('config', name, `touch ${trap}; cat`);
    git('config', 'log.showSignature', 'true');
    write('.gitattributes', '*.txt diff=trap\n');
    const project = new ProjectGit(home);
    const { commits } = await project.log('ö.txt', most);
    await project.show('ö.txt', commits[0]?.hash ?? '', 1_000);
    expect(commits.length).toBe(3);
    expect(execFileSync('ls', [home]).toString()).not.toContain('trapped');
  });
});
