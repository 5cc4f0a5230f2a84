import { type RefObject, useEffect } from 'react';
import type { CellId } from '@cahier/base/ids.ts';
import type { NotebookModel } from './notebook-model.ts';

/**
 * Keeps the browser's focus on the active cell in command mode, and the active cell in view. It never takes the focus
 * from outside the notebook, and never scrolls when the cell is seen.
 */
export function useCellFocus(model: NotebookModel, root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last = model.selection.get();
    const find = (cell: CellId) =>
      root.current?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cell)}"]`) ?? null;
    const follow = () => {
      const now = model.selection.get();
      const isMoved = now.active !== last.active;
      last = now;
      if (now.active === null) return;
      const { active, mode } = now;
      // After React has drawn: the cell may be new.
      requestAnimationFrame(() => {
        const section = find(active);
        if (!section || model.selection.get().active !== active) return;
        const focus = document.activeElement;
        const isInside = focus === document.body || focus === null || root.current?.contains(focus) === true;
        const isOnControl =
          focus instanceof HTMLElement &&
          section.contains(focus) &&
          !focus.closest('.cm-editor') &&
          focus !== section;
        if (mode === 'command' && isInside && !isOnControl) section.focus({ preventScroll: true });
        if (isMoved) bringIntoView(section);
      });
    };
    const stopSelection = model.selection.subscribe(follow);
    const stopReveal = model.revealed.subscribe(() => {
      const cell = model.revealed.get()?.cell;
      if (cell === undefined) return;
      requestAnimationFrame(() => {
        const section = find(cell);
        if (!section) return;
        bringIntoView(section);
        section.removeAttribute('data-revealed');
        // Restarts the animation.
        void section.offsetWidth;
        section.setAttribute('data-revealed', '');
        section.addEventListener('animationend', () => section.removeAttribute('data-revealed'), {
          once: true,
        });
      });
    });
    return () => {
      stopSelection();
      stopReveal();
    };
  }, [model, root]);
}

/** Scrolls only as far as is needed; a cell taller than the window is shown from its top. */
function bringIntoView(section: HTMLElement): void {
  const box = section.getBoundingClientRect();
  const top = Number.parseFloat(getComputedStyle(section).scrollMarginTop) || 0;
  const isSeen = box.top >= top && box.bottom <= innerHeight;
  const fillsWindow = box.top <= top && box.bottom >= innerHeight * 0.6;
  if (isSeen || fillsWindow) return;
  section.scrollIntoView({ block: box.height > innerHeight - top ? 'start' : 'nearest' });
}
