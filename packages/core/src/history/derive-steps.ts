/**
 * From the hot log to steps: applies one logged update after the other to a replica and writes down, as plain changes,
 * what each did. Every change is the difference between what was folded so far and what the document reads as now, so
 * fold(steps up to n) is the document at n by construction, for malformed data too. Pure: no I/O, no clock.
 * Owned by whoever reads the log (server/history/step-store.ts); never on the path of a keystroke.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { asCellId } from '@cahier/base/ids.ts';
import { jsonEquals } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import { cellsMap, metaMap } from '../notebooks/source-doc.ts';
import { jsonOf, readRegisters, textOfCell } from '../notebooks/source-layout.ts';
import type { Entry } from './entry.ts';
import { PastDraft } from './past-draft.ts';
import {
  type Change,
  type PastDocument,
  type Step,
  type TextDelta,
  textCellId,
  unknownCellId,
} from './step.ts';
import { applyTextDelta, diffText } from './text-delta.ts';

/** What one transaction touched. */
interface Touched {
  readonly meta: Set<string>;
  /** Cells that were added, removed or replaced, or whose registers were written. */
  readonly cells: Set<CellId>;
  /** Typing: per cell what the text event said, or null when it must be found by comparing. */
  readonly texts: Map<CellId, TextDelta | null>;
}

export class StepDeriver {
  readonly #doc: Y.Doc;
  readonly #draft: PastDraft;
  readonly #meta: Y.Map<unknown>;
  readonly #cells: Y.Map<unknown>;
  readonly #text: Y.Text;
  readonly #stop: () => void;
  #touched: Touched = nothing();
  /** Clock of each client before the update that is applied. */
  #before: ReadonlyMap<number, number> = new Map();

  /** `doc`: a replica that shows the document as `past` has it; from now on only the deriver changes it. */
  constructor(doc: Y.Doc, past: PastDocument) {
    this.#doc = doc;
    this.#draft = new PastDraft(past);
    this.#meta = metaMap(doc);
    this.#cells = cellsMap(doc);
    this.#text = doc.getText('text');
    const onMeta = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]) => {
      for (const event of events) this.#noteMeta(event);
    };
    const onCells = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]) => {
      for (const event of events) this.#noteCells(event);
    };
    const onText = (event: Y.YTextEvent) => void this.#touched.texts.set(textCellId, deltaOf(event));
    this.#meta.observeDeep(onMeta);
    this.#cells.observeDeep(onCells);
    this.#text.observe(onText);
    const onTransaction = (transaction: Y.Transaction) => {
      this.#before = transaction.beforeState;
    };
    this.#doc.on('beforeTransaction', onTransaction);
    this.#stop = () => {
      this.#doc.off('beforeTransaction', onTransaction);
      this.#meta.unobserveDeep(onMeta);
      this.#cells.unobserveDeep(onCells);
      this.#text.unobserve(onText);
    };
  }

  dispose(): void {
    this.#stop();
  }

  get seq(): number {
    return this.#draft.seq;
  }

  /** The document after the last entry. */
  past(): PastDocument {
    return this.#draft.freeze();
  }

  /** The step of the next entry. `author`: its number in the caller's list. An update that cannot be read changes nothing. */
  apply(entry: Entry, author: number): Step {
    const { seq, at, origin } = entry;
    const step = { seq, at, author, origin, changes: this.#changesOf(entry) };
    this.#draft.seq = seq;
    return step;
  }

  /** The next entry cannot be read: nothing is known to have changed. */
  skip(seq: number): void {
    this.#draft.seq = seq;
  }

  #changesOf(entry: Entry): Change[] {
    if (entry.kind === 'update') return this.#update(entry.update);
    const change: Change =
      entry.kind === 'mark'
        ? { c: 'mark', mark: entry.mark, text: entry.text }
        : {
            c: 'run',
            cell: entry.cell,
            run: entry.run,
            state: entry.state,
            count: entry.executionCount,
            startedAt: entry.startedAt,
            outputs: entry.outputs,
            ...(entry.codeSeq === undefined ? {} : { codeSeq: entry.codeSeq }),
            ...(entry.kernel === undefined ? {} : { kernel: entry.kernel }),
          };
    this.#draft.change(change);
    return [change];
  }

  #update(update: Uint8Array): Change[] {
    this.#touched = nothing();
    try {
      Y.applyUpdate(this.#doc, update, this);
    } catch {
      // The room never took such bytes; what they touched before they failed is still told below.
    }
    const changes: Change[] = [];
    const tell = (change: Change) => {
      this.#draft.change(change);
      changes.push(change);
    };
    const { meta, cells, texts } = this.#touched;
    for (const key of meta) this.#tellMeta(key, tell);
    for (const id of cells) this.#tellCell(id, texts.get(id) ?? null, tell);
    for (const [id, delta] of texts) {
      if (id === textCellId && !this.#cells.has(id)) this.#tellText(delta, tell);
      else if (!cells.has(id)) this.#tellTyping(id, delta, tell);
    }
    if (changes.length === 0) {
      const unseen = newTextOf(update, this.#before, this.#doc.store);
      if (unseen !== '') tell({ c: 'text', cell: unknownCellId, delta: [unseen] });
    }
    return changes;
  }

  #noteMeta(event: Y.YEvent<Y.AbstractType<unknown>>): void {
    const key = event.path[0];
    if (key !== undefined) this.#touched.meta.add(String(key));
    else if (event instanceof Y.YMapEvent)
      for (const each of event.keysChanged) this.#touched.meta.add(String(each));
  }

  #noteCells(event: Y.YEvent<Y.AbstractType<unknown>>): void {
    const [id, key, ...deeper] = event.path;
    if (id === undefined) {
      if (event instanceof Y.YMapEvent) {
        for (const each of event.keysChanged) this.#touched.cells.add(asCellId(String(each)));
      }
    } else if (key === 'source' && deeper.length === 0 && event instanceof Y.YTextEvent) {
      this.#touched.texts.set(asCellId(String(id)), deltaOf(event));
    } else this.#touched.cells.add(asCellId(String(id)));
  }

  #tellMeta(key: string, tell: (change: Change) => void): void {
    const value = this.#meta.has(key) ? jsonOf(this.#meta.get(key)) : undefined;
    if (jsonEquals(this.#draft.meta.get(key), value)) return;
    tell({ c: 'meta', key, ...(value === undefined ? {} : { value }) });
  }

  /** `typed`: what a text event said of the cell; its text may have been replaced as well, then comparing tells. */
  #tellCell(id: CellId, typed: TextDelta | null, tell: (change: Change) => void): void {
    const before = this.#draft.cells.get(id);
    const now = readRegisters(id, this.#cells.get(id));
    if (!now) {
      if (before) tell({ c: 'cell-', cell: id });
      return;
    }
    if (!before) {
      const { id: cell, ...content } = now;
      tell({ c: 'cell+', cell, ...content });
      return;
    }
    for (const key of ['type', 'position', 'metadata', 'attachments', 'extra'] as const) {
      if (!jsonEquals(before[key], now[key])) tell({ c: 'set', cell: id, key, value: now[key] ?? null });
    }
    for (const delta of deltasBetween(before.source, typed, now.source)) tell({ c: 'text', cell: id, delta });
  }

  /** The text event says it exactly; when it does not add up (the text holds what is no text), compare. */
  #tellTyping(id: CellId, delta: TextDelta | null, tell: (change: Change) => void): void {
    const text = textOfCell(this.#cells.get(id));
    const before = this.#draft.cells.get(id);
    if (!before || !delta || !text) {
      this.#tellCell(id, delta, tell);
      return;
    }
    this.#tellEdit(id, before.source, delta, text, tell);
  }

  #tellEdit(
    cell: CellId,
    before: string,
    typed: TextDelta | null,
    text: Y.Text,
    tell: (change: Change) => void,
  ): void {
    const deltas =
      typed && isAll(before, typed, text) ? [typed] : deltasBetween(before, typed, text.toString());
    for (const delta of deltas) if (delta.length > 0) tell({ c: 'text', cell, delta });
  }

  #tellText(delta: TextDelta | null, tell: (change: Change) => void): void {
    const before = this.#draft.cells.get(textCellId);
    if (!before) {
      const source = this.#text.toString();
      tell({ c: 'cell+', cell: textCellId, type: 'raw', position: '', source, metadata: {} });
      return;
    }
    this.#tellEdit(textCellId, before.source, delta, this.#text, tell);
  }
}

