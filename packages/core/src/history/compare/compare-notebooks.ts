/**
 * Two notebooks compared cell by cell, for the page and for `cahier diff`: cells are matched by id, then by content;
 * rows stand in the order of the later notebook, removed cells where they were. Pure; it never changes anything.
 */
import { longestAscending } from '../../documents/diff-tokens.ts';
import { type CellMatch, matchCells } from '../../notebooks/match-cells.ts';
import type { CellType } from '../../notebooks/notebook.ts';
import type { LiveOutput } from '../../runs/live.ts';
import type { ComparableCell, ComparableNotebook, KnownValues } from './comparable.ts';
import { compareJson, type KeyChange } from './compare-json.ts';
import { compareOutputs, type OutputRow } from './compare-outputs.ts';
import { compareText, type TextComparison } from './compare-text.ts';
import { wordTokens } from './word-diff.ts';

export interface Changed<T> {
  readonly before: T;
  readonly after: T;
}

/** Fields are null or empty where nothing changed. */
export interface CellChanges {
  readonly type: Changed<CellType> | null;
  /** As compareSources tells it. */
  readonly source: TextComparison | null;
  readonly metadata: readonly KeyChange[];
  readonly attachments: readonly KeyChange[];
  /** Fields of the file that the format does not know. */
  readonly extra: readonly KeyChange[];
  /** The cell was found by its content: another program gave it a new id. */
  readonly id: Changed<string> | null;
  readonly executionCount: Changed<number | null> | null;
  /** `unknown`: the results are not here yet; compare them with `compareOutputs` when they are. */
  readonly outputs: readonly OutputRow[] | 'unknown' | null;
}

export interface ComparedCell {
  /** From 0, in its notebook. */
  readonly index: number;
  readonly cell: ComparableCell;
}

export interface ComparedRow {
  /** `moved`: stands elsewhere among the others; may have `changes` as well. */
  readonly kind: 'same' | 'changed' | 'moved' | 'added' | 'removed';
  readonly before: ComparedCell | null;
  readonly after: ComparedCell | null;
  readonly changes: CellChanges | null;
}

export interface ComparisonSummary {
  readonly added: number;
  readonly removed: number;
  readonly moved: number;
  /** Cells with another text, type, metadata, attachment or id. */
  readonly changed: number;
  /** Cells with other outputs, or outputs that are not known yet. */
  readonly outputsChanged: number;
  /** Cells of which only the execution count differs. */
  readonly onlyCounted: number;
}

export interface NotebookComparison {
  readonly isSame: boolean;
  readonly rows: readonly ComparedRow[];
  /** Of the notebook itself: kernelspec, language, and what tools keep there. */
  readonly metadata: readonly KeyChange[];
  readonly extra: readonly KeyChange[];
  readonly nbformatMinor: Changed<number> | null;
  readonly summary: ComparisonSummary;
}

export interface CompareOptions extends KnownValues {
  /** Leave results (outputs, execution counts) out. */
  readonly withoutResults?: boolean;
}

export function compareNotebooks(
  before: ComparableNotebook,
  after: ComparableNotebook,
  options: CompareOptions = {},
): NotebookComparison {
  const hasIds = before.hasIds && after.hasIds;
  const rows = rowsOf(before.cells, after.cells, hasIds, options);
  const metadata = compareJson(before.metadata, after.metadata);
  const extra = compareJson(before.extra, after.extra);
  const nbformatMinor = changed(before.nbformatMinor, after.nbformatMinor);
  const isSame =
    rows.every(({ kind }) => kind === 'same') &&
    metadata.length === 0 &&
    extra.length === 0 &&
    nbformatMinor === null;
  return { isSame, rows, metadata, extra, nbformatMinor, summary: summaryOf(rows) };
}

function rowsOf(
  before: readonly ComparableCell[],
  after: readonly ComparableCell[],
  hasIds: boolean,
  options: CompareOptions,
): readonly ComparedRow[] {
  const matches = hasIds
    ? credible(matchCells(before, after), before, after)
    : matchCells(withoutIds(before, 'before'), withoutIds(after, 'after'));
  const inOrder = longestAscending(matches.map(({ b }) => b)).flatMap((index) => matches[index] ?? []);
  const kept = new Map(inOrder.map(({ a, b }) => [a, b]));
  const keptAfter = new Set(kept.values());
  const toA = new Map(matches.map(({ a, b }) => [b, a]));
  const matchedA = new Set(matches.map(({ a }) => a));
  const rows: ComparedRow[] = [];
  let next = 0;
  /** What is gone between two cells that stayed, in front of what is new there. */
  const removeGap = () => {
    for (; next < before.length && !kept.has(next); next++) {
      const cell = before[next];
      if (cell && !matchedA.has(next)) {
        rows.push({ kind: 'removed', before: { index: next, cell }, after: null, changes: null });
      }
    }
  };
  removeGap();
  after.forEach((cell, index) => {
    const a = toA.get(index);
    const was = a === undefined ? undefined : before[a];
    if (a === undefined || was === undefined) {
      rows.push({ kind: 'added', before: null, after: { index, cell }, changes: null });
      return;
    }
    const changes = changesOf(was, cell, hasIds, options);
    const kind = keptAfter.has(index) ? (changes ? 'changed' : 'same') : 'moved';
    rows.push({ kind, before: { index: a, cell: was }, after: { index, cell }, changes });
    if (kind === 'moved') return;
    next = a + 1;
    removeGap();
  });
  return rows;
}

