/**
 * The runner's events, numbered from 1, kept until the server says that it has them on its disk. Up to 32 MB wait in
 * memory; what comes then waits in a file, until all of the file is acknowledged. Owned by the link; never drops an
 * event: when the disk is full too, memory takes it.
 */
import { encodeFrame } from '@cahier/protocol/frame.ts';
import type { RunnerEvent, RunnerUp } from '@cahier/protocol/runner/up.ts';
import type { SpillFile, SpillPlace } from './spill-file.ts';

export const defaultMemoryBytes = 32 * 1024 * 1024;

type Kept = { readonly bytes: Uint8Array } | { readonly place: SpillPlace };

export class EventJournal {
  readonly #spill: SpillFile;
  readonly #memoryLimit: number;
  #lastSeq = 0;
  /** Index 0 of `#kept` is this seq. */
  #firstSeq = 1;
  #kept: (Kept | undefined)[] = [];
  /** Acknowledged entries at the front of `#kept`, cut off now and then. */
  #dropped = 0;
  #memoryBytes = 0;
  #spilled = 0;

  constructor(spill: SpillFile, memoryLimit = defaultMemoryBytes) {
    this.#spill = spill;
    this.#memoryLimit = memoryLimit;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Bytes of unacknowledged events in memory. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  append(event: RunnerEvent): number {
    const seq = this.#lastSeq + 1;
    const frame: RunnerUp = { t: 'event', seq, event };
    // First, because it may throw: a number that was given away must have an event.
    const bytes = encodeFrame(frame);
    this.#lastSeq = seq;
    this.#kept.push(this.#keep(bytes));
    return seq;
  }

  /** The frame of event `seq`; null when it is not there yet, or not any more. */
  frame(seq: number): Uint8Array | null {
    const kept = this.#kept[seq - this.#firstSeq];
    if (kept === undefined) return null;
    return 'bytes' in kept ? kept.bytes : this.#spill.read(kept.place);
  }

  /** The first event that is still kept, or the one to come. */
  get firstKept(): number {
    return this.#firstSeq + this.#dropped;
  }

  /** Everything up to `seq` may be forgotten. Repeated and older acknowledgements change nothing. */
  ack(seq: number): void {
    const upTo = Math.min(seq, this.#lastSeq) - this.#firstSeq;
    for (; this.#dropped <= upTo; this.#dropped++) {
      const kept = this.#kept[this.#dropped];
      this.#kept[this.#dropped] = undefined;
      if (kept === undefined) continue;
      if ('bytes' in kept) this.#memoryBytes -= kept.bytes.length;
      else if (--this.#spilled === 0) this.#spill.empty();
    }
    if (this.#dropped > 1_024 || this.#dropped === this.#kept.length) {
      this.#kept.splice(0, this.#dropped);
      this.#firstSeq += this.#dropped;
      this.#dropped = 0;
    }
  }

  close(): void {
    this.#spill.close();
  }

  /** Once something is in the file, all that follows goes there: memory then holds the oldest, which leave first. */
  #keep(bytes: Uint8Array): Kept {
    if (this.#spilled > 0 || this.#memoryBytes + bytes.length > this.#memoryLimit) {
      try {
        const place = this.#spill.append(bytes);
        this.#spilled += 1;
        return { place };
      } catch {
        // the disk is full: memory is what is left
      }
    }
    this.#memoryBytes += bytes.length;
    return { bytes };
  }
}
