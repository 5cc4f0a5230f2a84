/** An object store in memory that can be told to fail: not to answer, to lose an object, to give other bytes. */
import { appError } from '@cahier/core/errors.ts';
import type { ObjectStore, StoredObject } from '@cahier/server/blobs/object-store.ts';

export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, { readonly bytes: Uint8Array; readonly putAt: number }>();
  readonly #now: () => number;
  /** Nobody answers. */
  isDown = false;
  /** Answers are other bytes than what was put. */
  isLying = false;
  gets = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get keys(): readonly string[] {
    return [...this.#objects.keys()].sort();
  }

  /** The object is gone, or others bytes stand in its place, behind the store's back. */
  damage(key: string, bytes: Uint8Array | null): void {
    if (bytes) this.#objects.set(key, { bytes, putAt: this.#now() });
    else this.#objects.delete(key);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    this.#answer();
    this.#objects.set(key, { bytes: copy, putAt: this.#now() });
  }

  async get(key: string): Promise<Uint8Array | null> {
    this.gets += 1;
    this.#answer();
    const found = this.#objects.get(key);
    if (!found) return null;
    return this.isLying ? Uint8Array.of(1, 2, 3) : found.bytes.slice();
  }

  async stat(key: string): Promise<StoredObject | null> {
    this.#answer();
    const found = this.#objects.get(key);
    return found ? { key, size: found.bytes.length, putAt: found.putAt } : null;
  }

  async remove(key: string): Promise<void> {
    this.#answer();
    this.#objects.delete(key);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject, void> {
    this.#answer();
    for (const key of this.keys) {
      const found = this.#objects.get(key);
      if (found && key.startsWith(prefix)) yield { key, size: found.bytes.length, putAt: found.putAt };
    }
  }

  #answer(): void {
    if (this.isDown) throw appError('object/unreachable', { details: { why: 'no answer' } });
  }
}
