/**
 * The document at any moment: a timeline of all that was done, what the document looked like, who wrote it, and what
 * is different from another moment. Nothing here changes anything, except Restore, which is an ordinary new edit.
 */
import { useEffect, useMemo } from 'react';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import styles from './history-panel.module.css';
import { isNews } from './is-news.ts';
import { seqOfHash } from './moment-link.ts';
import { OpenedHistory } from './opened-history.tsx';
import { fetchPastView } from './past-body.tsx';
import { PastReader } from './past-reader.ts';

/** What others do comes onto the timeline this much later. */
const followMs = 800;

interface Props {
  readonly session: DocumentSession;
  readonly onClose: () => void;
}

export function HistoryPanel(props: Props) {
  const { session, onClose } = props;
  const { project, doc } = session;
  const known = useAnswer(`timeline ${doc}`, () => api.timeline(project, doc));
  const { reload } = known;
  const reader = useMemo(() => new PastReader((at) => api.chunk(project, doc, at)), [project, doc]);
  // Beside the timeline, not after it.
  useEffect(() => {
    // A failure is shown where it is drawn.
    if (session.kind === 'notebook') fetchPastView().catch(() => undefined);
  }, [session.kind]);
  useEffect(() => reader.prefetch(seqOfHash(location.hash)), [reader]);
  // Messages stay clear of the timeline.
  useEffect(() => {
    const { style } = document.documentElement;
    style.setProperty('--toast-above', '12rem');
    return () => void style.removeProperty('--toast-above');
  }, []);
  // What others do meanwhile comes onto the timeline.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    // Not put off for ever while somebody types without a pause.
    const later = () => {
      timer ??= setTimeout(() => {
        timer = null;
        reload();
      }, followMs);
    };
    session.ydoc.on('update', later);
    let live = session.live.get();
    const unsubscribe = session.live.subscribe(() => {
      const before = live;
      live = session.live.get();
      if (isNews(before, live)) later();
    });
    return () => {
      if (timer !== null) clearTimeout(timer);
      session.ydoc.off('update', later);
      unsubscribe();
    };
  }, [session, reload]);
  const timeline = known.value;
  return (
    // Esc from anywhere inside leaves, as in a dialog. It takes the focus so that keys go on working after a click.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className={styles['overlay']}
      aria-label="History"
      data-tips
      tabIndex={-1}
      onKeyDown={(event) => {
        const isInDialog = event.target instanceof Element && event.target.closest('dialog') !== null;
        if (event.key === 'Escape' && !event.defaultPrevented && !isInDialog) onClose();
      }}
    >
      {timeline && timeline.moments.length > 0 ? (
        <OpenedHistory {...props} timeline={timeline} reader={reader} />
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
