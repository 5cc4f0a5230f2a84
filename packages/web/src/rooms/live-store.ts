/**
 * The live document as this page has it: folds the server's numbered operations, tells one cell's listeners about that
 * cell only. It never writes: the server is the live document's only writer.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { applyLiveOp } from '@cahier/core/runs/apply-live-op.ts';
import { emptyLiveNotebook, type LiveNotebook, type LiveOp } from '@cahier/core/runs/live.ts';
import type { Readable } from './store.ts';

export class LiveStore implements Readable<LiveNotebook> {
  #live: LiveNotebook;
  #listeners = new Set<() => void>();
  #byCell = new Map<CellId, Set<() => void>>();

  constructor(live: LiveNotebook = emptyLiveNotebook) {
    this.#live = live;
  }

  readonly get = (): LiveNotebook => this.#live;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  subscribeCell(cell: CellId, listener: () => void): () => void {
    const listeners = this.#byCell.get(cell) ?? new Set();
    this.#byCell.set(cell, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#byCell.delete(cell);
    };
  }

  /** Takes the whole document anew (opening, coming back after a cut). */
  replace(live: LiveNotebook): void {
    this.#set(live);
  }

  /** Folds operations `from`+1 …; false when some before them are missing (then the whole must be asked for). */
  fold(from: number, ops: readonly LiveOp[]): boolean {
    const version = this.#live.version;
    if (from > version) return false;
    const unseen = ops.slice(version - from);
    if (unseen.length > 0) this.#set(unseen.reduce(applyLiveOp, this.#live));
    return true;
  }

  #set(next: LiveNotebook): void {
    const before = this.#live;
    if (before === next) return;
    this.#live = next;
    for (const [cell, listeners] of [...this.#byCell]) {
      if (before.cells[cell] !== next.cells[cell]) for (const listener of [...listeners]) listener();
    }
    for (const listener of [...this.#listeners]) listener();
  }
}
