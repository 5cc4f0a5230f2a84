/**
 * One open notebook as its view needs it: order, cells, selection, presence and undo, each as a store, so that React
 * draws again only what has changed. It listens once to the Y document, once to the live document and once to presence,
 * and tells the cells concerned. It changes nothing (notebook-actions.ts does) and owns no DOM but the open editors.
 */
import { DisposableStore } from '@cahier/base/disposable.ts';
import type { CellId, RunId } from '@cahier/base/ids.ts';
import type { JsonObject } from '@cahier/base/json.ts';
import { isJsonObject } from '@cahier/base/json.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import {
  cellMap,
  cellsMap,
  cellText,
  metaMap,
  notebookMetadata,
  observeSource,
  orderedCells,
  readCell,
} from '@cahier/core/notebooks/source-doc.ts';
import { emptyLiveCell, type LiveCell } from '@cahier/core/runs/live.ts';
import { sourceHash } from '@cahier/core/runs/source-hash.ts';
import type { Peer } from '@cahier/protocol/client/down.ts';
import * as Y from 'yjs';
import type { CodeEditor } from '../editor/code-editor.ts';
import type { FoundRange } from '../editor/found-text.ts';
import { LocalOrigin } from '../editor/local-origin.ts';
import { cursorsOf, presenceOf } from '../editor/relative-cursors.ts';
import { Store } from '../rooms/store.ts';
import { afterChange, type CellSelection, noSelection, selectedCells, selectOne } from './cell-selection.ts';
import type { Hit } from './find-text.ts';
import { FoldedSections } from './folded-sections.ts';
import type { NotebookSession } from './notebook-session.ts';
import { changedCells, isSamePeople, type PeersByCell, routePeers } from './presence-routing.ts';
import { sectionLevel } from './sections.ts';

/** A cell as it is drawn. A new object whenever something in it has changed. */
export interface CellSnapshot {
  readonly id: CellId;
  readonly type: CellType;
  /** Becomes another object when a deleted cell is brought back. */
  readonly text: Y.Text;
  readonly source: string;
  readonly metadata: JsonObject;
  readonly attachments: JsonObject | undefined;
  readonly live: LiveCell;
  /** Place in the queue: 1 runs next; null when it does not wait. */
  readonly place: number | null;
  readonly isEdited: boolean;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  /** Active and in edit mode. */
  readonly isEditing: boolean;
  /** A Markdown cell that shows its result. */
  readonly isRendered: boolean;
  readonly isOutputHidden: boolean;
  readonly isOutputScrolled: boolean;
  /** How many cells its folded section hides; null: it has no section, 0: the section is shown. */
  readonly folded: number | null;
  readonly hasLineNumbers: boolean;
  readonly peers: readonly Peer[];
}

const noPeers: readonly Peer[] = [];

export class NotebookModel {
  readonly session: NotebookSession;
  readonly order: Store<readonly CellId[]>;
  readonly sections: FoldedSections;
  readonly selection: Store<CellSelection>;
  readonly metadata: Store<JsonObject>;
  /** Changes whenever any cell's text or type has changed: for the contents list. */
  readonly textVersion = new Store(0);
  readonly undo: Y.UndoManager;
  /** The cell that an undo or a jump has just changed: it is shown for a moment. */
  readonly revealed = new Store<{ readonly cell: CellId; readonly at: number } | null>(null);
  /** The run that I interrupted last (interrupt-watch.tsx). */
  readonly interrupted = new Store<RunId | null>(null);
  readonly #ends = new DisposableStore();
  readonly #snapshots = new Map<CellId, CellSnapshot>();
  readonly #listeners = new Map<CellId, Set<() => void>>();
  readonly #editors = new Map<CellId, CodeEditor>();
  readonly #openMarkdown = new Set<CellId>();
  readonly #hiddenOutputs = new Map<CellId, boolean>();
  readonly #scrolledOutputs = new Map<CellId, boolean>();
  readonly #lineNumbers = new Map<CellId, boolean>();
  #hasLineNumbers = false;
  #places = new Map<CellId, number>();
  #found = new Map<CellId, FoundRange[]>();
  #peers: PeersByCell;
  #isDrawingPeers = false;

