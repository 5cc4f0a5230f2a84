/**
 * What a person can do to a notebook, as methods: keys, buttons and the palette all call these. Edits go to the Y document
 * with an origin of this person's; what runs and what the kernel is asked is `runs` (run-actions.ts).
 */
import type { CellId } from '@cahier/base/ids.ts';
import { asCellId } from '@cahier/base/ids.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import {
  cellMap,
  cellText,
  changeType,
  deleteCells,
  insertCell,
  mergeCells,
  moveCells,
  type NewCell,
  orderedCells,
  type Place,
  readCell,
  splitCell,
} from '@cahier/core/notebooks/source-doc.ts';
import type { KernelAssist } from '../editor/kernel-assist.ts';
import { rearranging, structuring, typing } from '../editor/local-origin.ts';
import { problemToast, toast } from '../ui/toasts.ts';
import { attachPictures, isPicture, largestPicture, readPicture } from './attach-pictures.ts';
import { extendTo, neighbour, selectAll, selectOne } from './cell-selection.ts';
import { withHeading } from './contents.ts';
import type { NotebookModel } from './notebook-model.ts';
import type { NotebookSession } from './notebook-session.ts';
import { RunActions } from './run-actions.ts';
import { headingAbove, sectionLevel } from './sections.ts';

/** Cells cut or copied in this tab: they can be pasted into another notebook. */
let clipboard: readonly Omit<NewCell, 'id'>[] = [];

export class NotebookActions {
  readonly #model: NotebookModel;
  readonly #session: NotebookSession;
  #isOutOfService = false;
  readonly #typedInto = new Set<CellId>();
  readonly runs: RunActions;

  constructor(model: NotebookModel) {
    this.#model = model;
    this.#session = model.session;
    this.runs = new RunActions(model, this);
  }

  get mayEdit(): boolean {
    return this.#session.mayEdit;
  }

  /** The kernel's help for the editors; it answers nothing while the kernel is busy or absent. */
  readonly assist: KernelAssist = {
    complete: (code, cursor) => this.#help() ?? this.#session.request({ t: 'kernel.complete', code, cursor }),
    inspect: (code, cursor, detail) =>
      this.#help() ?? this.#session.request({ t: 'kernel.inspect', code, cursor, detail }),
  };

