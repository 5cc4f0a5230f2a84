/** What one update of a client did to the shared document, gathered while Yjs tells it. Decides nothing. */
import * as Y from 'yjs';
import type { TextDelta } from '../../documents/text-diff.ts';
import { jsonOf } from '../../notebooks/source-layout.ts';
import type { Json } from '@cahier/base/json.ts';
import type { DeletedIds } from './char-ids.ts';
import { DeletedIds as Deleted } from './char-ids.ts';
import type { LateText, RetiredClone } from './retired-clone.ts';
import { cellsArray, type Clone, sharedMeta } from './shared-layout.ts';
import { deltaOf } from './text-link.ts';

/** Edits to a cell that had been replaced before the sender knew. */
export interface LateEdits {
  readonly retired: RetiredClone;
  readonly texts: LateText[];
  readonly metadata: Map<string, Json>;
}

export interface Incoming {
  /** Typing; null: the text holds what is no text. */
  readonly texts: Map<Clone, TextDelta | null>;
  /** Metadata keys that were written or removed. */
  readonly metadata: Map<Clone, Set<string>>;
  /** Keys of the cell itself. */
  readonly registers: Map<Clone, Set<string>>;
  readonly outputs: Map<Clone, 'cleared' | 'written'>;
  /** Keys of the notebook's metadata. */
  readonly notebook: Set<string>;
  readonly late: LateEdits[];
  /** `meta` itself was written. */
  isMeta: boolean;
  /** Cells were added or removed. */
  isOrder: boolean;
  isNew: boolean;
  /** What the transaction deleted, with all that was inside. */
  removed: DeletedIds;
  clockBefore: (client: number) => number;
}

/**
 * `deleted`: what the update itself deletes. `retired`: by the Yjs types inside them. `from`: the origin that `apply` uses;
 * Yjs may add a transaction of its own, which tidies up and says nothing.
 */
export function watch(
  shared: Y.Doc,
  retired: ReadonlyMap<unknown, RetiredClone>,
  deleted: DeletedIds,
  from: object,
  apply: () => void,
): Incoming {
  const seen: Incoming = {
    texts: new Map(),
    metadata: new Map(),
    registers: new Map(),
    outputs: new Map(),
    notebook: new Set(),
    late: [],
    isMeta: false,
    isOrder: false,
    isNew: false,
    removed: new Deleted({ clients: new Map() }),
    clockBefore: (client) => Y.getState(shared.store, client),
  };
  const cells = cellsArray(shared);
  const meta = sharedMeta(shared);
  const onCells = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[], { origin }: Y.Transaction) => {
    if (origin !== from) return;
    for (const event of events) noteCell(seen, cells, event);
  };
  const onMeta = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[], { origin }: Y.Transaction) => {
    if (origin !== from) return;
    for (const event of events) {
      if (!(event instanceof Y.YMapEvent)) continue;
      if (event.target === meta) seen.isMeta = true;
      else if (event.target === meta.get('metadata')) {
        for (const key of event.keysChanged) seen.notebook.add(String(key));
      }
    }
  };
  const onEnd = (transaction: Y.Transaction) => {
    if (transaction.origin !== from) return;
    const { beforeState, afterState, deleteSet } = transaction;
    seen.clockBefore = (client) => beforeState.get(client) ?? 0;
    seen.removed = new Deleted(deleteSet);
    const grown = [...afterState].filter(([client, clock]) => clock > seen.clockBefore(client));
    seen.isNew = grown.length > 0 || deleteSet.clients.size > 0;
    if (retired.size > 0) noteLate(seen, shared, grown, retired, deleted);
  };
  cells.observeDeep(onCells);
  meta.observeDeep(onMeta);
  shared.on('afterTransaction', onEnd);
  try {
    apply();
  } finally {
    cells.unobserveDeep(onCells);
    meta.unobserveDeep(onMeta);
    shared.off('afterTransaction', onEnd);
  }
  return seen;
}