  constructor(session: NotebookSession) {
    this.session = session;
    const { ydoc, live, presence } = session;
    const ids = orderedCells(ydoc).map(({ id }) => id);
    this.order = new Store<readonly CellId[]>(ids);
    const first = ids[0];
    this.selection = new Store<CellSelection>(first === undefined ? noSelection : selectOne(first));
    this.metadata = new Store(notebookMetadata(ydoc));
    this.#peers = routePeers(presence.peers());
    this.#places = placesOf(live.get().queue);
    this.sections = new FoldedSections({
      order: this.order,
      cells: () => this.order.get().flatMap((id) => this.cell(id) ?? []),
      isFoldedByFile: (cell) => isFoldedByFile(ydoc, cell),
      changed: (heading) => this.#changed(heading),
    });
    this.undo = new Y.UndoManager([cellsMap(ydoc), metaMap(ydoc)], {
      trackedOrigins: new Set<unknown>([LocalOrigin, session.undoOrigin]),
      captureTimeout: 500,
    });
    this.undo.on('stack-item-popped', (event) => this.#showUndone(event.changedParentTypes));
    this.#ends.add(() => this.undo.destroy());
    this.#ends.add(
      observeSource(ydoc, (change) => {
        if (change.isMeta) this.metadata.set(notebookMetadata(ydoc));
        for (const cell of change.cells) this.#changed(cell);
        if (change.isOrder) this.#reorder();
        this.sections.refresh(change.isOrder ? this.order.get() : change.cells);
        if (change.cells.size > 0) this.textVersion.set(this.textVersion.get() + 1);
      }),
    );
    this.sections.refresh(ids);
    let seen = live.get();
    this.#ends.add(
      live.subscribe(() => {
        const before = seen;
        seen = live.get();
        if (before.queue !== seen.queue) {
          const places = placesOf(seen.queue);
          const moved = new Set([...this.#places.keys(), ...places.keys()]);
          const old = this.#places;
          this.#places = places;
          for (const cell of moved) if (old.get(cell) !== places.get(cell)) this.#changed(cell);
        }
        if (before.cells === seen.cells) return;
        for (const cell of this.order.get()) {
          if (before.cells[cell] !== seen.cells[cell]) this.#changed(cell);
        }
      }),
    );
    this.#ends.add(presence.subscribe(() => this.#routePresence()));
    let selected = this.selection.get();
    this.#ends.add(
      this.selection.subscribe(() => {
        const before = selected;
        selected = this.selection.get();
        const order = this.order.get();
        const touched = new Set([...selectedCells(before, order), ...selectedCells(selected, order)]);
        for (const cell of [before.active, selected.active]) if (cell !== null) touched.add(cell);
        for (const cell of touched) this.#changed(cell);
        // Typing here and typing there are two steps for the undo.
        if (before.active !== selected.active || before.mode !== selected.mode) this.undo.stopCapturing();
        this.#tellPresence();
      }),
    );
  }

  dispose(): void {
    this.session.presence.setLocal(null);
    this.#ends.dispose();
  }

  /** undefined: there is no such cell (any more). */
  readonly cell = (id: CellId): CellSnapshot | undefined => {
    const known = this.#snapshots.get(id);
    if (known) return known;
    const made = this.#snapshot(id);
    if (made) this.#snapshots.set(id, made);
    return made;
  };

