import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataFormat, openDataFolder, readableFolder } from './data-folder.ts';

let place = '';
beforeEach(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), 'cahier-data-')));
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made for this user alone, and released', async () => {
    const data = await openDataFolder(join(place, 'deep/data'), '1.0.0');
    expect((await stat(data.path)).mode & 0o077).toBe(0);
    expect(JSON.parse(await readFile(join(data.path, 'version.json'), 'utf8'))).toEqual({
      format: dataFormat,
      app: '1.0.0',
    });
    await data.release();
    expect((await readdir(data.path)).filter((name) => /lock|probe/.test(name))).toEqual([]);
    await (await openDataFolder(data.path, '1.0.0')).release();
  });

  it('of a newer version is left alone', async () => {
    const version = JSON.stringify({ format: dataFormat + 1, app: '9.0.0' });
    await writeFile(join(place, 'version.json'), version);
    await expect(openDataFolder(place, '1.0.0')).rejects.toThrow(/newer Cahier \(9\.0\.0\)/);
    expect(await readdir(place)).toEqual(['version.json']);
    await writeFile(join(place, 'version.json'), 'nonsense');
    await expect(openDataFolder(place, '1.0.0')).rejects.toMatchObject({ code: 'start/data' });
  });

  it('that is a file, or lies in one, cannot be used', async () => {
    await writeFile(join(place, 'file'), '');
    await expect(openDataFolder(join(place, 'file'), '1')).rejects.toMatchObject({ code: 'start/data' });
    await expect(openDataFolder(join(place, 'file/data'), '1')).rejects.toThrow(/it is not a folder/);
  });

  it('is taken over from a server that was killed, whoever has its number now', async () => {
    for (const lock of [
      { pid: 2 ** 22 + 1, birth: '1', nonce: 'n' },
      { pid: process.pid, birth: '1', nonce: 'n' },
      'nonsense',
    ]) {
      await writeFile(join(place, 'server.lock'), JSON.stringify(lock));
      await (await openDataFolder(place, '1')).release();
    }
  });

  it('keeps the lock of another', async () => {
    const stat1 = await readFile('/proc/1/stat', 'utf8').catch(() => '');
    const birth = stat1.slice(stat1.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    await writeFile(join(place, 'server.lock'), JSON.stringify({ pid: 1, birth, nonce: 'theirs' }));
    await expect(openDataFolder(place, '1')).rejects.toMatchObject({
      code: 'start/locked',
      details: { pid: 1 },
    });
    expect(await readFile(join(place, 'server.lock'), 'utf8')).toContain('theirs');
  });
});

describe('the folder that is to be the project', () => {
  it('is named without links', async () => {
    await mkdir(join(place, 'real'));
    await symlink(join(place, 'real'), join(place, 'link'));
    expect(await readableFolder(join(place, 'link'), join(place, 'data'))).toBe(join(place, 'real'));
  });

  it('must be there and be a folder', async () => {
    await writeFile(join(place, 'file'), '');
    await expect(readableFolder(join(place, 'none'), '/d')).rejects.toThrow(/it does not exist/);
    await expect(readableFolder(join(place, 'file'), '/d')).rejects.toThrow(/it is not a folder/);
  });

  it('must not hold the data, whose secrets would be files of the project', async () => {
    await mkdir(join(place, 'data'));
    for (const data of [join(place, 'data'), place, join(place, 'not/yet/there')]) {
      await expect(readableFolder(place, data)).rejects.toThrow(/lies inside the project folder/);
    }
    await mkdir(join(place, 'work'));
    expect(await readableFolder(join(place, 'work'), join(place, 'work-data'))).toBe(join(place, 'work'));
  });
});
