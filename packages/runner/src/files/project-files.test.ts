import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atomicWrite } from './atomic-write.ts';
import { fileError } from './file-errors.ts';
import { ProjectFiles, sha256 } from './project-files.ts';

let folder: string;
let home: string;
let files: ProjectFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-files-'));
  home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(folder, 'secret'), 'secret');
  files = new ProjectFiles(home);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const failing = (code: string) => expect.objectContaining({ code });
const temps = () => readdirSync(home).filter((name) => name.startsWith('.~cahier-'));

describe('listing', () => {
  it('tells files from folders from the rest, without hidden ones', async () => {
    writeFileSync(join(home, 'a.txt'), 'abc');
    mkdirSync(join(home, 'd'));
    writeFileSync(join(home, '.hidden'), '');
    symlinkSync(join(home, 'a.txt'), join(home, 'inside'));
    symlinkSync(join(folder, 'secret'), join(home, 'outside'));
    symlinkSync('nowhere', join(home, 'dangling'));
    execFileSync('mkfifo', [join(home, 'pipe')]);
    const entries = (await files.list('')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(entries.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['a.txt', 'file', 3],
      ['d', 'directory', expect.any(Number)],
      ['dangling', 'other', 0],
      ['inside', 'file', 3],
      ['outside', 'other', 0],
      ['pipe', 'other', 0],
    ]);
  });

  it('survives names that are not text, and names with a backslash', async () => {
    writeFileSync(Buffer.from([...Buffer.from(`${home}/bad-`), 0xff, 0xfe]), '');
    writeFileSync(join(home, 'back\\slash'), '');
    const entries = await files.list('');
    expect(entries.map(({ type }) => type)).toEqual(['other', 'other']);
  });

  it('of a folder in a folder has paths from the project', async () => {
    mkdirSync(join(home, 'd/e'), { recursive: true });
    writeFileSync(join(home, 'd/e/x.py'), '');
    expect(await files.list('d//e/')).toMatchObject([{ name: 'x.py', path: 'd/e/x.py', isWritable: true }]);
    await expect(files.list('nope')).rejects.toThrow(failing('file/not-found'));
    await expect(files.list('d/e/x.py')).rejects.toThrow(failing('file/not-found'));
  });
});

describe('reading', () => {
  it('gives bytes, hash and time', async () => {
    writeFileSync(join(home, 'a'), 'abc');
    const { bytes: got, hash } = await files.read('a', 3);
    expect([Buffer.from(got).toString(), hash]).toEqual(['abc', sha256(bytes('abc'))]);
    expect(await files.hash('a')).toBe(hash);
  });

  it('refuses what is too large, before reading it', async () => {
    writeFileSync(join(home, 'big'), '');
    truncateSync(join(home, 'big'), 10 ** 12);
    await expect(files.read('big', 1_000)).rejects.toThrow(failing('file/too-large'));
  });

  it('refuses folders, pipes and devices without waiting for them', async () => {
    mkdirSync(join(home, 'd'));
    execFileSync('mkfifo', [join(home, 'pipe')]);
    await expect(files.read('d', 10)).rejects.toThrow(failing('file/is-directory'));
    await expect(files.read('pipe', 10)).rejects.toThrow(failing('file/failed'));
    expect(await files.hash('pipe')).toBeNull();
  });
});

describe('staying inside', () => {
  it.each(['/etc/passwd', '../secret', 'd/../../secret', 'a\0', 'a\\b'])('refuses %j', async (path) => {
    for (const attempt of [
      () => files.read(path, 100),
      () => files.stat(path),
      () => files.list(path),
      () => files.write(path, bytes('x'), undefined),
      () => files.mkdir(path),
      () => files.remove(path),
      () => files.rename(path, 'b'),
      () => files.rename('b', path),
    ])
      await expect(attempt()).rejects.toThrow(failing('file/outside'));
  });

  it('refuses links that lead out, at any depth, and keeps what is behind them', async () => {
    symlinkSync(folder, join(home, 'up'));
    symlinkSync(join(folder, 'secret'), join(home, 'link'));
    symlinkSync('../new', join(home, 'dangling'));
    for (const path of ['up/secret', 'link']) {
      await expect(files.read(path, 100)).rejects.toThrow(failing('file/outside'));
      await expect(files.write(path, bytes('x'), undefined)).rejects.toThrow(failing('file/outside'));
    }
    await expect(files.write('dangling', bytes('x'), undefined)).rejects.toThrow(failing('file/outside'));
    await expect(files.write('up/new', bytes('x'), undefined)).rejects.toThrow(failing('file/outside'));
    await expect(files.remove('up/secret')).rejects.toThrow(failing('file/outside'));
    await expect(files.rename('up/secret', 'mine')).rejects.toThrow(failing('file/outside'));
    await expect(files.list('up')).rejects.toThrow(failing('file/outside'));
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
    expect(readdirSync(folder).sort()).toEqual(['home', 'secret']);
    await files.remove('up');
    expect(existsSync(join(folder, 'secret'))).toBe(true);
  });

  it('a file that becomes a link between look and open is not read', async () => {
    writeFileSync(join(home, 'a'), 'mine');
    const safe = await files.root.target('a');
    rmSync(join(home, 'a'));
    symlinkSync(join(folder, 'secret'), join(home, 'a'));
    await expect(files.root.open(safe)).rejects.toThrow();
    mkdirSync(join(home, 'd'));
    writeFileSync(join(home, 'd/secret'), 'mine');
    const deeper = await files.root.target('d/secret');
    rmSync(join(home, 'd'), { recursive: true });
    symlinkSync(folder, join(home, 'd'));
    await expect(files.root.open(deeper)).rejects.toThrow(failing('file/outside'));
  });

  it('a project folder that is a link itself is fine', async () => {
    symlinkSync(home, join(folder, 'alias'));
    const aliased = new ProjectFiles(join(folder, 'alias'));
    await aliased.write('a', bytes('x'), null);
    expect(readFileSync(join(home, 'a'), 'utf8')).toBe('x');
  });
});

