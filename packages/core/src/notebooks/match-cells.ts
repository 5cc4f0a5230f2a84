/**
 * Which cell of one notebook is which cell of another: by id, and where ids were lost or rewritten (formats before
 * 4.5, tools) by equal text, then by similar text between the same neighbours, then by similar text anywhere.
 */
import { diffTokens } from '../documents/diff-tokens.ts';
import type { CellType } from './notebook.ts';

/** What of a cell is compared. */
export interface MatchableCell {
  readonly id: string;
  readonly type: CellType;
  readonly source: string;
}

export interface CellMatch {
  /** Indices into the two lists. */
  readonly a: number;
  readonly b: number;
}

/** Least similarity (0 to 1) of two cells between the same neighbours, of the only two there, and of cells anywhere. */
const similarInPlace = 0.4;
const similarAlone = 0.15;
const similarAnywhere = 0.6;
/** More pairs than this are not compared by similarity. */
const maxPairs = 20_000;

/** Every cell is in at most one match; ascending by `a`. */
export function matchCells(a: readonly MatchableCell[], b: readonly MatchableCell[]): readonly CellMatch[] {
  const matching = new Matching(a, b);
  matching.byId();
  matching.byEqualText();
  matching.bySimilarTextInPlace();
  matching.bySimilarTextAnywhere();
  return matching.matches();
}

/** Only matches that are beyond doubt: the same id, or equal texts in the same order. */
export function matchEqualCells(
  a: readonly MatchableCell[],
  b: readonly MatchableCell[],
): readonly CellMatch[] {
  const matching = new Matching(a, b);
  matching.byId();
  matching.byEqualText();
  return matching.matches();
}

class Matching {
  readonly #a: readonly MatchableCell[];
  readonly #b: readonly MatchableCell[];
  readonly #toB = new Map<number, number>();
  readonly #toA = new Map<number, number>();
  readonly #words = new Map<MatchableCell, ReadonlyMap<string, number>>();

  constructor(a: readonly MatchableCell[], b: readonly MatchableCell[]) {
    this.#a = a;
    this.#b = b;
  }

  matches(): readonly CellMatch[] {
    return [...this.#toB].map(([a, b]) => ({ a, b })).sort((x, y) => x.a - y.a);
  }

  byId(): void {
    const ids = new Map(this.#b.map(({ id }, i) => [id, i]));
    this.#a.forEach(({ id }, i) => {
      const j = ids.get(id);
      if (j !== undefined) this.#pair(i, j);
    });
  }