function noteCell(seen: Incoming, cells: Y.Array<unknown>, event: Y.YEvent<Y.AbstractType<unknown>>): void {
  const { target } = event;
  const place = placeOf(cells, target);
  if (place === 'list') seen.isOrder = true;
  else if (place !== null) {
    const { clone, key, isDeeper } = place;
    if (key === null) {
      if (event instanceof Y.YMapEvent) addKeys(seen.registers, clone, event.keysChanged);
    } else if (key === 'outputs') noteOutputs(seen, clone, event, isDeeper);
    else if (isDeeper) addKeys(seen.registers, clone, [key]);
    else if (key === 'source' && event instanceof Y.YTextEvent) seen.texts.set(clone, deltaOf(event));
    else if (key === 'metadata' && event instanceof Y.YMapEvent) {
      addKeys(seen.metadata, clone, event.keysChanged);
    } else addKeys(seen.registers, clone, [key]);
  }
}

function noteOutputs(
  seen: Incoming,
  clone: Clone,
  event: Y.YEvent<Y.AbstractType<unknown>>,
  isDeeper: boolean,
): void {
  const isCleared =
    !isDeeper &&
    event instanceof Y.YArrayEvent &&
    event.changes.deleted.size > 0 &&
    event.changes.added.size === 0 &&
    clone.get('outputs') === event.target &&
    event.target.length === 0 &&
    !saysRunning(clone);
  seen.outputs.set(clone, isCleared ? 'cleared' : 'written');
}

/**
 * A client that runs a cell by itself empties it first, and says that it runs: nobody's wish to clear the results. It may
 * come when that run is long over, since the request to the kernel goes another way (jupyter_nbmodel_client).
 */
function saysRunning(clone: Clone): boolean {
  const state = clone.get('execution_state');
  return state !== undefined && state !== 'idle';
}

function addKeys(keys: Map<Clone, Set<string>>, clone: Clone, more: Iterable<unknown>): void {
  const known = keys.get(clone) ?? new Set();
  for (const key of more) known.add(String(key));
  keys.set(clone, known);
}

type InCell = { readonly clone: Clone; readonly key: string | null; readonly isDeeper: boolean };

/** Which cell a type lies in, and under which of its keys. */
function placeOf(cells: Y.Array<unknown>, type: Y.AbstractType<unknown>): 'list' | InCell | null {
  if (type === cells) return 'list';
  let key: string | null = null;
  let depth = 0;
  let at: Y.AbstractType<unknown> = type;
  for (;;) {
    const item: Y.Item | null = at._item;
    const parent: unknown = item?.parent;
    if (item === null || !(parent instanceof Y.AbstractType)) return null;
    if (parent === cells) return at instanceof Y.Map ? { clone: at, key, isDeeper: depth > 1 } : null;
    key = item.parentSub;
    depth += 1;
    at = parent;
  }
}

/** New content under types that are gone: Yjs keeps it for a moment and tells nobody. */
function noteLate(
  seen: Incoming,
  shared: Y.Doc,
  grown: readonly (readonly [number, number])[],
  retired: ReadonlyMap<unknown, RetiredClone>,
  deleted: DeletedIds,
): void {
  const late = new Map<RetiredClone, LateEdits>();
  for (const [client] of grown) {
    const structs = shared.store.clients.get(client) ?? [];
    for (let i = structs.length - 1; i >= 0; i -= 1) {
      const item = structs[i];
      if (!item || item.id.clock < seen.clockBefore(client)) break;
      const old = item instanceof Y.Item ? retired.get(item.parent) : undefined;
      if (!(item instanceof Y.Item) || !old || old.key === null || deleted.has(old.key)) continue;
      const edits = late.get(old) ?? { retired: old, texts: [], metadata: new Map<string, Json>() };
      late.set(old, edits);
      if (deleted.has(item.id)) continue;
      if (item.content instanceof Y.ContentString) {
        edits.texts.push({ client, clock: item.id.clock, text: item.content.str });
      } else if (item.parentSub !== null && item.parent === old.metadata) {
        const value: unknown = item.content.getContent()[0];
        if (!edits.metadata.has(item.parentSub)) edits.metadata.set(item.parentSub, jsonOf(value));
      }
    }
  }
  seen.late.push(...late.values());
}
