/**
 * What a client's update, which the shared document has taken already, means for the source. JupyterLab knows no moves:
 * a cell that is deleted and inserted again under its id has been moved (or changed its type); so has one that is
 * inserted a second time by somebody who deleted an older copy of it: two people moved it, the later one wins. A cell
 * inserted under an id that is taken, with nothing deleted, is the same again (an old history: it goes) or another cell
 * (it gets an id of its own).
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import { jsonEquals } from '@cahier/base/json.ts';
import * as Y from 'yjs';
import {
  cellMap,
  cellsMap,
  deleteCells,
  metaMap,
  orderedCells,
  setNotebookMetadata,
} from '../../notebooks/source-doc.ts';
import {
  jsonOf,
  makeCell,
  metaKeyOf,
  nestedMap,
  objectOf,
  type SourceCell,
} from '../../notebooks/source-layout.ts';
import { adoptClone, takeAttachments } from './adopt-clone.ts';
import { positionsFor } from './arrange-cells.ts';
import { type CharRange, deleteChar, type DeletedIds, rangesBefore } from './char-ids.ts';
import type { Incoming } from './incoming.ts';
import type { BroughtResults } from './projection.ts';
import type { RetiredClone } from './retired-clone.ts';
import type { RetiredClones } from './retired-clones.ts';
import {
  cellsArray,
  type Clone,
  type CloneParts,
  outputsOf,
  partsOf,
  salvage,
  sharedMeta,
  trustedKey,
  withoutTrust,
} from './shared-layout.ts';
import { toNbOutputs } from './shown-output.ts';
import type { TextLink } from './text-link.ts';

/** A cell that is in both documents. */
export interface Linked {
  readonly id: CellId;
  readonly clone: Clone;
  readonly parts: CloneParts;
  link: TextLink;
}

export interface TakingParts {
  /** See LabProjection.receive. */
  readonly isWhole: boolean;
  readonly source: Y.Doc;
  readonly shared: Y.Doc;
  readonly cells: ReadonlyMap<CellId, Linked>;
  readonly byClone: ReadonlyMap<unknown, Linked>;
  readonly retired: RetiredClones;
  readonly newId: () => string;
  /** Remembers a cell that another one replaces; `own`: its characters that the source has. */
  readonly retire: (linked: Linked, own: readonly CharRange[]) => RetiredClone | null;
}

export interface TakenUpdate {
  /** Is there anything for the source? */
  readonly isEdit: boolean;
  /** Makes the edits; in one transaction of the source. */
  readonly apply: (doc: Y.Doc) => void;
  /** Cells of the shared document that must go: replaced by a later move, there already, or broken. */
  readonly unwanted: readonly unknown[];
  /** Cells that need another id. */
  readonly renamed: ReadonlyMap<Clone, CellId>;
  /** Cells that the source has no more. */
  readonly gone: readonly CellId[];
  /** Cells of the shared document that are new, or stand for a cell from now on. */
  readonly placed: readonly Clone[];
  /** Cells of the source whose registers, text or metadata may differ now. */
  readonly touched: ReadonlySet<CellId>;
  /** Those of them whose text was edited in the source alone. */
  readonly rewritten: ReadonlySet<CellId>;
  /** The cells of `placed`. */
  readonly moved: ReadonlySet<CellId>;
  readonly isMeta: boolean;
  readonly isOrder: boolean;
  readonly outputs: ReadonlyMap<Clone, 'cleared' | 'written'>;
  readonly brought: readonly BroughtResults[];
}

