/**
 * From a moment of the past to what an ordinary edit can aim at (`kind.edit`): the whole document, or the present with
 * one cell as it was. Restoring never rewrites history; it is a new edit with origin `restore`. Results come back only
 * when they are asked for: what a kernel said then is not what it would say now.
 */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { CellId } from '@cahier/base/ids.ts';
import { isJsonObject, type Json } from '@cahier/base/json.ts';
import type { PlainNotebook } from '../notebooks/notebook.ts';
import { defaultMinor, extraKey, metadataKeyOf, minorKey, plainCellOf } from '../notebooks/source-layout.ts';
import type { LiveOutput } from '../runs/live.ts';
import { pastCells } from './fold.ts';
import { type PastDocument, textCellId } from './step.ts';

/** The notebook at that moment, without results. */
export function notebookOf(past: PastDocument): PlainNotebook {
  const metadata: [string, Json][] = [];
  for (const [key, value] of Object.entries(past.meta)) {
    const name = metadataKeyOf(key);
    if (name !== null) metadata.push([name, value]);
  }
  const minor = past.meta[minorKey];
  const extra = past.meta[extraKey];
  return {
    nbformatMinor: typeof minor === 'number' && Number.isInteger(minor) && minor >= 0 ? minor : defaultMinor,
    metadata: Object.fromEntries(metadata),
    ...(isJsonObject(extra) && Object.keys(extra).length > 0 ? { extra } : {}),
    cells: pastCells(past).map(plainCellOf),
  };
}

/** The text at that moment. */
export function textOf(past: PastDocument): string {
  return past.cells[textCellId]?.source ?? '';
}

/**
 * The present with one cell as it was; a cell deleted since comes back behind the nearest of its former neighbours
 * above. Null when the cell was not there at that moment.
 */
export function withPastCell(now: PlainNotebook, past: PastDocument, id: CellId): PlainNotebook | null {
  const then = pastCells(past);
  const index = then.findIndex((cell) => cell.id === id);
  const found = then[index];
  if (!found) return null;
  const restored = plainCellOf(found);
  if (now.cells.some((cell) => cell.id === id)) {
    return { ...now, cells: now.cells.map((cell) => (cell.id === id ? restored : cell)) };
  }
  const present = new Set(now.cells.map((cell) => cell.id));
  const above = then.slice(0, index).findLast((cell) => present.has(cell.id));
  const at = above === undefined ? 0 : now.cells.findIndex((cell) => cell.id === above.id) + 1;
  return { ...now, cells: [...now.cells.slice(0, at), restored, ...now.cells.slice(at)] };
}

/**
 * The outputs of now with one of then: in place of the one of the same kind that stands there, else between the others.
 * Null when it was not there, or is there just so.
 */
export function withPastOutput(
  now: readonly LiveOutput[],
  then: readonly LiveOutput[],
  index: number,
): readonly LiveOutput[] | null {
  const output = then[index];
  if (!output) return null;
  const there = now[index];
  if (there && JSON.stringify(there) === JSON.stringify(output)) return null;
  const at = Math.min(index, now.length);
  return there && kindOf(there) === kindOf(output) ? now.with(at, output) : now.toSpliced(at, 0, output);
}

/** Outputs of one kind stand for each other: a stream by its name, a result by the types that it has. */
function kindOf(output: LiveOutput): string {
  switch (output.type) {
    case 'stream':
      return `stream ${output.name}`;
    case 'display_data':
    case 'execute_result':
      return [...Object.keys(output.data), ...Object.keys(output.blobs ?? {})].sort().join(' ');
    case 'error':
    case 'unknown':
      return output.type;
    default:
      return assertNever(output);
  }
}
