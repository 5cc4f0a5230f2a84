/**
 * Dragging cells by their handle, with pointer events (mouse, pen and finger alike). The place is shown by a line; Esc
 * ends without moving. Near the edge of the window the page scrolls.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { asCellId } from '@cahier/base/ids.ts';
import type { NotebookActions } from './notebook-actions.ts';
import type { NotebookModel } from './notebook-model.ts';
import styles from './cell.module.css';

const edge = 80;
const step = 14;

export function startCellDrag(
  event: PointerEvent,
  cell: CellId,
  model: NotebookModel,
  actions: NotebookActions,
): void {
  if (event.button !== 0) return;
  event.preventDefault();
  const selected = model.selected();
  const cells = model.sections.withHidden(selected.includes(cell) ? selected : [cell]);
  const line = document.createElement('div');
  line.className = `${styles['dropLine']}`;
  let place: { after: CellId | null } | { before: CellId } | null = null;
  let pointerY = event.clientY;
  let frame = 0;

  const show = () => {
    const target = document
      .elementsFromPoint(innerWidth / 2, Math.max(1, Math.min(innerHeight - 1, pointerY)))
      .map((element) => element.closest<HTMLElement>('[data-cell]'))
      .find((element) => element !== null);
    if (!target?.dataset['cell']) return;
    const box = target.getBoundingClientRect();
    const isAbove = pointerY < box.top + box.height / 2;
    const id = asCellId(target.dataset['cell']);
    place = isAbove ? { before: id } : { after: model.sections.withHidden([id]).at(-1) ?? id };
    if (!line.isConnected) document.body.append(line);
    line.style.top = `${(isAbove ? box.top : box.bottom) - 1}px`;
    line.style.left = `${box.left}px`;
    line.style.width = `${box.width}px`;
  };
  const scroll = () => {
    if (pointerY < edge) scrollBy(0, -step);
    else if (pointerY > innerHeight - edge) scrollBy(0, step);
    show();
    frame = requestAnimationFrame(scroll);
  };
  const move = (moved: PointerEvent) => {
    pointerY = moved.clientY;
    if (frame === 0 && Math.abs(moved.clientY - event.clientY) > 4) {
      document.body.classList.add(`${styles['dragging']}`);
      frame = requestAnimationFrame(scroll);
    }
  };
  const end = (isDropped: boolean) => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', drop);
    removeEventListener('pointercancel', cancel);
    removeEventListener('keydown', escape, true);
    cancelAnimationFrame(frame);
    line.remove();
    document.body.classList.remove(`${styles['dragging']}`);
    if (isDropped && place && frame !== 0) actions.moveTo(place, cells);
  };
  const drop = () => end(true);
  const cancel = () => end(false);
  const escape = (key: KeyboardEvent) => {
    if (key.key !== 'Escape') return;
    key.preventDefault();
    key.stopPropagation();
    end(false);
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', drop);
  addEventListener('pointercancel', cancel);
  addEventListener('keydown', escape, true);
}
