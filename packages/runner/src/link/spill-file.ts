/**
 * Byte strings on disk, appended and read back by place: where events wait that do not fit in memory while the server
 * is away. One file, emptied when nothing in it is needed any more. Synchronous, since order is everything.
 */
import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';

export interface SpillPlace {
  readonly offset: number;
  readonly length: number;
}

export class SpillFile {
  readonly #path: string;
  #fd: number | null = null;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws the system's error (disk full); then nothing was added. */
  append(bytes: Uint8Array): SpillPlace {
    this.#fd ??= openSync(this.#path, 'w+', 0o600);
    const place = { offset: this.#size, length: bytes.length };
    let written = 0;
    while (written < bytes.length)
      written += writeSync(this.#fd, bytes, written, bytes.length - written, place.offset + written);
    this.#size += bytes.length;
    return place;
  }

  read({ offset, length }: SpillPlace): Uint8Array {
    if (this.#fd === null) throw new Error('the spill file is not open');
    const bytes = new Uint8Array(length);
    let got = 0;
    while (got < length) {
      const count = readSync(this.#fd, bytes, got, length - got, offset + got);
      if (count === 0) throw new Error('the spill file was cut');
      got += count;
    }
    return bytes;
  }

  empty(): void {
    this.#size = 0;
    if (this.#fd !== null) ftruncateSync(this.#fd, 0);
  }

  close(): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    this.#fd = null;
    unlinkSync(this.#path);
  }
}
