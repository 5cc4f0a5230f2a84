/** Derived steps in memory, for tests; a chunk can be damaged. */
import type { DocumentId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type {
  StepChunkRow,
  StepChunkSummary,
  StepLog,
  StepResumeRow,
} from '@cahier/server/history/step-log.ts';

export class MemoryStepLog implements StepLog {
  readonly #chunks = new Map<DocumentId, StepChunkRow[]>();
  readonly #resumes = new Map<DocumentId, StepResumeRow>();
  readonly #damaged = new Set<string>();

  /** The chunk that begins at `from` can no longer be read. */
  damage(document: DocumentId, from: number): void {
    this.#damaged.add(`${document} ${from}`);
  }

  chunks(document: DocumentId): readonly StepChunkRow[] {
    return this.#chunks.get(document) ?? [];
  }

  async keep(chunks: readonly StepChunkRow[], resume: StepResumeRow): Promise<void> {
    const first = chunks[0]?.from ?? Number.POSITIVE_INFINITY;
    const before = this.chunks(resume.document).filter((chunk) => chunk.from < first);
    this.#chunks.set(resume.document, structuredClone([...before, ...chunks]));
    for (const { document, from } of chunks) this.#damaged.delete(`${document} ${from}`);
    this.#resumes.set(resume.document, structuredClone(resume));
  }

  async chunk(document: DocumentId, seq: number): Promise<StepChunkRow | null> {
    const found = this.chunks(document).find((chunk) => chunk.from <= seq && seq <= chunk.to);
    if (found) this.#check(found);
    return found ?? null;
  }

  async summaries(document: DocumentId): Promise<StepChunkSummary[]> {
    return this.chunks(document).map((chunk) => {
      this.#check(chunk);
      const { from, to, summary } = chunk;
      return { document, from, to, summary };
    });
  }

  async resume(document: DocumentId): Promise<StepResumeRow | null> {
    return this.#resumes.get(document) ?? null;
  }

  async clear(document: DocumentId): Promise<void> {
    this.#chunks.delete(document);
    this.#resumes.delete(document);
  }

  #check({ document, from }: StepChunkRow): void {
    if (this.#damaged.has(`${document} ${from}`)) {
      throw appError('history/damaged', { details: { segment: `${document} ${from}`, seq: from } });
    }
  }
}
