/**
 * All steps of a document from the first one on, with one list of authors: what blame and following need. Fetched
 * chunk by chunk, once, and only when asked for.
 */
import type { PastDocument, Step } from '@cahier/core/history/step.ts';
import { emptyPast } from '@cahier/core/history/step.ts';
import type { AuthorOnWire, Chunk } from '@cahier/protocol/http/history.ts';

export class StepArchive {
  readonly #fetchChunk: (seq: number) => Promise<Chunk>;
  readonly #steps: Step[] = [];
  readonly #authors: AuthorOnWire[] = [];
  #base: PastDocument = emptyPast;
  #running: Promise<void> = Promise.resolve();

  constructor(fetchChunk: (seq: number) => Promise<Chunk>) {
    this.#fetchChunk = fetchChunk;
  }

  get base(): PastDocument {
    return this.#base;
  }

  /** In order, without gaps. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** Steps name them by their place here. */
  get authors(): readonly AuthorOnWire[] {
    return this.#authors;
  }

  get lastSeq(): number {
    return this.#steps.at(-1)?.seq ?? this.#base.seq;
  }

  /** `onProgress`: the share that is here, 0 to 1. Rejects with the server's error; what came stays. */
  load(upTo: number, onProgress: (share: number) => void = () => undefined): Promise<void> {
    const run = this.#running.then(async () => {
      while (this.lastSeq < upTo) {
        const before = this.lastSeq;
        this.#take(await this.#fetchChunk(before + 1));
        if (this.lastSeq === before) return;
        onProgress(Math.min(1, this.lastSeq / upTo));
      }
    });
    this.#running = run.catch(() => undefined);
    return run;
  }

  #take({ authors, base, steps }: Chunk): void {
    if (this.#steps.length === 0) this.#base = base;
    const places = authors.map((author) => {
      const known = this.#authors.findIndex(
        ({ person, name }) => person === author.person && name === author.name,
      );
      return known >= 0 ? known : this.#authors.push(author) - 1;
    });
    const last = this.lastSeq;
    for (const step of steps) {
      if (step.seq <= last) continue;
      const author = places[step.author] ?? 0;
      this.#steps.push(author === step.author ? step : { ...step, author });
    }
  }
}
