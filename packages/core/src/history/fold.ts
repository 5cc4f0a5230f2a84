/** The one way from steps to a document, for the server and the browser: fold(steps up to n) is the document at n. */
import { PastDraft } from './past-draft.ts';
import type { PastCell, PastDocument, Step } from './step.ts';

/** The document after one more step. Cells that the step did not touch are the same objects. */
export function applyStep(past: PastDocument, step: Step): PastDocument {
  const draft = new PastDraft(past);
  draft.apply(step);
  return draft.freeze();
}

/**
 * The document at `seq`. `steps` follow one another from `base.seq + 1` on; those after `seq` are left out, and so are
 * those that `base` has already.
 */
export function foldTo(base: PastDocument, steps: readonly Step[], seq: number): PastDocument {
  const draft = new PastDraft(base);
  for (const step of steps) {
    if (step.seq > seq) break;
    if (step.seq > base.seq) draft.apply(step);
  }
  return draft.freeze();
}

/** Cells from top to bottom: by position, then by id (UTF-16 order, as documents order them). */
export function pastCells(past: PastDocument): PastCell[] {
  return Object.values(past.cells).sort((a, b) => compare(a.position, b.position) || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
