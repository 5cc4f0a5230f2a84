/**
 * One simulated afternoon from one seed: people in JupyterLab (real @jupyter/ydoc documents), people in Cahier's page
 * (replicas of the source), a restore now and then, lag, cuts and restarts; then quiet, then the oracle. Every text that
 * is typed has its own mark, so that a lost or doubled one is seen; `deleted` says which nobody may miss.
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import type { SeededRandom } from '@cahier/testkit/seeded-random.ts';
import * as Y from 'yjs';
import type { CellType } from '../../notebooks/notebook.ts';
import {
  cellText,
  changeType,
  deleteCells,
  insertCell,
  moveCells,
  orderedCells,
  readNotebook,
  setCellMetadata,
  splitCell,
} from '../../notebooks/source-doc.ts';
import { notebookEquals } from '../../notebooks/notebook-equals.ts';
import { LabBench, type LabClient } from './lab-bench.sim.ts';

export interface LabSimOptions {
  readonly seed: number;
  readonly labs: number;
  readonly pages: number;
  readonly rounds: number;
  /** Cells are deleted, texts are cut: typed text may then go for a reason. */
  readonly isDeleting: boolean;
  readonly isRestarting: boolean;
}

export function labSimOptions(seed: number): LabSimOptions {
  return {
    seed,
    labs: 1 + (seed % 3),
    pages: seed % 4 === 0 ? 0 : 1 + (seed % 2),
    rounds: 40 + (seed % 5) * 20,
    isDeleting: seed % 2 === 0,
    isRestarting: seed % 3 === 0,
  };
}

/** A replica of the source in a page, behind a wire. */
class Page {
  readonly doc = new Y.Doc();
  readonly up: Uint8Array[] = [];
  readonly down: Uint8Array[] = [];

  constructor(bench: LabBench) {
    this.doc.clientID = bench.clientId();
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(bench.source), 'server');
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') this.up.push(update);
    });
    this.listen(bench);
  }

  listen(bench: LabBench): void {
    bench.source.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.down.push(update);
    });
  }

  send(bench: LabBench): void {
    const update = this.up.shift();
    if (update) Y.applyUpdate(bench.source, update, this);
  }

  hear(): void {
    const update = this.down.shift();
    if (update) Y.applyUpdate(this.doc, update, 'server');
  }
}

const types: readonly CellType[] = ['code', 'markdown', 'raw'];
const odd = ['📊', '漢', 'e\u0301', '\n', '👩‍👩‍👧'];

class Sim {
  readonly bench: LabBench;
  readonly random: SeededRandom;
  readonly pages: Page[];
  readonly options: LabSimOptions;
  /** Marks that must be there at the end, once. */
  readonly typed = new Set<string>();
  #marks = 0;
  #cells = 0;

  constructor(options: LabSimOptions) {
    this.options = options;
    const texts = ['alpha beta', 'gamma 📊 delta', '', 'zeta\neta'];
    this.bench = LabBench.of(texts, { seed: options.seed });
    this.random = this.bench.random.fork();
    this.pages = Array.from({ length: options.pages }, () => new Page(this.bench));
    for (let i = 0; i < options.labs; i += 1) this.bench.join();
  }

  run(): void {
    for (let round = 0; round < this.options.rounds; round += 1) this.#round();
    this.quiet();
  }

  quiet(): void {
    const isBusy = () => this.pages.some(({ up, down }) => up.length + down.length > 0);
    do {
      this.bench.settle();
      for (const page of this.pages) {
        page.send(this.bench);
        page.hear();
      }
    } while (isBusy() || this.bench.clients.some(({ up, down }) => up.length + down.length > 0));
  }

  check(): void {
    this.bench.expectEqual();
    const found = readNotebook(this.bench.source);
    for (const { doc } of this.pages) {
      if (!notebookEquals(readNotebook(doc), found)) throw new Error('a page differs');
    }
    const all = found.cells.map(({ source }) => source).join('\u0000');
    for (const mark of this.typed) {
      const times = all.split(mark).length - 1;
      if (times === 0 && !this.bench.forgotten.has(mark)) throw new Error(`typed text is lost: ${mark}`);
    }
    if (this.options.isDeleting) return;
    for (const mark of this.typed) {
      if (all.split(mark).length > 2) throw new Error(`typed text is doubled: ${mark}`);
    }
    const ids = found.cells.map(({ id }) => id);
    if (ids.length !== this.#cells + 4) throw new Error(`${ids.length} cells instead of ${this.#cells + 4}`);
  }

  #round(): void {
    const { bench, random } = this;
    const { clients } = bench;
    if (random.chance(0.65)) this.#lab(random.pick(clients));
    else if (this.pages.length > 0) this.#page(random.pick(this.pages).doc);
    for (const client of clients) {
      for (let i = random.below(4); i > 0; i -= 1) bench.take(client);
      for (let i = random.below(4); i > 0; i -= 1) client.hear();
    }
    for (const page of this.pages) {
      for (let i = random.below(3); i > 0; i -= 1) page.send(bench);
      for (let i = random.below(3); i > 0; i -= 1) page.hear();
    }
    if (random.chance(0.04)) bench.cut(random.pick(clients));
    if (random.chance(0.2)) for (const client of clients) bench.connect(client);
    if (this.options.isRestarting && random.chance(0.02)) {
      bench.restart();
      for (const page of this.pages) page.listen(bench);
    }
  }

