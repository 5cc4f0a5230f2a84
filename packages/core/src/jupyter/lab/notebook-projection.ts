/**
 * JupyterLab's view of a notebook (projection.ts): owns the shared document, watches the source, and passes every change
 * of one on to the other, at once. What a client's update means for the source is decided in take-update.ts, what
 * results look like in output-writer.ts; here the two documents are kept cell by cell alike.
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { DisposableStore } from '@cahier/base/disposable.ts';
import { jsonEquals } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import { placementOf } from '../../documents/placement.ts';
import {
  cellMap,
  cellText,
  notebookMetadata,
  orderedCells,
  readCell,
  readNotebook,
} from '../../notebooks/source-doc.ts';
import { objectOf, setEntries, type SourceCell, typeOf } from '../../notebooks/source-layout.ts';
import { liveCell } from '../../runs/apply-live-op.ts';
import type { LiveNotebook, LiveOp } from '../../runs/live.ts';
import { staying } from './arrange-cells.ts';
import { type CharRange, DeletedIds, liveRanges } from './char-ids.ts';
import { cursorToShared, cursorToSource } from './cursors.ts';
import { watch } from './incoming.ts';
import { missingAt } from './lab-doc.ts';
import { OutputWriter } from './output-writer.ts';
import type {
  LabCursor,
  LabOutcome,
  LabProjection,
  LabState,
  NotebookProjectionParts,
  SourceCursor,
  SourceEdit,
} from './projection.ts';
import { RetiredClone } from './retired-clone.ts';
import { RetiredClones } from './retired-clones.ts';
import { openSaved } from './saved-state.ts';
import {
  cellsArray,
  type Clone,
  type CloneParts,
  leastMinor,
  makeClone,
  notebookMetadataMap,
  outputsOf,
  partsOf,
  sharedMeta,
  trustedKey,
} from './shared-layout.ts';
import { type SourceEvents, watchSource } from './source-watch.ts';
import { setState } from './shared-state.ts';
import { type Linked, type TakenUpdate, takeUpdate } from './take-update.ts';
import { TextLink } from './text-link.ts';

/** Opens the projection; differences between what was saved and the source are mended in `shared`, cell by cell. */
export function openNotebookProjection(parts: NotebookProjectionParts): LabProjection {
  return new NotebookProjection(parts);
}

class NotebookProjection implements LabProjection {
  readonly shared: Y.Doc;
  readonly #source: Y.Doc;
  readonly #newId: () => string;
  readonly #retired: RetiredClones;
  readonly #outputs: OutputWriter;
  readonly #ends = new DisposableStore();
  #cells = new Map<CellId, Linked>();
  #byClone = new Map<unknown, Linked>();
  /** The transaction of the source that takes a client's update in: it is not passed back. */
  #taking: Y.Transaction | null = null;
  #isReceiving = false;
  /** The source was changed by somebody else while an update was being taken. */
  #isDisturbed = false;

  constructor(parts: NotebookProjectionParts) {
    this.#source = parts.source;
    this.#newId = parts.newId;
    const shared = openSaved(parts.saved, parts.clientId);
    this.shared = shared;
    this.#retired = new RetiredClones(shared, parts.source);
    const clone = (id: CellId) => this.#cells.get(id)?.clone ?? null;
    this.#outputs = new OutputWriter({ ...parts, shared, by: this, clone }, parts.live);
    this.#mend();
    this.#ends.add(
      watchSource(parts.source, (events, transaction) => this.#sourceChanged(events, transaction)),
    );
  }

  // ---- a client's update

