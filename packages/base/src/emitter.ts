import type { Disposable } from './disposable.ts';

/** Events announce what happened; they do not command. A listener that throws does not stop the others. */
export class Emitter<T> {
  #listeners = new Set<(event: T) => void>();

  on(listener: (event: T) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  emit(event: T): void {
    let failure: { error: unknown } | undefined;
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }

  get size(): number {
    return this.#listeners.size;
  }
}
