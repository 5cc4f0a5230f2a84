/**
 * Whoever puts other rows in the place of a document's entries (packing, purging) reads them first and writes later:
 * one after the other, so that what is being packed does not come back after a purge. Owned by the composition root,
 * one for a data folder.
 */
import type { DocumentId } from '@cahier/base/ids.ts';

export class Turns {
  readonly #last = new Map<DocumentId, Promise<unknown>>();

  /** Begins `work` when nobody else is at work on the document. */
  take<T>(document: DocumentId, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(document) ?? Promise.resolve();
    const turn = before.then(work);
    const ended = turn
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(document) === ended) this.#last.delete(document);
      });
    this.#last.set(document, ended);
    return turn;
  }
}
