/** Blobs on the disk and in an object store keep the promises of one store, wherever each is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asProjectId } from '@cahier/base/ids.ts';
import { FakeClock } from '@cahier/testkit/fake-clock.ts';
import { MemoryObjectStore } from '@cahier/testkit/memory-object-store.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { DiskBlobStore } from '../adapters/disk/disk-blob-store.ts';
import { BlobCollector } from './blob-collector.ts';
import { blobStoreContract } from './blob-store.contract.ts';
import { FarBlobs } from './far-blobs.ts';

const folder = await mkdtemp(join(tmpdir(), 'cahier-far-blobs-'));
afterAll(() => rm(folder, { recursive: true }));
let stores = 0;
const project = asProjectId('p1');
const large = new Uint8Array(50_000).fill(9);

function setUp() {
  const near = new DiskBlobStore({ folder: join(folder, String((stores += 1))) });
  const far = new MemoryObjectStore();
  return { near, far, blobs: new FarBlobs({ near, far }) };
}
const soon = () => Date.now() + 60_000;

blobStoreContract('disk and object store', async () => {
  const { near, far, blobs } = setUp();
  const count = async () => {
    let n = far.keys.length;
    for await (const _ of near.list(project)) n += 1;
    return n;
  };
  return {
    blobs,
    // it lies in the object store only, and is altered there
    damage: async (of, hash) => {
      await near.removeIfOlder(of, hash, soon());
      far.damage(`blobs/${of}/${hash}`, Uint8Array.of(0));
    },
    count,
    end: async () => undefined,
  };
});

describe('blobs that move', { timeout: 30_000 }, () => {
  it('are read from where they are, and leave the disk', async () => {
    const { near, far, blobs } = setUp();
    const hash = await blobs.put(project, large);
    expect(await blobs.move(project, hash, soon())).toBe(large.length);
    expect(await near.has(project, hash)).toBe(false);
    expect(far.keys).toEqual([`blobs/p1/${hash}`]);
    expect(await blobs.has(project, hash)).toBe(true);
    expect(Buffer.compare(await blobs.get(project, hash), large)).toBe(0);
    await expect(blobs.get(asProjectId('p2'), hash)).rejects.toMatchObject({ code: 'blob/not-found' });
  });

  it('stay when they are small, young, or put again meanwhile', async () => {
    const { near, blobs, far } = setUp();
    const small = await blobs.put(project, Uint8Array.of(1));
    expect(await blobs.move(project, small, soon())).toBeNull();
    const young = await blobs.put(project, large);
    expect(await blobs.move(project, young, Date.now() - 60_000)).toBeNull();
    expect(await near.has(project, young)).toBe(true);
    expect(far.keys).toHaveLength(1);
  });

  it('stay when the store fails, and it is no lack when it cannot be asked', async () => {
    const { far, near, blobs } = setUp();
    const hash = await blobs.put(project, large);
    far.isDown = true;
    await expect(blobs.move(project, hash, soon())).rejects.toMatchObject({ code: 'object/unreachable' });
    expect(Buffer.compare(await blobs.get(project, hash), large)).toBe(0);
    far.isDown = false;
    await blobs.move(project, hash, soon());
    far.isDown = true;
    await expect(blobs.get(project, hash)).rejects.toMatchObject({ code: 'object/unreachable' });
    await expect(blobs.has(project, hash)).rejects.toMatchObject({ code: 'object/unreachable' });
    expect(await near.has(project, hash)).toBe(false);
  });

  it('are collected like others: not while something names them, in both places when nothing does', async () => {
    const { far, blobs } = setUp();
    const [named, unnamed] = [await blobs.put(project, large), await blobs.put(project, large.slice(1))];
    for (const hash of [named, unnamed]) await blobs.move(project, hash, soon());
    // the second was put once more: it is in both places
    await blobs.put(project, large.slice(1));
    const names = { of: async () => ({ outputs: new Set([named]), others: new Set<typeof named>() }) };
    const collector = new BlobCollector({ blobs, names, clock: new FakeClock(Date.now() + 2 * 86_400_000) });
    far.isDown = true;
    await expect(collector.collect(project)).rejects.toMatchObject({ code: 'object/unreachable' });
    far.isDown = false;
    expect(await collector.collect(project)).toBe(1);
    expect(await blobs.has(project, unnamed)).toBe(false);
    expect(far.keys).toEqual([`blobs/p1/${named}`]);
  });
});
