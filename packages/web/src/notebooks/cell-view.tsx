/**
 * One cell. Far from the screen it is a section with plain text and nothing else (six nodes); near it, everything.
 * The section carries the focus of command mode: the notebook is one stop of the Tab order, arrows move inside.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import { KeepMountedProvider } from '../outputs/keep-mounted.ts';
import { observeNear } from '../outputs/use-is-near.ts';
import { classNames } from '../ui/class-names.ts';
import { estimatedHeight } from './cell-height.ts';
import styles from './cell.module.css';
import { NearCell } from './near-cell.tsx';
import type { CellSnapshot } from './notebook-model.ts';
import { rememberedHeight, rememberHeight } from './remembered-heights.ts';
import { promptOf } from './run-words.ts';
import { useCell, useNotebook } from './use-cell.ts';

export const CellView = memo(function CellView({ id }: { readonly id: CellId }) {
  const { model } = useNotebook();
  const cell = useCell(model, id);
  return cell ? <Cell cell={cell} /> : null;
});

function Cell({ cell }: { readonly cell: CellSnapshot }) {
  const { model } = useNotebook();
  const { id } = cell;
  const section = useRef<HTMLElement>(null);
  const [isNear, setIsNear] = useState(false);
  const [held, setHeld] = useState(0);
  const keep = useCallback(() => {
    setHeld((count) => count + 1);
    return () => setHeld((count) => count - 1);
  }, []);
  useEffect(() => (section.current ? observeNear(section.current, setIsNear) : undefined), []);
  useEffect(() => {
    const element = section.current;
    if (!element || !isNear) return;
    const observer = new ResizeObserver(() => rememberHeight(model.session.doc, id, element.offsetHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [isNear, model, id]);

  const height =
    rememberedHeight(model.session.doc, id) ?? estimatedHeight(cell.type, cell.source, cell.live.outputs);
  const isShown = isNear || cell.isEditing || held > 0;
  return (
    <section
      ref={section}
      data-cell={id}
      data-type={cell.type}
      data-state={cell.live.state}
      // Keys of command mode are heard by the notebook around: a cell is where their focus is.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={cell.isActive ? 0 : -1}
      // A group, not a landmark: a notebook has hundreds of them.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="group"
      {...(isShown ? { 'aria-labelledby': `cell-${id}` } : { 'aria-label': `${cell.type} cell` })}
      className={classNames(
        styles['cell'],
        cell.isSelected && styles['selected'],
        cell.isActive && styles['active'],
        cell.isEditing && styles['editing'],
      )}
      // Its own height must be what is estimated as long as it has not been drawn.
      style={
        isShown
          ? { containIntrinsicBlockSize: `auto ${height}px` }
          : { containIntrinsicBlockSize: `auto ${height}px`, minHeight: height }
      }
    >
      {isShown ? (
        <KeepMountedProvider value={keep}>
          <NearCell cell={cell} />
        </KeepMountedProvider>
      ) : (
        <>
          <span className={styles['prompt']}>{cell.type === 'code' ? promptOf(cell.live) : ''}</span>
          <pre className={styles['source']}>{cell.source}</pre>
        </>
      )}
    </section>
  );
}