  /** Equal and not blank: first what kept its order, then what was moved. */
  byEqualText(): void {
    const [restA, restB] = [this.#openA(), this.#openB()];
    const keysA = restA.map((i) => keyOf(this.#a[i]));
    const keysB = restB.map((j) => keyOf(this.#b[j]));
    let [i, j] = [0, 0];
    const pairUpTo = (end: number) => {
      for (; i < end; i++, j++) this.#pair(restA[i] ?? -1, restB[j] ?? -1);
    };
    for (const hunk of diffTokens(keysA, keysB)) {
      pairUpTo(hunk.aStart);
      [i, j] = [hunk.aEnd, hunk.bEnd];
    }
    pairUpTo(keysA.length);
    const moved = new Map<string, number[]>();
    for (const open of this.#openB()) {
      const key = keyOf(this.#b[open]);
      moved.set(key, [...(moved.get(key) ?? []), open]);
    }
    for (const open of this.#openA()) {
      const cell = this.#a[open];
      const found = cell && cell.source.trim() !== '' ? moved.get(keyOf(cell))?.shift() : undefined;
      if (found !== undefined) this.#pair(open, found);
    }
  }

  /** Between two neighbours that are matched in order, the best pairing that keeps the order. */
  bySimilarTextInPlace(): void {
    for (const { listA, listB } of this.#gaps()) {
      const [onlyA] = listA;
      const [onlyB] = listB;
      if (listA.length === 1 && listB.length === 1 && onlyA !== undefined && onlyB !== undefined) {
        if (this.#similarity(onlyA, onlyB) >= similarAlone) this.#pair(onlyA, onlyB);
      } else if (listA.length * listB.length <= maxPairs) this.#pairInOrder(listA, listB);
    }
  }

  bySimilarTextAnywhere(): void {
    const [listA, listB] = [this.#openA(), this.#openB()];
    if (listA.length * listB.length > maxPairs) return;
    const pairs = listA
      .flatMap((i) => listB.map((j) => ({ i, j, score: this.#similarity(i, j) })))
      .filter(({ score }) => score >= similarAnywhere)
      .sort((x, y) => y.score - x.score || x.i - y.i || x.j - y.j);
    for (const { i, j } of pairs) if (!this.#toB.has(i) && !this.#toA.has(j)) this.#pair(i, j);
  }

  /** Runs of open cells on both sides that lie between the same matched neighbours. */
  #gaps(): readonly { listA: readonly number[]; listB: readonly number[] }[] {
    const gaps: { listA: readonly number[]; listB: readonly number[] }[] = [];
    const runsB = new Map<number, readonly number[]>();
    for (const run of runs(this.#b.length, this.#toA)) {
      runsB.set(run.before === -1 ? -1 : (this.#toA.get(run.before) ?? -1), run.open);
    }
    for (const run of runs(this.#a.length, this.#toB)) {
      const listB = runsB.get(run.before);
      if (listB) gaps.push({ listA: run.open, listB });
    }
    return gaps;
  }

  #pairInOrder(listA: readonly number[], listB: readonly number[]): void {
    const width = listB.length + 1;
    const best = new Float64Array((listA.length + 1) * width);
    const at = (i: number, j: number) => best[i * width + j] ?? 0;
    const score = (i: number, j: number) => this.#similarity(listA[i] ?? -1, listB[j] ?? -1);
    for (let i = listA.length - 1; i >= 0; i--) {
      for (let j = listB.length - 1; j >= 0; j--) {
        const similarity = score(i, j);
        const together = similarity >= similarInPlace ? similarity + at(i + 1, j + 1) : 0;
        best[i * width + j] = Math.max(together, at(i + 1, j), at(i, j + 1));
      }
    }
    let [i, j] = [0, 0];
    while (i < listA.length && j < listB.length) {
      if (at(i, j) === at(i + 1, j)) i++;
      else if (at(i, j) === at(i, j + 1)) j++;
      else this.#pair(listA[i++] ?? -1, listB[j++] ?? -1);
    }
  }

  #pair(i: number, j: number): void {
    if (i < 0 || j < 0 || this.#toB.has(i) || this.#toA.has(j)) return;
    this.#toB.set(i, j);
    this.#toA.set(j, i);
  }

  #openA(): readonly number[] {
    return [...this.#a.keys()].filter((i) => !this.#toB.has(i));
  }

  #openB(): readonly number[] {
    return [...this.#b.keys()].filter((j) => !this.#toA.has(j));
  }

  /** Share of words that both have (Dice's coefficient of the two bags); half of it for another cell type. */
  #similarity(i: number, j: number): number {
    const a = this.#a[i];
    const b = this.#b[j];
    if (a === undefined || b === undefined) return 0;
    const [wordsA, wordsB] = [this.#wordsOf(a), this.#wordsOf(b)];
    let [common, total] = [0, 0];
    for (const [word, count] of wordsA) {
      common += Math.min(count, wordsB.get(word) ?? 0);
      total += count;
    }
    for (const count of wordsB.values()) total += count;
    const share = total === 0 ? 1 : (2 * common) / total;
    return a.type === b.type ? share : share / 2;
  }

  #wordsOf(cell: MatchableCell): ReadonlyMap<string, number> {
    const known = this.#words.get(cell);
    if (known) return known;
    const words = new Map<string, number>();
    for (const word of cell.source.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []) {
      words.set(word, (words.get(word) ?? 0) + 1);
    }
    this.#words.set(cell, words);
    return words;
  }
}

function keyOf(cell: MatchableCell | undefined): string {
  return cell ? `${cell.type}\n${cell.source}` : '';
}

/** Maximal runs of unmatched indices with the matched index before each (-1: none), also empty ones. */
function runs(
  length: number,
  matched: ReadonlyMap<number, number>,
): readonly { before: number; open: number[] }[] {
  const found = [{ before: -1, open: [] as number[] }];
  for (let i = 0; i < length; i++) {
    if (matched.has(i)) found.push({ before: i, open: [] });
    else found.at(-1)?.open.push(i);
  }
  return found.filter(({ open }) => open.length > 0);
}
