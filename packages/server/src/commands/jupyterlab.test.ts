/** The preparation with a real process, a scripted npm and a small page in the place of JupyterLab's. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabState } from '@cahier/protocol/http/jupyterlab.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabFolder, labKey } from '../adapters/local/lab-folder.ts';
import { prepareLab } from './jupyterlab.ts';

const bundle = `
import { mkdirSync, writeFileSync } from 'node:fs';
const out = process.argv[2];
mkdirSync(out + '/static/assets', { recursive: true });
writeFileSync(out + '/static/assets/lab-ABCDEFGH.js', '// ' + 'x'.repeat(5000));
writeFileSync(out + '/settings.json', JSON.stringify([{ id: 'a:b', version: '1', schema: { type: 'object' } }]));
writeFileSync(out + '/build.json', JSON.stringify({ version: '4.6.4', entry: 'assets/lab-ABCDEFGH.js', style: null, replaced: [] }));
`;
const lock = JSON.stringify({ packages: { a: { integrity: 'x' }, b: { integrity: 'y' } } });
const fetches = ['a', 'b'].map(
  (name) => `echo "npm http fetch GET 200 https://r/${name}.tgz 5ms (cache miss)" >&2`,
);

describe('preparing JupyterLab', () => {
  let place: { source: string; folder: string; env: Record<string, string | undefined> };
  let told: LabState[];

  beforeEach(() => {
    const root = mkdtempSync(join(tmpdir(), 'cahier-lab-'));
    place = {
      source: join(root, 'source'),
      folder: join(root, 'builds'),
      env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, HOME: root },
    };
    told = [];
    mkdirSync(join(place.source, 'src'), { recursive: true });
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(place.source, 'package.json'), '{}');
    writeFileSync(join(place.source, 'package-lock.json'), lock);
    writeFileSync(join(place.source, 'bundle.ts'), bundle);
    writeFileSync(join(place.source, 'src/lab.ts'), '');
    npm(...fetches);
  });

  afterEach(() => rmSync(join(place.source, '..'), { recursive: true, force: true }));

  function npm(...lines: readonly string[]): void {
    const file = join(place.source, '../bin/npm');
    writeFileSync(file, ['#!/bin/sh', ...lines].join('\n'));
    chmodSync(file, 0o755);
  }

  const prepare = () => prepareLab(place, (state) => told.push(state));

  it('installs, bundles, compresses and cleans up, and says how far it is', async () => {
    expect(await prepare()).toEqual({ phase: 'ready', version: '4.6.4' });
    const shares = told.map((state) => (state.phase === 'working' ? state.done : -1));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(told).toContainEqual(expect.objectContaining({ message: 'Getting JupyterLab’s parts: 2 of 2…' }));
    const key = await labKey(place.source);
    expect(readdirSync(place.folder)).toEqual([key]);
    expect(readdirSync(join(place.folder, key, 'static/assets')).sort()).toEqual([
      'lab-ABCDEFGH.js',
      'lab-ABCDEFGH.js.br',
      'lab-ABCDEFGH.js.gz',
    ]);
    const build = await new LabFolder(place.folder, place.source).current();
    expect([...(build?.settings.keys() ?? [])]).toEqual(['a:b']);
    expect(await build?.files.read('assets/lab-ABCDEFGH.js', 'br')).toMatchObject({
      headers: { 'content-encoding': 'br' },
    });
  });

  it('does nothing the second time, and begins anew when a part has changed', async () => {
    await prepare();
    npm('exit 1');
    expect(await prepare()).toEqual({ phase: 'ready', version: '4.6.4' });
    npm(...fetches);
    writeFileSync(join(place.source, 'src/lab.ts'), '// changed');
    expect(await new LabFolder(place.folder, place.source).current()).toBeNull();
    expect(await prepare()).toEqual({ phase: 'ready', version: '4.6.4' });
    // one before it is kept for tabs that are open
    expect(readdirSync(place.folder)).toHaveLength(2);
  });

  it.each([
    [
      'npm error code ENOTFOUND',
      'npm error network request to https://r failed, reason: getaddrinfo ENOTFOUND r',
      'network',
    ],
    ['npm error code ENOSPC', 'npm error nospc ENOSPC: no space left on device, write', 'disk'],
    ['npm error code E404', 'npm error 404 Not Found - GET https://r/a', 'npm run jupyterlab'],
  ])('says why it failed and what helps: %s', async (first, second, cure) => {
    npm(`echo "${first}" >&2`, `echo "${second}" >&2`, 'exit 1');
    const end = await prepare();
    expect(end).toMatchObject({ phase: 'failed', cure: expect.stringContaining(cure) });
    expect(end).toMatchObject({
      message: expect.stringMatching(/^JupyterLab could not be prepared: .+\. Everything else works\.$/),
    });
    expect(readdirSync(place.folder)).toEqual([]);
    npm(...fetches);
    expect(await prepare()).toMatchObject({ phase: 'ready' });
  });

  it('says that there is no npm', async () => {
    rmSync(join(place.source, '../bin/npm'));
    place.env['PATH'] = join(place.source, '../bin');
    expect(await prepare()).toMatchObject({
      phase: 'failed',
      message: expect.stringContaining('there is no npm'),
      cure: expect.stringContaining('Install npm'),
    });
  });

  it('keeps no half a build when the bundle fails', async () => {
    writeFileSync(join(place.source, 'bundle.ts'), 'console.error("error: no such part"); process.exit(1);');
    expect(await prepare()).toMatchObject({
      phase: 'failed',
      message: expect.stringContaining('no such part'),
    });
    expect(readdirSync(place.folder)).toEqual([]);
  });

  it('is done once by several at the same time', async () => {
    const counted = join(place.source, '../runs');
    npm(`echo run >> "${counted}"`, ...fetches);
    const ends = await Promise.all([prepare(), prepare(), prepare()]);
    expect(ends).toEqual(Array(3).fill({ phase: 'ready', version: '4.6.4' }));
    expect(readFileSync(counted, 'utf8')).toBe('run\n');
  });

  it('takes over from one that was killed', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await new Promise((done) => gone.once('exit', done));
    const scratch = join(place.folder, `${await labKey(place.source)}.work`);
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(scratch, 'pid'), String(gone.pid));
    expect(await prepare()).toMatchObject({ phase: 'ready' });
    expect(existsSync(scratch)).toBe(false);
  });
});
