/** One history that is there: its state, and who shows which part of it (bar, body, timeline). */
import { Suspense, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { CellId } from '@cahier/base/ids.ts';
import { flagsOf } from '@cahier/core/history/timeline.ts';
import type { Timeline } from '@cahier/protocol/http/history.ts';
import { api } from '../link/api.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { useStore } from '../rooms/use-store.ts';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import { type ChangeWalk, CompareView } from './compare-view.tsx';
import { goneCells } from './gone-cells.ts';
import { type ComparedWith, HistoryBar } from './history-bar.tsx';
import { actionOf, type HistoryAction } from './history-keys.ts';
import styles from './history-panel.module.css';
import { hashOfSeq, seqOfHash } from './moment-link.ts';
import { burst } from './moves.ts';
import { PastBody } from './past-body.tsx';
import { PastReader } from './past-reader.ts';
import { StepArchive } from './step-archive.ts';
import { type View, withInView, zoomed } from './time-axis.ts';
import { TimelineDock } from './timeline-dock.tsx';
import { marksOf, momentAt, momentTime } from './timeline-words.ts';
import { wholeTrack } from './track.ts';
import { useBlame } from './use-blame.ts';
import { useMoment } from './use-moment.ts';
import { usePlayback } from './use-playback.ts';
import { restoreOf } from './use-restore.ts';
import { storyWords, useStory } from './use-story.ts';

import { useWalk } from './use-walk.ts';

interface Props {
  readonly session: DocumentSession;
  readonly timeline: Timeline;
  readonly onClose: () => void;
}

export function OpenedHistory({ session, onClose, timeline }: Props) {
  const { project, doc } = session;
  const { state } = useStore(session.status);
  const fetchChunk = useCallback((at: number) => api.chunk(project, doc, at), [project, doc]);
  const reader = useMemo(() => new PastReader(fetchChunk), [fetchChunk]);
  const archive = useMemo(() => new StepArchive(fetchChunk), [fetchChunk]);
  const [now] = useState(Date.now);
  const { story, progress: following, follow, leave } = useStory(archive);
  const whole = useMemo(() => wholeTrack(timeline), [timeline]);
  const track = story?.track ?? whole;
  const { lastSeq } = timeline;

  const [wanted, setWanted] = useState<number | null>(() => seqOfHash(location.hash));
  const [pinned, setPinned] = useState<number | 'now' | null>(null);
  const [mayPlay, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(5);
  const [closeUp, setCloseUp] = useState<View | null>(null);
  const [highlighted, setHighlighted] = useState<number | null>(null);
  const [isBlaming, setBlaming] = useState(false);
  const seq = track.snap(wanted ?? lastSeq);
  const otherSeq = pinned === null || story ? null : whole.snap(pinned === 'now' ? lastSeq : pinned);
  const isPlaying = mayPlay && seq < track.last;
  const view = closeUp ?? { from: 0, to: track.axis.length };

  const { shown, error } = useMoment(reader, seq, lastSeq);
  const newest = useMoment(reader, lastSeq, lastSeq).shown;
  const other = useMoment(reader, otherSeq, lastSeq).shown;
  const isComparing = otherSeq !== null;
  const blame = useBlame(archive, isBlaming && !isComparing ? seq : null);
  const blamed = blame.blamed && shown && blame.blamed.blame.seq === shown.past.seq ? blame.blamed : null;

  const index = momentAt(track.moments, seq);
  const startOfMoment = track.moments[index - 1]?.[0] ?? 0;
  const changed = useMemo(
    () => (shown ? reader.cellsChanged(startOfMoment, shown.past.seq) : new Set<CellId>()),
    [reader, shown, startOfMoment],
  );
  const before = startOfMoment > 0 ? (reader.now(startOfMoment)?.past ?? null) : null;
  const gone = useMemo(
    () => (shown && newest && session.kind === 'notebook' ? goneCells(shown.past, newest.past) : []),
    [shown, newest, session.kind],
  );

  const { arrived } = reader;
  // Another function when more is here: the marks are drawn again, where they belong.
  const flagged = useMemo(
    () => track.flagged ?? ((from: number, to: number) => reader.flagged(from, to)),
    // oxlint-disable-next-line react/exhaustive-deps
    [track, reader, arrived],
  );

  const goTo = useCallback(
    (to: number) => {
      const next = track.snap(to);
      setWanted(next === lastSeq && !story ? null : next);
      setCloseUp((now) => now && withInView(now, track.axis.placeOfSeq(next), track.axis.length));
    },
    [track, lastSeq, story],
  );
  usePlayback(isPlaying, {
    seq,
    speed,
    next: (at) => track.step(at, 1),
    timeOf: track.timeOf ?? ((at) => reader.timeOf(at)),
    goTo,
    onEnd: () => setPlaying(false),
  });

  const slider = useRef<HTMLDivElement>(null);
  useEffect(() => slider.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const timer = setTimeout(() => setAddress(wanted === null ? '' : hashOfSeq(seq)), 300);
    return () => clearTimeout(timer);
  }, [wanted, seq]);
  useEffect(() => () => setAddress(''), []);

  const changes = useRef<ChangeWalk>(null);
  const walk = useWalk({ track, story, reader, seq, highlighted, goTo });
  const act = (action: HistoryAction) => {
    if ('go' in action) {
      setPlaying(false);
      walk(action);
      return;
    }
    if ('zoom' in action) {
      const { length } = track.axis;
      if (action.zoom === 'all') setCloseUp(null);
      else setCloseUp(zoomed(view, action.zoom === 'closer' ? 0.5 : 2, track.axis.placeOfSeq(seq), length));
    } else if ('change' in action) changes.current?.go(action.change);
    else if (action.toggle === 'play') {
      if (!isPlaying && seq >= track.last) goTo(track.first);
      setPlaying(!isPlaying);
    } else if (action.toggle === 'compare')
      compare(isComparing ? 'off' : seq === lastSeq ? 'session' : 'now');
    else setBlaming(!isBlaming);
  };
  const compare = (what: ComparedWith) => {
    leaveStory();
    if (what === 'off') setPinned(null);
    else if (what === 'now') setPinned('now');
    else if (what === 'here') setPinned(seq);
    else if (what === 'beginning') setPinned(1);
    else {
      // What was there before the break in front of this moment.
      const start = whole.axis.breaks.findLast(({ place }) => place < whole.axis.placeOfSeq(seq));
      setPinned(start ? whole.axis.seqAtTime(start.until - 1) : 1);
    }
  };
  const leaveStory = () => {
    if (!story) return;
    setCloseUp(null);
    setHighlighted(null);
    leave();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || event.defaultPrevented) return;
    if (target.closest('input, select, textarea, [role="menu"], iframe')) return;
    if (event.key === ' ' && target.closest('button, summary, a')) return;
    // Elsewhere these keys scroll what is read.
    if (event.key.startsWith('Page') && target.dataset['handle'] === undefined) return;
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    const isOther = target.dataset['handle'] === 'other';
    if (isOther && otherSeq !== null && 'go' in action && 'by' in action) {
      const by =
        action.go === 'step' ? whole.step(otherSeq, action.by) : burst(whole.moments, otherSeq, action.by);
      if (by !== null) setPinned(by);
    } else act(action);
  };

  const restore = useMemo(() => restoreOf(session, onClose), [session, onClose]);
  const mayRestore = session.mayEdit && state !== 'offline';
  const onRestoreCell = useCallback(
    (cell: CellId, isGone: boolean) => void restore.cell(seq, cell, isGone),
    [restore, seq],
  );
  const onFollow = useCallback(
    (cell: CellId) => {
      setPinned(null);
      follow(cell, lastSeq).then(
        (next) => {
          if (!next) return;
          setCloseUp(null);
          setHighlighted(null);
          setWanted(next.track.first);
        },
        (cause: unknown) => problemToast(cause),
      );
    },
    [follow, lastSeq],
  );

  const moment = track.moments[index];
  const at = shown?.past.seq === seq ? (shown.step?.at ?? null) : (moment?.[1] ?? null);
  const stepFlags = shown?.past.seq === seq && shown.step ? flagsOf(shown.step) : null;
  const author = shown?.author ?? track.authors[moment?.[2] ?? -1] ?? null;
  const time = at === null ? '\u00a0' : momentTime(at, now);
  const place = `step ${track.ordinal(seq).toLocaleString('en')} of ${track.count.toLocaleString('en')}`;
  const about = [place, ...(seq === lastSeq ? ['now'] : []), ...marksOf(stepFlags ?? moment?.[4] ?? 0)].join(
    ' · ',
  );
  const otherTime = other?.step ? momentTime(other.step.at, now) : '';
  const isFirst = otherSeq !== null && seq < otherSeq;
  const damaged = timeline.damaged?.length ?? 0;
  return (
    // Keys of the history, wherever inside the focus is.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles['opened']} tabIndex={-1} onKeyDown={onKeyDown}>
      <HistoryBar
        time={time}
        author={author}
        about={about}
        mayEdit={session.mayEdit}
        mayRestore={mayRestore && shown !== null && seq < lastSeq}
        gone={gone}
        isComparing={isComparing}
        isBlaming={isBlaming}
        onCompare={compare}
        onBlame={() => setBlaming(!isBlaming)}
        onLink={() => {
          const address = `${location.origin}${location.pathname}${hashOfSeq(seq)}`;
          copyText(address).then(() => toast('The link to this moment is copied.'), problemToast);
        }}
        onRestore={() => void restore.all(seq)}
        onBringBack={(cell) => onRestoreCell(cell, true)}
        onClose={onClose}
      />
      {story && (
        <div className={styles['note']}>
          <output>
            <strong>The story of one cell.</strong> {storyWords(story)}
          </output>
          <Button onClick={leaveStory}>Show the whole notebook</Button>
        </div>
      )}
      {following !== null && <p className={styles['note']}>Reading the history… {percent(following)}</p>}
      {isBlaming && !isComparing && !blamed && blame.progress < 1 && !blame.error && (
        <p className={styles['note']}>Looking who wrote this… {percent(blame.progress)}</p>
      )}
      {blame.error && isBlaming && <p className={styles['note']}>{blame.error}</p>}
      {damaged > 0 && (
        <p className={styles['note']}>
          {damaged} {damaged === 1 ? 'step' : 'steps'} of this history cannot be read on the server’s disk.
          All others are shown as they were.
        </p>
      )}
      <div className={styles['scroller']}>
        <div className={styles['past']} aria-live="off">
          {error && <EmptyState title="This moment cannot be shown">{error}</EmptyState>}
          {!shown && !error && <Skeleton lines={8} label="Loading that moment" />}
          {shown && isComparing && other && (
            <CompareView
              before={isFirst ? shown.past : other.past}
              after={isFirst ? other.past : shown.past}
              beforeWords={isFirst ? time : otherTime}
              afterWords={isFirst ? (otherSeq === lastSeq ? 'now' : otherTime) : time}
              session={session}
              walk={changes}
            />
          )}
          {shown && !isComparing && (
            <Suspense fallback={<Skeleton lines={8} label="Loading that moment" />}>
              <PastBody
                session={session}
                past={shown.past}
                before={before}
                changed={changed}
                only={story?.cells ?? null}
                newest={newest?.past.seq === lastSeq ? newest.past : null}
                blamed={blamed}
                authors={archive.authors}
                now={now}
                mayRestore={mayRestore && seq < lastSeq}
                onRestore={onRestoreCell}
                onFollow={story ? null : onFollow}
              />
            </Suspense>
          )}
        </div>
      </div>
      <TimelineDock
        track={track}
        view={view}
        onView={(next) => setCloseUp(next.to - next.from >= track.axis.length ? null : next)}
        main={{
          seq,
          text: `${time}, ${author?.name ?? 'unknown'}, ${about}`,
          onSeq: (to) => {
            setPlaying(false);
            goTo(to);
          },
        }}
        other={
          otherSeq === null
            ? null
            : { seq: otherSeq, text: otherTime, onSeq: (to) => setPinned(whole.snap(to)) }
        }
        at={at}
        isPlaying={isPlaying}
        speed={speed}
        onSpeed={setSpeed}
        highlighted={highlighted}
        flagged={flagged}
        onHighlight={setHighlighted}
        act={act}
        sliderRef={slider}
      />
    </div>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function setAddress(hash: string): void {
  const address = `${location.pathname}${location.search}${hash}`;
  const isOurs = location.hash === '' || seqOfHash(location.hash) !== null;
  if (isOurs && location.hash !== hash) history.replaceState(history.state, '', address);
}
