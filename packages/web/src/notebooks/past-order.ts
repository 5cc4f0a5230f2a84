import type { PastCell, PastDocument } from '@cahier/core/history/step.ts';

/** The cells of a past document, by (position, id) as everywhere. */
export function orderOfPast(past: PastDocument): readonly PastCell[] {
  return Object.values(past.cells).toSorted((a, b) => {
    if (a.position !== b.position) return a.position < b.position ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  });
}