export function takeUpdate(seen: Incoming, deleted: DeletedIds, parts: TakingParts): TakenUpdate {
  const order = seen.isOrder ? readOrder(seen, deleted, parts) : null;
  const late = parts.retired.size > 0 ? parts.retired.deletedBy(deleted) : [];
  const touched = touchedCells(seen, parts);
  const rewritten = new Set([...seen.late, ...late].map(({ retired }) => retired.facts.id));
  for (const id of rewritten) touched.add(id);
  for (const id of order?.moved ?? []) touched.add(id);
  const isMeta = seen.isMeta || seen.notebook.size > 0;
  return {
    isEdit: touched.size > 0 || order !== null || isMeta,
    apply: (doc) => {
      for (const { retired, texts, metadata } of seen.late) {
        const cell = cellMap(doc, retired.facts.id);
        const text: unknown = cell?.get('source');
        if (!cell || !(text instanceof Y.Text)) continue;
        retired.take(texts, text);
        parts.retired.changed(retired);
        for (const [key, value] of metadata)
          if (key !== trustedKey) nestedMap(cell, 'metadata').set(key, value);
      }
      for (const { retired, chars } of late) {
        const text: unknown = cellMap(doc, retired.facts.id)?.get('source');
        if (text instanceof Y.Text) for (const char of chars) deleteChar(text, char);
      }
      takeTyping(seen, parts);
      takeMetadata(doc, seen, parts);
      takeNotebookMetadata(doc, seen, parts.shared);
      order?.apply(doc);
    },
    unwanted: order?.unwanted ?? [],
    renamed: order?.renamed ?? new Map(),
    gone: order?.gone ?? [],
    placed: order?.placed ?? [],
    touched,
    rewritten,
    moved: order?.moved ?? new Set(),
    isMeta,
    isOrder: order !== null,
    outputs: seen.outputs,
    brought: order?.brought ?? [],
  };
}

function touchedCells(seen: Incoming, { byClone }: TakingParts): Set<CellId> {
  const touched = new Set<CellId>();
  for (const clone of [...seen.texts.keys(), ...seen.metadata.keys()]) {
    const linked = byClone.get(clone);
    if (linked) touched.add(linked.id);
  }
  for (const [clone, keys] of seen.registers) {
    const linked = byClone.get(clone);
    const isResult = [...keys].every((key) => key === 'execution_count' || key === 'execution_state');
    if (linked && !isResult) touched.add(linked.id);
  }
  return touched;
}

function takeTyping(seen: Incoming, { byClone }: TakingParts): void {
  for (const [clone, delta] of seen.texts) byClone.get(clone)?.link.pull(delta);
}

function takeMetadata(doc: Y.Doc, seen: Incoming, { byClone }: TakingParts): void {
  for (const [clone, keys] of seen.metadata) {
    const linked = byClone.get(clone);
    const cell = linked && cellMap(doc, linked.id);
    const written: unknown = clone.get('metadata');
    if (!cell || !(written instanceof Y.Map)) continue;
    const metadata = nestedMap(cell, 'metadata');
    for (const key of keys) {
      if (key === trustedKey) continue;
      if (!written.has(key)) metadata.delete(key);
      else setValue(metadata, key, written.get(key));
    }
  }
  for (const [clone, keys] of seen.registers) {
    const linked = byClone.get(clone);
    const cell = linked && cellMap(doc, linked.id);
    if (!cell || !keys.has('attachments') || linked.parts.type === 'code') continue;
    const item = clone._map.get('attachments');
    const isInformed = Y.compareIDs(item?.origin ?? null, item?.left?.lastId ?? null);
    takeAttachments(cell, clone.get('attachments'), isInformed);
  }
}

/** A map that was replaced as a whole removes nothing: its writer may not have had what was there. */
function takeNotebookMetadata(doc: Y.Doc, seen: Incoming, shared: Y.Doc): void {
  if (!seen.isMeta && seen.notebook.size === 0) return;
  const written = sharedMeta(shared).get('metadata');
  if (!(written instanceof Y.Map)) return;
  for (const key of seen.isMeta ? written.keys() : seen.notebook) {
    const value = written.has(key) ? jsonOf(written.get(key)) : undefined;
    const present = metaMap(doc).get(metaKeyOf(key));
    if (value === undefined ? !seen.isMeta : !jsonEquals(jsonOf(present), value)) {
      setNotebookMetadata(doc, key, value, null);
    }
  }
}

function setValue(map: Y.Map<unknown>, key: string, value: unknown): void {
  const json = jsonOf(value);
  if (!map.has(key) || !jsonEquals(jsonOf(map.get(key)), json)) map.set(key, json);
}

type OrderChange = Pick<
  TakenUpdate,
  'apply' | 'unwanted' | 'renamed' | 'gone' | 'placed' | 'moved' | 'brought'
>;

