/**
 * One piece of work from its first to its last keystroke: the steps of a history that concern one cell, of the cells
 * that it was split from or merged out of until then, and of those that it was split or merged into since. Pure.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { Blame, type CellLink } from './blame.ts';
import type { Change, PastDocument, Step } from './step.ts';

export interface FollowedWork {
  /** With only the changes that concern the work; folded over `base` they show its cells as they were. */
  readonly steps: readonly Step[];
  /** All cells that the work was in, the followed one first, then in the order in which they come into it. */
  readonly cells: readonly CellId[];
  /** The splits and merges that lead from one of these cells to another. */
  readonly links: readonly CellLink[];
  readonly runs: number;
  /** Author numbers of the steps in the order of their first step. */
  readonly authors: readonly number[];
}

/** `base`: the document before the first step, its cells only. A cell that never was gives no steps. */
export function follow(base: PastDocument, steps: readonly Step[], cell: CellId): FollowedWork {
  return followLinks(linksOf(base, steps), steps, cell);
}

/** The splits and merges in a history; they serve for following any of its cells. */
export function linksOf(base: PastDocument, steps: readonly Step[]): readonly CellLink[] {
  const blame = new Blame(base);
  for (const step of steps) blame.apply(step);
  return blame.links;
}

/** The same with the links at hand (`Blame.links`). */
export function followLinks(links: readonly CellLink[], steps: readonly Step[], cell: CellId): FollowedWork {
  const { since, until } = reach(links, cell);
  const concerns = (id: CellId, seq: number) =>
    (since.get(id) ?? Number.POSITIVE_INFINITY) <= seq || (until.get(id) ?? Number.NEGATIVE_INFINITY) >= seq;
  const own = steps.flatMap((step) => {
    const changes = step.changes.filter((change) => {
      const id = cellOf(change);
      return id !== null && concerns(id, step.seq);
    });
    if (changes.length === 0) return [];
    return [changes.length === step.changes.length ? step : { ...step, changes }];
  });
  const isRun = (change: Change) => change.c === 'run' && change.run !== null;
  return {
    steps: own,
    cells: [...new Set([cell, ...until.keys(), ...since.keys()])],
    links: links.filter(({ from, to, seq }) => concerns(from, seq) && concerns(to, seq)),
    runs: own.filter(({ changes }) => changes.some(isRun)).length,
    authors: [...new Set(own.map(({ author }) => author))],
  };
}

/** Which cells hold the work from when on (`since`) and until when (`until`), by the number of the step. */
function reach(links: readonly CellLink[], cell: CellId) {
  const since = new Map<CellId, number>([[cell, Number.NEGATIVE_INFINITY]]);
  const until = new Map<CellId, number>([[cell, Number.POSITIVE_INFINITY]]);
  for (const { seq, from, to } of links) {
    const start = since.get(from);
    if (start !== undefined && start <= seq && !since.has(to)) since.set(to, seq);
  }
  for (const { seq, from, to } of links.toReversed()) {
    const end = until.get(to);
    if (end !== undefined && end >= seq && !until.has(from)) until.set(from, seq);
  }
  return { since, until };
}

function cellOf(change: Change): CellId | null {
  return change.c === 'meta' || change.c === 'mark' ? null : change.cell;
}
