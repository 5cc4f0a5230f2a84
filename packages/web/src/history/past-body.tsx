/** The document at the moment that is shown: as it looked, or with who wrote what; tools of each cell. */
import { RotateCcw, Route } from 'lucide-react';
import type { CellId } from '@cahier/base/ids.ts';
import { type PastCell, type PastDocument, textCellId } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { lazy, useCallback } from 'react';
import type { DocumentSession } from '../rooms/document-session.ts';
import { cellThenAndNow } from './gone-cells.ts';
import styles from './history-panel.module.css';
import { PastText } from './past-text.tsx';
import type { BlameShown } from './use-blame.ts';
import blameStyles from './who-wrote.module.css';
import { WhoWroteText } from './who-wrote-text.tsx';
import { summaryOf } from './who-wrote.ts';

const pastNotebookView = () =>
  import('../notebooks/past-notebook-view.tsx').then((m) => ({ default: m.PastNotebookView }));
const PastNotebookView = lazy(pastNotebookView);

/** Fetched beside the timeline, not after it. */
export function fetchPastView(kind: DocumentSession['kind']): void {
  if (kind === 'notebook') void pastNotebookView();
}

interface Props {
  readonly session: DocumentSession;
  readonly past: PastDocument;
  /** The moment before, to mark what is new in a text. */
  readonly before: PastDocument | null;
  readonly changed: ReadonlySet<CellId>;
  readonly only: ReadonlySet<CellId> | null;
  /** The newest state; null while it is not known. */
  readonly newest: PastDocument | null;
  readonly blamed: BlameShown | null;
  readonly authors: readonly AuthorOnWire[];
  readonly now: number;
  readonly mayRestore: boolean;
  readonly onRestore: (cell: CellId, isGone: boolean) => void;
  /** Null: one piece of work is followed already. */
  readonly onFollow: ((cell: CellId) => void) | null;
}

export function PastBody(props: Props) {
  const { session, past, before, changed, only, newest, blamed, authors, now } = props;
  const { mayRestore, onRestore, onFollow } = props;
  const whoWrote = useCallback(
    (cell: PastCell) => {
      const blame = blamed?.blame.cell(cell.id);
      if (!blame) return null;
      const nameOf = (author: number) => authors[author]?.name ?? 'Somebody';
      return (
        <>
          <WhoWroteText source={cell.source} runs={blame.runs} authors={authors} now={now} />
          <p className={blameStyles['summary']}>{summaryOf(blame, nameOf, now)}</p>
        </>
      );
    },
    [blamed, authors, now],
  );
  const tools = useCallback(
    (cell: PastCell, label: string) => {
      const state = newest ? cellThenAndNow(cell, newest) : 'same';
      const mayPutBack = mayRestore && state !== 'same';
      if (!mayPutBack && !onFollow) return null;
      return (
        <div className={styles['cellTools']} data-state={state}>
          {state === 'gone' && <span className={styles['gone']}>Deleted since</span>}
          {mayPutBack && (
            <button
              type="button"
              aria-label={`Put back ${label}`}
              onClick={() => onRestore(cell.id, state === 'gone')}
            >
              <RotateCcw size={13} aria-hidden /> Put back
            </button>
          )}
          {onFollow && (
            <button type="button" aria-label={`Story of ${label}`} onClick={() => onFollow(cell.id)}>
              <Route size={13} aria-hidden /> Story
            </button>
          )}
        </div>
      );
    },
    [newest, mayRestore, onRestore, onFollow],
  );
  if (session.kind === 'notebook') {
    return (
      <PastNotebookView
        past={past}
        session={session}
        changed={changed}
        only={only}
        renderSource={blamed ? whoWrote : undefined}
        renderTools={tools}
      />
    );
  }
  const text = past.cells[textCellId];
  if (blamed && text) return <div className={styles['paper']}>{whoWrote(text)}</div>;
  return <PastText past={past} before={before} />;
}