/** Cells were added or removed. */
function readOrder(seen: Incoming, deleted: DeletedIds, parts: TakingParts): OrderChange {
  const { cells, byClone, retired } = parts;
  const before = (linked: Linked) => rangesBefore(linked.parts.text, seen.removed, seen.clockBefore);
  const isThere = (linked: Linked) => linked.clone._item?.deleted === false;
  const adopted = new Map<
    CellId,
    { readonly old: RetiredClone; readonly clone: Clone; readonly parts: CloneParts }
  >();
  const fresh: {
    readonly id: CellId;
    readonly cell: Omit<SourceCell, 'id' | 'position'>;
    readonly clone: Clone;
  }[] = [];
  const salvaged = new Map<unknown, CellId>();
  const unwanted: unknown[] = [];
  const renamed = new Map<Clone, CellId>();
  const used = new Set(cells.keys());
  const all = cellsArray(parts.shared).toArray();

  for (const clone of all) {
    if (byClone.has(clone)) continue;
    const made = partsOf(clone);
    if (!made || !(clone instanceof Y.Map)) {
      unwanted.push(clone);
      const rest = salvage(clone);
      if (rest) {
        const id = asCellId(parts.newId());
        salvaged.set(clone, id);
        fresh.push({ id, cell: rest, clone: new Y.Map() });
      }
      continue;
    }
    const linked = cells.get(made.id);
    if (linked && !adopted.has(made.id)) {
      const old = isThere(linked)
        ? retired.replacedBy(made.id, deleted)
        : parts.retire(linked, before(linked));
      if (old) {
        if (isThere(linked)) {
          parts.retire(linked, before(linked));
          unwanted.push(linked.clone);
        }
        adopted.set(made.id, { old, clone, parts: made });
        continue;
      }
    }
    const taken = adopted.get(made.id)?.parts ?? linked?.parts ?? null;
    if (taken && isSameCell(taken, made)) {
      unwanted.push(clone);
      continue;
    }
    const id = used.has(made.id) ? asCellId(parts.newId()) : made.id;
    if (id !== made.id) renamed.set(clone, id);
    used.add(id);
    const attachments = objectOf(clone.get('attachments'));
    fresh.push({
      id,
      clone,
      cell: {
        type: made.type,
        source: made.text.toString(),
        metadata: withoutTrust(objectOf(made.metadata)),
        ...(Object.keys(attachments).length > 0 && { attachments }),
      },
    });
  }
  const gone = [...cells.values()]
    .filter((linked) => !isThere(linked) && !adopted.has(linked.id))
    .map(({ id }) => id);
  const placed = [...[...adopted.values()].map(({ clone }) => clone), ...fresh.map(({ clone }) => clone)];
  const moved = new Set([...adopted.keys(), ...fresh.map(({ id }) => id)]);
  const isUnwanted = new Set(unwanted);
  const idOf = (clone: unknown): CellId | null => {
    const made = salvaged.get(clone) ?? (clone instanceof Y.Map ? renamed.get(clone) : undefined);
    return made ?? (isUnwanted.has(clone) ? null : (partsOf(clone)?.id ?? null));
  };
  const wanted = all.flatMap((clone) => idOf(clone) ?? []);

  return {
    unwanted,
    renamed,
    gone,
    placed: placed.filter((clone) => clone.doc !== null),
    moved,
    brought: fresh.flatMap(({ id, clone }) => resultsIn(id, clone)),
    apply: (doc) => {
      deleteCells(doc, gone, null);
      const positions = positionsFor(orderedCells(doc), wanted, moved, parts.newId().slice(0, 3));
      for (const { id, cell } of fresh) {
        cellsMap(doc).set(id, makeCell({ ...cell, position: positions.get(id) ?? '' }));
        positions.delete(id);
      }
      for (const [id, position] of positions) cellMap(doc, id)?.set('position', position);
      for (const { old, clone, parts: made } of adopted.values()) {
        const cell = cellMap(doc, made.id);
        if (cell)
          adoptClone(old, clone, made, cell, {
            deleted,
            clockBefore: seen.clockBefore,
            isWhole: parts.isWhole,
          });
      }
    },
  };
}

function isSameCell(a: CloneParts, b: CloneParts): boolean {
  return a.type === b.type && a.text.toString() === b.text.toString();
}

function resultsIn(cell: CellId, clone: Clone): BroughtResults[] {
  const outputs = clone.doc === null ? null : outputsOf(clone);
  const count = clone.doc === null ? null : clone.get('execution_count');
  const executionCount = typeof count === 'number' ? count : null;
  if (!outputs || (outputs.length === 0 && executionCount === null)) return [];
  return [{ cell, outputs: toNbOutputs(outputs), executionCount }];
}
