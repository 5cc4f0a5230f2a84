/** What a mirror needs to know of its document besides the kind: how results (outputs) come in and go out. */
import type { CellId } from '@cahier/base/ids.ts';
import { jsonEquals, type Json } from '@cahier/base/json.ts';
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import type { PlainCell, PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import type { CellResults, LiveSource } from '../rooms/live-source.ts';
import type { Room } from '../rooms/room.ts';

export interface MirroredDocument<Plain> {
  readonly kind: DocumentKind<Plain>;
  /** Fetches what may take time; the function given then reads the document as the file shows it, now. */
  prepare(): Promise<() => Plain>;
  /** The document was edited from `before` to `after`: results that differ go where they live. */
  takeResults(before: Plain, after: Plain): Promise<void>;
}

export function mirroredText<Plain>(room: Room, kind: DocumentKind<Plain>): MirroredDocument<Plain> {
  return {
    kind,
    prepare: async () => () => kind.read(room.doc),
    takeResults: async () => undefined,
  };
}

export function mirroredNotebook(
  room: Room,
  kind: DocumentKind<PlainNotebook>,
  live: LiveSource,
): MirroredDocument<PlainNotebook> {
  return {
    kind,
    prepare: async () => {
      const results = await live.results();
      return () => withResults(kind.read(room.doc), results);
    },
    takeResults: async (before, after) => {
      const changed = changedResults(before, after);
      if (changed.size > 0) await live.takeResults(changed);
    },
  };
}

export function withResults(
  notebook: PlainNotebook,
  results: ReadonlyMap<CellId, CellResults>,
): PlainNotebook {
  return {
    ...notebook,
    cells: notebook.cells.map((cell): PlainCell => {
      const result = cell.type === 'code' ? results.get(cell.id) : undefined;
      return cell.type === 'code' && result ? { ...cell, ...result } : cell;
    }),
  };
}

/** Results of cells whose outputs or execution count are other than before. New cells count when they have any. */
export function changedResults(before: PlainNotebook, after: PlainNotebook): Map<CellId, CellResults> {
  const old = new Map(before.cells.map((cell) => [cell.id, resultsOf(cell)]));
  const changed = new Map<CellId, CellResults>();
  for (const cell of after.cells) {
    if (cell.type !== 'code') continue;
    const was = old.get(cell.id) ?? none;
    const is = resultsOf(cell);
    if (!jsonEquals(asJson(was), asJson(is))) changed.set(cell.id, is);
  }
  return changed;
}

const none: CellResults = { outputs: [], executionCount: null };

function resultsOf(cell: PlainCell): CellResults {
  return cell.type === 'code' ? { outputs: cell.outputs, executionCount: cell.executionCount } : none;
}

function asJson({ outputs, executionCount }: CellResults): Json {
  return [executionCount, outputs.map((output): Json => ({ ...output }))];
}
