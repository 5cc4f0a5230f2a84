/**
 * The recorder of one open project (contract: recorder.ts). Commits begin at least one window apart: after a pause the
 * first entry is written at once (with all that the same turn of the event loop records), what follows collects. One
 * commit at a time, so the order of numbers is the order on disk. When the disk refuses, the same batch is tried again
 * before anything younger.
 */
import { AppError } from '@cahier/base/app-error.ts';
import { backoffMs } from '@cahier/base/backoff.ts';
import type { Clock } from '@cahier/base/clock.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import type { DocumentId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { Entry, NewEntry } from '@cahier/core/history/entry.ts';
import type { Logger } from 'pino';
import type { CommitBatch, HistoryLog } from './history-log.ts';
import { joinBatches } from './join-batches.ts';
import type { Recorder } from './recorder.ts';

export interface GroupRecorderDeps {
  readonly log: HistoryLog;
  readonly clock: Clock;
  /** Shortest time between the beginnings of two commits, ms. */
  readonly windowMs: number;
  /**
   * How long an entry waits at least before its commit begins, ms: what it changed is on its way to everybody first, and
   * the disk's work does not meet theirs. Nothing waits that somebody waits for (`attach`, `flush`). Default 0.
   */
  readonly leadMs?: number;
  /** In [0, 1): spreads the tries of many recorders after a full disk. */
  readonly random: () => number;
  readonly logger?: Logger;
}

interface Numbers {
  /** Highest number given. */
  given: number;
  durable: number;
}

interface Attached {
  readonly batch: Omit<CommitBatch, 'entries'>;
  readonly resolve: () => void;
}

export class GroupRecorder implements Recorder {
  readonly #deps: GroupRecorderDeps;
  readonly #numbers = new Map<DocumentId, Numbers>();
  readonly #opening = new Map<DocumentId, Promise<void>>();
  readonly #durable = new Emitter<{ readonly document: DocumentId; readonly seq: number }>();
  readonly #trouble = new Emitter<AppError | null>();
  #entries: Entry[] = [];
  #attached: Attached[] = [];
  /** The commit that is due; null: none, or one that begins with this turn of the event loop. */
  #timer: Disposable | null = null;
  #isScheduled = false;
  #isAboutToSchedule = false;
  #lastBegin = Number.NEGATIVE_INFINITY;
  #isCommitting = false;
  #failures = 0;

  constructor(deps: GroupRecorderDeps) {
    this.#deps = deps;
  }