describe('writing', () => {
  it('makes, replaces, keeps the mode, leaves no temp file', async () => {
    const first = await files.write('a', bytes('one'), null);
    expect(first.hash).toBe(sha256(bytes('one')));
    chmodSync(join(home, 'a'), 0o640);
    const second = await files.write('a', bytes('two'), first.hash);
    expect(readFileSync(join(home, 'a'), 'utf8')).toBe('two');
    expect(statSync(join(home, 'a')).mode & 0o777).toBe(0o640);
    expect(second.modifiedAt).toBeCloseTo(statSync(join(home, 'a')).mtimeMs, 0);
    expect(temps()).toEqual([]);
  });

  it('through a link inside the project, the link stays one', async () => {
    mkdirSync(join(home, 'd'));
    writeFileSync(join(home, 'd/real'), 'one');
    symlinkSync('d/real', join(home, 'link'));
    await files.write('link', bytes('two'), sha256(bytes('one')));
    expect(lstatSync(join(home, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home, 'd/real'), 'utf8')).toBe('two');
  });

  it('refuses when something else is there than expected', async () => {
    writeFileSync(join(home, 'a'), 'one');
    await expect(files.write('a', bytes('x'), null)).rejects.toThrow(failing('file/exists'));
    await expect(files.write('a', bytes('x'), sha256(bytes('two')))).rejects.toThrow(failing('file/changed'));
    await expect(files.write('new', bytes('x'), sha256(bytes('two')))).rejects.toThrow(
      failing('file/changed'),
    );
    await expect(files.write('no/where', bytes('x'), undefined)).rejects.toThrow(failing('file/not-found'));
    mkdirSync(join(home, 'd'));
    await expect(files.write('d', bytes('x'), undefined)).rejects.toThrow(failing('file/is-directory'));
    await expect(files.write('', bytes('x'), undefined)).rejects.toThrow(failing('file/is-directory'));
    expect(readFileSync(join(home, 'a'), 'utf8')).toBe('one');
    expect(temps()).toEqual([]);
  });

  it('two that both want to make the file: one does', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => files.write('a', bytes(String(i)), null)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(temps()).toEqual([]);
  });

  it('shows readers the old or the new bytes, never a mixture', async () => {
    const [old, young] = ['a', 'b'].map((letter) => letter.repeat(500_000));
    writeFileSync(join(home, 'a'), old ?? '');
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await files.write('a', bytes((i % 2 ? old : young) ?? ''), undefined);
    })().finally(() => (isWriting = false));
    while (isWriting) {
      const text = Buffer.from((await files.read('a', 10 ** 7)).bytes).toString();
      expect([old, young]).toContain(text);
    }
    await writing;
  });

  it('a write that fails on the way leaves the old file and no temp file', async () => {
    writeFileSync(join(home, 'a'), 'old');
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    await expect(
      atomicWrite(join(home, 'a'), bytes('new'), {
        mustBeNew: false,
        beforeReplace: () => Promise.reject(full),
      }),
    ).rejects.toBe(full);
    expect(readFileSync(join(home, 'a'), 'utf8')).toBe('old');
    expect(temps()).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'file/disk-full'],
    ['EDQUOT', 'file/disk-full'],
    ['EROFS', 'file/disk-full'],
    ['EACCES', 'file/not-permitted'],
    ['EPERM', 'file/not-permitted'],
    ['ENOENT', 'file/not-found'],
    ['ELOOP', 'file/outside'],
    ['EIO', 'file/failed'],
  ])('%s is %s', (system, code) => {
    expect(fileError(Object.assign(new Error('x'), { code: system }), 'a')).toMatchObject({ code });
  });
});

describe('making, renaming, removing', () => {
  it('does it, and never over something else', async () => {
    await files.mkdir('d');
    await expect(files.mkdir('d')).rejects.toThrow(failing('file/exists'));
    await files.write('a', bytes('a'), null);
    await files.write('b', bytes('b'), null);
    await expect(files.rename('a', 'b')).rejects.toThrow(failing('file/exists'));
    await expect(files.rename('a', 'a')).rejects.toThrow(failing('file/exists'));
    await expect(files.rename('d', 'd/in/itself')).rejects.toThrow(failing('file/not-found'));
    await expect(files.rename('d', 'd/itself')).rejects.toThrow(failing('file/exists'));
    await expect(files.rename('nope', 'c')).rejects.toThrow(failing('file/not-found'));
    await files.rename('a', 'd/c');
    expect(readFileSync(join(home, 'd/c'), 'utf8')).toBe('a');
    await files.remove('d');
    expect(readdirSync(home)).toEqual(['b']);
    await expect(files.remove('d')).rejects.toThrow(failing('file/not-found'));
    await expect(files.remove('')).rejects.toThrow(failing('file/outside'));
    expect(await files.stat('d')).toBeNull();
    expect(await files.stat('b')).toMatchObject({ type: 'file', size: 1 });
  });
});
