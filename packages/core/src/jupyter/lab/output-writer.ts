/**
 * Writes the live document's results into the shared one, so that every open JupyterLab shows them right. JupyterLab
 * applies changes of others crudely: text always goes to the last output, new outputs always go to the end (or into the
 * last one, when it takes them for the same stream), and outputs replaced within one transaction come out doubled. It
 * takes a count for the end of the run and writes that down; and where one key's value was replaced by somebody else's
 * meanwhile, it stumbles and forgets the rest of that transaction. Hence: only the end is touched; removing, adding, the
 * state and the count are transactions of their own, in this order; a cell that runs has no count. Owned by the notebook's
 * projection; nobody else writes outputs there but clients. It never writes what it has not fetched, and what comes after
 * that (the end of the run, too) waits.
 */
import type { CellId } from '@cahier/base/ids.ts';
import * as Y from 'yjs';
import { liveCell } from '../../runs/apply-live-op.ts';
import {
  emptyLiveCell,
  type BlobRef,
  type LiveCell,
  type LiveNotebook,
  type LiveOp,
} from '../../runs/live.ts';
import { type Clone, outputsOf, trustedKey } from './shared-layout.ts';
import { isSameShown, readShown, type Shown, showQuestion, toShared } from './shown-output.ts';
import { WantedOutput } from './wanted-output.ts';

export interface OutputWriterParts {
  readonly shared: Y.Doc;
  /** The origin of its transactions. */
  readonly by: object;
  /** The code cell as it stands in the shared document; null: there is none. */
  readonly clone: (id: CellId) => Clone | null;
  readonly blobs: (ref: BlobRef) => Promise<Uint8Array>;
  readonly blobUrl: (ref: BlobRef, mime: string) => string;
  readonly cellUrl: (cell: CellId) => string;
}

interface Cell {
  wanted: WantedOutput[];
  /** What stands in the shared document; null: somebody else wrote there, read it again. */
  shown: Shown[] | null;
  /** Something was removed since something was added: a JupyterLab still thinks of a stream that is gone. */
  isCut: boolean;
  isFetching: boolean;
}

interface Job {
  readonly id: CellId;
  readonly clone: Clone;
  readonly outputs: Y.Array<unknown>;
  readonly live: LiveCell;
  readonly cell: Cell;
}

export class OutputWriter {
  readonly #parts: OutputWriterParts;
  readonly #cells = new Map<CellId, Cell>();
  readonly #foreign = new Set<CellId>();
  readonly #fetches = new Set<Promise<void>>();
  #live: LiveNotebook;
  #isDisposed = false;

  constructor(parts: OutputWriterParts, live: LiveNotebook) {
    this.#parts = parts;
    this.#live = live;
  }

  get live(): LiveNotebook {
    return this.#live;
  }