  #lab(client: LabClient): void {
    const { random } = this;
    const { notebook } = client;
    const length = notebook.cells.length;
    const kind = random.weighted({
      type: 10,
      move: 3,
      add: 1,
      change: 1,
      metadata: 1,
      rewrite: this.options.isDeleting ? 1 : 0,
      cut: this.options.isDeleting ? 2 : 0,
      remove: this.options.isDeleting ? 1 : 0,
      echo: 1,
    });
    if (kind === 'add') {
      this.#cells += 1;
      notebook.insertCell(random.between(0, length), {
        id: random.hex(8),
        cell_type: random.pick(types),
        source: this.#mark(),
      });
      return;
    }
    if (length === 0) return;
    const at = random.below(length);
    const cell = notebook.getCell(at);
    const size = cell.getSource().length;
    if (kind === 'type') {
      const where = this.#gap(cell.getSource());
      cell.updateSource(where, where, this.#mark());
    } else if (kind === 'move') notebook.moveCell(at, random.below(length));
    else if (kind === 'change') client.changeType(at, random.pick(types));
    else if (kind === 'metadata') cell.setMetadata(random.pick(['tags', 'x']), random.below(5));
    else if (kind === 'rewrite') cell.setSource(`${cell.getSource()}${random.pick(odd)}`);
    else if (kind === 'cut' && size > 0) {
      const from = random.below(size);
      this.#forget(cell.getSource());
      cell.updateSource(from, Math.min(size, from + random.between(1, 4)), random.chance(0.3) ? 'r' : '');
    } else if (kind === 'remove' && length > 1) {
      this.#forget(cell.getSource());
      notebook.deleteCell(at);
    } else if (kind === 'echo' && client.isConnected) {
      client.up.push({
        t: 'update',
        update: Y.encodeStateAsUpdate(notebook.ydoc),
        isAnswer: false,
        isWhole: true,
      });
    }
  }

  #page(doc: Y.Doc): void {
    const { random } = this;
    const order = orderedCells(doc).map(({ id }) => id);
    const kind = random.weighted({
      type: 10,
      move: 3,
      add: 1,
      change: 1,
      metadata: 1,
      split: this.options.isDeleting ? 1 : 0,
      cut: this.options.isDeleting ? 2 : 0,
      remove: this.options.isDeleting ? 1 : 0,
    });
    if (kind === 'add') {
      this.#cells += 1;
      const cell = { id: asCellId(random.hex(8)), type: random.pick(types), source: this.#mark() };
      insertCell(doc, cell, this.#place(order), null, random.hex(3));
      return;
    }
    if (order.length === 0) return;
    const id = random.pick(order);
    const text = cellText(doc, id);
    const source = text?.toString() ?? '';
    if (kind === 'type') text?.insert(this.#gap(source), this.#mark());
    else if (kind === 'move') moveCells(doc, [id], this.#place(order), null, random.hex(3));
    else if (kind === 'change') changeType(doc, id, random.pick(types), null);
    else if (kind === 'metadata') setCellMetadata(doc, id, random.pick(['tags', 'x']), random.below(5), null);
    else if (kind === 'split')
      splitCell(doc, id, this.#gap(source), asCellId(random.hex(8)), null, random.hex(3));
    else if (kind === 'cut' && source.length > 0) {
      const from = random.below(source.length);
      this.#forget(source);
      text?.delete(from, Math.min(source.length - from, random.between(1, 4)));
    } else if (kind === 'remove' && order.length > 1) {
      this.#forget(source);
      deleteCells(doc, [id], null);
    }
  }

  #place(order: readonly CellId[]): { readonly after: CellId | null } {
    return { after: order.length === 0 || this.random.chance(0.2) ? null : this.random.pick(order) };
  }

  /** A place for typing that tears neither a mark nor a character. */
  #gap(source: string): number {
    const gaps = [0, source.length];
    for (let i = 1; i < source.length; i += 1) {
      const isMark = source.slice(0, i).lastIndexOf('<') > source.slice(0, i).lastIndexOf('>');
      const code = source.charCodeAt(i);
      if (!isMark && !(code >= 0xdc00 && code < 0xe000)) gaps.push(i);
    }
    return this.random.pick(gaps);
  }

  #mark(): string {
    this.#marks += 1;
    const mark = `<${this.#marks}${this.random.chance(0.2) ? this.random.pick(odd) : ''}>`;
    // Others may be deleting just there.
    if (!this.options.isDeleting) this.typed.add(mark);
    return mark;
  }

  #forget(source: string): void {
    for (const mark of source.match(/<[^>]*>/g) ?? []) this.typed.delete(mark);
  }
}

/** Throws with what went wrong; the caller prints the options. */
export function simulateLab(options: LabSimOptions): { readonly edits: number; readonly gaps: number } {
  const sim = new Sim(options);
  try {
    sim.run();
    sim.check();
    return { edits: sim.bench.edits.length, gaps: sim.bench.gaps };
  } finally {
    sim.bench.dispose();
  }
}
