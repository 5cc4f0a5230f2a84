/** Lifetimes nest: whoever creates something long-lived registers its end here, at birth. */
export interface Disposable {
  dispose(): void;
}

export class DisposableStore implements Disposable {
  #items = new Set<() => void>();
  #isDisposed = false;

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Registers an end; runs it at once when the store has already ended. Returns what was given. */
  add<T extends Disposable | (() => void)>(item: T): T {
    const end = endOf(item);
    if (this.#isDisposed) end();
    else this.#items.add(end);
    return item;
  }

  /** Ends everything, last born first. Every end runs even when another throws; the first error is thrown after. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const errors: unknown[] = [];
    for (const end of [...this.#items].reverse()) {
      try {
        end();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#items.clear();
    if (errors.length > 0) throw errors[0];
  }
}

function endOf(item: Disposable | (() => void)): () => void {
  return typeof item === 'function' ? item : () => item.dispose();
}
