/** Writes a whole history as JSON lines, a chunk of steps at a time, so that its length costs no memory. */
import type { BlobHash, DocumentId, ProjectId } from '@cahier/base/ids.ts';
import type { Clock } from '@cahier/base/clock.ts';
import { appError } from '@cahier/core/errors.ts';
import { type ExportLine, exportVersion, outputsNamedBy } from '@cahier/core/history/export-lines.ts';
import type { NbOutput } from '@cahier/core/notebooks/notebook.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { z } from 'zod';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { HistoryLog } from './history-log.ts';
import { AuthorList } from './step-author.ts';
import type { StepStore } from './step-store.ts';

export interface HistoryExportDeps {
  readonly log: HistoryLog;
  readonly steps: StepStore;
  readonly blobs: BlobStore;
  /** An output with everything that it keeps in blobs, as a file has it. */
  readonly readWhole: (
    output: LiveOutput,
    from: { read(hash: BlobHash): Promise<Uint8Array> },
  ) => Promise<NbOutput>;
  readonly clock: Clock;
}

const liveOutputs = z.custom<readonly LiveOutput[]>(Array.isArray);

export class HistoryExport {
  readonly #deps: HistoryExportDeps;

  constructor(deps: HistoryExportDeps) {
    this.#deps = deps;
  }

  /** Lines with their ends, in pieces. Throws `document/not-found` before the first. */
  async write(
    project: ProjectId,
    document: DocumentId,
    withOutputs: boolean,
  ): Promise<AsyncGenerator<string, void>> {
    const row = await this.#deps.log.document(document);
    if (row?.project !== project) throw appError('document/not-found');
    const lastSeq = await this.#deps.log.lastSeq(document);
    const { kind, path } = row;
    const head: ExportLine = {
      line: 'history',
      version: exportVersion,
      kind,
      document,
      path,
      exportedAt: this.#deps.clock.now(),
      lastSeq,
    };
    return this.#lines(project, document, head, lastSeq, withOutputs);
  }

  async *#lines(
    project: ProjectId,
    document: DocumentId,
    head: ExportLine,
    lastSeq: number,
    withOutputs: boolean,
  ): AsyncGenerator<string, void> {
    yield written(head);
    const authors = new AuthorList();
    const told = new Set<string>();
    let next = 1;
    while (next <= lastSeq) {
      const chunk = await this.#deps.steps.chunk(document, next);
      const lines: string[] = [];
      const damaged = new Set(chunk.damaged);
      for (const step of chunk.steps) {
        if (step.seq < next || step.seq > lastSeq) continue;
        const by = chunk.authors[step.author] ?? { person: null, name: '' };
        const isNew = authors.list.length;
        const number = authors.placeOf(by);
        if (number === isNew) lines.push(written({ line: 'author', number, ...by }));
        for (const hash of withOutputs ? outputsNamedBy(step) : []) {
          if (told.has(hash)) continue;
          told.add(hash);
          yield lines.splice(0).join('');
          yield written({ line: 'outputs', hash, outputs: await this.#outputs(project, hash) });
        }
        const isDamaged = damaged.has(step.seq);
        lines.push(
          written({ line: 'step', ...step, author: number, ...(isDamaged ? { damaged: true } : {}) }),
        );
      }
      const reached = chunk.steps.at(-1)?.seq ?? lastSeq;
      yield lines.join('');
      next = Math.max(next, reached) + 1;
    }
  }

  /** What is no longer stored reads as no outputs. */
  async #outputs(project: ProjectId, hash: Parameters<BlobStore['get']>[1]): Promise<NbOutput[]> {
    const { blobs } = this.#deps;
    const bytes = await blobs.get(project, hash).catch(() => null);
    if (!bytes) return [];
    const outputs = liveOutputs.parse(JSON.parse(Buffer.from(bytes).toString()));
    const read = { read: (name: typeof hash) => blobs.get(project, name) };
    return Promise.all(outputs.map((output) => this.#deps.readWhole(output, read)));
  }
}

function written(line: ExportLine): string {
  return `${JSON.stringify(line)}\n`;
}
