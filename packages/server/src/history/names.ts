/** Names of moments: read from the few chunks of steps that have such marks, written as marks of their own. */
import type { Clock } from '@cahier/base/clock.ts';
import type { DocumentId, ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { nameText, namesIn } from '@cahier/core/history/names.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { momentFlags } from '@cahier/core/history/timeline.ts';
import type { NamedMomentOnWire } from '@cahier/protocol/http/history.ts';
import type { HistoryLog } from './history-log.ts';
import type { Recorder } from './recorder.ts';
import { AuthorList } from './step-author.ts';
import type { StepStore } from './step-store.ts';

export interface NamesDeps {
  readonly log: Pick<HistoryLog, 'document' | 'lastSeq'>;
  readonly steps: Pick<StepStore, 'summaries' | 'chunk'>;
  readonly clock: Clock;
  /** The recorder of the open project. */
  readonly prepare: (
    project: ProjectId,
    document: DocumentId,
  ) => Promise<Pick<Recorder, 'open' | 'record' | 'flush'>>;
}

export class HistoryNames {
  readonly #deps: NamesDeps;

  constructor(deps: NamesDeps) {
    this.#deps = deps;
  }

  /** In the order of the moments. Throws `document/not-found`. */
  async list(project: ProjectId, document: DocumentId): Promise<readonly NamedMomentOnWire[]> {
    await this.#check(project, document);
    const { steps } = this.#deps;
    const authors = new AuthorList();
    const marks: Step[] = [];
    for (const { moments } of await steps.summaries(document)) {
      const isNamed = moments.some(([, , , , flags]) => flags & momentFlags.named);
      const last = moments.at(-1)?.[0];
      if (!isNamed || last === undefined) continue;
      const chunk = await steps.chunk(document, last);
      for (const step of chunk.steps) {
        if (!step.changes.some((change) => change.c === 'mark' && change.mark === 'named')) continue;
        const by = chunk.authors[step.author] ?? { person: null, name: '' };
        marks.push({ ...step, author: authors.placeOf(by) });
      }
    }
    return namesIn(marks).map(({ seq, name, author, at }) => ({
      seq,
      name,
      at,
      by: authors.list[author]?.name ?? '',
    }));
  }

  /** An empty name takes the name away. Throws `document/not-found`, `history/range`, `history/not-durable`. */
  async name(
    project: ProjectId,
    document: DocumentId,
    seq: number,
    name: string,
    by: EntryAuthor,
  ): Promise<void> {
    await this.#check(project, document);
    const recorder = await this.#deps.prepare(project, document);
    if (seq < 1 || seq > (await this.#deps.log.lastSeq(document))) throw appError('history/range');
    await recorder.open(document);
    recorder.record({
      document,
      at: this.#deps.clock.now(),
      author: by,
      origin: 'api',
      kind: 'mark',
      mark: 'named',
      text: nameText(seq, name),
    });
    await recorder.flush();
  }

  async #check(project: ProjectId, document: DocumentId): Promise<void> {
    const row = await this.#deps.log.document(document);
    if (row?.project !== project) throw appError('document/not-found');
  }
}
