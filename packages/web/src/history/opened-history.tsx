/** One history that is there: its state, and who shows which part of it (bar, body, timeline). */
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { CellId } from '@cahier/base/ids.ts';
import type { Timeline } from '@cahier/protocol/http/history.ts';
import { useLocation } from 'wouter';
import { api } from '../link/api.ts';
import { pages } from '../link/urls.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { useStore } from '../rooms/use-store.ts';
import { useProject } from '../shell/project-place.tsx';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import { type ChangeWalk, CompareView } from './compare-view.tsx';
import type { ComparedWith } from './compared-side.ts';
import { FileDialog } from './file-dialog.tsx';
import { goneCells } from './gone-cells.ts';
import { type CompareChoice, compareItems, HistoryBar } from './history-bar.tsx';
import { actionOf, type HistoryAction } from './history-keys.ts';
import styles from './history-panel.module.css';
import { hashOfSeq, seqOfHash } from './moment-link.ts';
import { burst } from './moves.ts';
import { MomentSaid } from './moment-said.tsx';
import { PastBody } from './past-body.tsx';
import { pasteWords } from './paste-words.ts';
import { PurgeDialog } from './purge-dialog.tsx';
import type { PastReader } from './past-reader.ts';
import { StepArchive } from './step-archive.ts';
import { type View, withInView, zoomed } from './time-axis.ts';
import { TimelineDock } from './timeline-dock.tsx';
import { momentAt, momentTime } from './timeline-words.ts';
import { told } from './told.ts';
import { wholeTrack } from './track.ts';
import { useBlame } from './use-blame.ts';
import { useChangeInView } from './use-change-in-view.ts';
import { useCompared } from './use-compared.ts';
import { useMoment } from './use-moment.ts';
import { usePlayback } from './use-playback.ts';
import { restoreOf } from './use-restore.ts';
import { storyWords, useStory } from './use-story.ts';
import { pinsOf, useVersions } from './use-versions.ts';
import { useWalk } from './use-walk.ts';
import { VersionsDialog } from './versions-dialog.tsx';

interface Props {
  readonly session: DocumentSession;
  readonly timeline: Timeline;
  readonly reader: PastReader;
  readonly onClose: () => void;
}

