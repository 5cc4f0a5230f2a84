/** What runs leave in the history: the end of a run with its results, or a mark. */
import type { CellId, DocumentId, RunId } from '@cahier/base/ids.ts';
import type { EntryAuthor, MarkEntry, NewEntry, Origin } from '@cahier/core/history/entry.ts';
import type { LiveCell } from '@cahier/core/runs/live.ts';
import type { BlobKeeper } from './blob-keeper.ts';

interface PastBase {
  readonly document: DocumentId;
  /** Server time, ms since the epoch. */
  readonly at: number;
  readonly author: EntryAuthor;
  readonly origin: Origin;
}

/** `run` null: outputs that came with a file, or were cleared. `cell`: as it was at that moment. */
export interface PastResults extends PastBase {
  readonly run: RunId | null;
  readonly id: CellId;
  readonly cell: LiveCell;
  /** History entry after which the cell's source was the code that ran. */
  readonly codeSeq?: number;
  /** Name of the kernelspec. */
  readonly kernel?: string;
}

export interface PastMark extends PastBase {
  readonly mark: MarkEntry['mark'];
  readonly text: string;
}

export type PastRun = PastResults | PastMark;

/** The history entry; its outputs go to a blob (a JSON list of LiveOutput). */
export function entryOf(past: PastRun, keeper: Pick<BlobKeeper, 'keep'>): NewEntry {
  const { document, at, author, origin } = past;
  const base = { document, at, author, origin };
  if ('mark' in past) return { ...base, kind: 'mark', mark: past.mark, text: past.text };
  const { run, id, cell, codeSeq, kernel } = past;
  return {
    ...base,
    kind: 'run',
    run,
    cell: id,
    state: cell.state,
    executionCount: cell.executionCount,
    startedAt: cell.startedAt ?? null,
    outputs: keeper.keep(Buffer.from(JSON.stringify(cell.outputs)), false).blob,
    ...(codeSeq === undefined ? {} : { codeSeq }),
    ...(kernel === undefined ? {} : { kernel }),
  };
}
