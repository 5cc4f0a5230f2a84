/**
 * Makes runs durable. A commit holds the live documents that changed, the history entries of runs that ended, and the
 * runner's cursor, all as they were at one moment between two events. The blobs that they name are on disk before.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, RunnerId } from '@cahier/base/ids.ts';
import type { NewEntry } from '@cahier/core/history/entry.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import type { LiveRow } from '../history/history-log.ts';
import type { Recorder } from '../history/recorder.ts';
import type { BlobKeeper } from './blob-keeper.ts';
import { liveToJson } from './live-json.ts';
import { type PastRun, entryOf } from './past-run.ts';
import type { KeptLive } from './run-keeping.ts';
import type { RunLog } from './run-log.ts';

export interface RunCommitsOptions {
  readonly recorder: Pick<Recorder, 'record' | 'attach'>;
  readonly keeper: Pick<BlobKeeper, 'keep' | 'durable' | 'isDurable'>;
  readonly clock: Clock;
  readonly logger: RunLog;
  /** Everything the runner said up to `seq` is on disk. */
  readonly ack: (seq: number) => void;
}

interface Cursor {
  readonly runner: RunnerId;
  readonly seq: number;
}

/** Shortest time between commits that nobody waits for, ms. */
const paceMs = 300;

export class RunCommits implements Disposable {
  readonly #options: RunCommitsOptions;
  readonly #changed = new Map<DocumentId, KeptLive>();
  #entries: NewEntry[] = [];
  #late: PastRun[] = [];
  #lateWork: Promise<void> = Promise.resolve();
  #runner: RunnerId | null = null;
  #folded: Cursor | null = null;
  #submittedCursor: Cursor | null = null;
  /** In the middle of an event: no moment for a commit. */
  #isHeld = false;
  #isSoon = false;
  #isSubmitting = false;
  #timer: Disposable | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;
  #waiters: { readonly submitted: () => void; readonly durable: () => void }[] = [];
  readonly #inFlight = new Map<DocumentId, LiveNotebook>();
  #isDisposed = false;

  constructor(options: RunCommitsOptions) {
    this.#options = options;
  }

  /** The live document that is not on disk yet; null when the disk has the newest. */
  ahead(document: DocumentId): LiveNotebook | null {
    return this.#changed.get(document)?.live ?? this.#inFlight.get(document) ?? null;
  }

  connected(runner: RunnerId): void {
    this.#runner = runner;
    this.#folded = null;
  }

  hold(): void {
    this.#isHeld = true;
  }

  folded(seq: number): void {
    this.#isHeld = false;
    if (this.#runner !== null) this.#folded = { runner: this.#runner, seq };
    this.#schedule();
  }

  touch(kept: KeptLive, isSoon: boolean): void {
    this.#changed.set(kept.document, kept);
    this.#isSoon ||= isSoon;
    this.#schedule();
  }

  record(past: PastRun, isLate: boolean): void {
    if (isLate) this.#late.push(past);
    else {
      this.#entries.push(entryOf(past, this.#options.keeper));
      this.#isSoon = true;
    }
    this.#schedule();
  }

  submitted(): Promise<void> {
    return this.#wait('submitted');
  }

  flush(): Promise<void> {
    return this.#wait('durable');
  }

  /** As `flush`, and the history entries that nobody waits for. */
  async flushAll(): Promise<void> {
    await this.flush();
    await this.#lateWork;
    await this.flush();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
  }

  #wait(until: 'submitted' | 'durable'): Promise<void> {
    return new Promise((resolve) => {
      const nothing = () => {};
      this.#waiters.push({
        submitted: until === 'submitted' ? resolve : nothing,
        durable: until === 'durable' ? resolve : nothing,
      });
      this.#isSoon = true;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isHeld || this.#isSubmitting || this.#isDisposed) return;
    if (this.#isSoon) {
      this.#timer?.dispose();
      this.#timer = null;
      void this.#submit();
      return;
    }
    const { clock } = this.#options;
    const wait = Math.min(paceMs, Math.max(0, this.#lastAt + paceMs - clock.now()));
    this.#timer ??= clock.after(wait, () => {
      this.#timer = null;
      if (!this.#isHeld) void this.#submit();
    });
  }

  /** Hands one moment to the recorder; the next moment may be handed over before this one is on disk. */
  async #submit(): Promise<void> {
    if (this.#isSubmitting || this.#isDisposed) return;
    this.#isSubmitting = true;
    // Changes of one turn of the event loop are one moment; a snapshot in the middle of an operation is none.
    await Promise.resolve();
    if (this.#isHeld) {
      this.#isSubmitting = false;
      return;
    }
    this.#isSoon = false;
    this.#lastAt = this.#options.clock.now();
    const { recorder, keeper } = this.#options;
    const kept = [...this.#changed.values()].map(({ document, live }) => ({ document, live }));
    const live = this.#takeRows(kept);
    const entries = this.#entries;
    const late = this.#late;
    const waiters = this.#waiters;
    const cursor = this.#folded;
    this.#entries = [];
    this.#late = [];
    this.#waiters = [];
    if (!keeper.isDurable) await keeper.durable();
    for (const entry of entries) recorder.record(entry);
    const isNews = cursor !== null && !sameCursor(cursor, this.#submittedCursor);
    const durable = recorder.attach({
      ...(live.length === 0 ? {} : { live }),
      ...(isNews ? { cursor } : {}),
    });
    if (isNews) this.#submittedCursor = cursor;
    this.#isSubmitting = false;
    for (const waiter of waiters) waiter.submitted();
    if (late.length > 0) this.#lateWork = this.#lateWork.then(() => this.#recordLate(late));
    void durable.then(() => {
      for (const { document, live: was } of kept)
        if (this.#inFlight.get(document) === was) this.#inFlight.delete(document);
      this.#durable(isNews ? cursor : null, waiters);
    });
    if (this.#changed.size > 0 || this.#waiters.length > 0 || this.#folded !== cursor) this.#schedule();
  }

  #durable(cursor: Cursor | null, waiters: readonly { readonly durable: () => void }[]): void {
    if (cursor !== null && cursor.runner === this.#runner && !this.#isDisposed) this.#options.ack(cursor.seq);
    for (const waiter of waiters) waiter.durable();
  }

  #takeRows(kept: readonly KeptLive[]): LiveRow[] {
    this.#changed.clear();
    for (const { document, live } of kept) this.#inFlight.set(document, live);
    return kept.map(({ document, live }) => ({ document, json: liveToJson(live) }));
  }

  /** Results that came with a file: many blobs, which nothing else has to wait for. */
  async #recordLate(late: readonly PastRun[]): Promise<void> {
    const { keeper, recorder } = this.#options;
    const entries = late.map((past) => entryOf(past, keeper));
    await keeper.durable();
    for (const entry of entries) recorder.record(entry);
  }
}

function sameCursor(a: Cursor, b: Cursor | null): boolean {
  return a.runner === b?.runner && a.seq === b.seq;
}
