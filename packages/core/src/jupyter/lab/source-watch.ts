/** What a transaction did to the source of a notebook, gathered while Yjs tells it. Decides nothing. */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import type { Disposable } from '@cahier/base/disposable.ts';
import * as Y from 'yjs';
import type { TextDelta } from '../../documents/text-diff.ts';
import { cellsMap, metaMap } from '../../notebooks/source-doc.ts';
import { deltaOf } from './text-link.ts';

export interface SourceEvents {
  /** Typing; null: the text holds what is no text. */
  readonly texts: Map<CellId, TextDelta | null>;
  /** Cells of which a register, metadata or attachments were written. */
  readonly cells: Set<CellId>;
  /** Cells whose position was written. */
  readonly moved: Set<CellId>;
  /** Cells that were added, removed or replaced, or whose text object was replaced. */
  readonly renewed: Set<CellId>;
  isOrder: boolean;
  isMeta: boolean;
}

/** Calls `listener` once per transaction that changed something, when it is over. */
export function watchSource(
  source: Y.Doc,
  listener: (events: SourceEvents, transaction: Y.Transaction) => void,
): Disposable {
  const gathered = new Map<Y.Transaction, SourceEvents>();
  const of = (transaction: Y.Transaction) => {
    const known = gathered.get(transaction);
    if (known) return known;
    const made: SourceEvents = {
      texts: new Map(),
      cells: new Set(),
      moved: new Set(),
      renewed: new Set(),
      isOrder: false,
      isMeta: false,
    };
    gathered.set(transaction, made);
    return made;
  };
  const onCells = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction) => {
    for (const event of events) note(of(transaction), event);
  };
  const onMeta = (_events: unknown, transaction: Y.Transaction) => {
    of(transaction).isMeta = true;
  };
  const onEnd = (transaction: Y.Transaction) => {
    const events = gathered.get(transaction);
    gathered.delete(transaction);
    if (events) listener(events, transaction);
  };
  const cells = cellsMap(source);
  const meta = metaMap(source);
  cells.observeDeep(onCells);
  meta.observeDeep(onMeta);
  source.on('afterTransaction', onEnd);
  return {
    dispose: () => {
      cells.unobserveDeep(onCells);
      meta.unobserveDeep(onMeta);
      source.off('afterTransaction', onEnd);
    },
  };
}

function note(seen: SourceEvents, event: Y.YEvent<Y.AbstractType<unknown>>): void {
  const [first, key, ...deeper] = event.path;
  if (first === undefined) {
    seen.isOrder = true;
    if (event instanceof Y.YMapEvent) {
      for (const changed of event.keysChanged) seen.renewed.add(asCellId(String(changed)));
    }
    return;
  }
  const id = asCellId(String(first));
  if (key === 'source' && deeper.length === 0 && event instanceof Y.YTextEvent) {
    seen.texts.set(id, deltaOf(event));
    return;
  }
  seen.cells.add(id);
  if (key !== undefined || !(event instanceof Y.YMapEvent)) return;
  if (event.keysChanged.has('position')) seen.moved.add(id);
  if (event.keysChanged.has('source')) seen.renewed.add(id);
  if (['position', 'type', 'source'].some((register) => event.keysChanged.has(register))) seen.isOrder = true;
}
