import type { CellId } from '@cahier/base/ids.ts';
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { NotebookActions } from './notebook-actions.ts';
import type { CellSnapshot, NotebookModel } from './notebook-model.ts';

export interface OpenNotebook {
  readonly model: NotebookModel;
  readonly actions: NotebookActions;
}

const context = createContext<OpenNotebook | null>(null);
export const NotebookProvider = context.Provider;

export function useNotebook(): OpenNotebook {
  const notebook = useContext(context);
  if (!notebook) throw new Error('a cell stands outside of NotebookProvider');
  return notebook;
}

/** The cell as it is drawn; undefined in the moment between its removal and the new order. */
export function useCell(model: NotebookModel, id: CellId): CellSnapshot | undefined {
  const subscribe = useCallback((listener: () => void) => model.subscribeCell(id, listener), [model, id]);
  return useSyncExternalStore(subscribe, () => model.cell(id));
}