  isRunning(id: CellId): boolean {
    const state = liveCell(this.#live, id)?.state;
    return state === 'running' || state === 'queued';
  }

  /** As JupyterLab's documents have it: null while the cell runs. */
  countOf(id: CellId): number | null {
    return this.isRunning(id) ? null : (liveCell(this.#live, id)?.executionCount ?? null);
  }

  changed(ops: readonly LiveOp[], live: LiveNotebook): void {
    this.#live = live;
    const touched = new Set<CellId>();
    for (const op of ops) {
      if (op.op === 'kernel' || op.op === 'queue') continue;
      touched.add(op.cell);
      const cell = this.#cells.get(op.cell);
      if (cell) fold(cell, op);
    }
    this.write(touched);
  }

  /** The whole live document may be another one. */
  reset(live: LiveNotebook): void {
    this.#live = live;
    for (const cell of this.#cells.values()) cell.wanted = [];
  }

  /** Somebody else wrote the cell's outputs; they stay as they are until the next result of that cell. */
  damaged(id: CellId): void {
    const cell = this.#cells.get(id);
    if (cell) cell.shown = null;
  }

  forget(id: CellId): void {
    this.#cells.delete(id);
    this.#foreign.delete(id);
  }

  setForeign(id: CellId, isForeign: boolean): void {
    if (isForeign) this.#foreign.add(id);
    else if (this.#foreign.delete(id)) {
      this.damaged(id);
      this.write([id]);
    }
  }

  /** Makes the cells' results what the live document says. */
  write(ids: Iterable<CellId>): void {
    const { shared, by } = this.#parts;
    const jobs = [...ids].flatMap((id) => this.#jobOf(id) ?? []);
    if (jobs.length === 0) return;
    const added = new Map<Job, readonly Shown[]>();
    shared.transact(() => {
      for (const job of jobs) added.set(job, this.#cut(job));
    }, by);
    shared.transact(() => {
      for (const [job, more] of added) add(job, more);
    }, by);
    const whole = jobs.filter(({ cell }) => !cell.isFetching);
    shared.transact(() => {
      for (const { id, clone } of whole)
        setKey(clone, 'execution_state', this.isRunning(id) ? 'running' : 'idle');
    }, by);
    shared.transact(() => {
      for (const { id, clone } of whole) setKey(clone, 'execution_count', this.countOf(id));
    }, by);
  }

  /** Resolves when every value that is being fetched has been written. */
  async fetched(): Promise<void> {
    while (this.#fetches.size > 0) await Promise.all(this.#fetches);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cells.clear();
  }

  #jobOf(id: CellId): Job | null {
    const clone = this.#parts.clone(id);
    const outputs = clone && outputsOf(clone);
    if (!clone || !outputs || this.#foreign.has(id)) return null;
    const live = liveCell(this.#live, id) ?? emptyLiveCell;
    const cell = this.#cells.get(id) ?? { wanted: [], shown: null, isCut: false, isFetching: false };
    this.#cells.set(id, cell);
    cell.wanted = live.outputs.map((output, i) => {
      const known = cell.wanted[i];
      return known?.follow(output) === true ? known : new WantedOutput(output);
    });
    return { id, clone, outputs, live, cell };
  }

  /** Removes what is not to be seen, and changes the text at the end. Returns what is to be added. */
  #cut(job: Job): readonly Shown[] {
    const { clone, outputs, live, cell } = job;
    const metadata = clone.get('metadata');
    // Results of a run here are as good as one's own; those of a file are as trusted as JupyterLab decides.
    if (live.run !== undefined && metadata instanceof Y.Map) setKey(metadata, trustedKey, true);
    const wanted = this.#shownOf(job);
    if (cell.shown === null) cell.isCut = true;
    const shown = (cell.shown ??= readShown(outputs));
    let same = 0;
    while (same < shown.length && same < wanted.length && isSameShown(shown[same], wanted[same])) same += 1;
    const last = shown[same];
    const next = wanted[same];
    const isTail =
      same === shown.length - 1 && last?.is === 'stream' && next?.is === 'stream' && last.name === next.name;
    if (isTail && rewriteTail(outputs.get(same), last.text, next.text)) {
      shown[same] = next;
      return wanted.slice(same + 1);
    }
    // An empty list is the one in which a stream surely begins as an output of its own.
    if (next?.is === 'stream' && (cell.isCut || shown.length > same)) same = 0;
    if (shown.length > same) {
      outputs.delete(same, shown.length - same);
      shown.splice(same);
      cell.isCut = true;
    }
    return wanted.slice(same);
  }

  /** What can be shown now: up to the first output whose values are still being fetched; then what the code asks. */
  #shownOf({ id, cell, live }: Job): Shown[] {
    const shown: Shown[] = [];
    for (const wanted of cell.wanted) {
      const now = wanted.shown(this.#parts.blobUrl, () => this.#parts.cellUrl(id));
      if (now === null) {
        this.#fetch(id, cell);
        return shown;
      }
      for (const output of now) push(shown, output);
    }
    if (live.input) {
      const { kernel = null } = this.#live.kernel;
      const question = { input: live.input, by: live.by?.id ?? null, kernel };
      push(shown, showQuestion(question, this.#parts.cellUrl(id)));
    }
    return shown;
  }

  #fetch(id: CellId, cell: Cell): void {
    if (cell.isFetching) return;
    cell.isFetching = true;
    const done = Promise.all(cell.wanted.map((wanted) => wanted.fetch(this.#parts.blobs))).then(() => {
      cell.isFetching = false;
      this.#fetches.delete(done);
      if (!this.#isDisposed && this.#cells.get(id) === cell) this.write([id]);
    });
    this.#fetches.add(done);
  }
}

function fold(cell: Cell, op: LiveOp): void {
  switch (op.op) {
    case 'stream':
      cell.wanted[op.index]?.append(op.keep, op.text);
      return;
    case 'stream.page':
      cell.wanted[op.index]?.page(op.page, op.drop);
      return;
    case 'outputs':
    case 'cell.drop':
      cell.wanted = [];
      return;
    case 'output.add':
      cell.wanted.push(new WantedOutput(op.output));
      return;
    case 'output.set':
      cell.wanted[op.index] = new WantedOutput(op.output);
      return;
    default:
  }
}

function add({ outputs, cell }: Job, more: readonly Shown[]): void {
  if (more.length === 0) return;
  outputs.push(more.map(toShared));
  cell.shown?.push(...more);
  cell.isCut = false;
}

/** Two streams of one name in a row (files have them) are one in JupyterLab. */
function push(shown: Shown[], output: Shown): void {
  const last = shown.at(-1);
  if (output.is === 'stream' && last?.is === 'stream' && last.name === output.name) {
    shown[shown.length - 1] = { ...last, text: last.text + output.text };
  } else shown.push(output);
}

/** A key that is written again with what it has would wake every client. */
function setKey(map: Y.Map<unknown>, key: string, value: string | number | boolean | null): void {
  if (map.get(key) !== value) map.set(key, value);
}

/** Cuts and appends at the end of a stream that is the last output. False: its text is not as expected. */
function rewriteTail(element: unknown, before: string, after: string): boolean {
  const text: unknown = element instanceof Y.Map ? element.get('text') : undefined;
  if (!(text instanceof Y.Text) || text.length !== before.length) return false;
  let same = after.startsWith(before) ? before.length : commonStart(before, after);
  const code = same > 0 ? before.charCodeAt(same - 1) : 0;
  if (same < before.length && code >= 0xd800 && code < 0xdc00) same -= 1;
  if (same < before.length) text.delete(same, before.length - same);
  if (same < after.length) text.insert(same, after.slice(same));
  return true;
}

function commonStart(a: string, b: string): number {
  let same = 0;
  while (same < a.length && same < b.length && a.charCodeAt(same) === b.charCodeAt(same)) same += 1;
  return same;
}