  open(document: DocumentId): Promise<void> {
    const known = this.#opening.get(document);
    if (known) return known;
    const opening = this.#deps.log.lastSeq(document).then((seq) => {
      this.#numbers.set(document, { given: seq, durable: seq });
    });
    this.#opening.set(document, opening);
    opening.catch(() => this.#opening.delete(document));
    return opening;
  }

  record(entry: NewEntry): number {
    const numbers = this.#numbers.get(entry.document);
    if (!numbers) throw new Error(`document ${entry.document} is recorded before it was opened`);
    numbers.given += 1;
    this.#entries.push({ ...entry, seq: numbers.given });
    this.#scheduleAfterAll();
    return numbers.given;
  }

  /** With a lead, after all else that the call stack does: a timer costs more than the rest of the way to the others. */
  #scheduleAfterAll(): void {
    const { leadMs = 0 } = this.#deps;
    if (leadMs === 0) this.#schedule(0);
    else if (!this.#isScheduled && !this.#isCommitting && !this.#isAboutToSchedule) {
      this.#isAboutToSchedule = true;
      queueMicrotask(() => {
        this.#isAboutToSchedule = false;
        this.#schedule(leadMs);
      });
    }
  }

  attach(batch: Omit<CommitBatch, 'entries'>): Promise<void> {
    return new Promise((resolve) => {
      this.#attached.push({ batch, resolve });
      this.#schedule(0);
    });
  }

  flush(): Promise<void> {
    const isIdle = this.#entries.length === 0 && this.#attached.length === 0 && !this.#isCommitting;
    return isIdle ? Promise.resolve() : this.attach({});
  }

  durableSeq(document: DocumentId): number {
    return this.#numbers.get(document)?.durable ?? 0;
  }

  onDurable(listener: (at: { readonly document: DocumentId; readonly seq: number }) => void): Disposable {
    return this.#durable.on(listener);
  }

  onTrouble(listener: (error: AppError | null) => void): Disposable {
    return this.#trouble.on(listener);
  }

  #schedule(leadMs: number): void {
    if (this.#isCommitting || (this.#isScheduled && (leadMs > 0 || this.#timer === null))) return;
    const { clock, windowMs } = this.#deps;
    const untilNext = this.#lastBegin + windowMs - clock.now();
    // A clock set back must not block.
    const wait = Math.max(leadMs, untilNext <= windowMs ? untilNext : 0);
    this.#timer?.dispose();
    this.#timer = null;
    this.#isScheduled = true;
    const begin = () => {
      this.#timer = null;
      this.#isScheduled = false;
      this.#begin();
    };
    // A microtask, so that what one call stack records and attaches stays one batch.
    if (wait > 0) this.#timer = clock.after(wait, begin);
    else queueMicrotask(begin);
  }

  #begin(): void {
    if (this.#isCommitting || (this.#entries.length === 0 && this.#attached.length === 0)) return;
    this.#isCommitting = true;
    this.#lastBegin = this.#deps.clock.now();
    const entries = this.#entries;
    this.#entries = [];
    const later = this.#attached.splice(lengthWithOneRunner(this.#attached));
    // Updates for JupyterLab belong to entries that go now: of the two never one without the other.
    const attached = [...this.#attached, ...later.filter(isLab)];
    this.#attached = later.filter((each) => !isLab(each));
    this.#attempt(
      joinBatches(
        attached.map(({ batch }) => batch),
        entries,
      ),
      entries,
      attached,
    );
  }

  #attempt(batch: CommitBatch, entries: readonly Entry[], attached: readonly Attached[]): void {
    this.#deps.log.commit(batch).then(
      () => this.#succeeded(entries, attached),
      (error: unknown) => {
        this.#failed(error, () => {
          const again = (isThere: boolean) => {
            if (isThere) this.#succeeded(entries, attached);
            else this.#attempt(batch, entries, attached);
          };
          this.#isThere(entries).then(again, () => again(false));
        });
      },
    );
  }

  /** A commit whose answer was lost may have reached the disk; then its first entry is there, byte for byte. */
  async #isThere(entries: readonly Entry[]): Promise<boolean> {
    const first = entries[0];
    if (!first) return false;
    const [found] = await this.#deps.log.entries(first.document, first.seq, first.seq);
    return found !== undefined && isSameEntry(found, first);
  }

  #succeeded(entries: readonly Entry[], attached: readonly Attached[]): void {
    this.#isCommitting = false;
    const wasInTrouble = this.#failures > 0;
    this.#failures = 0;
    const moved = new Map<DocumentId, number>();
    for (const { document, seq } of entries) moved.set(document, seq);
    for (const [document, seq] of moved) {
      const numbers = this.#numbers.get(document);
      if (numbers) numbers.durable = seq;
    }
    if (this.#entries.length > 0 || this.#attached.length > 0) this.#schedule(0);
    for (const { resolve } of attached) resolve();
    this.#tell(() => {
      if (wasInTrouble) this.#trouble.emit(null);
    });
    for (const [document, seq] of moved) this.#tell(() => this.#durable.emit({ document, seq }));
  }

  #failed(error: unknown, again: () => void): void {
    const known =
      error instanceof AppError
        ? error
        : appError('history/not-durable', { details: { why: String(error) }, cause: error });
    const isFirst = this.#failures === 0;
    const wait = backoffMs(this.#failures, this.#deps.random());
    this.#failures += 1;
    if (isFirst) {
      this.#deps.logger?.error({ err: known }, 'history is not durable; trying again');
      this.#tell(() => this.#trouble.emit(known));
    }
    this.#deps.clock.after(wait, again);
  }

  /** A listener's mistake is logged; it must not stop the recording. */
  #tell(announce: () => void): void {
    try {
      announce();
    } catch (error) {
      this.#deps.logger?.error({ err: error }, 'a listener of the recorder failed');
    }
  }
}

/** How many of the attached fit one batch: a batch moves one runner's cursor. */
function lengthWithOneRunner(attached: readonly Attached[]): number {
  const first = attached.find(({ batch }) => batch.cursor)?.batch.cursor;
  const end = attached.findIndex(({ batch }) => batch.cursor && batch.cursor.runner !== first?.runner);
  return end === -1 ? attached.length : end;
}

function isLab({ batch }: Attached): boolean {
  return batch.labUpdates !== undefined || batch.labStates !== undefined;
}

function isSameEntry(a: Entry, b: Entry): boolean {
  if (a.at !== b.at || a.author.session !== b.author.session || a.kind !== b.kind) return false;
  if (a.kind !== 'update' || b.kind !== 'update') return JSON.stringify(a) === JSON.stringify(b);
  return a.update.length === b.update.length && a.update.every((byte, i) => byte === b.update[i]);
}
