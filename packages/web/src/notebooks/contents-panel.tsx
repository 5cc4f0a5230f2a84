/** The contents list beside the notebook: headings, with a mark where something runs or has failed, and who is there. */
import type { CellId } from '@cahier/base/ids.ts';
import type { LiveNotebook } from '@cahier/core/runs/live.ts';
import { useDeferredValue, useMemo } from 'react';
import { useStore } from '../rooms/use-store.ts';
import { selectOne } from './cell-selection.ts';
import { contentsOf, type Heading } from './contents.ts';
import styles from './notebook.module.css';
import { useNotebook } from './use-cell.ts';

export function ContentsPanel() {
  const { model } = useNotebook();
  const order = useStore(model.order);
  const version = useDeferredValue(useStore(model.textVersion));
  const live = useDeferredValue(useStore(model.session.live));
  const active = useStore(model.selection, (selection) => selection.active);
  const headings = useMemo(() => {
    // `version` is what changes when any text does.
    void version;
    return contentsOf(order.flatMap((id) => model.cell(id) ?? []));
  }, [model, order, version]);
  const current = currentHeading(headings, order, active);
  const top = Math.min(...headings.map(({ level }) => level));
  const go = (heading: Heading) => {
    model.select(selectOne(heading.cell));
    model.reveal(heading.cell);
  };
  return (
    <nav className={styles['contents']} aria-label="Contents of this notebook">
      {headings.length === 0 && (
        <p className={styles['contentsEmpty']}>
          Headings appear here: write <code># A title</code> in a Markdown cell.
        </p>
      )}
      <ul className={styles['contentsList']}>
        {headings.map((heading, i) => {
          const mark = markOf(heading.section, live);
          return (
            // Two headings of one cell differ by their place only.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={`${heading.cell}-${i}`}>
              <button
                type="button"
                className={styles['heading']}
                data-level={heading.level - top}
                aria-current={i === current ? 'true' : undefined}
                onClick={() => go(heading)}
              >
                <span className={styles['headingTitle']}>{heading.title}</span>
                {mark && (
                  <span className={styles['mark']} data-look={mark}>
                    <span className="visually-hidden">
                      {mark === 'failed' ? '(a cell failed)' : '(running)'}
                    </span>
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function markOf(section: readonly CellId[], live: LiveNotebook): 'running' | 'failed' | null {
  const states = section.map((id) => live.cells[id]?.state);
  if (states.some((state) => state === 'running' || state === 'queued')) return 'running';
  return states.includes('failed') ? 'failed' : null;
}

/** The last heading at or above the active cell. */
function currentHeading(
  headings: readonly Heading[],
  order: readonly CellId[],
  active: CellId | null,
): number {
  if (active === null) return -1;
  const places = new Map(order.map((id, i) => [id, i]));
  const at = places.get(active) ?? -1;
  return headings.findLastIndex(({ cell }) => (places.get(cell) ?? 0) <= at);
}
