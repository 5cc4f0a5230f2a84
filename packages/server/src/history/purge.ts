/**
 * Removes a range of a history for ever, as the project's owner asks or its retention rule says. The entries of the
 * range leave the disk; their numbers stay, as empty entries of nobody, and the last becomes the whole document as it
 * was then, so that everything after it reads as before; the one before it says who had written before the range what was
 * moved within it (core/history/carried.ts). The purge itself is an entry that says who, when and how many.
 * It never touches what came after the range.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { asBlobHash, type DocumentId, type ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import { Blame } from '@cahier/core/history/blame.ts';
import { carriedOver, type CarriedRun, carriedText } from '@cahier/core/history/carried.ts';
import { StepDeriver } from '@cahier/core/history/derive-steps.ts';
import type { Entry, EntryAuthor } from '@cahier/core/history/entry.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import { emptyPast } from '@cahier/core/history/step.ts';
import * as Y from 'yjs';
import type { BlobStore } from '../blobs/blob-store.ts';
import { loadDocument } from './load-document.ts';
import type { HistoryStore } from './history-store.ts';
import { readAround } from './read-around.ts';
import type { Recorder } from './recorder.ts';
import type { StepStore } from './step-store.ts';
import { Turns } from './turns.ts';

export interface PurgeDeps {
  readonly store: HistoryStore;
  readonly steps: Pick<StepStore, 'forget' | 'chunk'>;
  readonly blobs: Pick<BlobStore, 'has'>;
  readonly clock: Clock;
  /** The recorder of the open project, and its file written as the document is. */
  readonly prepare: (
    project: ProjectId,
    document: DocumentId,
  ) => Promise<Pick<Recorder, 'open' | 'record' | 'flush'>>;
  /** What was made of the document's history and is held in memory must not keep it: at once when a person asked. */
  readonly purged?: (document: DocumentId, isAsked: boolean) => void;
  /** Shared with the packer: what it has read must not come back. */
  readonly turns?: Turns;
}

interface Replacement {
  readonly document: DocumentId;
  readonly from: number;
  readonly to: number;
  /** The document at `to`. */
  readonly state: Uint8Array;
  readonly carried: readonly CarriedRun[];
}

const nobodys = {
  author: { person: null, name: '', session: null },
  origin: 'import',
} as const satisfies Pick<Entry, 'author' | 'origin'>;
/** An update that changes nothing. */
const nothing = Uint8Array.of(0, 0);
const entriesAtOnce = 2_000;

/** Is this what a purge left of an entry? */
export function isPurged(entry: Entry): boolean {
  if (entry.kind === 'mark') return entry.mark === 'carried';
  return entry.kind === 'update' && entry.author.name === '' && entry.update.length === 2;
}

export class HistoryPurge {
  readonly #deps: PurgeDeps;
  readonly #turns: Turns;

  constructor(deps: PurgeDeps) {
    this.#deps = deps;
    this.#turns = deps.turns ?? new Turns();
  }

  /**
   * Resolves to the number of entries removed. Throws `document/not-found`, `history/range`, `history/purge-unwritten`
   * (the file still shows a state of the range), `history/damaged`, `history/not-durable`; may then be asked again.
   */
  async purge(
    project: ProjectId,
    document: DocumentId,
    from: number,
    to: number,
    by: EntryAuthor,
  ): Promise<number> {
    const { store, clock } = this.#deps;
    const row = await store.document(document);
    if (row?.project !== project) throw appError('document/not-found');
    if (from < 1 || to < from || to > (await store.lastSeq(document))) throw appError('history/range');
    const recorder = await this.#deps.prepare(project, document);
    await this.#turns.take(document, () => this.#remove(project, document, from, to, by.person !== null));
    await recorder.open(document);
    const entries = to - from + 1;
    const text = JSON.stringify({ from, to, entries });
    recorder.record({
      document,
      at: clock.now(),
      author: by,
      origin: 'api',
      kind: 'mark',
      mark: 'purged',
      text,
    });
    await recorder.flush();
    return entries;
  }

