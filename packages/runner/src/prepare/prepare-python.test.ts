import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PreparePlace, preparePython } from './prepare-python.ts';
import type { Progress } from './progress.ts';

/**
 * A `python3` that behaves like one as far as `prepare` asks: makes environments by copying itself, "installs" by
 * leaving a file, fails where its sabotage file says so, and notes each call.
 */
const fakePython = `#!/bin/sh
self="$0"; root="$FAKE_ROOT"; echo "$*" >> "$root/calls"
fail() { [ -e "$root/fail-$1" ] && { echo "sabotaged $1" >&2; exit 1; }; }
case "$*" in
  "-c import sys"*) echo "$root/prefix";;
  "-c import ipykernel") [ -e "$(dirname "$self")/has-ipykernel" ];;
  "-m venv "*) fail venv; mkdir -p "$3/bin" && cp "$self" "$3/bin/python";;
  "-m pip install"*) echo "Collecting numpy"; fail pip; touch "$(dirname "$self")/has-ipykernel";;
  "-m ipykernel install --prefix "*) mkdir -p "$5/share/jupyter/kernels/python3"
    printf '{"argv":["%s","-m","ipykernel_launcher","-f","{connection_file}"],"display_name":"Python 3","language":"python"}' \\
      "$self" > "$5/share/jupyter/kernels/python3/kernel.json";;
  *) exit 9;;
esac
`;

let root: string;
let place: PreparePlace;
let told: Progress[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cahier-prepare-'));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'python3'), fakePython);
  chmodSync(join(root, 'bin', 'python3'), 0o755);
  told = [];
  place = {
    dataFolder: join(root, 'data'),
    env: { PATH: `${root}/bin:/usr/bin:/bin`, FAKE_ROOT: root },
    homeFolder: join(root, 'home'),
    platform: 'linux',
    isRoot: false,
    systemFolders: [],
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const prepare = () => preparePython(place, (progress) => told.push(progress));
const calls = (word: string) =>
  readFileSync(join(root, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(word)).length;
const ownSpec = () => join(root, 'data/python/share/jupyter/kernels/python3/kernel.json');

describe('preparing Python', () => {
  it('makes an environment, tells how it goes, and has nothing to do the next time', async () => {
    const first = await prepare();
    expect(first).toMatchObject({
      phase: 'ready',
      kernelPaths: [join(root, 'data/python/share/jupyter')],
    });
    expect(told.map(({ message }) => message)).toEqual([
      'Making a private Python environment…',
      'Installing ipykernel, numpy, pandas, matplotlib…',
      'Downloading numpy…',
      'Checking the new kernel…',
    ]);
    expect(JSON.parse(readFileSync(ownSpec(), 'utf8'))).toMatchObject({
      argv: [
        join(root, 'data/python/bin/python'),
        expect.anything(),
        expect.anything(),
        '-f',
        '{connection_file}',
      ],
    });
    expect(await prepare()).toMatchObject({ phase: 'ready' });
    expect(calls('-m venv')).toBe(1);
  });

  it('redoes an environment that was broken off', async () => {
    await prepare();
    rmSync(join(root, 'data/python/cahier-ready'));
    expect(await prepare()).toMatchObject({ phase: 'ready' });
    expect(calls('-m venv')).toBe(2);
  });

  it('redoes one whose Python has gone', async () => {
    await prepare();
    rmSync(join(root, 'data/python/bin/python'));
    expect(await prepare()).toMatchObject({ phase: 'ready' });
    expect(existsSync(join(root, 'data/python/bin/python'))).toBe(true);
  });

  it('is done once when several start at the same time', async () => {
    const all = await Promise.all([prepare(), prepare(), prepare()]);
    expect(all.map(({ phase }) => phase)).toEqual(['ready', 'ready', 'ready']);
    expect(calls('-m venv')).toBe(1);
  });

  it('takes over the lock of a preparation that was killed', async () => {
    mkdirSync(join(root, 'data/python.lock'), { recursive: true });
    writeFileSync(join(root, 'data/python.lock/pid'), '4194303');
    expect(await prepare()).toMatchObject({ phase: 'ready' });
    expect(existsSync(join(root, 'data/python.lock'))).toBe(false);
  });

  it('uses a kernel that is there, unless its Python lacks ipykernel or does not exist', async () => {
    const spec = (argv0: string) => {
      const folder = join(root, 'prefix/share/jupyter/kernels/theirs');
      mkdirSync(folder, { recursive: true });
      const argv = [argv0, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
      const json = { argv, display_name: 'Theirs', language: 'python' };
      writeFileSync(join(folder, 'kernel.json'), JSON.stringify(json));
    };
    spec('python3');
    writeFileSync(join(root, 'bin/has-ipykernel'), '');
    expect(await prepare()).toMatchObject({ phase: 'ready', message: 'Python is ready: Theirs.' });
    expect(existsSync(ownSpec())).toBe(false);
    rmSync(join(root, 'bin/has-ipykernel'));
    expect(await prepare()).toMatchObject({ message: 'Python is ready: Python 3.' });
    rmSync(join(root, 'data'), { recursive: true });
    spec('/no/such/python');
    expect(await prepare()).toMatchObject({ message: 'Python is ready: Python 3.' });
  });

  it.each(['venv', 'pip'])('when %s fails it says what failed and what helps', async (what) => {
    writeFileSync(join(root, `fail-${what}`), '');
    const last = await prepare();
    expect(last).toMatchObject({
      phase: 'failed',
      message: expect.stringContaining(`sabotaged ${what}`),
      cure: expect.stringMatching(/^(sudo apt-get|python3 -m pip) install/),
    });
    rmSync(join(root, `fail-${what}`));
    expect(await prepare()).toMatchObject({ phase: 'ready' });
  });

  it('asked for a private environment, it takes no other', async () => {
    writeFileSync(join(root, 'bin/has-ipykernel'), '');
    const other = join(root, 'home/.local/share/jupyter/kernels/theirs');
    mkdirSync(other, { recursive: true });
    writeFileSync(
      join(other, 'kernel.json'),
      JSON.stringify({
        argv: [join(root, 'bin/python3'), '-m', 'ipykernel_launcher'],
        display_name: 'Theirs',
        language: 'python',
      }),
    );
    expect(await prepare()).toMatchObject({ message: 'Python is ready: Theirs.' });
    place = { ...place, isPrivate: true };
    expect(await prepare()).toMatchObject({ message: 'Python is ready: Python 3.' });
    expect(existsSync(ownSpec())).toBe(true);
  });

  it('without any python3 it fails with the cure', async () => {
    rmSync(join(root, 'bin/python3'));
    place = { ...place, env: { ...place.env, PATH: join(root, 'bin') } };
    expect(await prepare()).toMatchObject({
      phase: 'failed',
      message: expect.stringContaining('there is no python3'),
    });
  });
});
