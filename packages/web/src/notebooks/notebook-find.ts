/**
 * A search over the texts of one notebook: the query, what it hits, and the hit that is looked at. It follows the
 * document while people type in it. The marks are drawn by the editors (found-text.ts); the bar is find-bar.tsx.
 */
import { DisposableStore } from '@cahier/base/disposable.ts';
import type { CellId } from '@cahier/base/ids.ts';
import { cellText } from '@cahier/core/notebooks/source-doc.ts';
import * as Y from 'yjs';
import { typing } from '../editor/local-origin.ts';
import { type Readable, Store } from '../rooms/store.ts';
import { selectOne } from './cell-selection.ts';
import {
  type FindQuery,
  findHits,
  type Found,
  type Hit,
  hitFrom,
  noHits,
  replacementOf,
} from './find-text.ts';
import type { NotebookModel } from './notebook-model.ts';

export interface FindState {
  readonly query: FindQuery;
  readonly found: Found;
  /** Place in the hits; -1: none. */
  readonly at: number;
}

const nothing: FindState = {
  query: { text: '', isCaseSensitive: false, isWholeWord: false, isPattern: false },
  found: noHits,
  at: -1,
};

export class NotebookFind {
  readonly #model: NotebookModel;
  readonly #state = new Store<FindState>(nothing);
  #ends: DisposableStore | null = null;
  /** The Markdown cell that shows its source because of a hit. */
  #opened: CellId | null = null;
  /** Where the hit that is looked at begins, whatever is typed before it. */
  #anchor: Y.RelativePosition | null = null;

  constructor(model: NotebookModel) {
    this.#model = model;
  }

  /** The hit that is looked at. */
  get current(): Hit | null {
    const { found, at } = this.#state.get();
    return found.ok ? (found.hits[at] ?? null) : null;
  }

  get state(): Readable<FindState> {
    return this.#state;
  }

  /** From here on the hits follow the text. */
  start(): void {
    if (this.#ends) return;
    this.#ends = new DisposableStore();
    this.#ends.add(this.#model.textVersion.subscribe(() => this.#follow()));
    this.#ends.add(this.#model.order.subscribe(() => this.#follow()));
    this.ask(this.#state.get().query);
  }

  /** The marks go; the query stays for the next time. */
  stop(): void {
    this.#ends?.dispose();
    this.#ends = null;
    this.#closeOpened(null);
    this.#model.setFound([], null);
  }

  ask(query: FindQuery): void {
    const { active } = this.#model.selection.get();
    // A longer word is looked for from where the shorter one was found; another cell begins anew.
    const before = this.current?.cell === active ? this.current : null;
    const found = findHits(this.#cells(), query);
    const place = { cell: active, offset: before?.from ?? 0 };
    const at = found.ok ? hitFrom(found.hits, this.#model.order.get(), place) : -1;
    this.#show({ query, found, at }, true);
  }

  /** To the next (1) or the hit before (-1), around the ends. */
  step(by: 1 | -1): void {
    const { query, found, at } = this.#state.get();
    if (!found.ok || found.hits.length === 0) return;
    this.#show({ query, found, at: (at + by + found.hits.length) % found.hits.length }, true);
  }

  replace(replacement: string): void {
    const { query } = this.#state.get();
    const hit = this.current;
    if (!hit) return;
    const length = this.#put([hit], query, replacement);
    // What was put there may itself be a hit: the search goes on behind it.
    const now = findHits(this.#cells(), query);
    if (!now.ok) return;
    const place = { cell: hit.cell, offset: hit.from + length };
    const next = hitFrom(now.hits, this.#model.order.get(), place);
    this.#show({ query, found: now, at: next }, true);
  }

  /** One step of the undo. Answers how many places changed. */
  replaceAll(replacement: string): number {
    const { query } = this.#state.get();
    const all = findHits(this.#cells(), query, Infinity);
    if (!all.ok || all.hits.length === 0) return 0;
    this.#put(all.hits, query, replacement);
    this.ask(query);
    return all.hits.length;
  }

  /** Answers the length of what was put in the place of the last of the hits. */
  #put(hits: readonly Hit[], query: FindQuery, replacement: string): number {
    const { undo } = this.#model;
    let length = 0;
    undo.stopCapturing();
    this.#ydoc.transact(() => {
      const sources = new Map(hits.map(({ cell }) => [cell, this.#model.cell(cell)?.source ?? '']));
      // From the end, so that the places before stay where they are.
      for (const hit of hits.toReversed()) {
        const text = cellText(this.#ydoc, hit.cell);
        const put = replacementOf(query, sources.get(hit.cell) ?? '', hit, replacement);
        text?.delete(hit.from, hit.to - hit.from);
        text?.insert(hit.from, put);
        length = put.length;
      }
    }, typing);
    undo.stopCapturing();
    return length;
  }

  /** The text has changed: the hits are looked for again, and nothing moves. */
  #follow(): void {
    const { query } = this.#state.get();
    const before = this.current;
    const found = findHits(this.#cells(), query);
    const offset =
      this.#anchor && Y.createAbsolutePositionFromRelativePosition(this.#anchor, this.#ydoc)?.index;
    const at =
      found.ok && before
        ? hitFrom(found.hits, this.#model.order.get(), { cell: before.cell, offset: offset ?? before.from })
        : -1;
    this.#show({ query, found, at }, false);
  }

  #show(state: FindState, isMove: boolean): void {
    this.#state.set(state);
    const hit = this.current;
    const text = hit && cellText(this.#ydoc, hit.cell);
    this.#anchor = text ? Y.createRelativePositionFromTypeIndex(text, hit.from) : null;
    if (isMove && hit) {
      const cell = this.#model.cell(hit.cell);
      this.#closeOpened(hit.cell);
      if (cell?.isRendered) {
        this.#opened = hit.cell;
        this.#model.setMarkdownOpen(hit.cell, true);
      }
      this.#model.select(selectOne(hit.cell));
      this.#model.reveal(hit.cell);
    }
    this.#model.setFound(state.found.ok ? state.found.hits : [], isMove ? hit : null);
  }

  #closeOpened(except: CellId | null): void {
    const opened = this.#opened;
    if (opened === null || opened === except) return;
    this.#opened = null;
    if (!this.#model.cell(opened)?.isEditing) this.#model.setMarkdownOpen(opened, false);
  }

  get #ydoc(): Y.Doc {
    return this.#model.session.ydoc;
  }

  #cells() {
    return this.#model.order.get().flatMap((id) => this.#model.cell(id) ?? []);
  }
}
