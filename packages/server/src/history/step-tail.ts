/**
 * The end of a document's steps, in memory: a replica of the document and the steps since the last full chunk. It is
 * lost with the process and derived again from the hot log; only full chunks are stored. Owned by StepStore.
 */
import type { DocumentId } from '@cahier/base/ids.ts';
import { StepDeriver } from '@cahier/core/history/derive-steps.ts';
import type { Entry, UpdateEntry } from '@cahier/core/history/entry.ts';
import type { PastDocument, Step } from '@cahier/core/history/step.ts';
import * as Y from 'yjs';
import type { SnapshotRow } from './history-log.ts';
import { AuthorList } from './step-author.ts';
import type { StepChunk } from './step-chunk.ts';

export class StepTail {
  readonly document: DocumentId;
  readonly #replica: Y.Doc;
  readonly #deriver: StepDeriver;
  #base: PastDocument;
  #steps: Step[] = [];
  #authors = new AuthorList();
  #damaged: number[] = [];
  #lastAt = 0;
  /** Full chunks that are not stored: while a long derivation goes on, or because the disk takes nothing now. */
  readonly unkept: StepChunk[] = [];
  /** The last damaged entry: what it did is missing in the replica until a younger snapshot brings it back. */
  #hole: number | null = null;

  /** `replica`: the document at `base`. */
  constructor(document: DocumentId, replica: Y.Doc, base: PastDocument) {
    this.document = document;
    this.#replica = replica;
    this.#base = base;
    this.#deriver = new StepDeriver(replica, base);
  }

  get seq(): number {
    return this.#base.seq + this.#steps.length;
  }

  get length(): number {
    return this.#steps.length;
  }

  /** Number of the last damaged entry whose effect is still missing; null when nothing is. */
  get hole(): number | null {
    return this.#hole;
  }

  /** What is here since the last full chunk. The arrays are copies. */
  chunk(): StepChunk {
    return {
      document: this.document,
      base: this.#base,
      steps: [...this.#steps],
      authors: [...this.#authors.list],
      damaged: [...this.#damaged],
    };
  }

  add(entry: Entry): void {
    this.#lastAt = entry.at;
    this.#steps.push(this.#deriver.apply(entry, this.#authors.placeOf(entry.author)));
  }

  /** An entry that cannot be read: an empty step in its place. */
  addDamaged(seq: number): void {
    this.#hole = seq;
    this.#damaged.push(seq);
    const author = this.#authors.placeOf({ person: null, name: '' });
    this.#deriver.skip(seq);
    this.#steps.push({ seq, at: this.#lastAt, author, origin: 'api', changes: [] });
  }

  /** Adds an entry together with a state no younger than it: what damaged entries had done comes back here. */
  addHealing(entry: UpdateEntry, snapshot: SnapshotRow): void {
    this.add({ ...entry, update: Y.mergeUpdates([entry.update, snapshot.state]) });
    this.#hole = null;
  }

  /** The chunk is full: the next one begins here. */
  cut(): void {
    this.#base = this.#deriver.past();
    this.#steps = [];
    this.#authors = new AuthorList();
    this.#damaged = [];
  }

  replicaState(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#replica);
  }

  dispose(): void {
    this.#deriver.dispose();
    this.#replica.destroy();
  }
}
