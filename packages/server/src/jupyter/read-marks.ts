/**
 * What each client of the contents API read or saved last of a file: the base from which its next save is merged with
 * what others did meanwhile. The protocol has no word for it. In memory only: without a mark what the client sends counts.
 */
const mostBytes = 64 * 1024 * 1024;
const mostMarks = 200;

export class ReadMarks {
  /** The oldest first. */
  readonly #marks = new Map<string, Uint8Array>();
  #bytes = 0;

  set(reader: string, path: string, bytes: Uint8Array): void {
    this.forget(reader, path);
    this.#marks.set(keyOf(reader, path), bytes);
    this.#bytes += bytes.length;
    for (const key of this.#marks.keys()) {
      if (this.#bytes <= mostBytes && this.#marks.size <= mostMarks) return;
      this.#drop(key);
    }
  }

  get(reader: string, path: string): Uint8Array | null {
    return this.#marks.get(keyOf(reader, path)) ?? null;
  }

  forget(reader: string, path: string): void {
    this.#drop(keyOf(reader, path));
  }

  #drop(key: string): void {
    this.#bytes -= this.#marks.get(key)?.length ?? 0;
    this.#marks.delete(key);
  }
}

const keyOf = (reader: string, path: string) => `${reader}\n${path}`;
