/**
 * Which sections are folded on this screen, and what is left to show. Others do not see it and the file does not keep
 * it, as with folded outputs; a fold that JupyterLab noted in the file is how it begins.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { type Readable, Store } from '../rooms/store.ts';
import type { ContentsCell } from './contents.ts';
import { hiddenCells, sectionLevel } from './sections.ts';

interface FoldedSectionsParts {
  /** All cells in their order. */
  readonly cells: () => readonly ContentsCell[];
  readonly order: Readable<readonly CellId[]>;
  readonly isFoldedByFile: (cell: CellId) => boolean;
  /** The heading looks different now. */
  readonly changed: (heading: CellId) => void;
}

export class FoldedSections {
  readonly #parts: FoldedSectionsParts;
  readonly #shown: Store<readonly CellId[]>;
  readonly #choices = new Map<CellId, boolean>();
  #hidden: ReadonlyMap<CellId, CellId> = new Map();

  constructor(parts: FoldedSectionsParts) {
    this.#parts = parts;
    this.#shown = new Store(parts.order.get());
  }

  /** The order without what is folded away. */
  get shown(): Readable<readonly CellId[]> {
    return this.#shown;
  }

  /** The heading that hides the cell. */
  hiddenBy(cell: CellId): CellId | undefined {
    return this.#hidden.get(cell);
  }

  /** How many cells the heading hides. */
  countBelow(heading: CellId): number {
    let count = 0;
    for (const by of this.#hidden.values()) if (by === heading) count++;
    return count;
  }

  /** With what folded headings among the cells hide: what is one thing on the screen is moved, cut and run as one. */
  withHidden(cells: readonly CellId[]): readonly CellId[] {
    if (this.#hidden.size === 0) return cells;
    const wanted = new Set(cells);
    return this.#parts.order.get().filter((cell) => wanted.has(this.#hidden.get(cell) ?? cell));
  }

  isFolded(heading: CellId): boolean {
    return this.#choices.get(heading) ?? this.#parts.isFoldedByFile(heading);
  }

  fold(heading: CellId, isFolded: boolean): void {
    this.#choices.set(heading, isFolded);
    this.#look();
  }

  foldAll(isFolded: boolean): void {
    for (const cell of this.#parts.cells()) {
      if (sectionLevel(cell) !== null) this.#choices.set(cell.id, isFolded);
    }
    this.#look();
  }

  /** Opens whatever hides the cell. */
  unfold(cell: CellId): void {
    for (let by = this.#hidden.get(cell); by !== undefined; by = this.#hidden.get(cell)) this.fold(by, false);
  }

  /** Cells came, went or changed. Costs nothing in a notebook in which nothing is folded. */
  refresh(concerned: Iterable<CellId>): void {
    if (this.#hidden.size > 0 || [...concerned].some((cell) => this.isFolded(cell))) this.#look();
    else this.#shown.set(this.#parts.order.get());
  }

  #look(): void {
    const before = this.#hidden;
    this.#hidden = hiddenCells(this.#parts.cells(), (cell) => this.isFolded(cell));
    const order = this.#parts.order.get();
    const shown = order.filter((cell) => !this.#hidden.has(cell));
    this.#shown.set(shown.length === order.length ? order : shown);
    for (const heading of new Set([...before.values(), ...this.#hidden.values()]))
      this.#parts.changed(heading);
  }
}
