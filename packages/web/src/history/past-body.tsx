/** The document at the moment that is shown: as it looked, or with who wrote what; tools of each cell. */
import { ImageUp, RotateCcw, Route } from 'lucide-react';
import type { CellId } from '@cahier/base/ids.ts';
import { type PastCell, type PastDocument, textCellId } from '@cahier/core/history/step.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import { type ComponentProps, createElement, useCallback, useEffect, useState } from 'react';
import type { PastNotebookView, ResultAuthor } from '../notebooks/past-notebook-view.tsx';
import type { DocumentSession } from '../rooms/document-session.ts';
import { cellThenAndNow, isOtherResult } from './gone-cells.ts';
import styles from './history-panel.module.css';
import { PastText } from './past-text.tsx';
import type { BlameShown } from './use-blame.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import blameStyles from './who-wrote.module.css';
import { WhoWroteText } from './who-wrote-text.tsx';
import { resultWords, summaryOf } from './who-wrote.ts';

type NotebookView = typeof PastNotebookView;
let viewHere: NotebookView | null = null;

/** Fetched beside the timeline, not after it. Kept here and not by `lazy`, which waits once more for what has come. */
export async function fetchPastView(): Promise<void> {
  viewHere ??= (await import('../notebooks/past-notebook-view.tsx')).PastNotebookView;
}

/** Fetches it when it is not here. */
function useNotebookView(isWanted: boolean): boolean {
  const [isHere, setHere] = useState(() => viewHere !== null);
  useEffect(() => {
    if (!isWanted || isHere) return;
    fetchPastView().then(
      () => setHere(true),
      (cause: unknown) =>
        // While it is drawn, so that it is shown as what it is: the page is of another version.
        setHere(() => {
          throw cause;
        }),
    );
  }, [isWanted, isHere]);
  return isHere;
}

function NotebookOfThen(props: ComponentProps<NotebookView>) {
  return viewHere && createElement(viewHere, props);
}

interface Props {
  readonly session: DocumentSession;
  readonly past: PastDocument;
  /** The moment before, to mark what is new in a text. */
  readonly before: PastDocument | null;
  readonly changed: ReadonlySet<CellId>;
  readonly only: ReadonlySet<CellId> | null;
  /** The newest state that is here: tools and menus stay where they are while a newer one comes. Null: none yet. */
  readonly newest: PastDocument | null;
  readonly blamed: BlameShown | null;
  readonly authors: readonly AuthorOnWire[];
  readonly now: number;
  readonly mayRestore: boolean;
  readonly onRestore: (cell: CellId, isGone: boolean) => void;
  /** `output`: its place among the outputs then; null: all of them. */
  readonly onRestoreResult: (cell: CellId, output: number | null) => void;
  /** Null: one piece of work is followed already. */
  readonly onFollow: ((cell: CellId) => void) | null;
}

export function PastBody(props: Props) {
  const { session, past, before, changed, only, newest, blamed, authors, now } = props;
  const { mayRestore, onRestore, onRestoreResult, onFollow } = props;
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
  const whoMade = useCallback(
    (cell: PastCell): ResultAuthor | null => {
      const result = blamed?.blame.cell(cell.id)?.result ?? null;
      const words = resultWords(result, (author) => authors[author]?.name ?? 'Somebody', now);
      if (!result || words === null) return null;
      return { words, color: authors[result.author]?.color ?? null };
    },
    [blamed, authors, now],
  );
  const tools = useCallback(
    (cell: PastCell, label: string) => {
      const state = newest ? cellThenAndNow(cell, newest) : 'same';
      const mayPutBack = mayRestore && state !== 'same';
      const mayPutResult = mayRestore && newest !== null && isOtherResult(cell, newest);
      if (!mayPutBack && !mayPutResult && !onFollow) return null;
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
          {mayPutResult && (
            <button
              type="button"
              aria-label={`Put the result of ${label.toLowerCase()} back`}
              title="The outputs of then come back; the text stays as it is now"
              onClick={() => onRestoreResult(cell.id, null)}
            >
              <ImageUp size={13} aria-hidden /> Put result back
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
    [newest, mayRestore, onRestore, onRestoreResult, onFollow],
  );
  const outputItems = useCallback(
    (cell: PastCell, output: number): readonly MenuItem[] =>
      mayRestore && newest !== null && isOtherResult(cell, newest)
        ? [{ label: 'Put this output back', onChoose: () => onRestoreResult(cell.id, output) }]
        : [],
    [newest, mayRestore, onRestoreResult],
  );
  const isViewHere = useNotebookView(session.kind === 'notebook');
  if (session.kind === 'notebook') {
    if (!isViewHere) return <Skeleton lines={8} label="Loading that moment" />;
    return (
      <NotebookOfThen
        past={past}
        session={session}
        changed={changed}
        only={only}
        renderSource={blamed ? whoWrote : undefined}
        resultAuthor={blamed ? whoMade : undefined}
        renderTools={tools}
        outputItems={outputItems}
      />
    );
  }
  const text = past.cells[textCellId];
  if (blamed && text) return <div className={styles['paper']}>{whoWrote(text)}</div>;
  return <PastText past={past} before={before} />;
}
