/**
 * Cells that a JupyterLab wants to run. It asks for each cell by a request of its own, several at the same time over
 * connections that overtake each other and the socket on which the typing travels. So requests of one moment are gathered
 * and queued in the notebook's order; what was typed before the key was pressed has arrived by then.
 */
import type { Clock } from '@cahier/base/clock.ts';
import type { CellId } from '@cahier/base/ids.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import type { NotebookRuns } from '../../runs/notebook-runs.ts';

interface Wish {
  readonly cell: CellId;
  readonly author: EntryAuthor;
  readonly done: (outcome: Promise<void>) => void;
}

/** A person cannot press two keys within it; requests of one "run all" arrive well within it. */
const gatherMs = 25;

export class GatheredRuns {
  readonly #clock: Clock;
  readonly #wishes = new Map<NotebookRuns, Wish[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the cell waits in the queue and that is on disk. Throws what queueing throws. */
  queue(
    runs: NotebookRuns,
    order: () => readonly CellId[],
    cell: CellId,
    author: EntryAuthor,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const wish: Wish = { cell, author, done: (outcome) => void outcome.then(resolve, reject) };
      const waiting = this.#wishes.get(runs);
      if (waiting) {
        waiting.push(wish);
        return;
      }
      this.#wishes.set(runs, [wish]);
      this.#clock.after(gatherMs, () => this.#begin(runs, order()));
    });
  }

  #begin(runs: NotebookRuns, order: readonly CellId[]): void {
    const wishes = this.#wishes.get(runs) ?? [];
    this.#wishes.delete(runs);
    const place = new Map(order.map((id, at) => [id, at]));
    const byAuthor = Map.groupBy(wishes, ({ author }) => JSON.stringify([author.person, author.name]));
    for (const mine of byAuthor.values()) {
      const [first] = mine;
      if (!first) continue;
      const cells = [...new Set(mine.map(({ cell }) => cell))];
      cells.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
      const outcome = runs.queue(cells, first.author);
      for (const { done } of mine) done(outcome);
    }
  }
}
