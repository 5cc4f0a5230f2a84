import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asProjectId } from '@cahier/base/ids.ts';
import { expect, it } from 'vitest';
import { blobStoreContract } from '../../blobs/blob-store.contract.ts';
import { DiskBlobStore } from './disk-blob-store.ts';

async function setUp() {
  const parent = await mkdtemp(join(tmpdir(), 'cahier-blobs-'));
  const folder = join(parent, 'blobs');
  return { parent, folder, blobs: new DiskBlobStore({ folder }), end: () => rm(parent, { recursive: true }) };
}

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

blobStoreContract('disk', async () => {
  const { folder, blobs, end } = await setUp();
  return {
    blobs,
    damage: (project, hash) => writeFile(join(folder, project, hash.slice(0, 2), hash), 'other'),
    count: async () => (await filesIn(folder)).length,
    end,
  };
});

it('lies under project and hash, readable by the owner alone, with nothing temporary left', async () => {
  const { folder, blobs, end } = await setUp();
  const hash = await blobs.put(asProjectId('p1'), Uint8Array.of(1));
  const path = join(folder, 'p1', hash.slice(0, 2), hash);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await filesIn(folder)).toEqual([hash]);
  await end();
});

it('says that it is not durable when the folder cannot be made, and works once it can', async () => {
  const { parent, folder, blobs, end } = await setUp();
  await writeFile(folder, 'a file stands in the way');
  const put = () => blobs.put(asProjectId('p1'), Uint8Array.of(1));
  await expect(put()).rejects.toMatchObject({ code: 'history/not-durable' });
  await rm(folder);
  await mkdir(folder);
  await chmod(parent, 0o700);
  expect(await blobs.has(asProjectId('p1'), await put())).toBe(true);
  await end();
});
