import { afterEach, describe, expect, it, vi } from 'vitest';
import { Store } from './store.ts';

afterEach(() => vi.restoreAllMocks());

describe('a store', () => {
  it('tells everybody, and who sets hears nothing of a listener’s mistake; the page does', () => {
    const later: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void later.push(task));
    const store = new Store(1);
    const seen: number[] = [];
    store.subscribe(() => {
      throw new Error('cannot be drawn');
    });
    store.subscribe(() => seen.push(store.get()));
    expect(() => store.set(2)).not.toThrow();
    expect(seen).toEqual([2]);
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow('cannot be drawn');
  });
});