  #help(): Promise<null> | null {
    return this.#session.live.get().kernel.status === 'idle' ? null : Promise.resolve(null);
  }

  get hasCopied(): boolean {
    return clipboard.length > 0;
  }

  // Selection and modes

  /** To edit mode: a Markdown cell shows its source, the cursor goes where it was (or to an edge). */
  edit(cell: CellId | null = this.#active, at?: 'start' | 'end'): void {
    if (cell === null) return;
    this.#model.setMarkdownOpen(cell, true);
    this.#model.select(selectOne(cell, 'edit'));
    this.#model.editor(cell)?.focus(at);
  }

  command(): void {
    const { active } = this.#model.selection.get();
    if (active !== null) this.#model.select(selectOne(active, 'command'));
  }

  go(by: number): void {
    const target = neighbour(this.#shown, this.#active, by);
    if (target !== null) this.#model.select(selectOne(target));
  }

  extend(by: number): void {
    const target = neighbour(this.#shown, this.#active, by);
    if (target !== null) this.#model.select(extendTo(this.#model.selection.get(), target));
  }

  selectAll(): void {
    this.#model.select(selectAll(this.#shown));
  }

  /** From the first or last line of an editor to the neighbour cell. False when there is none. */
  leaveEditor(by: 1 | -1): boolean {
    const from = this.#active;
    const target = neighbour(this.#shown, from, by);
    if (target === null || target === from) return false;
    if (this.#model.cell(target)?.isRendered) {
      this.#model.select(selectOne(target));
    } else this.edit(target, by > 0 ? 'start' : 'end');
    return true;
  }

  /** Text at the end of a cell whose editor is not there yet. True: it was taken. */
  typeInto(cell: CellId, typed: string): boolean {
    const text = cellText(this.#doc, cell);
    if (!text || !this.mayEdit) return false;
    this.#doc.transact(() => text.insert(text.length, typed), typing);
    this.#typedInto.add(cell);
    return true;
  }

  /** Was text typed into the cell before its editor came? Its cursor then goes to the end. Answers yes once. */
  takeTypedInto(cell: CellId): boolean {
    return this.#typedInto.delete(cell);
  }

  // Structure

  insert(
    where: 'above' | 'below',
    type: CellType = 'code',
    options: { edit?: boolean; near?: CellId } = {},
  ): CellId | null {
    if (!this.mayChange()) return null;
    const at = options.near ?? this.#active;
    // Below a folded heading is below its section.
    const near = at !== null && where === 'below' ? (this.#whole([at]).at(-1) ?? at) : at;
    const place: Place = where === 'above' && near !== null ? { before: near } : { after: near };
    const id = newCellId();
    this.#change(() => insertCell(this.#doc, { id, type, source: '' }, place, structuring, jitter()));
    if (options.edit) this.edit(id);
    else {
      if (type === 'markdown') this.#model.setMarkdownOpen(id, true);
      this.#model.select(selectOne(id));
    }
    return id;
  }

  /** Pictures pasted or dropped into a Markdown cell. False: they are not for it. */
  attach(cell: CellId, files: readonly File[]): boolean {
    const pictures = files.filter(isPicture);
    if (pictures.length === 0 || this.#model.cell(cell)?.type !== 'markdown' || !this.mayEdit) return false;
    const tooLarge = pictures.find(({ size }) => size > largestPicture);
    if (tooLarge) {
      problemToast(
        `${tooLarge.name} is larger than 3 MB, too large to be part of a notebook. Upload it beside the notebook and write ![](${tooLarge.name}).`,
      );
      return true;
    }
    Promise.all(pictures.map(readPicture)).then((read) => {
      const at = this.#model.editor(cell)?.cursors()[0] ?? Infinity;
      this.#model.undo.stopCapturing();
      attachPictures(this.#doc, cell, read, at);
      this.#model.undo.stopCapturing();
    }, problemToast);
    return true;
  }

  delete(cells: readonly CellId[] = this.#whole(), word = 'deleted'): void {
    if (!this.mayChange() || cells.length === 0) return;
    const kept = cells.flatMap((id) => readCell(this.#doc, id) ?? []);
    const before = this.#order[this.#order.indexOf(cells[0] ?? asCellId('')) - 1] ?? null;
    this.#change(() => {
      deleteCells(this.#doc, cells, rearranging);
      // As in Jupyter, a notebook always has a cell to type into.
      if (orderedCells(this.#doc).length === 0) {
        insertCell(
          this.#doc,
          { id: newCellId(), type: 'code', source: '' },
          { after: null },
          rearranging,
          jitter(),
        );
      }
    }, rearranging);
    const step = this.#model.undo.undoStack.at(-1);
    toast(`${cells.length === 1 ? '1 cell' : `${cells.length} cells`} ${word}`, {
      action: {
        label: 'Undo',
        run: () => {
          if (step && this.#model.undo.undoStack.at(-1) === step) this.#model.undo.undo();
          else this.#bringBack(kept, before);
        },
      },
    });
  }

  /** The deletion is no longer the last thing done: its cells come back as they were, where they were. */
  #bringBack(cells: readonly NonNullable<ReturnType<typeof readCell>>[], after: CellId | null): void {
    this.#change(() => {
      let place = after;
      for (const cell of cells) {
        const id = cellMap(this.#doc, cell.id) ? newCellId() : cell.id;
        insertCell(this.#doc, { ...cell, id }, { after: place }, rearranging, jitter());
        place = id;
      }
    }, rearranging);
    const first = cells[0];
    if (first) this.#model.reveal(first.id);
  }

  copy(cells: readonly CellId[] = this.#whole()): void {
    clipboard = cells.flatMap((id) => {
      const cell = readCell(this.#doc, id);
      if (!cell) return [];
      const { type, source, metadata, attachments } = cell;
      return [{ type, source, metadata, ...(attachments ? { attachments } : {}) }];
    });
  }

  cut(): void {
    if (!this.mayChange()) return;
    this.copy();
    this.delete(undefined, 'cut');
  }

  paste(where: 'above' | 'below'): void {
    if (!this.mayChange() || clipboard.length === 0) return;
    const near = where === 'above' ? this.#model.selected()[0] : this.#whole().at(-1);
    let place: Place =
      near === undefined ? { after: null } : where === 'above' ? { before: near } : { after: near };
    let last: CellId | null = null;
    this.#change(() => {
      for (const cell of clipboard) {
        const id = newCellId();
        insertCell(this.#doc, { ...cell, id }, place, structuring, jitter());
        place = { after: id };
        last = id;
      }
    });
    if (last !== null) this.#model.select(selectOne(last));
  }

  duplicate(cell: CellId): void {
    const source = readCell(this.#doc, cell);
    if (!source || !this.mayChange()) return;
    const id = newCellId();
    this.#change(() => insertCell(this.#doc, { ...source, id }, { after: cell }, structuring, jitter()));
    this.#model.select(selectOne(id));
  }

  move(by: 1 | -1): void {
    if (!this.mayChange()) return;
    const cells = this.#model.selected();
    const edge = by < 0 ? cells[0] : cells.at(-1);
    const target = neighbour(this.#shown, edge ?? null, by);
    if (edge === undefined || target === null || target === edge) return;
    const last = this.#whole([target]).at(-1) ?? target;
    this.moveTo(by < 0 ? { before: target } : { after: last }, this.#whole(cells));
  }

  moveTo(place: Place, cells: readonly CellId[]): void {
    if (!this.mayChange()) return;
    this.#change(() => moveCells(this.#doc, cells, place, rearranging, jitter()), rearranging);
    const { active } = this.#model.selection.get();
    if (active !== null) this.#model.reveal(active);
  }

  split(): void {
    const cell = this.#active;
    const offsets = cell === null ? [] : (this.#model.editor(cell)?.cursors() ?? []);
    if (cell === null || offsets.length === 0 || !this.mayChange()) return;
    let last: CellId = cell;
    this.#change(() => {
      for (const offset of offsets.toSorted((a, b) => b - a)) {
        const id = newCellId();
        if (splitCell(this.#doc, cell, offset, id, rearranging, jitter()) && last === cell) last = id;
      }
    }, rearranging);
    this.edit(last, 'start');
  }

  /** The selected cells, or the active one with the next (`by` 1) or the one above (`by` -1). */
  merge(by: 1 | -1 | 0 = 0): void {
    if (!this.mayChange()) return;
    let cells = this.#model.selected();
    if (by !== 0 || cells.length === 1) {
      const other = neighbour(this.#shown, this.#active, by === 0 ? 1 : by);
      cells = [...new Set([this.#active, other].filter((cell) => cell !== null))];
    }
    if (cells.length < 2) return;
    let merged: CellId | null = null;
    this.#change(() => {
      merged = mergeCells(this.#doc, cells, rearranging);
    }, rearranging);
    if (merged !== null) this.#model.select(selectOne(merged));
  }

  changeType(type: CellType, cells: readonly CellId[] = this.#model.selected()): void {
    if (!this.mayChange()) return;
    this.#change(() => {
      for (const cell of cells) changeType(this.#doc, cell, type, structuring);
    });
    for (const cell of cells) this.#model.setMarkdownOpen(cell, type === 'markdown');
  }

  heading(level: number): void {
    if (!this.mayChange()) return;
    this.#change(() => {
      for (const cell of this.#model.selected()) {
        const text = cellText(this.#doc, cell);
        const source = text?.toString() ?? '';
        const next = withHeading(source, level);
        // Only the marks in front change: a cursor further in stays where it is.
        const kept = commonEnd(source, next);
        this.#doc.transact(() => {
          text?.delete(0, source.length - kept);
          text?.insert(0, next.slice(0, next.length - kept));
        }, structuring);
        changeType(this.#doc, cell, 'markdown', structuring);
        this.#model.setMarkdownOpen(cell, true);
      }
    });
  }

  undo(): void {
    this.#travel(() => this.#model.undo.undo());
  }

  redo(): void {
    this.#travel(() => this.#model.undo.redo());
  }

  /** Cells that an undo brings back are selected; other changes are shown by the model. */
  #travel(step: () => unknown): void {
    if (!this.mayChange()) return;
    const before = new Set(this.#order);
    step();
    const back = this.#order.find((cell) => !before.has(cell));
    if (back === undefined) return;
    this.#model.select(selectOne(back));
    this.#model.reveal(back);
  }

  // Looks

  toggleOutputs(): void {
    for (const cell of this.#model.selected()) {
      this.#model.setOutputHidden(cell, !this.#model.cell(cell)?.isOutputHidden);
    }
  }

  toggleScrolled(): void {
    const cells = this.#model.selected();
    const isScrolled = cells.every((cell) => this.#model.cell(cell)?.isOutputScrolled);
    for (const cell of cells) this.#model.setOutputScrolled(cell, !isScrolled);
  }

  /** Left: folds the section of a heading, or goes up to the heading of this one. Right: shows it. */
  fold(isFolded: boolean): void {
    const { active, sections } = this.#model;
    if (!active) return;
    if (active.folded !== null && sections.isFolded(active.id) !== isFolded)
      this.#model.fold(active.id, isFolded);
    else if (isFolded) {
      const above = headingAbove(this.#cells, active.id);
      if (above !== null) this.#model.select(selectOne(above));
    }
  }

  /** A heading of the level of the section around, to write its words. */
  insertHeading(where: 'above' | 'below'): void {
    const active = this.#active;
    const level = active === null ? null : (this.#levelOf(active) ?? this.#levelAbove(active));
    const id = this.insert(where, 'markdown');
    if (id === null) return;
    this.typeInto(id, `${'#'.repeat(level ?? 1)} `);
    this.edit(id);
  }

  toggleLineNumbers(): void {
    if (this.#active !== null) this.#model.toggleLineNumbers(this.#active);
  }

  renderMarkdown(): void {
    for (const cell of this.#order) this.#model.setMarkdownOpen(cell, false);
  }

  // Inside

  /** The cells, or the selected ones, with what folded headings among them hide. */
  #whole(cells: readonly CellId[] = this.#model.selected()): readonly CellId[] {
    return this.#model.sections.withHidden(cells);
  }

  get #shown(): readonly CellId[] {
    return this.#model.sections.shown.get();
  }

  get #active(): CellId | null {
    return this.#model.selection.get().active;
  }

  get #order(): readonly CellId[] {
    return this.#model.order.get();
  }

  get #cells() {
    return this.#order.flatMap((id) => this.#model.cell(id) ?? []);
  }

  #levelOf(cell: CellId): number | null {
    const snapshot = this.#model.cell(cell);
    return snapshot ? sectionLevel(snapshot) : null;
  }

  #levelAbove(cell: CellId): number | null {
    const above = headingAbove(this.#cells, cell);
    return above === null ? null : this.#levelOf(above);
  }

  get #doc() {
    return this.#session.ydoc;
  }

  /** Says so when not. */
  mayChange(): boolean {
    if (this.mayEdit) return true;
    if (!this.#isOutOfService)
      toast('You may look at this notebook, not change it. Ask its owner for the right to edit.');
    this.#isOutOfService = true;
    setTimeout(() => {
      this.#isOutOfService = false;
    }, 5_000);
    return false;
  }

  /** One step of the undo, apart from the typing before and after. */
  #change(task: () => void, origin = structuring): void {
    this.#model.undo.stopCapturing();
    this.#doc.transact(task, origin);
    this.#model.undo.stopCapturing();
  }
}

function commonEnd(a: string, b: string): number {
  let same = 0;
  while (same < a.length && same < b.length && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  return same;
}

function newCellId(): CellId {
  return asCellId(randomText('0123456789abcdef', 8));
}

function jitter(): string {
  return randomText('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 3);
}

function randomText(letters: string, length: number): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(length)),
    (byte) => letters[byte % letters.length] ?? '0',
  ).join('');
}
