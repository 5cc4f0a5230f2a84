/**
 * Do the two documents of a shared room say the same? The projection keeps them so; this looks whether it did, away from
 * the path of a keystroke. Reads both, writes neither.
 */
import type { KindId } from '@cahier/core/documents/kind.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import { cellText, orderedCells } from '@cahier/core/notebooks/source-doc.ts';
import * as Y from 'yjs';

export function saySame(kind: KindId, source: Y.Doc, shared: Y.Doc): boolean {
  if (kind === 'text') {
    return textOf(source).toString().replace(/\r\n?/g, '\n') === shared.getText('source').toString();
  }
  const theirs = shared.getArray<unknown>('cells').toArray();
  const ours = orderedCells(source);
  if (theirs.length !== ours.length) return false;
  return ours.every(({ id }, at) => {
    const cell = theirs[at];
    if (!(cell instanceof Y.Map) || cell.get('id') !== id) return false;
    const text: unknown = cell.get('source');
    const own = cellText(source, id)?.toString().replace(/\r\n?/g, '\n');
    return text instanceof Y.Text && text.toString().replace(/\r\n?/g, '\n') === own;
  });
}
