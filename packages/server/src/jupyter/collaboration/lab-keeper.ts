/**
 * Where one shared document is kept: each update is attached to the recorder's window in which the entries lie that it
 * belongs to, and now and then the whole state takes the place of the updates before it. Says when what was written so
 * far is on disk. A disk that refuses loses nothing: the recorder tries again, and whoever waits, waits.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Logger } from 'pino';
import type { CommitBatch } from '../../history/history-log.ts';
import type { Recorder } from '../../history/recorder.ts';

export interface LabKeeperParts {
  readonly document: DocumentId;
  readonly epoch: string;
  /** Number of the last update that is in the state now. */
  readonly n: number;
  readonly recorder: Pick<Recorder, 'attach'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The whole, now. */
  readonly encode: () => Uint8Array;
}

const updatesToState = 1_000;
const bytesToState = 4 * 1024 * 1024;
const stateDelayMs = 2_000;

export class LabKeeper implements Disposable {
  readonly #parts: LabKeeperParts;
  readonly #waiting: { readonly mark: number; readonly run: () => void }[] = [];
  #n: number;
  #mark = 0;
  #durable = 0;
  #keptN: number;
  #bytesSince = 0;
  #timer: Disposable | null = null;

  constructor(parts: LabKeeperParts) {
    this.#parts = parts;
    this.#n = parts.n;
    this.#keptN = parts.n;
  }

  /** Everything that was written up to now. */
  get mark(): number {
    return this.#mark;
  }

  /** Call it in the turn in which the entries were recorded that the update belongs to. Returns its mark. */
  update(bytes: Uint8Array): number {
    const { document, epoch, clock } = this.#parts;
    this.#n += 1;
    this.#bytesSince += bytes.length;
    const mark = this.#attach({ labUpdates: [{ document, epoch, n: this.#n, update: bytes }] });
    const isMuch = this.#n - this.#keptN >= updatesToState || this.#bytesSince >= bytesToState;
    if (isMuch) this.#timer ??= clock.after(stateDelayMs, () => this.keep());
    return mark;
  }

  /** Writes the whole state. */
  keep(): void {
    this.#timer?.dispose();
    this.#timer = null;
    const { document, epoch, clock, encode } = this.#parts;
    this.#keptN = this.#n;
    this.#bytesSince = 0;
    this.#attach({ labStates: [{ document, epoch, n: this.#n, usedAt: clock.now(), state: encode() }] });
  }

  /** Runs at once when it is so already. In the order of the marks. */
  afterDurable(mark: number, run: () => void): void {
    if (mark <= this.#durable) run();
    else this.#waiting.push({ mark, run });
  }

  /** Nothing more is written, the last state neither. */
  abandon(): void {
    this.#keptN = this.#n;
  }

  /** The last state is written; whoever still waits is not told any more. */
  dispose(): void {
    if (this.#n !== this.#keptN) this.keep();
    this.#timer?.dispose();
    this.#waiting.length = 0;
  }

  #attach(batch: Omit<CommitBatch, 'entries'>): number {
    this.#mark += 1;
    const mark = this.#mark;
    this.#parts.recorder
      .attach(batch)
      .then(() => this.#isDurable(mark))
      .catch((error: unknown) => this.#parts.logger.error({ err: error }, 'a lab room could not go on'));
    return mark;
  }

  #isDurable(mark: number): void {
    this.#durable = mark;
    const end = this.#waiting.findIndex((waiting) => waiting.mark > mark);
    for (const { run } of this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)) run();
  }
}
