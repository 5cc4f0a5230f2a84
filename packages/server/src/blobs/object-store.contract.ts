/** What every object store must do. Run by each adapter's test. */
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from './object-store.ts';

export interface ObjectsUnderTest {
  readonly objects: ObjectStore;
  end(): Promise<void>;
}

async function keysOf(objects: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list(prefix)) keys.push(key);
  return keys;
}

/** `many`: more objects than the adapter lists at once. */
export function objectStoreContract(name: string, make: () => Promise<ObjectsUnderTest>, many = 12): void {
  const test = (title: string, body: (objects: ObjectStore) => Promise<void>) =>
    it(title, { timeout: 60_000 }, async () => {
      const under = await make();
      try {
        await body(under.objects);
      } finally {
        await under.end();
      }
    });

  describe(`object store contract: ${name}`, () => {
    test('gives back what was put: empty, binary, megabytes', async (objects) => {
      for (const bytes of [
        new Uint8Array(),
        Uint8Array.from({ length: 256 }, (_, i) => i),
        new Uint8Array(5_000_000).fill(7),
      ]) {
        await objects.put('a/b', bytes);
        expect(Buffer.compare((await objects.get('a/b')) ?? Buffer.of(1), bytes)).toBe(0);
        expect(await objects.stat('a/b')).toMatchObject({ key: 'a/b', size: bytes.length });
      }
    });

    test('keeps a view as the view, and what it was when put', async (objects) => {
      const pool = new Uint8Array(100).fill(5);
      const putting = objects.put('view', pool.subarray(10, 12));
      pool.fill(6);
      await putting;
      expect([...((await objects.get('view')) ?? [])]).toEqual([5, 5]);
    });

    test('says that there is nothing', async (objects) => {
      expect(await objects.get('nothing')).toBeNull();
      expect(await objects.stat('nothing')).toBeNull();
      await objects.remove('nothing');
    });

    test('removes one and leaves the others', async (objects) => {
      await objects.put('x/1', Uint8Array.of(1));
      await objects.put('x/2', Uint8Array.of(2));
      await objects.remove('x/1');
      expect(await objects.get('x/1')).toBeNull();
      expect(await keysOf(objects, 'x/')).toEqual(['x/2']);
    });

    test('lists all below a prefix, in order, and nothing else', async (objects) => {
      const keys = Array.from({ length: many }, (_, i) => `p & q/<ü>/${String(i).padStart(3, '0')}`);
      await objects.put('p & q2', Uint8Array.of(1));
      for (const key of keys) await objects.put(key, Uint8Array.of(1));
      expect(await keysOf(objects, 'p & q/')).toEqual(keys);
      expect(await keysOf(objects, 'none/')).toEqual([]);
      for await (const { size, putAt } of objects.list('p & q2')) {
        expect(size).toBe(1);
        expect(Math.abs(putAt - Date.now())).toBeLessThan(120_000);
      }
    });
  });
}
