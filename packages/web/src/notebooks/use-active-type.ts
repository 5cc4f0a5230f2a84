import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import { useCallback, useSyncExternalStore } from 'react';
import type { NotebookModel } from './notebook-model.ts';

/** The type of the active cell; null when there is none. */
export function useActiveType(model: NotebookModel): CellType | null {
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [model.selection.subscribe(listener), model.textVersion.subscribe(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
    [model],
  );
  return useSyncExternalStore(subscribe, () => model.active?.type ?? null);
}