  receive(update: Uint8Array, from: object, edit: SourceEdit, isWhole = false): LabOutcome {
    const placement = placementOf(update, (client) => Y.getState(this.shared.store, client)).is;
    if (placement !== 'placeable') return { placement };
    const deleted = new DeletedIds(Y.decodeUpdate(update).ds);
    const seen = watch(this.shared, this.#retired.byType, deleted, from, () =>
      Y.applyUpdate(this.shared, update, from),
    );
    const { store } = this.shared;
    if (store.pendingStructs !== null || store.pendingDs !== null) {
      [store.pendingStructs, store.pendingDs] = [null, null];
      this.#mend();
      return { placement: 'gap' };
    }
    const taken = takeUpdate(seen, deleted, {
      isWhole,
      source: this.#source,
      shared: this.shared,
      cells: this.#cells,
      byClone: this.#byClone,
      retired: this.#retired,
      newId: this.#newId,
      retire: (linked, own) => this.#retire(linked, own),
    });
    if (taken.isEdit) this.#edit(taken, edit);
    const cleared = this.#noteOutputs(taken);
    return { placement: 'applied', isNew: seen.isNew, cleared, brought: taken.brought };
  }

  #edit(taken: TakenUpdate, edit: SourceEdit): void {
    let isTaken = false;
    this.#isReceiving = true;
    try {
      edit((doc, by) =>
        doc.transact((transaction) => {
          this.#taking = transaction;
          isTaken = true;
          taken.apply(doc);
        }, by),
      );
    } catch (error) {
      isTaken = false;
      throw error;
    } finally {
      this.#isReceiving = false;
      this.#taking = null;
      if (isTaken && !this.#isDisturbed) this.#repair(taken);
      else this.#mend();
      this.#isDisturbed = false;
    }
  }

