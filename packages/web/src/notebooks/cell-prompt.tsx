/** The margin of a cell: the run button with Jupyter's prompt, or the type of a cell that does not run. A handle to drag it. */
import { ChevronDown, ChevronRight, Play, Square } from 'lucide-react';
import styles from './cell.module.css';
import { startCellDrag } from './cell-drag.ts';
import type { CellSnapshot } from './notebook-model.ts';
import { promptOf } from './run-words.ts';
import { useNotebook } from './use-cell.ts';

export function CellPrompt({ cell }: { readonly cell: CellSnapshot }) {
  const { model, actions } = useNotebook();
  const isRunning = cell.live.state === 'running';
  const isQueued = cell.live.state === 'queued';
  const why = actions.mayEdit ? undefined : 'You may look at this notebook, not run it';
  const label = isRunning ? 'Interrupt' : isQueued ? 'Take out of the queue' : 'Run this cell';
  const act = () => {
    if (isRunning) actions.runs.kernel('kernel.interrupt');
    else if (isQueued) actions.runs.cancel([cell.id]);
    else actions.runs.run([cell.id]);
  };
  return (
    <div className={styles['margin']}>
      {actions.mayEdit && (
        <div
          className={styles['handle']}
          aria-hidden="true"
          title="Drag to move (Ctrl+Shift+↑ or ↓ by keyboard)"
          onPointerDown={(event) => startCellDrag(event.nativeEvent, cell.id, model, actions)}
        />
      )}
      {cell.type === 'code' ? (
        <button
          type="button"
          tabIndex={cell.isActive ? 0 : -1}
          className={styles['run']}
          data-state={cell.live.state}
          aria-label={`${why ?? label} ${promptOf(cell.live)}`}
          title={why ?? label}
          disabled={!actions.mayEdit}
          onClick={act}
        >
          <span className={styles['runIcon']} aria-hidden>
            {isRunning || isQueued ? (
              <Square size={13} fill="currentColor" />
            ) : (
              <Play size={15} fill="currentColor" />
            )}
          </span>
          <span className={styles['promptText']} aria-hidden>
            {promptOf(cell.live)}
          </span>
        </button>
      ) : cell.folded !== null && cell.isRendered ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles['fold']}
          aria-expanded={cell.folded === 0}
          aria-label="The section of this heading"
          title={cell.folded === 0 ? 'Fold this section (←)' : 'Show this section (→)'}
          onClick={() => model.fold(cell.id, cell.folded === 0)}
        >
          {cell.folded === 0 ? <ChevronDown size={17} aria-hidden /> : <ChevronRight size={17} aria-hidden />}
        </button>
      ) : null}
    </div>
  );
}
