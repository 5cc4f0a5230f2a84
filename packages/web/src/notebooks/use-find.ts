import { useCallback, useMemo, useRef, useState } from 'react';
import { NotebookFind } from './notebook-find.ts';
import type { OpenNotebook } from './use-cell.ts';

export type FindWish = 'find' | 'replace' | 'next' | 'previous';

/** The search of an open notebook, and whether its bar is shown. */
export function useFind({ model, actions }: OpenNotebook) {
  const find = useMemo(() => new NotebookFind(model), [model]);
  const before = useRef<Element | null>(null);
  const [shown, setShown] = useState({ isOpen: false, wantsReplace: false, asked: 0 });
  const ask = useCallback(
    (wish: FindWish) => {
      if (!document.activeElement?.closest('search')) before.current = document.activeElement;
      const { active } = model.selection.get();
      const editor = active === null ? undefined : model.editor(active);
      const selected = editor?.view.hasFocus ? editor.selectedText() : '';
      if (selected !== '' && !selected.includes('\n')) {
        find.ask({ ...find.state.get().query, text: selected, isPattern: false });
      }
      if (wish === 'next' || wish === 'previous') find.step(wish === 'next' ? 1 : -1);
      setShown((now) => ({
        isOpen: true,
        wantsReplace: now.wantsReplace ? now.isOpen || wish === 'replace' : wish === 'replace',
        asked: now.asked + 1,
      }));
    },
    [find, model],
  );
  /** The cursor goes to what was found; without a hit, to where it was before. */
  const onClose = useCallback(() => {
    const hit = find.current;
    setShown((now) => ({ ...now, isOpen: false }));
    if (hit) {
      model.editor(hit.cell)?.select(hit.from, hit.to);
      actions.edit(hit.cell);
    } else if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
  }, [find, model, actions]);
  return { find, ask, onClose, ...shown };
}
