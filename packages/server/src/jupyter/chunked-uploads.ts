/** Files that come in several requests (`chunk` 1, 2, … and −1 for the last): kept here until they are whole. */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { appError } from '@cahier/core/errors.ts';
import { longestFile } from '../files/routes.ts';

interface Upload {
  readonly chunks: Uint8Array[];
  next: number;
  size: number;
  patience: Disposable;
}

const abandonedAfterMs = 10 * 60_000;
const mostUploads = 8;

export class ChunkedUploads {
  readonly #clock: Clock;
  readonly #uploads = new Map<string, Upload>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All bytes when `chunk` was the last one, else null. Throws `jupyter/refused`, `file/too-large`. */
  add(key: string, chunk: number, bytes: Uint8Array, path: string): Uint8Array | null {
    if (chunk === 1) this.#begin(key);
    const upload = this.#uploads.get(key);
    if (!upload || (chunk !== -1 && chunk !== upload.next)) {
      throw appError('jupyter/refused', {
        details: { why: `The parts of “${path}” did not come in their order. Upload it again.` },
      });
    }
    upload.next += 1;
    upload.size += bytes.length;
    if (upload.size > longestFile) {
      this.#end(key);
      throw appError('file/too-large', { details: { path, size: upload.size, limit: longestFile } });
    }
    upload.chunks.push(bytes);
    if (chunk === -1) {
      this.#end(key);
      return Buffer.concat(upload.chunks);
    }
    upload.patience.dispose();
    upload.patience = this.#patience(key);
    return null;
  }

  sizeOf(key: string): number {
    return this.#uploads.get(key)?.size ?? 0;
  }

  dispose(): void {
    for (const key of [...this.#uploads.keys()]) this.#end(key);
  }

  #begin(key: string): void {
    this.#end(key);
    if (this.#uploads.size >= mostUploads) throw appError('request/rate-limited');
    this.#uploads.set(key, { chunks: [], next: 1, size: 0, patience: this.#patience(key) });
  }

  #patience(key: string): Disposable {
    return this.#clock.after(abandonedAfterMs, () => this.#end(key));
  }

  #end(key: string): void {
    this.#uploads.get(key)?.patience.dispose();
    this.#uploads.delete(key);
  }
}
