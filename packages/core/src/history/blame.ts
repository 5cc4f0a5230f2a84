/**
 * Who wrote each character, cell and result: reads steps as fold.ts does and keeps, for every UTF-16 unit of every
 * cell, the step that wrote it. Text that one step takes away and puts elsewhere (split, merge, move of lines or cells)
 * keeps its authors, and so does text that an undo or a restore brings back. Text that was cut in one step and pasted
 * in a later one belongs to whoever pasted it. Pure and incremental; owned by whoever asks.
 */
import type { CellId, RunId } from '@cahier/base/ids.ts';
import type { RunState } from '../runs/live.ts';
import {
  Deleted,
  type Doing,
  type Found,
  findSources,
  shortestPart,
  solidLength,
  type Source,
  withinUndo,
  withoutLineEnds,
  type Written,
} from './blame-sources.ts';
import { type Reading, readingOf } from './blame-reading.ts';
import { BlameText, type Tagged } from './blame-text.ts';
import { type CarriedRun, readCarried } from './carried.ts';
import type { Origin } from './entry.ts';
import { type Change, type PastDocument, type Step, unknownCellId } from './step.ts';

/** One step, as the answer to “who, when, how”. */
export interface BlameStamp {
  /** Place in the caller's list; -1: before the first step given. */
  readonly author: number;
  readonly seq: number;
  /** Server time, ms since the epoch; null: before the first step given. */
  readonly at: number | null;
  readonly origin: Origin | null;
}

/** `length` UTF-16 units in a row that one step wrote. */
export interface BlameRun extends BlameStamp {
  readonly length: number;
}

/** Who ran the cell last. `run` null: the results came with a file. */
export interface BlameResult extends BlameStamp {
  readonly run: RunId | null;
  readonly state: RunState;
  readonly count: number | null;
}

export interface CellBlame {
  readonly created: BlameStamp;
  /** The last change of its text; the creation when there was none. */
  readonly edited: BlameStamp;
  readonly result: BlameResult | null;
  readonly runs: readonly BlameRun[];
}

/** Text of one cell went to another in one step: `to` was split off `from`, or `from` was merged into `to`. */
export interface CellLink {
  readonly seq: number;
  readonly kind: 'split' | 'merge';
  readonly from: CellId;
  readonly to: CellId;
}

interface Blamed {
  readonly text: BlameText;
  created: number;
  edited: number;
  result: {
    readonly tag: number;
    readonly run: RunId | null;
    readonly state: RunState;
    readonly count: number | null;
  } | null;
}

/** Where in a cell there is new text. */
interface Range {
  readonly from: number;
  readonly to: number;
}

interface NewText {
  readonly cell: CellId;
  readonly text: BlameText;
  readonly range: Range;
  /** Units with this tag are new. */
  readonly tag: number;
  /** Filled: how many units that are not blank came out of each source. */
  readonly moved: Map<Source, number>;
}

const anywhere: Range = { from: 0, to: Number.POSITIVE_INFINITY };

export class Blame {
  readonly #cells = new Map<CellId, Blamed>();
  readonly #links: CellLink[] = [];
  readonly #deleted = new Deleted();
  /** Cells that were there and are not any more. */
  readonly #gone = new Set<CellId>();
  /** The steps by tag, in columns: there may be half a million. Tag 0: before the first step. */
  readonly #authors: number[] = [-1];
  readonly #seqs: number[];
  readonly #times: number[] = [0];
  readonly #origins: (Origin | null)[] = [null];
  /** Whose text of the next step is, where no step tells it any more. */
  #carried: readonly CarriedRun[] = [];
  /** The last step did nothing but delete. */
  #isDeleting = false;

  /** `base`: the document before the first step; its characters have author -1. */
  constructor(base: PastDocument) {
    this.#seqs = [base.seq];
    for (const { id, source, run } of Object.values(base.cells)) {
      const result = run ? { tag: 0, run: null, state: run.state, count: run.count } : null;
      this.#cells.set(id, { text: new BlameText(source, 0), created: 0, edited: 0, result });
    }
  }

  /** The last step applied. */
  get seq(): number {
    return this.#seqs.at(-1) ?? 0;
  }

  /** Splits and merges so far, in order. */
  get links(): readonly CellLink[] {
    return this.#links;
  }

