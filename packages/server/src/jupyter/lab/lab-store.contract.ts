/** What every store of JupyterLab's settings and workspaces must do. Run by each adapter's test. */
import type { PersonId, ProjectId } from '@cahier/base/ids.ts';
import { describe, expect, it } from 'vitest';
import type { LabShelf, LabStore } from './lab-store.ts';

export interface LabStoreUnderTest {
  readonly store: LabStore;
  readonly projects: readonly [ProjectId, ProjectId];
  readonly people: readonly [PersonId, PersonId];
  removeProject(project: ProjectId): Promise<void>;
  end(): Promise<void>;
}

export function labStoreContract(name: string, make: () => Promise<LabStoreUnderTest>): void {
  const test = (title: string, body: (under: LabStoreUnderTest, shelf: LabShelf) => Promise<void>) =>
    it(title, async () => {
      const under = await make();
      try {
        await body(under, { project: under.projects[0], person: under.people[0], kind: 'setting' });
      } finally {
        await under.end();
      }
    });

  describe(`JupyterLab store contract: ${name}`, () => {
    test('has nothing at first', async ({ store }, shelf) => {
      expect(await store.get(shelf, 'a')).toBeNull();
      expect(await store.list(shelf)).toEqual([]);
      expect(await store.remove(shelf, 'a')).toBe(false);
    });

    test('keeps the text to the byte, and when it was first and last written', async ({ store }, shelf) => {
      await store.put(shelf, '@lab/a:b', '{ // “mine”\r\n "x": 1 }\u2028', 10);
      await store.put(shelf, '@lab/a:b', '{}\n', 20);
      const kept = { id: '@lab/a:b', text: '{}\n', createdAt: 10, changedAt: 20 };
      expect(await store.get(shelf, '@lab/a:b')).toEqual(kept);
      await store.put(shelf, '@lab/a:b', '{ // “mine”\r\n "x": 1 }\u2028', 30);
      expect((await store.get(shelf, '@lab/a:b'))?.text).toBe('{ // “mine”\r\n "x": 1 }\u2028');
    });

    test('lists by id', async ({ store }, shelf) => {
      for (const id of ['c', 'a', 'b']) await store.put(shelf, id, id, 1);
      expect((await store.list(shelf)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
      expect(await store.remove(shelf, 'b')).toBe(true);
      expect((await store.list(shelf)).map(({ id }) => id)).toEqual(['a', 'c']);
    });

    test('keeps people, projects and kinds apart', async ({ store, people, projects }, shelf) => {
      const others: readonly LabShelf[] = [
        { ...shelf, person: people[1] },
        { ...shelf, project: projects[1] },
        { ...shelf, kind: 'workspace' },
      ];
      await store.put(shelf, 'a', 'mine', 1);
      for (const other of others) expect(await store.get(other, 'a')).toBeNull();
      for (const other of others) await store.put(other, 'a', 'theirs', 1);
      for (const other of others) expect(await store.remove(other, 'a')).toBe(true);
      expect((await store.get(shelf, 'a'))?.text).toBe('mine');
    });

    test('goes with its project', async ({ store, projects, removeProject }, shelf) => {
      await store.put(shelf, 'a', 'x', 1);
      await store.put({ ...shelf, project: projects[1] }, 'a', 'y', 1);
      await removeProject(projects[0]);
      expect(await store.get(shelf, 'a')).toBeNull();
      expect((await store.get({ ...shelf, project: projects[1] }, 'a'))?.text).toBe('y');
    });
  });
}
