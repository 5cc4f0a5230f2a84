/**
 * A recorder that keeps what it is given in memory. What one call stack records and attaches is one batch, durable after
 * a turn; `hold` keeps batches back, and `crash` forgets those, as a killed process does.
 */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentId, RunnerId } from '@cahier/base/ids.ts';
import type { DocumentRow, Entry, NewEntry } from '@cahier/core/history/entry.ts';
import type { CommitBatch, LiveRow } from '@cahier/server/history/history-log.ts';
import type { Recorder } from '@cahier/server/history/recorder.ts';

interface Batch {
  readonly entries: Entry[];
  readonly attached: Omit<CommitBatch, 'entries'>[];
  readonly resolves: (() => void)[];
}

export class MemoryRecorder implements Recorder {
  /** What is on the disk. */
  readonly entries: Entry[] = [];
  readonly live = new Map<DocumentId, string>();
  readonly cursors = new Map<RunnerId, number>();
  commits = 0;
  readonly #given = new Map<DocumentId, number>();
  #open: Batch | null = null;
  #held: Batch[] = [];
  #isHolding = false;

  async open(document: DocumentId): Promise<void> {
    if (!this.#given.has(document)) this.#given.set(document, this.durableSeq(document));
  }

  record(entry: NewEntry): number {
    const seq = (this.#given.get(entry.document) ?? this.durableSeq(entry.document)) + 1;
    this.#given.set(entry.document, seq);
    this.#batch().entries.push({ ...entry, seq });
    return seq;
  }

  attach(batch: Omit<CommitBatch, 'entries'>): Promise<void> {
    return new Promise((resolve) => {
      const open = this.#batch();
      open.attached.push(batch);
      open.resolves.push(resolve);
    });
  }

  flush(): Promise<void> {
    return this.attach({});
  }

  durableSeq(document: DocumentId): number {
    return this.entries.filter((entry) => entry.document === document).length;
  }

  onDurable(): Disposable {
    return { dispose: () => {} };
  }

  onTrouble(): Disposable {
    return { dispose: () => {} };
  }

  /** Where ProjectRuns reads from. */
  readonly log = {
    live: async (document: DocumentId): Promise<LiveRow | null> => {
      const json = this.live.get(document);
      return json === undefined ? null : { document, json };
    },
    document: async (id: DocumentId): Promise<DocumentRow | null> => ({
      id,
      kind: 'notebook',
      path: `${id}.ipynb`,
      epoch: 'epoch',
    }),
  };

  /** Nothing becomes durable until `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    for (const batch of this.#held.splice(0)) this.#commit(batch);
  }

  /** The process is killed: what is not on the disk is gone. */
  crash(): void {
    this.#open = null;
    this.#held = [];
    this.#given.clear();
    this.#isHolding = false;
  }

  #batch(): Batch {
    if (this.#open !== null) return this.#open;
    const batch: Batch = { entries: [], attached: [], resolves: [] };
    this.#open = batch;
    queueMicrotask(() => {
      if (this.#open !== batch) return;
      this.#open = null;
      if (this.#isHolding) this.#held.push(batch);
      else this.#commit(batch);
    });
    return batch;
  }

  #commit(batch: Batch): void {
    this.commits += 1;
    this.entries.push(...batch.entries);
    for (const { live = [], cursor } of batch.attached) {
      for (const row of live) this.live.set(row.document, row.json);
      if (cursor) this.cursors.set(cursor.runner, cursor.seq);
    }
    for (const resolve of batch.resolves) resolve();
  }
}
