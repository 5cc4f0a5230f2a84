import { type RefObject, useEffect } from 'react';
import type { CellId } from '@cahier/base/ids.ts';
import type { NotebookModel } from './notebook-model.ts';

/**
 * Keeps the browser's focus on the active cell in command mode, and the active cell in view. It never takes the focus
 * from outside the notebook, and never scrolls when the cell is seen, nor under a pressed mouse: a button would be gone
 * from under it before it is let go.
 */
export function useCellFocus(model: NotebookModel, root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last = model.selection.get();
    let isPressed = false;
    const press = () => void (isPressed = true);
    const letGo = () => void (isPressed = false);
    addEventListener('pointerdown', press, true);
    addEventListener('pointerup', letGo, true);
    addEventListener('pointercancel', letGo, true);
    const find = (cell: CellId) =>
      root.current?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cell)}"]`) ?? null;
    const follow = () => {
      const now = model.selection.get();
      const isMoved = now.active !== last.active && !isPressed;
      last = now;
      if (now.active === null) return;
      const { active, mode } = now;
      // What is typed before the new cell's editor is there is for the new cell: the old editor must not have it.
      if (mode === 'edit' && !model.editor(active)) leaveEditor(root.current);
      const settle = () => {
        const section = find(active);
        if (!section || model.selection.get().active !== active) return false;
        if (mode === 'command' && model.selection.get().mode === 'command') takeFocus(section, root.current);
        if (isMoved) bringIntoView(section);
        return true;
      };
      // At once, so that the next key finds the focus in its place; a new cell is there only after React has drawn.
      if (!settle()) requestAnimationFrame(settle);
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
      removeEventListener('pointerdown', press, true);
      removeEventListener('pointerup', letGo, true);
      removeEventListener('pointercancel', letGo, true);
      stopSelection();
      stopReveal();
    };
  }, [model, root]);
}

function leaveEditor(root: HTMLElement | null): void {
  const focus = document.activeElement;
  if (focus instanceof HTMLElement && root?.contains(focus) && focus.closest('.cm-editor')) focus.blur();
}

/** Never from outside the notebook, nor from a button or field of the cell itself, nor from a search under way. */
function takeFocus(section: HTMLElement, root: HTMLElement | null): void {
  const focus = document.activeElement;
  if (focus === section || focus?.closest('search')) return;
  const isInside = focus === null || focus === document.body || root?.contains(focus) === true;
  const isOnControl = focus !== null && section.contains(focus) && focus.closest('.cm-editor') === null;
  if (isInside && !isOnControl) section.focus({ preventScroll: true });
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
