import type { CellId } from '@cahier/base/ids.ts';
import { emptyLiveCell, type LiveCell } from '@cahier/core/runs/live.ts';
import { useCallback, useSyncExternalStore } from 'react';
import type { LiveStore } from './live-store.ts';
import type { Readable } from './store.ts';

/** The store's value, or a part of it. A selector must give the same reference while nothing it reads has changed. */
export function useStore<T>(store: Readable<T>): T;
export function useStore<T, R>(store: Readable<T>, selector: (value: T) => R): R;
export function useStore<T, R>(store: Readable<T>, selector?: (value: T) => R): T | R {
  return useSyncExternalStore(store.subscribe, () => (selector ? selector(store.get()) : store.get()));
}

/** One cell of the live document: the component is drawn again only when this cell has changed. */
export function useLiveCell(live: LiveStore, cell: CellId): LiveCell {
  const subscribe = useCallback((listener: () => void) => live.subscribeCell(cell, listener), [live, cell]);
  return useSyncExternalStore(subscribe, () => live.get().cells[cell] ?? emptyLiveCell);
}
