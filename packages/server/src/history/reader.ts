/**
 * History as people read it: the timeline, a chunk to fold in the browser, the document at a moment. Reads steps only;
 * never waits for a kernel, a runner or an open room. Rights are the caller's.
 */
import type { DocumentId, PersonId, ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import { coarsen, joinMoments, type Moment } from '@cahier/core/history/timeline.ts';
import type { AuthorOnWire, Chunk, Timeline } from '@cahier/protocol/http/history.ts';
import type { PackedSteps } from '@cahier/protocol/http/packed-steps.ts';
import type { HistoryLog } from './history-log.ts';
import { AuthorList, type StepAuthor } from './step-author.ts';
import type { ChunkSummary } from './step-chunk.ts';
import type { StepStore } from './step-store.ts';

export interface HistoryReaderDeps {
  readonly log: HistoryLog;
  readonly steps: StepStore;
  /** The colour a person has everywhere; null when the person is not known (any more). */
  readonly colorOf: (person: PersonId) => Promise<string | null>;
}

/** For changes by no person: another program changed the file. */
const nobodysColor = '#6b7280';
/** A kernel that died, a purge: nobody did it. */
const nobody = 'Nobody';
const mostMoments = 4_000;
/** Typing needs a twentieth of it; where pictures are pasted all day the answers are shorter. */
const mostPackedBytes = 8_000_000;

export class HistoryReader {
  readonly #deps: HistoryReaderDeps;

  constructor(deps: HistoryReaderDeps) {
    this.#deps = deps;
  }

  /** Throws `document/not-found` when the project has no such document. */
  async timeline(project: ProjectId, document: DocumentId): Promise<Timeline> {
    const { epoch, kind } = await this.#row(project, document);
    const summaries = await this.#deps.steps.summaries(document);
    const { authors, moments } = joined(summaries);
    const damaged = summaries.flatMap((summary) => summary.damaged);
    return {
      epoch,
      kind,
      firstAt: summaries[0]?.firstAt ?? 0,
      lastAt: summaries.reduce((last, summary) => Math.max(last, summary.lastAt), 0),
      lastSeq: moments.at(-1)?.[0] ?? 0,
      authors: await this.#onWire(authors),
      moments: coarsen(moments, mostMoments),
      ...(damaged.length > 0 ? { damaged } : {}),
    };
  }

  /** The chunk that holds `seq`. Throws `document/not-found`, `history/range`. */
  async chunk(project: ProjectId, document: DocumentId, seq: number): Promise<Chunk> {
    await this.#row(project, document);
    const { base, steps, authors } = await this.#deps.steps.chunk(document, seq);
    return { authors: await this.#onWire(authors), base, steps };
  }

  /** The chunk that is still growing, or the last one. Throws `document/not-found`. */
  async newestChunk(project: ProjectId, document: DocumentId): Promise<Chunk> {
    return this.chunk(project, document, await this.#deps.log.lastSeq(document));
  }

  /** The steps from … to, packed, as far as there are any and one answer holds them. Throws `document/not-found`, `history/range`. */
  async steps(project: ProjectId, document: DocumentId, from: number, to: number): Promise<PackedSteps> {
    await this.#row(project, document);
    const found = await this.#deps.steps.packed(document, { from, to, mostBytes: mostPackedBytes });
    const all = new AuthorList();
    const chunks = found.map((chunk) => ({
      ...chunk,
      authors: chunk.authors.map((author) => all.placeOf(author)),
    }));
    return { authors: await this.#onWire(all.list), chunks };
  }

  /** The document at a moment. Throws `history/range`. */
  past(document: DocumentId, seq: number): Promise<PastDocument> {
    return this.#deps.steps.past(document, seq);
  }

  async #row(project: ProjectId, document: DocumentId) {
    const row = await this.#deps.log.document(document);
    if (row?.project !== project) throw appError('document/not-found');
    return row;
  }

  async #onWire(authors: readonly StepAuthor[]): Promise<AuthorOnWire[]> {
    return Promise.all(
      authors.map(async ({ person, name }) => {
        const color = person === null ? null : await this.#deps.colorOf(person);
        return { person, name: name === '' ? nobody : name, color: color ?? nobodysColor };
      }),
    );
  }
}

/** One list of authors for all chunks, and all moments in its terms. */
function joined(summaries: readonly ChunkSummary[]): { authors: readonly StepAuthor[]; moments: Moment[] } {
  const all = new AuthorList();
  const parts = summaries.map(({ authors, moments }) => {
    const places = authors.map((author) => all.placeOf(author));
    return moments.map(
      ([seq, at, author, steps, flags]): Moment => [seq, at, places[author] ?? 0, steps, flags],
    );
  });
  return { authors: all.list, moments: joinMoments(parts) };
}
