/** What every blob store must do. Run by each adapter's test. */
import { createHash } from 'node:crypto';
import { asBlobHash, asProjectId, type BlobHash, type ProjectId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from './blob-store.ts';

export interface BlobsUnderTest {
  readonly blobs: BlobStore;
  /** The bytes kept under the hash change behind the store's back. */
  damage(project: ProjectId, hash: BlobHash): Promise<void>;
  /** How many blobs really lie there. */
  count(): Promise<number>;
  end(): Promise<void>;
}

const p = asProjectId('p1');
const q = asProjectId('p2');
const sha256 = (bytes: Uint8Array) => asBlobHash(createHash('sha256').update(bytes).digest('hex'));
const missing = { code: 'blob/not-found' };

export function blobStoreContract(name: string, make: () => Promise<BlobsUnderTest>): void {
  const test = (title: string, body: (under: BlobsUnderTest) => Promise<void>) =>
    it(title, { timeout: 30_000 }, async () => {
      const under = await make();
      try {
        await body(under);
      } finally {
        await under.end();
      }
    });

  describe(`blob store contract: ${name}`, () => {
    test('gives back what was put, under its SHA-256, empty ones too', async ({ blobs }) => {
      for (const bytes of [new Uint8Array(), Uint8Array.of(0, 255, 10), new Uint8Array(300_000).fill(7)]) {
        const hash = await blobs.put(p, bytes);
        expect(hash).toBe(sha256(bytes));
        expect(Buffer.from(await blobs.get(p, hash)).equals(bytes)).toBe(true);
        expect(await blobs.has(p, hash)).toBe(true);
      }
    });

    test('a hash is no key to another project', async ({ blobs }) => {
      const hash = await blobs.put(p, Uint8Array.of(1));
      expect(await blobs.has(q, hash)).toBe(false);
      await expect(blobs.get(q, hash)).rejects.toMatchObject(missing);
    });

    test('keeps the same content once, also when put many times at once', async ({ blobs, count }) => {
      const bytes = new Uint8Array(50_000).fill(3);
      await Promise.all(Array.from({ length: 20 }, () => blobs.put(p, bytes)));
      await blobs.put(p, bytes);
      expect(await count()).toBe(1);
    });

    test('keeps a view as the view, and what it was when put', async ({ blobs }) => {
      const pool = new Uint8Array(100).fill(5);
      const hash = await blobs.put(p, pool.subarray(10, 12));
      pool.fill(6);
      expect([...(await blobs.get(p, hash))]).toEqual([5, 5]);
    });

    test('does not find what was never put, nor names that are no hashes', async ({ blobs }) => {
      await expect(blobs.get(p, sha256(Uint8Array.of(9)))).rejects.toMatchObject(missing);
      expect(await blobs.has(p, sha256(Uint8Array.of(9)))).toBe(false);
      await expect(blobs.get(p, asBlobHash('../../../etc/passwd'))).rejects.toMatchObject(missing);
    });

    test('a damaged blob is not served', async ({ blobs, damage }) => {
      const hash = await blobs.put(p, Uint8Array.of(1, 2, 3));
      const intact = await blobs.put(p, Uint8Array.of(4));
      await damage(p, hash);
      await expect(blobs.get(p, hash)).rejects.toMatchObject(missing);
      expect([...(await blobs.get(p, intact))]).toEqual([4]);
    });
  });
}
