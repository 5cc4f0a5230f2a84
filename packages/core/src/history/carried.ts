/**
 * What a purge leaves of who wrote what: of the text that is still there after the purged range, the parts that were
 * written before the range and moved within it, so that no step tells any more where they came from. It is the text of a
 * `carried` mark, the entry before the one that the range became. It says nothing of what was purged. Pure.
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';

/** Units `at` to `at + length` of a cell were written by step `seq`; the purged range's last: nobody knows by whom. */
export interface CarriedRun {
  readonly cell: CellId;
  readonly at: number;
  readonly length: number;
  readonly seq: number;
}

/** Who wrote a cell (blame.ts). */
interface Writers {
  runs(cell: CellId): readonly { readonly length: number; readonly seq: number }[];
}

/** `truth`: blame of the whole history up to `to`; `told`: the same without the range `from` to `to`. */
export function carriedOver(
  truth: Writers,
  told: Writers,
  cells: readonly CellId[],
  from: number,
  to: number,
): readonly CarriedRun[] {
  return cells.flatMap((cell) => {
    const wanted = seqsOf(truth.runs(cell)).map((seq) => (seq >= from ? to : seq));
    const found = seqsOf(told.runs(cell));
    const runs: CarriedRun[] = [];
    for (let at = 0; at < wanted.length; ) {
      const seq = wanted[at] ?? 0;
      let end = at;
      while (end < wanted.length && wanted[end] === seq && found[end] !== seq) end += 1;
      if (end > at) runs.push({ cell, at, length: end - at, seq });
      at = Math.max(end, at + 1);
    }
    return runs;
  });
}

function seqsOf(runs: ReturnType<Writers['runs']>): number[] {
  return runs.flatMap(({ length, seq }) => Array<number>(length).fill(seq));
}

export function carriedText(runs: readonly CarriedRun[]): string {
  return JSON.stringify(runs.map(({ cell, at, length, seq }) => [cell, at, length, seq]));
}

/** What cannot be read says nothing. */
export function readCarried(text: string): readonly CarriedRun[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.flatMap(readRun) : [];
  } catch {
    return [];
  }
}

function readRun(run: unknown): CarriedRun[] {
  const [cell, at, length, seq]: readonly unknown[] = Array.isArray(run) ? run : [];
  const isRun = typeof cell === 'string' && isCount(at) && isCount(length) && isCount(seq);
  return isRun ? [{ cell: asCellId(cell), at, length, seq }] : [];
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
