/** What a witness of simulated histories knows without them: the document after each entry, as JSON, by Yjs alone. */
import { kinds } from '@cahier/core/documents/kinds.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import * as Y from 'yjs';

/** Letters that nobody types by chance, from here on (the private use area); enough for any run. */
export const firstMinted = 0xe000;

export function documentsOf(entries: readonly Entry[]): string[] {
  const doc = new Y.Doc();
  let now = JSON.stringify(kinds.notebook.read(doc));
  return entries.map((entry) => {
    if (entry.kind !== 'update') return now;
    try {
      Y.applyUpdate(doc, entry.update);
    } catch {
      // what a room would not have taken
    }
    now = JSON.stringify(kinds.notebook.read(doc));
    return now;
  });
}
