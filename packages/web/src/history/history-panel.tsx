/**
 * The document at any moment: a timeline of all that was done, what the document looked like, who wrote it, and what
 * is different from another moment. Nothing here changes anything, except Restore, which is an ordinary new edit.
 */
import { useEffect } from 'react';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import styles from './history-panel.module.css';
import { OpenedHistory } from './opened-history.tsx';
import { fetchPastView } from './past-body.tsx';

interface Props {
  readonly session: DocumentSession;
  readonly onClose: () => void;
}

export function HistoryPanel(props: Props) {
  const { session, onClose } = props;
  const { project, doc } = session;
  const known = useAnswer(`timeline ${doc}`, () => api.timeline(project, doc));
  const { reload } = known;
  useEffect(() => fetchPastView(session.kind), [session.kind]);
  // Messages stay clear of the timeline.
  useEffect(() => {
    const { style } = document.documentElement;
    style.setProperty('--toast-above', '12rem');
    return () => void style.removeProperty('--toast-above');
  }, []);
  // What others do meanwhile comes onto the timeline.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(reload, 800);
    };
    session.ydoc.on('update', later);
    return () => {
      clearTimeout(timer);
      session.ydoc.off('update', later);
    };
  }, [session, reload]);
  const timeline = known.value;
  return (
    // Esc from anywhere inside leaves, as in a dialog. It takes the focus so that keys go on working after a click.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className={styles['overlay']}
      aria-label="History"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      {timeline && timeline.moments.length > 0 ? (
        <OpenedHistory {...props} timeline={timeline} />
      ) : known.error ? (
        <EmptyState
          title="The history cannot be shown now"
          actions={
            <>
              <Button look="primary" onClick={reload}>
                Try again
              </Button>
              <Button onClick={onClose}>Back to the document</Button>
            </>
          }
        >
          {known.error.message}
        </EmptyState>
      ) : timeline ? (
        <EmptyState title="No history yet" actions={<Button onClick={onClose}>Back to the document</Button>}>
          From the first change on, every keystroke can be seen again here.
        </EmptyState>
      ) : (
        <div className={styles['past']}>
          <Skeleton lines={8} label="Loading the history" />
        </div>
      )}
    </section>
  );
}
