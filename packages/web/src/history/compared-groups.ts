/** The rows of a comparison as one reads them: what reads as before is gathered to one quiet line. Pure. */
import { type ComparedRow, isOnlyCounted } from '@cahier/core/history/compare/compare-notebooks.ts';

/** Cells in a row that read as before; `again` of them were run again and gave the same. */
export type Group = { readonly row: ComparedRow } | { readonly same: number; readonly again: number };

export function grouped(rows: readonly ComparedRow[]): readonly Group[] {
  const groups: ({ row: ComparedRow } | { same: number; again: number })[] = [];
  for (const row of rows) {
    const isAgain = row.kind === 'changed' && row.changes !== null && isOnlyCounted(row.changes);
    if (row.kind !== 'same' && !isAgain) {
      groups.push({ row });
      continue;
    }
    const last = groups.at(-1);
    const group = last && 'same' in last ? last : { same: 0, again: 0 };
    if (group !== last) groups.push(group);
    group.same += 1;
    if (isAgain) group.again += 1;
  }
  return groups;
}

export function sameWords({ same, again }: { readonly same: number; readonly again: number }): string {
  const cells = `${same} ${same === 1 ? 'cell' : 'cells'} without changes`;
  if (again === 0) return cells;
  return again === same
    ? `${cells}, run again with the same result`
    : `${cells}, ${again} of them run again with the same result`;
}
