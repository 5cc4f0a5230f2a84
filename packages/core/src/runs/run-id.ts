/**
 * A run's id names its cell: when the server dies between sending code to the runner and its next commit, the runner's
 * events still tell which cell they belong to, and nothing of the run is lost.
 */
import { type CellId, type RunId, asCellId, asRunId } from '@cahier/base/ids.ts';

/** Ids on the wire have at most 128 characters; a cell id that leaves no room is left out. */
const longestCell = 96;

/** `random`: without dots, at most 31 characters. */
export function runIdFor(cell: CellId, random: string): RunId {
  return asRunId(cell.length > longestCell ? random : `${cell}.${random}`);
}

export function cellOfRun(run: RunId): CellId | null {
  const dot = run.lastIndexOf('.');
  return dot <= 0 ? null : asCellId(run.slice(0, dot));
}
