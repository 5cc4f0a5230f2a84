/**
 * A value that is looked at by React and set by one owner. Subscribers are told after the value has changed;
 * setting an equal value (Object.is) tells nobody.
 */
export interface Readable<T> {
  readonly get: () => T;
  /** Returns the end of the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
}

export class Store<T> implements Readable<T> {
  #value: T;
  #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        // Told, but not to who sets: that may be the editor, whose typing must not end with a mistake in what is drawn.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}
