/**
 * The document at any moment: a slider over bursts of changes, who made them, and what it looked like. Nothing here
 * changes anything, except Restore, which is an ordinary new edit.
 */
import { ChevronLeft, ChevronRight, Pause, Play, RotateCcw, X } from 'lucide-react';
import type { CellId } from '@cahier/base/ids.ts';
import { type CSSProperties, lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { useStore } from '../rooms/use-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import styles from './history-panel.module.css';
import { type Moment, PastReader } from './past-reader.ts';
import { PastText } from './past-text.tsx';
import { TimelineStrip } from './timeline-strip.tsx';
import { marksOf, momentAt, momentTime } from './timeline-words.ts';

const PastNotebookView = lazy(() =>
  import('../notebooks/past-notebook-view.tsx').then((m) => ({ default: m.PastNotebookView })),
);

interface Props {
  readonly session: DocumentSession;
  readonly onClose: () => void;
}

/** Milliseconds between two steps while playing. */
const playMs = 60;
/** A long history is played in at most so many pictures (a minute and a half). */
const mostPlayed = 1_500;

export function HistoryPanel(props: Props) {
  return (
    <div className={styles['overlay']}>
      <HistoryContent {...props} />
    </div>
  );
}

function HistoryContent({ session, onClose }: Props) {
  const { project, doc } = session;
  const { state } = useStore(session.status);
  const known = useAnswer(`timeline ${doc}`, () => api.timeline(project, doc));
  const reader = useMemo(() => new PastReader((seq) => api.chunk(project, doc, seq)), [project, doc]);
  const [wanted, setWanted] = useState<number | null>(null);
  const [mayPlay, setPlaying] = useState(false);
  const [now] = useState(Date.now);
  const timeline = known.value;
  const lastSeq = timeline?.lastSeq ?? 0;
  const seq = wanted ?? lastSeq;
  const isPlaying = mayPlay && seq < lastSeq;
  const { shown, error } = useMoment(reader, seq, lastSeq);

  const index = timeline ? momentAt(timeline.moments, seq) : 0;
  const startOfMoment = timeline?.moments[index - 1]?.[0] ?? 0;
  const changed = useMemo(
    () => (shown ? reader.cellsChanged(startOfMoment, shown.past.seq) : new Set<CellId>()),
    [reader, shown, startOfMoment],
  );
  const before = startOfMoment > 0 ? (reader.now(startOfMoment)?.past ?? null) : null;

  const goTo = useCallback(
    (at: number) => {
      const moments = timeline?.moments ?? [];
      const moment = moments[Math.max(0, Math.min(at, moments.length - 1))];
      if (moment) setWanted(moment[0]);
    },
    [timeline],
  );
  useEffect(() => {
    if (!isPlaying) return;
    // The next step follows when this one is on the screen.
    if (shown?.past.seq !== seq) return;
    const stride = Math.max(1, Math.ceil(lastSeq / mostPlayed));
    const timer = setTimeout(() => setWanted(Math.min(seq + stride, lastSeq)), playMs);
    return () => clearTimeout(timer);
  }, [isPlaying, seq, lastSeq, shown]);

  const slider = useRef<HTMLInputElement>(null);
  const isReady = timeline !== null && lastSeq > 0;
  useEffect(() => {
    if (isReady) slider.current?.focus({ preventScroll: true });
  }, [isReady]);

  const restore = async () => {
    try {
      const { lastSeq: newest } = await api.timeline(project, doc);
      await session.request({ t: 'doc.restore', seq });
      onClose();
      toast('The document is again as it was at that moment.', {
        action: {
          label: 'Undo',
          run: () => {
            session.request({ t: 'doc.restore', seq: newest }).then(() => toast('Undone.'), problemToast);
          },
        },
      });
    } catch (cause) {
      problemToast(cause);
    }
  };

  if (known.error && !timeline) {
    return (
      <EmptyState
        title="The history cannot be shown now"
        actions={
          <>
            <Button look="primary" onClick={known.reload}>
              Try again
            </Button>
            <Button onClick={onClose}>Back to the document</Button>
          </>
        }
      >
        {known.error.message}
      </EmptyState>
    );
  }
  if (timeline && timeline.moments.length === 0) {
    return (
      <EmptyState title="No history yet" actions={<Button onClick={onClose}>Back to the document</Button>}>
        From the first change on, every keystroke can be seen again here.
      </EmptyState>
    );
  }
  const moment = timeline?.moments[index];
  const at = shown?.step?.at ?? moment?.[1] ?? null;
  const author = shown?.author ?? (moment ? timeline?.authors[moment[2]] : null) ?? null;
  const marks = marksOf(moment?.[4] ?? 0);
  const person: CSSProperties & { '--person': string } = { '--person': author?.color ?? 'transparent' };
  return (
    <>
      {/* Esc from anywhere inside leaves, as in a dialog. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <section
        className={styles['panel']}
        aria-label="History"
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
        }}
      >
        <div className={styles['inner']}>
          <div className={styles['line']}>
            <IconButton
              label={isPlaying ? 'Pause' : 'Play'}
              onClick={() => {
                if (!isPlaying && seq >= lastSeq) goTo(0);
                setPlaying(!isPlaying);
              }}
            >
              {isPlaying ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
            </IconButton>
            <IconButton label="Earlier" disabled={index === 0} onClick={() => goTo(index - 1)}>
              <ChevronLeft size={19} aria-hidden />
            </IconButton>
            <IconButton label="Later" disabled={seq >= lastSeq} onClick={() => goTo(index + 1)}>
              <ChevronRight size={19} aria-hidden />
            </IconButton>
            <div className={styles['when']}>
              <div className={styles['time']}>{at === null ? '\u00a0' : momentTime(at, now)}</div>
              <div className={styles['about']}>
                {author && (
                  <>
                    <span className={styles['dot']} style={person} aria-hidden />
                    {author.name}
                  </>
                )}
                {marks.length > 0 && ` · ${marks.join(', ')}`}
              </div>
            </div>
            {session.mayEdit && (
              <Button
                look="primary"
                disabled={!shown || seq >= lastSeq || state === 'offline'}
                onClick={() => void restore()}
              >
                <RotateCcw size={16} aria-hidden /> Restore
              </Button>
            )}
            <IconButton label="Close the history" tipAt="end" onClick={onClose}>
              <X size={19} aria-hidden />
            </IconButton>
          </div>
          <div className={styles['track']}>
            {timeline && (
              <>
                <TimelineStrip timeline={timeline} />
                <input
                  ref={slider}
                  className={styles['slider']}
                  type="range"
                  min={0}
                  max={timeline.moments.length - 1}
                  value={index}
                  aria-label="Moment"
                  aria-valuetext={
                    at === null
                      ? undefined
                      : `${momentTime(at, now)}, ${author?.name ?? 'unknown'}, moment ${index + 1} of ${timeline.moments.length}`
                  }
                  onChange={(event) => {
                    setPlaying(false);
                    goTo(event.target.valueAsNumber);
                  }}
                />
              </>
            )}
          </div>
          {timeline && timeline.authors.length > 1 && <Authors authors={timeline.authors} />}
        </div>
      </section>
      <div className={styles['past']} aria-live="off">
        {error && <EmptyState title="This moment cannot be shown">{error}</EmptyState>}
        {!shown && !error && <Skeleton lines={8} label="Loading that moment" />}
        {shown && (
          <Suspense fallback={<Skeleton lines={8} label="Loading that moment" />}>
            {session.kind === 'notebook' ? (
              <PastNotebookView past={shown.past} session={session} changed={changed} />
            ) : (
              <PastText past={shown.past} before={before} />
            )}
          </Suspense>
        )}
      </div>
    </>
  );
}

function Authors({ authors }: { readonly authors: readonly { name: string; color: string }[] }) {
  return (
    <div className={styles['authors']}>
      {authors.map((author) => {
        const person: CSSProperties & { '--person': string } = { '--person': author.color };
        return (
          <span key={`${author.name} ${author.color}`}>
            <span className={styles['dot']} style={person} aria-hidden />
            {author.name}
          </span>
        );
      })}
    </div>
  );
}

/** The moment at `seq`; while its chunk is on its way, the one shown before stays. */
function useMoment(
  reader: PastReader,
  seq: number,
  lastSeq: number,
): { readonly shown: Moment | null; readonly error: string | null } {
  const [last, setLast] = useState<Moment | null>(null);
  const [failure, setFailure] = useState<{ readonly seq: number; readonly why: string } | null>(null);
  const [arrivals, setArrivals] = useState(0);
  // `arrivals` counts chunks that came: the reader may know now what it did not.
  // oxlint-disable-next-line react/exhaustive-deps
  const here = useMemo(() => (seq === 0 ? null : reader.now(seq)), [reader, seq, arrivals]);
  if (here && here !== last) setLast(here);
  useEffect(() => {
    if (seq === 0) return;
    let isLate = false;
    reader.at(seq).then(
      () => {
        reader.prefetchAround(seq, lastSeq);
        if (!isLate && !here) setArrivals((count) => count + 1);
      },
      (cause: unknown) =>
        !isLate && setFailure({ seq, why: cause instanceof Error ? cause.message : String(cause) }),
    );
    return () => {
      isLate = true;
    };
  }, [reader, seq, lastSeq, here]);
  return { shown: here ?? last, error: here || failure?.seq !== seq ? null : failure.why };
}
