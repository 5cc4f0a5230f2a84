/**
 * The whole state of a room's document, encoded: handed to those who open it, and kept now and then as a snapshot so
 * that the next opening is fast. A snapshot is a cache; losing one loses nothing.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import * as Y from 'yjs';
import type { Recorder } from '../history/recorder.ts';

export interface RoomStateOptions {
  readonly document: DocumentId;
  readonly doc: Y.Doc;
  /** The last entry in `doc`; a snapshot of it is taken to be there. */
  readonly seq: number;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

const snapshotAfterEntries = 500;
const snapshotDelayMs = 1_000;
/** A class opens a notebook within a minute, but those who wait for it at the same time do so within a second. */
const encodedForMs = 1_000;

export class RoomState implements Disposable {
  readonly #options: RoomStateOptions;
  #seq: number;
  #keptSeq: number;
  #timer: Disposable | null = null;
  /** Many open the same document at the same time; let go of soon after, it is as large as the text itself. */
  #encoded: { readonly seq: number; readonly bytes: Uint8Array } | null = null;
  #letGo: Disposable | null = null;

  constructor(options: RoomStateOptions) {
    this.#options = options;
    this.#seq = options.seq;
    this.#keptSeq = options.seq;
  }

  /** Number of the last history entry that changed the document. */
  get seq(): number {
    return this.#seq;
  }

  /** The document changed by entry `seq`. */
  changed(seq: number): void {
    this.#seq = seq;
    if (seq - this.#keptSeq < snapshotAfterEntries) return;
    this.#timer ??= this.#options.clock.after(snapshotDelayMs, () => this.keep());
  }

  encoded(): Uint8Array {
    if (this.#encoded?.seq !== this.#seq) {
      this.#encoded = { seq: this.#seq, bytes: Y.encodeStateAsUpdate(this.#options.doc) };
      this.#letGo?.dispose();
      this.#letGo = this.#options.clock.after(encodedForMs, () => {
        this.#encoded = null;
      });
    }
    return this.#encoded.bytes;
  }

  /** Keeps a snapshot, if there is anything new. */
  keep(): void {
    this.#timer?.dispose();
    this.#timer = null;
    if (this.#keptSeq === this.#seq) return;
    this.#keptSeq = this.#seq;
    const { document, recorder, logger } = this.#options;
    recorder
      .attach({ snapshots: [{ document, seq: this.#seq, state: this.encoded() }] })
      .catch((error: unknown) => logger.warn({ err: error, document }, 'snapshot not kept'));
  }

  dispose(): void {
    this.keep();
    this.#letGo?.dispose();
    this.#encoded = null;
  }
}