  /** `author`: the place of the step's author in the caller's list (chunks have lists of their own). */
  apply(step: Step, author: number = step.author): void {
    const tag = this.#seqs.push(step.seq) - 1;
    this.#authors.push(author);
    this.#times.push(step.at);
    this.#origins.push(step.origin);
    const reading = readingOf(step, this.#gone);
    const taken: Source[] = [];
    const written = new Map<CellId, Range>();
    for (const change of step.changes) this.#change(change, tag, taken, written);
    if (written.size > 0 && (taken.length > 0 || reading.farBack > 0))
      this.#findAuthors(step, tag, taken, written, reading);
    for (const { cell, at, length, seq } of this.#carried) {
      const text = this.#cells.get(cell)?.text;
      if (text && at + length <= text.length) text.retag(at, new Int32Array(length).fill(this.#tagOf(seq)));
    }
    this.#carried = step.changes.flatMap((change) =>
      change.c === 'mark' && change.mark === 'carried' ? readCarried(change.text) : [],
    );
    // Put into a cell that was gone: somebody may yet have it from there.
    for (const change of step.changes)
      if (change.c === 'text' && change.cell === unknownCellId)
        for (const part of change.delta) if (typeof part === 'string') this.#bury(part, tag, taken, reading);
    const isDeleting = taken.length > 0 && written.size === 0;
    for (const source of taken) this.#deleted.add(source, this.#isDeleting && isDeleting);
    this.#isDeleting = isDeleting;
  }

  #bury(text: string, tag: number, taken: readonly Source[], { older: how, farBack }: Reading): void {
    const buried = { cell: unknownCellId, at: 0, text };
    const known = farBack === 0 ? [] : [...taken, ...this.#deleted.likeliest(unknownCellId, farBack)];
    this.#deleted.add({ ...buried, tags: findSources(buried, known, tag, how).tags }, false);
  }

  /** The runs of a cell, in order; their lengths add up to its text's. Empty when there is no such cell. */
  runs(cell: CellId): readonly BlameRun[] {
    const tags = this.#cells.get(cell)?.text.whole().tags ?? new Int32Array();
    const runs: BlameRun[] = [];
    for (let start = 0; start < tags.length; ) {
      const tag = tags[start] ?? 0;
      let end = start + 1;
      while (end < tags.length && tags[end] === tag) end += 1;
      runs.push({ length: end - start, ...this.#stamp(tag) });
      start = end;
    }
    return runs;
  }

  /** Null when there is no such cell (any more). */
  cell(id: CellId): CellBlame | null {
    const cell = this.#cells.get(id);
    if (!cell) return null;
    const { created, edited, result } = cell;
    return {
      created: this.#stamp(created),
      edited: this.#stamp(edited),
      result: result && {
        ...this.#stamp(result.tag),
        run: result.run,
        state: result.state,
        count: result.count,
      },
      runs: this.runs(id),
    };
  }

  /** 0 when the step is not known. */
  #tagOf(seq: number): number {
    const first = this.#seqs[0] ?? 0;
    return this.#seqs[seq - first] === seq ? seq - first : Math.max(0, this.#seqs.lastIndexOf(seq));
  }

  #stamp(tag: number): BlameStamp {
    return {
      author: this.#authors[tag] ?? -1,
      seq: this.#seqs[tag] ?? 0,
      at: tag === 0 ? null : (this.#times[tag] ?? null),
      origin: this.#origins[tag] ?? null,
    };
  }

  /** New text gets `tag` for now. `taken` and `written` are filled: what is gone, and where there is new text. */
  #change(change: Change, tag: number, taken: Source[], written: Map<CellId, Range>): void {
    if (change.c === 'text') {
      const cell = this.#cells.get(change.cell);
      if (!cell) return;
      const { taken: pieces, from, to } = cell.text.edit(change.delta, tag);
      for (const piece of pieces) taken.push({ cell: change.cell, ...piece });
      cell.edited = tag;
      // A second edit of a cell in one step may have moved what the first one put in: then it may be anywhere.
      if (written.has(change.cell)) written.set(change.cell, anywhere);
      else if (from >= 0) written.set(change.cell, { from, to });
    } else if (change.c === 'cell-') {
      this.#takeWhole(change.cell, taken);
      this.#cells.delete(change.cell);
      this.#gone.add(change.cell);
    } else if (change.c === 'cell+') {
      const before = this.#cells.get(change.cell);
      this.#gone.delete(change.cell);
      this.#takeWhole(change.cell, taken);
      this.#cells.set(change.cell, {
        text: new BlameText(change.source, tag),
        created: before?.created ?? tag,
        edited: tag,
        result: before?.result ?? null,
      });
      if (change.source !== '') written.set(change.cell, anywhere);
    } else if (change.c === 'run') {
      const cell = this.#cells.get(change.cell);
      if (cell) cell.result = { tag, run: change.run, state: change.state, count: change.count };
    }
  }

