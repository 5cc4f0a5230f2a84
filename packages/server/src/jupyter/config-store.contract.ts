/** What every store of Jupyter's configuration must do. */
import { asProjectId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { ConfigStore } from './config-store.ts';

/** `setUp` gives an empty store that knows projects p1 and p2. */
export function configStoreContract(setUp: () => Promise<ConfigStore>): void {
  describe('a store of configuration', () => {
    const [one, two] = [asProjectId('p1'), asProjectId('p2')];

    it('keeps sections of projects apart; what was never set is empty', async () => {
      const store = await setUp();
      expect(await store.get(one, 'notebook')).toEqual({});
      await store.update(one, 'notebook', () => ({ a: [1, { b: null }], ü: '\u0000“' }));
      await store.update(two, 'notebook', () => ({ c: 1 }));
      await store.update(one, 'tree', () => ({ d: 1 }));
      expect(await store.get(one, 'notebook')).toEqual({ a: [1, { b: null }], ü: '\u0000“' });
      expect(await store.get(two, 'notebook')).toEqual({ c: 1 });
      expect(await store.get(two, 'tree')).toEqual({});
    });

    it('changes what is there, and tells how many other sections there are', async () => {
      const store = await setUp();
      await store.update(one, 'a', () => ({ n: 1 }));
      await store.update(one, 'b', () => ({}));
      const seen: unknown[] = [];
      const made = await store.update(one, 'a', (now, others) => {
        seen.push(now, others);
        return { n: 2 };
      });
      expect([made, seen]).toEqual([{ n: 2 }, [{ n: 1 }, 1]]);
    });

    it('loses no change of several at once', async () => {
      const store = await setUp();
      const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
      await Promise.all(keys.map((key) => store.update(one, 's', (now) => ({ ...now, [key]: 1 }))));
      expect(Object.keys(await store.get(one, 's')).sort()).toEqual(keys.sort());
    });

    it('changes nothing when the change throws', async () => {
      const store = await setUp();
      await store.update(one, 's', () => ({ n: 1 }));
      const failing = store.update(one, 's', () => {
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store.get(one, 's')).toEqual({ n: 1 });
    });
  });
}