export function OpenedHistory({ session, onClose, timeline, reader }: Props) {
  const { project, doc } = session;
  const { state } = useStore(session.status);
  const { isOwner } = useProject();
  const [, navigate] = useLocation();
  const archive = useMemo(
    () => new StepArchive((from, to) => api.steps(project, doc, from, to)),
    [project, doc],
  );
  const [now] = useState(Date.now);
  const { story, progress: following, follow, leave } = useStory(archive);
  const whole = useMemo(() => wholeTrack(timeline), [timeline]);
  const track = story?.track ?? whole;
  const { lastSeq } = timeline;

  const [wanted, setWanted] = useState<number | null>(() => seqOfHash(location.hash));
  const [pinned, setPinned] = useState<ComparedWith | null>(null);
  const [asking, setAsking] = useState<'versions' | 'file' | 'purge' | null>(null);
  const [mayPlay, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(5);
  const [closeUp, setCloseUp] = useState<View | null>(null);
  const [highlighted, setHighlighted] = useState<number | null>(null);
  const [isBlaming, setBlaming] = useState(false);
  const seq = track.snap(wanted ?? lastSeq);
  const compared = story ? null : pinned;
  const otherSeq =
    compared?.what === 'moment' ? whole.snap(compared.seq === 'now' ? lastSeq : compared.seq) : null;
  const isPlaying = mayPlay && seq < track.last;
  // The same object while it is the same: the timeline is drawn anew for another one.
  const view = useMemo(() => closeUp ?? { from: 0, to: track.axis.length }, [closeUp, track]);

  const { shown, error } = useMoment(reader, seq, lastSeq);
  const newest = useMoment(reader, lastSeq, lastSeq).shown;
  const other = useMoment(reader, otherSeq, lastSeq).shown;
  const isComparing = compared !== null;
  const versions = useVersions(session, newest !== null);
  const pins = useMemo(
    () => (story ? [] : pinsOf(versions, whole, timeline.firstAt)),
    [versions, whole, timeline.firstAt, story],
  );
  const { sides, error: outsideError } = useCompared({ session, compared, main: shown, other, lastSeq, now });
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

  const pasteAt = useCallback(
    (at: number) => {
      const [is, was] = [reader.now(at), at > 1 ? reader.now(at - 1) : null];
      return is?.step && was ? pasteWords(was.past, is.step) : null;
    },
    [reader],
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

  const scroller = useRef<HTMLDivElement>(null);
  const isDragged = useRef(false);
  useChangeInView({
    scroller,
    shown: shown?.past.seq === seq && !isComparing ? shown : null,
    isPlaying,
    isResting: wanted === null,
    isDragged,
  });
  // A comparison is read from its summary on.
  useEffect(() => {
    if (isComparing) scroller.current?.scrollTo(0, 0);
  }, [isComparing]);
  const slider = useRef<HTMLDivElement>(null);
  useEffect(() => slider.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const timer = setTimeout(() => setAddress(wanted === null ? '' : hashOfSeq(seq)), 300);
    return () => clearTimeout(timer);
  }, [wanted, seq]);
  useEffect(() => () => setAddress(''), []);
  // A link to a moment that is opened while the history is open.
  useEffect(() => {
    const follow = () => {
      const to = seqOfHash(location.hash);
      if (to !== null) setWanted(to);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

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
  const compareWith = (other: ComparedWith) => {
    leaveStory();
    setPinned(other);
  };
  const compare = (what: CompareChoice) => {
    if (what === 'version') setAsking('versions');
    else if (what === 'file') setAsking('file');
    else if (what === 'off') setPinned(null);
    else if (what === 'now') compareWith({ what: 'moment', seq: 'now' });
    else if (what === 'here') compareWith({ what: 'moment', seq });
    else if (what === 'beginning') compareWith({ what: 'moment', seq: 1 });
    else {
      // What was there before the break in front of this moment.
      const start = whole.axis.breaks.findLast(({ place }) => place < whole.axis.placeOfSeq(seq));
      compareWith({ what: 'moment', seq: start ? whole.axis.seqAtTime(start.until - 1) : 1 });
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
    if (target.closest('input, select, textarea, [role="menu"], iframe, dialog')) return;
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
      if (by !== null) setPinned({ what: 'moment', seq: by });
    } else act(action);
  };

  const forget = (at: number, name: string) => {
    api.nameMoment(project, doc, at, name).then(versions.reload, problemToast);
  };
  const restore = useMemo(() => restoreOf(session, onClose), [session, onClose]);
  const mayRestore = session.mayEdit && state !== 'offline';
  const onRestoreCell = useCallback(
    (cell: CellId, isGone: boolean) => void restore.cell(seq, cell, isGone),
    [restore, seq],
  );
  const onRestoreResult = useCallback(
    (cell: CellId, output: number | null) => void restore.result(seq, cell, output),
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

  const isShown = shown?.past.seq === seq;
  const { at, author, time, place, about } = told({
    track,
    seq,
    shown: isShown ? shown : null,
    paste: isShown ? pasteAt(seq) : null,
    name: versions.nameAt(seq),
    lastSeq,
    now,
  });
  const words = `${time}, ${author?.name ?? 'unknown'}, ${about}`;
  const otherTime = other?.step ? momentTime(other.step.at, now) : '';
  const moreItems = (): readonly MenuItem[] => [
    { label: 'Export this history', onChoose: () => save(api.exportUrl(project, doc, false)) },
    { label: 'Export it with all results', onChoose: () => save(api.exportUrl(project, doc, true)) },
    { label: 'History of the whole project', onChoose: () => navigate(pages.history(project)) },
    { label: 'Help: what can be done here', onChoose: () => void open(pages.help('history'), '_blank') },
    ...(isOwner
      ? ([
          'separator',
          { label: 'Remove a part for ever…', isDanger: true, onChoose: () => setAsking('purge') },
        ] as const)
      : []),
  ];
  const otherItems = () => compareItems(compare, false);
  const mainItems = (): readonly MenuItem[] => [
    { label: 'Now', onChoose: () => goTo(lastSeq) },
    { label: 'The beginning', onChoose: () => goTo(1) },
    ...versions.names
      .slice(-8)
      .map((named) => ({ label: `“${named.name}”`, onChoose: () => goTo(named.seq) })),
  ];
  const damaged = timeline.damaged?.length ?? 0;
  return (
    // Keys of the history, wherever inside the focus is.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles['opened']} tabIndex={-1} onKeyDown={onKeyDown}>
      <HistoryBar
        time={time}
        author={author}
        about={about}
        isNotebook={session.kind === 'notebook'}
        mayEdit={session.mayEdit}
        mayRestore={mayRestore && shown !== null && seq < lastSeq}
        gone={gone}
        isComparing={isComparing}
        isBlaming={isBlaming}
        onCompare={compare}
        onBlame={() => setBlaming(!isBlaming)}
        onVersions={() => setAsking('versions')}
        onLink={() => {
          const address = `${location.origin}${location.pathname}${hashOfSeq(seq)}`;
          copyText(address).then(() => toast('The link to this moment is copied.'), problemToast);
        }}
        onRestore={(withResults) => void restore.all(seq, withResults)}
        more={moreItems}
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
      <div ref={scroller} className={styles['scroller']} data-scroller>
        <div className={styles['past']} aria-live="off">
          {error && <EmptyState title="This moment cannot be shown">{error}</EmptyState>}
          {!shown && !error && <Skeleton lines={8} label="Loading that moment" />}
          {isComparing && outsideError !== null && (
            <EmptyState
              title="This cannot be compared"
              actions={<Button onClick={() => setPinned(null)}>Stop comparing</Button>}
            >
              {outsideError}
            </EmptyState>
          )}
          {isComparing && !sides && outsideError === null && (
            <Skeleton lines={8} label="Loading what is compared" />
          )}
          {sides && outsideError === null && (
            <CompareView
              before={sides.before}
              after={sides.after}
              beforeItems={sides.isMainFirst ? mainItems : otherItems}
              afterItems={sides.isMainFirst ? otherItems : mainItems}
              session={session}
              walk={changes}
            />
          )}
          {shown && !isComparing && (
            <PastBody
              session={session}
              past={shown.past}
              before={before}
              changed={changed}
              only={story?.cells ?? null}
              newest={newest?.past ?? null}
              blamed={blamed}
              authors={archive.authors}
              now={now}
              mayRestore={mayRestore && seq < lastSeq}
              onRestore={onRestoreCell}
              onRestoreResult={onRestoreResult}
              onFollow={story ? null : onFollow}
            />
          )}
        </div>
      </div>
      <MomentSaid words={words} isPlaying={isPlaying} />
      <TimelineDock
        track={track}
        view={view}
        onView={(next) => setCloseUp(next.to - next.from >= track.axis.length ? null : next)}
        main={{
          seq,
          text: words,
          onSeq: (to) => {
            setPlaying(false);
            goTo(to);
          },
        }}
        other={
          otherSeq === null
            ? null
            : {
                seq: otherSeq,
                text: otherTime,
                onSeq: (to) => setPinned({ what: 'moment', seq: whole.snap(to) }),
              }
        }
        at={at}
        isPlaying={isPlaying}
        speed={speed}
        onSpeed={setSpeed}
        highlighted={highlighted}
        flagged={flagged}
        pins={pins}
        pasteAt={pasteAt}
        now={now}
        onHighlight={setHighlighted}
        act={act}
        sliderRef={slider}
        isDragged={isDragged}
      />
      {asking === 'versions' && (
        <VersionsDialog
          versions={versions}
          now={now}
          firstAt={timeline.firstAt}
          naming={mayRestore && !story ? { words: `${time} · ${place}`, name: versions.nameAt(seq) } : null}
          timeOf={(at) => whole.axis.timeAt(whole.axis.placeOfSeq(at))}
          onGo={(to) => {
            leaveStory();
            goTo('seq' in to ? to.seq : whole.axis.seqAtTime(to.at));
          }}
          onCompare={compareWith}
          onName={async (name) => {
            await api.nameMoment(project, doc, seq, name);
            versions.reload();
            toast(`The moment is now called “${name}”.`, {
              action: { label: 'Undo', run: () => forget(seq, versions.nameAt(seq) ?? '') },
            });
          }}
          onForget={mayRestore ? (at) => forget(at, '') : null}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'purge' && (
        <PurgeDialog
          track={whole}
          now={now}
          proposed={
            otherSeq === null
              ? { from: 1, to: Math.max(1, seq) }
              : { from: Math.min(seq, otherSeq), to: Math.max(seq, otherSeq) }
          }
          onPurge={async ({ from, to }) => (await api.purge(project, doc, from, to)).entries}
          onClose={(isDone) => {
            setAsking(null);
            // What was read before is not to be seen again.
            if (isDone) onClose();
          }}
        />
      )}
      {asking === 'file' && (
        <FileDialog
          project={project}
          path={session.path}
          kind={session.kind}
          onFile={(path) => compareWith({ what: 'file', path })}
          onClose={() => setAsking(null)}
        />
      )}
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

function save(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
