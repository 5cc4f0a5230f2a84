/**
 * All steps of a document from the first one on, with one list of authors: what blame and following need. Fetched in
 * long stretches, several at a time, once, and only when asked for. They stay packed, two bytes a step or three, and
 * are unpacked while they are read: half a million of them as objects would take some hundred megabytes.
 */
import type { Step } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { type PackedChunk, type PackedSteps, stepsOfPacked } from '@cahier/protocol/http/packed-steps.ts';

/** Steps in one request. */
const stretch = 32_000;
/** Requests on their way at once: the server packs one while another comes and a third is read here. */
const mostAsked = 3;

export class StepArchive {
  readonly #fetchSteps: (from: number, to: number) => Promise<PackedSteps>;
  /** In order, without gaps; authors are places in `#authors`. */
  readonly #chunks: PackedChunk[] = [];
  readonly #authors: AuthorOnWire[] = [];
  /** The chunk that was unpacked last: who drags a handle reads it many times. */
  #unpacked: { readonly of: PackedChunk; readonly steps: readonly Step[] } | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(fetchSteps: (from: number, to: number) => Promise<PackedSteps>) {
    this.#fetchSteps = fetchSteps;
  }

  /** Steps name them by their place here. */
  get authors(): readonly AuthorOnWire[] {
    return this.#authors;
  }

  /** The last step that is here. */
  get lastSeq(): number {
    return this.#chunks.at(-1)?.to ?? 0;
  }

  /** The steps after `seq` that are here, in order, some thousand at a time. */
  *after(seq: number): Generator<readonly Step[], void> {
    for (const chunk of this.#chunks) {
      if (chunk.to <= seq) continue;
      const steps = this.#stepsOf(chunk);
      yield chunk.from > seq ? steps : steps.filter((step) => step.seq > seq);
    }
  }

  #stepsOf(chunk: PackedChunk): readonly Step[] {
    if (this.#unpacked?.of !== chunk) this.#unpacked = { of: chunk, steps: stepsOfPacked(chunk) };
    return this.#unpacked.steps;
  }

  /** `onProgress`: the share that is here, 0 to 1. Rejects with the server's error; what came stays. */
  load(upTo: number, onProgress: (share: number) => void = () => undefined): Promise<void> {
    const run = this.#running.then(() => this.#load(upTo, onProgress));
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #load(upTo: number, onProgress: (share: number) => void): Promise<void> {
    const asked: { readonly to: number; readonly coming: Promise<PackedSteps> }[] = [];
    let next = this.lastSeq + 1;
    for (;;) {
      while (next <= upTo && asked.length < mostAsked) {
        const to = Math.min(upTo, next + stretch - 1);
        const coming = this.#fetchSteps(next, to);
        // It is waited for in its turn; until then its failure is nobody's.
        coming.catch(() => undefined);
        asked.push({ to, coming });
        next += stretch;
      }
      const first = asked.shift();
      if (!first) return;
      this.#take(await first.coming);
      onProgress(Math.min(1, this.lastSeq / upTo));
      // Where steps are large the server sends fewer of them.
      while (this.lastSeq < first.to) {
        const before = this.lastSeq;
        this.#take(await this.#fetchSteps(before + 1, first.to));
        if (this.lastSeq === before) return;
        onProgress(Math.min(1, this.lastSeq / upTo));
      }
    }
  }

  #take({ authors, chunks }: PackedSteps): void {
    const places = authors.map((author) => {
      const known = this.#authors.findIndex(
        ({ person, name }) => person === author.person && name === author.name,
      );
      return known >= 0 ? known : this.#authors.push(author) - 1;
    });
    for (const chunk of chunks) {
      if (chunk.to <= this.lastSeq) continue;
      // A chunk that was still growing is replaced by its longer self.
      while ((this.#chunks.at(-1)?.from ?? 0) >= chunk.from) this.#chunks.pop();
      this.#chunks.push({ ...chunk, authors: chunk.authors.map((place) => places[place] ?? 0) });
    }
  }
}

/** Lets the page paint and answer keys; without the pause that timers make. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