function nothing(): Touched {
  return { meta: new Set(), cells: new Set(), texts: new Map() };
}

/** What an update has typed that was not known before. */
function newTextOf(update: Uint8Array, before: ReadonlyMap<number, number>, after: Y.Doc['store']): string {
  try {
    return Y.decodeUpdate(update)
      .structs.flatMap((struct) => {
        if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return [];
        const { client, clock } = struct.id;
        const isNew = clock >= (before.get(client) ?? 0) && clock < Y.getState(after, client);
        return isNew ? [struct.content.str] : [];
      })
      .join('');
  } catch {
    return '';
  }
}

/** Null when the event holds what is no text. */
function deltaOf(event: Y.YTextEvent): TextDelta | null {
  const delta: (number | string | { d: number })[] = [];
  for (const part of event.delta) {
    if (part.retain !== undefined) delta.push(part.retain);
    else if (part.delete !== undefined) delta.push({ d: part.delete });
    else if (typeof part.insert === 'string') delta.push(part.insert);
    else return null;
  }
  if (typeof delta.at(-1) === 'number') delta.pop();
  return delta;
}

/**
 * Does the event say all that happened to the text? Not when the text holds what is no text (its length differs), nor
 * when an edit cut a surrogate pair: Yjs then writes U+FFFD for both halves and tells nobody.
 */
function isAll(before: string, delta: TextDelta, text: Y.Text): boolean {
  if (surrogate.test(before)) return applyTextDelta(before, delta) === text.toString();
  let length = before.length;
  for (const part of delta) {
    if (typeof part === 'string') length += part.length;
    else if (typeof part === 'object') length -= part.d;
  }
  return length === text.length;
}

const surrogate = /[\ud800-\udfff]/;

/** From one text to another: what the event said, then what it kept quiet about; without a usable event by comparing. */
function deltasBetween(before: string, typed: TextDelta | null, now: string): TextDelta[] {
  const told = typed === null ? before : applyTextDelta(before, typed);
  const deltas =
    told.length === now.length && typed !== null
      ? [typed, unitsReplaced(told, now)]
      : [diffText(before, now)];
  return deltas.filter((delta) => delta.length > 0);
}

/** Between texts of one length: each differing unit on its own, so that the others keep who wrote them. */
function unitsReplaced(before: string, now: string): TextDelta {
  const delta: (number | string | { d: number })[] = [];
  let same = 0;
  for (let i = 0; i < now.length; i += 1) {
    const unit = now.charAt(i);
    if (before.charAt(i) === unit) same += 1;
    else {
      if (same > 0) delta.push(same);
      delta.push(unit, { d: 1 });
      same = 0;
    }
  }
  return delta;
}