  async #remove(
    project: ProjectId,
    document: DocumentId,
    from: number,
    to: number,
    isAsked: boolean,
  ): Promise<void> {
    const { store, steps, blobs } = this.#deps;
    const mirror = await store.mirror(document);
    // What the file shows is the base of merges with other programs: it comes from its bytes, or from this history.
    if (
      mirror &&
      mirror.seq >= from &&
      mirror.seq < to &&
      !(await blobs.has(project, asBlobHash(mirror.hash)))
    ) {
      throw appError('history/purge-unwritten');
    }
    const state = Y.encodeStateAsUpdate((await loadDocument(store, document, new Y.Doc(), to)).doc);
    const carried = await this.#carriedOver(document, from, to, state);
    try {
      await this.#replace({ document, from, to, state, carried });
    } finally {
      // Also when the disk refused in the middle: what was made of entries that are gone must not be shown.
      await steps.forget(document);
      this.#deps.purged?.(document, isAsked);
    }
  }

  /** Empty when nothing of it is known, or everything is told by other steps. */
  async #carriedOver(
    document: DocumentId,
    from: number,
    to: number,
    state: Uint8Array,
  ): Promise<readonly CarriedRun[]> {
    if (from === 1 || from === to) return [];
    const { store, steps } = this.#deps;
    const [truth, told] = [new Blame(emptyPast), new Blame(emptyPast)];
    let past = emptyPast;
    try {
      for (let seq = 1; seq <= to; ) {
        const chunk = await steps.chunk(document, seq);
        for (const step of chunk.steps) {
          if (step.seq > to) break;
          truth.apply(step);
          if (step.seq < from) told.apply(step);
        }
        if (seq < from)
          past = foldTo(chunk.base, chunk.steps, Math.min(from - 1, chunk.base.seq + chunk.steps.length));
        seq = chunk.base.seq + chunk.steps.length + 1;
      }
      const { doc } = await loadDocument(store, document, new Y.Doc(), from - 1);
      const deriver = new StepDeriver(doc, past);
      told.apply(deriver.apply({ ...nobodys, document, seq: to, at: 0, kind: 'update', update: state }, -1));
      const cells = Object.values(deriver.past().cells).map(({ id }) => id);
      deriver.dispose();
      return carriedOver(truth, told, cells, from, to);
    } catch (error) {
      // A history that is damaged may be purged, too.
      if (error instanceof AppError && error.code === 'history/damaged') return [];
      throw error;
    }
  }

  async #replace({ document, from, to, state, carried }: Replacement): Promise<void> {
    const { store, clock } = this.#deps;
    const [last] = await store.entries(document, to, to);
    const at = last?.at ?? clock.now();
    const emptied = (seq: number): Entry => {
      const base = { ...nobodys, document, seq, at };
      if (seq === to - 1 && carried.length > 0)
        return { ...base, kind: 'mark', mark: 'carried', text: carriedText(carried) };
      return { ...base, kind: 'update', update: seq === to ? state : nothing };
    };
    // From the end: once the whole document stands at `to`, what is before it may go bit by bit.
    for (let end = to; end >= from; ) {
      const { from: first, to: until } = await this.#stretchAround(
        document,
        Math.max(from, end - entriesAtOnce + 1),
        end,
      );
      const kept = await readAround(store, document, first, until);
      const entries = kept.map((entry) => {
        const seq = typeof entry === 'number' ? entry : entry.seq;
        if (seq >= from && seq <= to) return emptied(seq);
        if (typeof entry === 'number') {
          throw appError('history/damaged', { details: { segment: `${document} ${seq}`, seq } });
        }
        return entry;
      });
      await store.replace(entries);
      end = first - 1;
    }
  }

  /** Segments are replaced whole. */
  async #stretchAround(document: DocumentId, from: number, to: number) {
    const segments = await this.#deps.store.segments(document, from, to);
    return {
      from: Math.min(from, segments[0]?.from ?? from),
      to: Math.max(to, segments.at(-1)?.to ?? to),
    };
  }
}
