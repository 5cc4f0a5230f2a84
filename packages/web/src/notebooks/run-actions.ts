/** What a person runs in a notebook and asks of its kernel, as methods: requests to the server. */
import { assertNever } from '@cahier/base/assert-never.ts';
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { runningCell } from '@cahier/core/runs/run-queue.ts';
import { problemToast, toast } from '../ui/toasts.ts';
import { selectOne } from './cell-selection.ts';
import type { NotebookModel } from './notebook-model.ts';
import type { NotebookSession } from './notebook-session.ts';

export type AfterRestart = 'restart' | 'clear' | 'run-all' | 'run-up-to';

type KernelFrame = 'kernel.interrupt' | 'kernel.shutdown';

/** What running does besides: the next cell, a new one. */
interface Edits {
  insert(
    where: 'below',
    type: 'code',
    options: { readonly edit: true; readonly near: CellId },
  ): CellId | null;
  command(): void;
  mayChange(): boolean;
}

export class RunActions {
  readonly #model: NotebookModel;
  readonly #session: NotebookSession;
  readonly #edits: Edits;

  constructor(model: NotebookModel, edits: Edits) {
    this.#model = model;
    this.#session = model.session;
    this.#edits = edits;
  }

  /** Runs code cells and renders Markdown ones. */
  run(cells: readonly CellId[] = this.#whole()): void {
    for (const cell of cells) this.#model.setMarkdownOpen(cell, false);
    const code = cells.filter((cell) => {
      const snapshot = this.#model.cell(cell);
      return snapshot?.type === 'code' && snapshot.source.trim() !== '';
    });
    if (code.length === 0) return;
    if (!this.#session.mayEdit) {
      toast('You may look at this notebook, not run it. Ask its owner for the right to edit.');
      return;
    }
    this.#request({ t: 'run.queue', cells: [...code] });
  }

  /** Shift-Enter: run, then the next cell; a new one at the end. */
  runAndGo(): void {
    const cells = this.#whole();
    const last = cells.at(-1);
    this.run(cells);
    if (last === undefined) return;
    const next = this.#order[this.#order.indexOf(last) + 1];
    if (next !== undefined) this.#model.select(selectOne(next));
    else if (this.#session.mayEdit) this.#edits.insert('below', 'code', { edit: true, near: last });
    else this.#edits.command();
  }

  runInPlace(): void {
    this.run();
    this.#edits.command();
  }

  runAndInsert(): void {
    const last = this.#whole().at(-1);
    this.run();
    if (last !== undefined) this.#edits.insert('below', 'code', { edit: true, near: last });
  }

  runAll(): void {
    this.run(this.#order);
  }

  runAbove(): void {
    const at = this.#order.indexOf(this.#model.selected()[0] ?? asCellId(''));
    this.run(this.#order.slice(0, Math.max(0, at)));
  }

  runBelow(): void {
    const at = this.#order.indexOf(this.#model.selected()[0] ?? asCellId(''));
    this.run(this.#order.slice(Math.max(0, at)));
  }

  cancel(cells: readonly CellId[]): void {
    this.#request({ t: 'run.cancel', cells: [...cells] });
  }

  clearOutputs(cells?: readonly CellId[]): void {
    if (this.#edits.mayChange())
      this.#request({ t: 'outputs.clear', ...(cells ? { cells: [...cells] } : {}) });
  }

  kernel(what: KernelFrame): void {
    if (!this.#edits.mayChange()) return;
    if (what === 'kernel.interrupt')
      this.#model.interrupted.set(runningCell(this.#session.live.get())?.cell.run ?? null);
    this.#request({ t: what });
  }

  /** Rejects with a sentence when the server says no. */
  async restart(): Promise<void> {
    await this.#session.request({ t: 'kernel.restart' });
  }

  async restartAnd(then: AfterRestart): Promise<void> {
    const last = this.#whole().at(-1);
    await this.restart();
    switch (then) {
      case 'restart':
        return;
      case 'clear':
        return this.clearOutputs();
      case 'run-all':
        return this.runAll();
      case 'run-up-to':
        return this.run(this.#order.slice(0, last === undefined ? 0 : this.#order.indexOf(last) + 1));
      default:
        return assertNever(then);
    }
  }

  /** `thenRun`: what was asked for when there was no kernel for it. */
  chooseKernel(name: string, thenRun?: CellId): void {
    if (!this.#edits.mayChange()) return;
    this.#session.request({ t: 'kernel.select', name }).then(
      () => thenRun === undefined || this.#request({ t: 'run.queue', cells: [thenRun] }),
      (error: unknown) => void problemToast(error),
    );
  }

  /** The selected cells, with what folded headings among them hide. */
  #whole(): readonly CellId[] {
    return this.#model.sections.withHidden(this.#model.selected());
  }

  get #order(): readonly CellId[] {
    return this.#model.order.get();
  }

  #request(frame: Parameters<NotebookSession['request']>[0]): void {
    this.#session.request(frame).catch((error: unknown) => void problemToast(error));
  }
}