/** Share of common words from which cells with different ids are one cell, when other cells have kept their ids. */
const similar = 0.6;

/** Where ids are kept, another id means another cell, unless the texts are nearly the same. */
function credible(
  matches: readonly CellMatch[],
  before: readonly ComparableCell[],
  after: readonly ComparableCell[],
): readonly CellMatch[] {
  const isById = ({ a, b }: CellMatch) => before[a]?.id === after[b]?.id;
  if (!matches.some(isById)) return matches;
  return matches.filter((match) => {
    const [was, is] = [before[match.a], after[match.b]];
    return isById(match) || (was && is && commonWords(was.source, is.source) >= similar);
  });
}

/** Share of the words and signs that two texts have in common (Dice's coefficient of the two bags). */
function commonWords(a: string, b: string): number {
  if (a === b) return 1;
  const [inA, inB] = [a, b].map((text) => wordTokens(text).filter((word) => word.trim() !== ''));
  const left = new Map<string, number>();
  for (const word of inA ?? []) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of inB ?? []) {
    const count = left.get(word) ?? 0;
    if (count > 0) common += 1;
    left.set(word, count - 1);
  }
  return (2 * common) / Math.max(1, (inA?.length ?? 0) + (inB?.length ?? 0));
}

/** Made-up ids must not meet by chance. */
function withoutIds(cells: readonly ComparableCell[], side: string) {
  return cells.map(({ type, source }, i) => ({ id: `${side} ${i}`, type, source }));
}

function changesOf(
  before: ComparableCell,
  after: ComparableCell,
  hasIds: boolean,
  options: CompareOptions,
): CellChanges | null {
  if (before === after) return null;
  const isWithResults = options.withoutResults !== true;
  const changes: CellChanges = {
    type: changed(before.type, after.type),
    source: before.source === after.source ? null : compareSources(before.source, after.source),
    metadata: compareJson(before.metadata, after.metadata),
    attachments: compareJson(before.attachments, after.attachments),
    extra: compareJson(before.extra, after.extra),
    id: hasIds ? changed<string>(before.id, after.id) : null,
    executionCount: isWithResults ? changed(before.executionCount, after.executionCount) : null,
    outputs: isWithResults ? outputChanges(before, after, options) : null,
  };
  const isResult = changes.executionCount !== null || changes.outputs !== null;
  return isResult || isContent(changes) ? changes : null;
}

/**
 * The last line of a cell has no line end as a rule; with one on both sides a line added below leaves it the same.
 * So the comparison shows a line end more than each text that is not empty has.
 */
export function compareSources(before: string, after: string): TextComparison {
  const closed = (text: string) => (text === '' ? '' : `${text}\n`);
  return compareText(closed(before), closed(after));
}

function outputChanges(
  before: ComparableCell,
  after: ComparableCell,
  known: KnownValues,
): readonly OutputRow[] | 'unknown' | null {
  const [a, b] = [before.outputs, after.outputs];
  if ('hash' in a && 'hash' in b && a.hash === b.hash) return null;
  const [was, is] = [outputsOf(before, known), outputsOf(after, known)];
  if (was === null || is === null) return 'unknown';
  const rows = compareOutputs(was, is, known);
  return rows.every(({ kind }) => kind === 'same') ? null : rows;
}

function outputsOf({ outputs }: ComparableCell, known: KnownValues): readonly LiveOutput[] | null {
  return 'values' in outputs ? outputs.values : (known.outputs?.(outputs.hash) ?? null);
}

function changed<T>(before: T, after: T): Changed<T> | null {
  return before === after ? null : { before, after };
}

function summaryOf(rows: readonly ComparedRow[]): ComparisonSummary {
  const count = (test: (row: ComparedRow) => boolean) => rows.filter(test).length;
  return {
    added: count(({ kind }) => kind === 'added'),
    removed: count(({ kind }) => kind === 'removed'),
    moved: count(({ kind }) => kind === 'moved'),
    changed: count(({ changes }) => changes !== null && isContent(changes)),
    outputsChanged: count(({ changes }) => changes !== null && changes.outputs !== null),
    onlyCounted: count(({ changes }) => changes !== null && isOnlyCounted(changes)),
  };
}

/** The cell was run again and gave the same. */
export function isOnlyCounted(changes: CellChanges): boolean {
  return changes.executionCount !== null && changes.outputs === null && !isContent(changes);
}

/** More than its results differs. */
export function isContent(changes: CellChanges): boolean {
  const { type, source, metadata, attachments, extra, id } = changes;
  return (
    type !== null || source !== null || id !== null || metadata.length + attachments.length + extra.length > 0
  );
}
