/** A paste in words: how much, and from where in this document when that is known. Pure. */
import { pastCells } from '@cahier/core/history/fold.ts';
import { pastesIn } from '@cahier/core/history/paste.ts';
import { type PastDocument, type Step, textCellId } from '@cahier/core/history/step.ts';

/** `before`: the document before the step. Null when the step is no paste. */
export function pasteWords(before: PastDocument, step: Step): string | null {
  const pastes = pastesIn(before, step);
  if (pastes.length === 0) return null;
  const size = pastes.reduce((sum, paste) => sum + paste.size, 0);
  const order = pastCells(before).map(({ id }) => id);
  const sources = new Set(pastes.map(({ from }) => from));
  const [from = null] = sources;
  const amount = `pasted ${size.toLocaleString('en')} ${size === 1 ? 'character' : 'characters'}`;
  if (sources.size !== 1 || from === null) return amount;
  return from === textCellId
    ? `${amount} that stood in this document`
    : `${amount} that stood in cell ${order.indexOf(from) + 1}`;
}
