/** The order of a listing. Folders come first, names as people count (`lab2` before `lab10`), hidden ones last. Pure. */
import type { FileEntry } from '@cahier/protocol/project-facts.ts';

export type SortKey = 'name' | 'modified' | 'size';
export interface Sort {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function sortEntries(entries: readonly FileEntry[], sort: Sort): FileEntry[] {
  const by = (a: FileEntry, b: FileEntry): number => {
    if (sort.key === 'size') return a.size - b.size;
    if (sort.key === 'modified') return a.modifiedAt - b.modifiedAt;
    return collator.compare(a.name, b.name);
  };
  const rank = (entry: FileEntry) =>
    (entry.type === 'directory' ? 0 : 1) + (entry.name.startsWith('.') ? 2 : 0);
  return entries.toSorted(
    (a, b) =>
      rank(a) - rank(b) || (sort.isDescending ? -by(a, b) : by(a, b)) || collator.compare(a.name, b.name),
  );
}