  subscribeCell(id: CellId, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  get active(): CellSnapshot | undefined {
    const { active } = this.selection.get();
    return active === null ? undefined : this.cell(active);
  }

  selected(): readonly CellId[] {
    return selectedCells(this.selection.get(), this.order.get()).filter(
      (cell) => this.sections.hiddenBy(cell) === undefined,
    );
  }

  /** Folds or shows the section of a heading; without a heading, all. What was selected in it gives way to its heading. */
  fold(heading: CellId | null, isFolded: boolean): void {
    if (heading === null) this.sections.foldAll(isFolded);
    else this.sections.fold(heading, isFolded);
    const { active } = this.selection.get();
    const by = active === null ? undefined : this.sections.hiddenBy(active);
    if (by !== undefined) this.select(selectOne(by));
  }

  /** A cell of a folded section is shown when it is selected. */
  select(selection: CellSelection): void {
    if (selection.active !== null) this.sections.unfold(selection.active);
    const now = this.selection.get();
    const isSame =
      now.active === selection.active && now.anchor === selection.anchor && now.mode === selection.mode;
    if (!isSame) this.selection.set(selection);
  }

  editor(cell: CellId): CodeEditor | undefined {
    return this.#editors.get(cell);
  }

  /** An editor was mounted for the cell. Returns its end. */
  mounted(cell: CellId, editor: CodeEditor): () => void {
    this.#editors.set(cell, editor);
    this.#drawPeers(cell);
    if (this.#found.has(cell)) this.#drawFound(cell);
    return () => {
      if (this.#editors.get(cell) === editor) this.#editors.delete(cell);
    };
  }

  /** The cursor moved in a cell's editor. */
  cursorMoved(cell: CellId, anchor: number, head: number, hasFocus: boolean): void {
    const { active, mode } = this.selection.get();
    if (hasFocus && (active !== cell || mode !== 'edit')) this.select(selectOne(cell, 'edit'));
    const text = this.cell(cell)?.text;
    if (hasFocus && text) {
      this.session.presence.setLocal({ cell, ...presenceOf(text, anchor, head), isEditing: true });
    }
  }

  setMarkdownOpen(cell: CellId, isOpen: boolean): void {
    if (this.#openMarkdown.has(cell) === isOpen) return;
    if (isOpen) this.#openMarkdown.add(cell);
    else this.#openMarkdown.delete(cell);
    this.#changed(cell);
  }

  setOutputHidden(cell: CellId, isHidden: boolean): void {
    this.#hiddenOutputs.set(cell, isHidden);
    this.#changed(cell);
  }

  setOutputScrolled(cell: CellId, isScrolled: boolean): void {
    this.#scrolledOutputs.set(cell, isScrolled);
    this.#changed(cell);
  }

  toggleLineNumbers(cell: CellId): void {
    this.#lineNumbers.set(cell, !(this.#lineNumbers.get(cell) ?? this.#hasLineNumbers));
    this.#changed(cell);
  }

  toggleAllLineNumbers(): void {
    this.#hasLineNumbers = !this.#hasLineNumbers;
    this.#lineNumbers.clear();
    for (const cell of this.order.get()) this.#changed(cell);
  }

  /** What a search has found is marked; `current` is brought into view. */
  setFound(hits: readonly Hit[], current: Hit | null): void {
    const before = this.#found;
    this.#found = new Map();
    for (const hit of hits) {
      const ranges = this.#found.get(hit.cell) ?? [];
      ranges.push({ from: hit.from, to: hit.to, isCurrent: hit === current });
      this.#found.set(hit.cell, ranges);
    }
    for (const cell of this.#editors.keys()) {
      if (before.has(cell) || this.#found.has(cell)) this.#drawFound(cell);
    }
  }

  /** Shows the cell for a moment and brings it into view. */
  reveal(cell: CellId): void {
    this.sections.unfold(cell);
    this.revealed.set({ cell, at: (this.revealed.get()?.at ?? 0) + 1 });
  }

  #snapshot(id: CellId): CellSnapshot | undefined {
    const { ydoc, live } = this.session;
    const cell = readCell(ydoc, id);
    const text = cellText(ydoc, id);
    if (!cell || !text) return undefined;
    const selection = this.selection.get();
    const isActive = selection.active === id;
    const run = live.get().cells[id] ?? emptyLiveCell;
    const isRunning = run.state === 'queued' || run.state === 'running';
    return {
      id,
      type: cell.type,
      text,
      source: cell.source,
      metadata: cell.metadata,
      attachments: cell.attachments,
      live: run,
      place: this.#places.get(id) ?? null,
      isEdited: !isRunning && run.ranSource !== undefined && run.ranSource !== sourceHash(cell.source),
      isActive,
      isSelected: isActive || (selection.anchor !== null && this.selected().includes(id)),
      isEditing: isActive && selection.mode === 'edit',
      isRendered: cell.type === 'markdown' && !this.#openMarkdown.has(id),
      isOutputHidden: this.#hiddenOutputs.get(id) ?? isHiddenByFile(cell.metadata),
      isOutputScrolled: this.#scrolledOutputs.get(id) ?? cell.metadata['scrolled'] === true,
      folded: sectionLevel(cell) === null ? null : this.sections.countBelow(id),
      hasLineNumbers: this.#lineNumbers.get(id) ?? this.#hasLineNumbers,
      peers: this.#peers.get(id) ?? noPeers,
    };
  }

  #changed(cell: CellId): void {
    this.#snapshots.delete(cell);
    for (const listener of [...(this.#listeners.get(cell) ?? [])]) listener();
  }

  #reorder(): void {
    const before = this.order.get();
    const now = orderedCells(this.session.ydoc).map(({ id }) => id);
    if (now.length === before.length && now.every((id, i) => id === before[i])) return;
    const present = new Set(now);
    for (const cell of before) {
      if (present.has(cell)) continue;
      this.#openMarkdown.delete(cell);
      this.#snapshots.delete(cell);
    }
    this.order.set(now);
    this.select(afterChange(this.selection.get(), before, now));
  }

  #routePresence(): void {
    const before = this.#peers;
    this.#peers = routePeers(this.session.presence.peers());
    const changed = changedCells(before, this.#peers);
    for (const cell of changed) {
      if (!isSamePeople(before.get(cell) ?? noPeers, this.#peers.get(cell) ?? noPeers)) this.#changed(cell);
    }
    for (const cell of changed) if (this.#editors.has(cell)) this.#peersToDraw.add(cell);
    if (this.#isDrawingPeers || this.#peersToDraw.size === 0) return;
    this.#isDrawingPeers = true;
    requestAnimationFrame(() => {
      this.#isDrawingPeers = false;
      const cells = [...this.#peersToDraw];
      this.#peersToDraw.clear();
      for (const cell of cells) this.#drawPeers(cell);
    });
  }

  readonly #peersToDraw = new Set<CellId>();

  #drawFound(cell: CellId): void {
    const ranges = this.#found.get(cell) ?? [];
    this.#editors.get(cell)?.showFound(ranges);
  }

  #drawPeers(cell: CellId): void {
    const text = cellText(this.session.ydoc, cell);
    const editor = this.#editors.get(cell);
    if (text && editor) editor.showPeers(cursorsOf(this.#peers.get(cell) ?? noPeers, text));
  }

  #tellPresence(): void {
    const { active, mode } = this.selection.get();
    if (active === null) this.session.presence.setLocal(null);
    else if (mode === 'command') this.session.presence.setLocal({ cell: active, isEditing: false });
  }

  /** Brings what an undo or redo has changed into view. */
  #showUndone(types: ReadonlyMap<unknown, unknown>): void {
    const cells = this.order.get();
    const hit =
      cells.find((id) => types.has(this.cell(id)?.text)) ??
      cells.find((id) => types.has(cellsMap(this.session.ydoc).get(id)));
    if (hit === undefined) return;
    const { active, mode } = this.selection.get();
    if (active !== hit) this.select(selectOne(hit, mode));
    this.reveal(hit);
  }
}

function placesOf(queue: readonly CellId[]): Map<CellId, number> {
  return new Map(queue.map((cell, i) => [cell, i]));
}

/** As JupyterLab notes it. */
function isFoldedByFile(doc: Y.Doc, cell: CellId): boolean {
  const metadata = cellMap(doc, cell)?.get('metadata');
  return metadata instanceof Y.Map && metadata.get('jp-MarkdownHeadingCollapsed') === true;
}

/** Jupyter's two ways to say that the outputs are folded away. */
function isHiddenByFile(metadata: JsonObject): boolean {
  const jupyter = metadata['jupyter'];
  return metadata['collapsed'] === true || (isJsonObject(jupyter) && jupyter['outputs_hidden'] === true);
}
