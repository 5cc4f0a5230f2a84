import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnerSignal } from '@cahier/protocol/runner/up.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../system-clock.ts';
import { FileWatch } from './file-watch.ts';
import { ProjectFiles, sha256 } from './project-files.ts';

let home: string;
let watch: FileWatch;
let told: [string, string | null][];
let folders: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cahier-watch-'));
  told = [];
  folders = [];
  watch = new FileWatch(new ProjectFiles(home), systemClock, (signal: RunnerSignal) => {
    if (signal.s !== 'files.changed') return;
    told.push(...signal.files.map(({ path, hash }): [string, string | null] => [path, hash]));
    folders.push(...signal.folders);
  });
});
afterEach(() => {
  watch.dispose();
  rmSync(home, { recursive: true, force: true });
});

const hashOf = (text: string) => sha256(new TextEncoder().encode(text));
const put = (path: string, text: string) => writeFileSync(join(home, path), text);
const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

describe('watching files', () => {
  it('tells each once as it is, then every change of content, and when it is gone', async () => {
    put('a', 'one');
    watch.set(['a', 'missing'], []);
    await soon(() =>
      expect(told).toEqual([
        ['a', hashOf('one')],
        ['missing', null],
      ]),
    );
    put('a', 'two');
    await soon(() => expect(told.at(-1)).toEqual(['a', hashOf('two')]));
    put('next', 'three');
    renameSync(join(home, 'next'), join(home, 'a'));
    await soon(() => expect(told.at(-1)).toEqual(['a', hashOf('three')]));
    rmSync(join(home, 'a'));
    await soon(() => expect(told.at(-1)).toEqual(['a', null]));
    put('missing', 'here');
    await soon(() => expect(told.at(-1)).toEqual(['missing', hashOf('here')]));
  });

  it('says nothing when the content is the same', async () => {
    put('a', 'one');
    put('b', 'one');
    watch.set(['a', 'b'], []);
    await soon(() => expect(told).toHaveLength(2));
    put('a', 'one');
    put('b', 'two');
    await soon(() => expect(told.at(-1)).toEqual(['b', hashOf('two')]));
    expect(told).toHaveLength(3);
  });

  it('notices changes behind a folder that was replaced', async () => {
    mkdirSync(join(home, 'd'));
    put('d/a', 'one');
    watch.set(['d/a'], []);
    await soon(() => expect(told).toHaveLength(1));
    renameSync(join(home, 'd'), join(home, 'old'));
    mkdirSync(join(home, 'd'));
    put('d/a', 'two');
    await soon(() => expect(told.at(-1)).toEqual(['d/a', hashOf('two')]));
  });

  it('tells all again when asked, nothing more of what was let go', async () => {
    put('a', 'one');
    watch.set(['a'], []);
    await soon(() => expect(told).toHaveLength(1));
    watch.tellAgain();
    await soon(() => expect(told).toHaveLength(2));
    put('b', 'x');
    watch.set(['b'], []);
    put('a', 'two');
    put('b', 'y');
    await soon(() => expect(told.at(-1)).toEqual(['b', hashOf('y')]));
    expect(told.filter(([path]) => path === 'a')).toHaveLength(2);
  });
});

describe('watching folders', () => {
  it('tells once at first and when a name comes or goes, not when a file is written to', async () => {
    mkdirSync(join(home, 'd'));
    put('d/a', 'one');
    put('w', 'one');
    watch.set(['w'], ['', 'd']);
    await soon(() => expect(told).toHaveLength(1));
    await soon(() => expect(folders).toEqual(['', 'd']));
    folders.length = 0;
    put('d/a', 'two');
    put('d/.hidden', '');
    put('w', 'two');
    await soon(() => expect(told).toHaveLength(2));
    put('d/b', '');
    await soon(() => expect(folders).toEqual(['d']));
    rmSync(join(home, 'd/a'));
    await soon(() => expect(folders).toEqual(['d', 'd']));
    mkdirSync(join(home, 'new'));
    await soon(() => expect(folders).toEqual(['d', 'd', '']));
  });
});