  /** Makes the shared document what the source has become, where the update alone did not. */
  #repair(taken: TakenUpdate): void {
    this.shared.transact(() => {
      for (const [clone, id] of taken.renamed) clone.set('id', id);
      for (const clone of taken.unwanted) this.#remove(clone);
      for (const id of taken.gone) this.#unlink(id);
      for (const clone of taken.placed) this.#link(clone)?.link.mend();
      for (const id of taken.rewritten) this.#cells.get(id)?.link.mend();
      for (const id of taken.touched) this.#match(id);
      if (taken.isMeta) this.#matchMeta();
      if (taken.isOrder) this.#arrange(taken.moved);
      this.#retired.save();
    }, this);
    if (taken.moved.size > 0) {
      for (const id of taken.moved) this.#outputs.damaged(id);
      this.#outputs.write([...taken.moved].filter((id) => !taken.brought.some(({ cell }) => cell === id)));
    }
  }

  #noteOutputs(taken: TakenUpdate): CellId[] {
    const cleared: CellId[] = [];
    for (const [clone, is] of taken.outputs) {
      const linked = this.#byClone.get(clone);
      if (!linked) continue;
      this.#outputs.damaged(linked.id);
      const isEmpty = (liveCell(this.#outputs.live, linked.id)?.outputs.length ?? 0) === 0;
      if (is === 'cleared' && !isEmpty && !this.#outputs.isRunning(linked.id)) cleared.push(linked.id);
    }
    return cleared;
  }

  // ---- the source changed

  #sourceChanged(events: SourceEvents, transaction: Y.Transaction): void {
    if (transaction === this.#taking) return;
    if (this.#isReceiving) {
      this.#isDisturbed = true;
      return;
    }
    const renewed: CellId[] = [];
    this.shared.transact(() => {
      for (const [id, delta] of events.texts) {
        if (!events.renewed.has(id)) this.#cells.get(id)?.link.push(delta);
      }
      for (const id of events.renewed) if (this.#renew(id)) renewed.push(id);
      for (const id of events.cells) this.#match(id);
      if (events.isMeta) this.#matchMeta();
      if (events.isOrder) renewed.push(...this.#arrange(events.moved));
      this.#retired.save();
    }, this);
    if (renewed.length > 0) this.#outputs.write(renewed);
  }

  /** The cell's text is another object (or gone): linked anew. True when it is there. */
  #renew(id: CellId): boolean {
    const linked = this.#cells.get(id);
    const text = cellText(this.#source, id);
    if (!linked || linked.link.source === text) return false;
    this.#retired.forget(id);
    if (!text) return false;
    linked.link = new TextLink(text, linked.parts.text);
    linked.link.mend();
    this.#match(id);
    return true;
  }

  // ---- live

  liveChanged(ops: readonly LiveOp[], live: LiveNotebook): void {
    this.#outputs.changed(ops, live);
  }

  setForeign(cell: CellId, isForeign: boolean): void {
    this.#outputs.setForeign(cell, isForeign);
  }

  fetched(): Promise<void> {
    return this.#outputs.fetched();
  }

  // ---- the rest

  catchUp(vector: Uint8Array): readonly Uint8Array[] | null {
    return missingAt(this.shared, vector);
  }

  setState(state: LabState): void {
    setState(this.shared, state, this);
  }

  cellOf(id: string): CellId | null {
    const cell = asCellId(id);
    return this.#cells.has(cell) ? cell : null;
  }

  toSource(cursor: LabCursor): SourceCursor | null {
    return cursorToSource(cursor, this.shared, (text) => {
      const linked = this.#byClone.get(text.parent);
      if (linked) return { cell: linked.id, offset: (at) => linked.link.toSource(at) };
      const id = this.#retired.byType.get(text)?.facts.id;
      const now = id === undefined ? undefined : this.#cells.get(id);
      return now ? { cell: now.id, offset: () => 0 } : null;
    });
  }

  toShared(cursor: SourceCursor): LabCursor | null {
    const linked = cursor.cell === null ? undefined : this.#cells.get(cursor.cell);
    return linked ? cursorToShared(cursor, linked.parts.text, (at) => linked.link.toShared(at)) : null;
  }

  state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.shared);
  }

  dispose(): void {
    this.#ends.dispose();
    this.#outputs.dispose();
    this.shared.destroy();
  }

  // ---- cell by cell; all of these inside a transaction of the shared document

  /** The whole shared document is made like the source: at the beginning, and when the two were out of step. */
  #mend(): void {
    this.#cells = new Map();
    this.#byClone = new Map();
    this.shared.transact(() => {
      const wanted = new Set(orderedCells(this.#source).map(({ id }) => id));
      for (const clone of cellsArray(this.shared).toArray()) {
        const parts = partsOf(clone);
        if (parts && clone instanceof Y.Map && wanted.delete(parts.id)) this.#link(clone);
        else this.#remove(clone);
      }
      for (const linked of this.#cells.values()) {
        linked.link.mend();
        this.#match(linked.id);
      }
      this.#matchMeta();
      this.#arrange(new Set());
      this.#retired.save();
    }, this);
    for (const id of this.#cells.keys()) this.#outputs.damaged(id);
    this.#outputs.write(this.#cells.keys());
  }

  #link(clone: Clone): Linked | null {
    const parts = partsOf(clone);
    const source = parts && cellText(this.#source, parts.id);
    if (!parts || !source) return null;
    const before = this.#cells.get(parts.id);
    if (before) this.#byClone.delete(before.clone);
    const linked = { id: parts.id, clone, parts, link: new TextLink(source, parts.text) };
    this.#cells.set(parts.id, linked);
    this.#byClone.set(clone, linked);
    return linked;
  }

  #unlink(id: CellId): void {
    const linked = this.#cells.get(id);
    if (!linked) return;
    this.#cells.delete(id);
    this.#byClone.delete(linked.clone);
    this.#retired.forget(id);
    this.#outputs.forget(id);
  }

  /** Type, metadata and attachments as the source has them, and whatever a delta did not tell of the text. */
  #match(id: CellId): void {
    const linked = this.#cells.get(id);
    const cell = readCell(this.#source, id);
    if (!linked || !cell) return;
    if (cell.type !== linked.parts.type) {
      this.#replaceInPlace(linked, cell);
      return;
    }
    const { clone, parts, link } = linked;
    link.settle();
    const present = objectOf(parts.metadata);
    const trusted = present[trustedKey];
    const metadata = trusted === undefined ? cell.metadata : { ...cell.metadata, [trustedKey]: trusted };
    if (!jsonEquals(present, metadata)) setEntries(parts.metadata, metadata);
    if (cell.type === 'code') return;
    const attachments = cell.attachments ?? {};
    if (jsonEquals(objectOf(clone.get('attachments')), attachments)) return;
    clone.set('attachments', attachments);
  }

  #matchMeta(): void {
    const meta = sharedMeta(this.shared);
    const minor = Math.max(leastMinor, readNotebook(this.#source).nbformatMinor);
    if (meta.get('nbformat') !== 4) meta.set('nbformat', 4);
    if (meta.get('nbformat_minor') !== minor) meta.set('nbformat_minor', minor);
    setEntries(notebookMetadataMap(this.shared), notebookMetadata(this.#source));
  }

  /** Adds, removes and moves cells until the order is the source's. Returns the cells that are new objects. */
  #arrange(moved: ReadonlySet<CellId>): CellId[] {
    const cells = cellsArray(this.shared);
    const wanted = orderedCells(this.#source).map(({ id }) => id);
    const present = cells.toArray().flatMap((clone) => this.#byClone.get(clone)?.id ?? []);
    const stay = staying(present, wanted, moved);
    const clones = new Map<CellId, Clone>();
    const isWanted = new Set(wanted);
    for (let i = cells.length - 1; i >= 0; i -= 1) {
      const linked = this.#byClone.get(cells.get(i));
      if (linked && stay.has(linked.id)) continue;
      if (linked && isWanted.has(linked.id)) {
        const cell = readCell(this.#source, linked.id);
        if (cell) clones.set(linked.id, this.#copyOf(linked, cell));
        this.#replaced(linked);
      } else if (linked) this.#unlink(linked.id);
      cells.delete(i, 1);
    }
    const made: CellId[] = [];
    wanted.forEach((id, i) => {
      if (stay.has(id)) return;
      const cell = readCell(this.#source, id);
      if (!cell) return;
      const clone = clones.get(id) ?? this.#fresh(cell);
      cells.insert(i, [clone]);
      this.#link(clone);
      made.push(id);
    });
    return made;
  }

  #replaceInPlace(linked: Linked, cell: SourceCell): void {
    const cells = cellsArray(this.shared);
    const at = cells.toArray().indexOf(linked.clone);
    if (at < 0) return;
    const copy = this.#copyOf(linked, cell);
    this.#replaced(linked);
    cells.delete(at, 1);
    cells.insert(at, [copy]);
    this.#link(copy);
    this.#outputs.damaged(cell.id);
  }

  #fresh(cell: SourceCell): Clone {
    const live = liveCell(this.#outputs.live, cell.id);
    return makeClone(cell, {
      outputs: new Y.Array(),
      executionCount: this.#outputs.countOf(cell.id),
      isRunning: this.#outputs.isRunning(cell.id),
      isTrusted: live === undefined || live.outputs.length === 0 || live.run !== undefined,
    });
  }

  /** A cell to stand in for another: with its results, and trusted as it is. */
  #copyOf({ clone, parts }: Linked, cell: SourceCell): Clone {
    const count = clone.get('execution_count');
    return makeClone(cell, {
      outputs: outputsOf(clone)?.clone() ?? new Y.Array(),
      executionCount: typeof count === 'number' ? count : this.#outputs.countOf(cell.id),
      isRunning: this.#outputs.isRunning(cell.id),
      isTrusted: parts.type === 'code' ? parts.metadata.get(trustedKey) === true : true,
    });
  }

  /** Must be called while the cell is still there. */
  #replaced(linked: Linked): void {
    this.#retire(linked, liveRanges(linked.parts.text));
  }

  #retire(linked: Linked, own: readonly CharRange[]): RetiredClone | null {
    const cell = cellMap(this.#source, linked.id);
    if (!cell) return null;
    const { type }: CloneParts = linked.parts;
    const facts = {
      id: linked.id,
      type,
      metadata: objectOf(cell.get('metadata')),
      attachments: type === 'code' || typeOf(cell) === 'code' ? {} : objectOf(cell.get('attachments')),
    };
    return this.#retired.add((number) =>
      RetiredClone.of(number, facts, linked.clone, own, linked.link.source),
    );
  }

  #remove(clone: unknown): void {
    const cells = cellsArray(this.shared);
    const at = cells.toArray().indexOf(clone);
    if (at >= 0) cells.delete(at, 1);
  }
}