  #takeWhole(id: CellId, taken: Source[]): void {
    const cell = this.#cells.get(id);
    if (cell && cell.text.length > 0) taken.push({ cell: id, at: 0, ...cell.text.whole() });
  }

  /** Gives the text that this step put in to those who wrote it first. */
  #findAuthors(
    step: Step,
    tag: number,
    taken: Source[],
    written: ReadonlyMap<CellId, Range>,
    { own, older: how, farBack, mayJoin }: Reading,
  ): void {
    const known = withoutNew(taken, tag);
    const sources = (own === 'edit' ? known.map(withoutLineEnds) : known).filter(({ text }) => text !== '');
    sources.sort((a, b) => b.text.length - a.text.length);
    for (const [id, range] of written) {
      const text = this.#cells.get(id)?.text;
      if (!text) continue;
      const moved = new Map<Source, number>();
      const older = farBack > 0 ? this.#deleted.likeliest(id, farBack) : [];
      if (mayJoin && this.#joinedAtOnce({ cell: id, text, range, tag, moved }, taken)) continue;
      const find = (from: readonly Source[], doing: Doing) =>
        this.#findIn({ cell: id, text, range, tag, moved }, from, doing);
      if (own === 'return' || own === 'restore' || own === 'mixed') find([...sources, ...older], own);
      else {
        find(sources, own);
        find(how === 'return' ? [...sources, ...older] : older, how);
      }
      this.#link(step, id, text, moved);
      const unknown = () => unknownLength(text.slice(range.from, Math.min(range.to, text.length)), tag);
      if (farBack === 0 || unknown() === 0) continue;
      // A copy whose other half came too late to be taken away: somebody else had changed the cell meanwhile.
      const standing = this.#standing(tag);
      find(standing, how);
      // Where most was brought along, a few letters were as well; but who completes a word types some.
      const brought = [...moved.values()].reduce((sum, count) => sum + count, 0);
      if (brought < unknown() || (own === 'edit' && brought < shortestPart)) continue;
      find(
        [...sources, ...older, ...standing],
        own === 'edit' ? 'mixed' : own === 'restore' ? own : 'return',
      );
    }
  }

  /**
   * JupyterLab merged the cell with one of which somebody else has just taken the text away or changed it: then nothing but
   * one new piece tells of it, the text of both, all of it old. False when it is not so.
   */
  #joinedAtOnce({ cell, text, range, tag, moved }: NewText, taken: readonly Source[]): boolean {
    const now = text.slice(range.from, Math.min(range.to, text.length));
    // What others have typed meanwhile may lie within it.
    const places = [...now.tags.keys()].filter((at) => now.tags[at] === tag);
    const piece = places.map((at) => now.text.charAt(at)).join('');
    const lately = this.#deleted.likeliest(cell, withinUndo);
    const here = [...taken, ...lately.filter((source) => source.cell === cell)];
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) {
      const upper = { cell, at: range.from, text: piece.slice(0, at) };
      const lower = { cell, at: range.from + at + 1, text: piece.slice(at + 1) };
      const first = foundWhole(upper, here, tag);
      if (!first) continue;
      // Nobody types anew what they take away; pasted a text may be, below a cell that is empty.
      const isPutAnew = taken.some((source) => (first.from.get(source) ?? 0) > 0);
      const others = solidLength(lower.text) === 0 ? [[]] : this.#othersTexts(cell, tag, lately);
      for (const there of others) {
        const second = foundWhole(lower, there, tag);
        if (!second || !(isPutAnew || this.#isGone(there) || isMostOf(second, there))) continue;
        const tags = [...first.tags, tag, ...second.tags];
        places.forEach((place, i) => text.retag(range.from + place, Int32Array.of(tags[i] ?? tag)));
        for (const [source, count] of [...first.from, ...second.from])
          moved.set(source, (moved.get(source) ?? 0) + count);
        return true;
      }
    }
    return false;
  }

  /** Cell by cell: what stands in it, and what was taken from it lately. */
  #othersTexts(cell: CellId, tag: number, lately: readonly Source[]): Iterable<readonly Source[]> {
    const others = [...lately, ...this.#standing(tag)].filter((source) => source.cell !== cell);
    return Map.groupBy(others, (source) => source.cell).values();
  }

  #isGone(sources: readonly Source[]): boolean {
    return sources.some(({ cell }) => this.#gone.has(cell));
  }

  /** What stands in the document and was not put in by this step. */
  #standing(tag: number): Source[] {
    const found: Source[] = [];
    for (const [cell, blamed] of this.#cells) {
      const { text, tags } = blamed.text.whole();
      for (let start = 0; start < tags.length; ) {
        let end = start + 1;
        while (end < tags.length && (tags[end] === tag) === (tags[start] === tag)) end += 1;
        if (tags[start] !== tag)
          found.push({ cell, at: start, text: text.slice(start, end), tags: tags.subarray(start, end) });
        start = end;
      }
    }
    return found;
  }

  /** Looks for the new units of a range in `sources` and gives those found to who wrote them. */
  #findIn({ cell, text, range, tag, moved }: NewText, sources: readonly Source[], doing: Doing): void {
    const now = text.slice(range.from, Math.min(range.to, text.length));
    for (let start = 0; start < now.tags.length; start += 1) {
      if (now.tags[start] !== tag) continue;
      let end = start + 1;
      while (end < now.tags.length && now.tags[end] === tag) end += 1;
      const part = { cell, at: range.from + start, text: now.text.slice(start, end) };
      const found = findSources(part, sources, tag, doing);
      text.retag(range.from + start, found.tags);
      for (const [source, count] of found.from) moved.set(source, (moved.get(source) ?? 0) + count);
      start = end;
    }
  }

  #link(step: Step, to: CellId, text: BlameText, moved: ReadonlyMap<Source, number>): void {
    const isNew = step.changes.some((change) => change.c === 'cell+' && change.cell === to);
    for (const [{ cell: from, text: taken }, count] of moved) {
      if (
        from === to ||
        count === 0 ||
        this.#links.some((link) => link.seq === step.seq && link.from === from && link.to === to)
      )
        continue;
      const isGone = step.changes.some((change) => change.c === 'cell-' && change.cell === from);
      if (isNew && !isGone && 2 * count >= solidLength(text.whole().text))
        this.#links.push({ seq: step.seq, kind: 'split', from, to });
      else if (isGone && 2 * count >= solidLength(taken))
        this.#links.push({ seq: step.seq, kind: 'merge', from, to });
    }
  }
}

/** Of one of the sources most was found. */
function isMostOf({ from }: Found, sources: readonly Source[]): boolean {
  return sources.some((source) => 2 * (from.get(source) ?? 0) > solidLength(source.text));
}

/** Null unless every unit of it, blanks not counted, is in `sources`. */
function foundWhole(written: Written, sources: readonly Source[], tag: number): Found | null {
  const found = findSources(written, sources, tag, 'return');
  return unknownLength({ text: written.text, tags: found.tags }, tag) === 0 ? found : null;
}

/** Units, blanks not counted, of which nobody else is known. */
function unknownLength({ text, tags }: Tagged, tag: number): number {
  let unknown = '';
  for (let i = 0; i < tags.length; i += 1) if (tags[i] === tag) unknown += text.charAt(i);
  return solidLength(unknown);
}

/** Blame of everything that happened after `base`. */
export function blame(base: PastDocument, steps: readonly Step[]): Blame {
  const result = new Blame(base);
  for (const step of steps) result.apply(step);
  return result;
}

/** Text that the step itself had put in before it took it away says nothing. */
function withoutNew(taken: readonly Source[], tag: number): Source[] {
  return taken.filter(({ tags }) => !tags.includes(tag));
}
