/** The foot of the history: play and walk, jump to a time, zoom, the timeline itself, and what its colours and marks mean. */
import { ChevronLeft, ChevronRight, Minus, Pause, Play, Plus } from 'lucide-react';
import { type CSSProperties, memo, type Ref, type RefObject, useMemo, useState } from 'react';
import { pages } from '../link/urls.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { initials } from '../ui/initials.ts';
import { useResting } from '../ui/use-resting.ts';
import { useSteady } from '../ui/use-steady.ts';
import type { Drawing } from './draw-timeline.ts';
import type { HistoryAction } from './history-keys.ts';
import { historyKeys } from './history-keys.ts';
import type { View } from './time-axis.ts';
import { pinMarks, timelineMarks } from './timeline-marks.ts';
import { type Handle, TimelineStrip } from './timeline-strip.tsx';
import styles from './timeline.module.css';
import type { Track } from './track.ts';
import type { Pin } from './use-versions.ts';
import { speeds } from './use-playback.ts';

interface Props {
  readonly track: Track;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly main: Handle;
  readonly other: Handle | null;
  /** Server time of the moment that is shown (ms). */
  readonly at: number | null;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly onSpeed: (speed: number) => void;
  readonly highlighted: number | null;
  readonly flagged: Drawing['flagged'];
  readonly pins: readonly Pin[];
  readonly pasteAt: (seq: number) => string | null;
  readonly now: number;
  readonly onHighlight: (author: number | null) => void;
  readonly act: (action: HistoryAction) => void;
  readonly sliderRef: Ref<HTMLDivElement>;
  /** Set while a handle is dragged. */
  readonly isDragged: RefObject<boolean>;
}

export function TimelineDock(props: Props) {
  const { track, view, onView, main, other, at, isPlaying, speed, highlighted } = props;
  const { axis, moments, authors } = track;
  const act = useSteady(props.act);
  const flags = useMemo(() => moments.reduce((all, moment) => all | moment[4], 0), [moments]);
  // Persons first; those who have no part in what is shown (the story of one cell) are not named.
  const people = useMemo(() => {
    const present = new Set(moments.map((moment) => moment[2]));
    const named = authors
      .map((author, index) => ({ author, index }))
      .filter(({ index }) => present.has(index));
    return named.toSorted((a, b) => Number(a.author.person === null) - Number(b.author.person === null));
  }, [moments, authors]);
  const isOneDay = useMemo(
    () => new Set(moments.map(([, time]) => new Date(time).toDateString())).size < 2,
    [moments],
  );
  return (
    <div className={styles['dock']}>
      <div className={styles['controls']}>
        <Player
          isFirst={main.seq <= track.first}
          isLast={main.seq >= track.last}
          isPlaying={isPlaying}
          speed={speed}
          onSpeed={useSteady(props.onSpeed)}
          act={act}
        />
        <Walks
          flags={flags}
          hasBursts={moments.length > 1}
          hasPeople={people.length > 1}
          hasDays={!isOneDay}
          act={act}
        />
        <JumpField
          at={useResting(at)}
          onJump={useSteady((time: number) => main.onSeq(axis.seqAtTime(time)))}
        />
        <Zoom isAll={view.to - view.from >= axis.length * 0.999} act={act} />
      </div>
      <TimelineStrip
        axis={axis}
        view={view}
        onView={onView}
        authors={authors}
        highlighted={highlighted}
        flagged={props.flagged}
        pins={props.pins}
        pasteAt={props.pasteAt}
        now={props.now}
        lastSeq={track.last}
        main={main}
        other={other}
        sliderRef={props.sliderRef}
        isDragged={props.isDragged}
      />
      <Legend
        people={people}
        flags={flags}
        pins={props.pins}
        hasBreaks={axis.breaks.length > 0}
        highlighted={highlighted}
        onHighlight={useSteady(props.onHighlight)}
      />
    </div>
  );
}

// The parts around the timeline are drawn anew only when they change, not with every moment that is dragged over.

interface PlayerProps extends Pick<Props, 'isPlaying' | 'speed' | 'onSpeed' | 'act'> {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const Player = memo(function Player({ isFirst, isLast, isPlaying, speed, onSpeed, act }: PlayerProps) {
  return (
    <div className={styles['group']}>
      <IconButton label="Earlier" disabled={isFirst} onClick={() => act({ go: 'step', by: -1 })}>
        <ChevronLeft size={19} aria-hidden />
      </IconButton>
      <IconButton label={isPlaying ? 'Pause' : 'Play'} look="plain" onClick={() => act({ toggle: 'play' })}>
        {isPlaying ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
      </IconButton>
      <IconButton label="Later" disabled={isLast} onClick={() => act({ go: 'step', by: 1 })}>
        <ChevronRight size={19} aria-hidden />
      </IconButton>
      <select
        className={styles['speed']}
        aria-label="Speed"
        value={speed}
        onChange={(event) => onSpeed(Number(event.target.value))}
      >
        {speeds.map((one) => (
          <option key={one} value={one}>
            {one}×
          </option>
        ))}
      </select>
    </div>
  );
});

interface WalksProps {
  readonly flags: number;
  readonly hasBursts: boolean;
  readonly hasPeople: boolean;
  readonly hasDays: boolean;
  readonly act: Props['act'];
}

const Walks = memo(function Walks({ flags, hasBursts, hasPeople, hasDays, act }: WalksProps) {
  const walks = [
    { go: 'burst', is: hasBursts },
    { go: 'run', is: (flags & 3) !== 0 },
    { go: 'error', is: (flags & 2) !== 0 },
    { go: 'paste', is: (flags & 16) !== 0 },
    { go: 'author', is: hasPeople },
    { go: 'day', is: hasDays },
  ] as const;
  return (
    <div className={styles['walks']}>
      {walks.map(({ go, is }) => is && <Walk key={go} go={go} act={act} />)}
    </div>
  );
});

interface ZoomProps {
  readonly isAll: boolean;
  readonly act: Props['act'];
}

const Zoom = memo(function Zoom({ isAll, act }: ZoomProps) {
  return (
    <div className={styles['group']}>
      <IconButton label="Zoom out" disabled={isAll} onClick={() => act({ zoom: 'further' })}>
        <Minus size={17} aria-hidden />
      </IconButton>
      <Button look="quiet" disabled={isAll} onClick={() => act({ zoom: 'all' })}>
        All
      </Button>
      <IconButton label="Zoom in" tipAt="end" onClick={() => act({ zoom: 'closer' })}>
        <Plus size={17} aria-hidden />
      </IconButton>
    </div>
  );
});

interface LegendProps extends Pick<Props, 'pins' | 'highlighted' | 'onHighlight'> {
  readonly people: readonly { readonly author: Track['authors'][number]; readonly index: number }[];
  readonly flags: number;
  readonly hasBreaks: boolean;
}

const Legend = memo(function Legend({
  people,
  flags,
  pins,
  hasBreaks,
  highlighted,
  onHighlight,
}: LegendProps) {
  return (
    <div className={styles['legend']}>
      {people.length > 0 && (
        // A fieldset would announce a form.
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
        <div role="group" aria-label="People" className={styles['people']}>
          {people.map(({ author, index: i }) => {
            const person: CSSProperties & { '--person': string } = { '--person': author.color };
            const isOn = highlighted === i;
            return (
              <button
                key={`${author.person ?? ''} ${author.name}`}
                type="button"
                className={classNames(styles['person'], highlighted !== null && !isOn && styles['dim'])}
                style={person}
                aria-pressed={isOn}
                title={isOn ? 'Show everybody' : `Show only ${author.name} on the timeline`}
                onClick={() => onHighlight(isOn ? null : i)}
              >
                <span className={styles['face']} aria-hidden>
                  {initials(author.name)}
                </span>
                {author.name}
              </button>
            );
          })}
        </div>
      )}
      <ul className={styles['marks']} aria-label="Marks on the timeline">
        {timelineMarks
          .filter(({ flag }) => flags & flag)
          .map((mark) => (
            <li key={mark.id}>
              <svg viewBox="0 0 8 8" width="9" height="9" aria-hidden style={{ color: `var(${mark.color})` }}>
                <path d={mark.path} fill="currentColor" />
              </svg>
              {mark.label}
            </li>
          ))}
        {(['named', 'commit'] as const)
          .filter((kind) => pins.some((pin) => pin.kind === kind))
          .map((kind) => (
            <li key={kind}>
              <svg
                viewBox="0 0 8 8"
                width="9"
                height="9"
                aria-hidden
                style={{ color: `var(${pinMarks[kind].color})` }}
              >
                <path d={pinMarks[kind].path} fill="currentColor" />
              </svg>
              {pinMarks[kind].label}
            </li>
          ))}
        {hasBreaks && (
          <li>
            <svg viewBox="0 0 8 8" width="9" height="9" aria-hidden>
              <path d="M3.2 0L.8 8M7.2 0L4.8 8" stroke="currentColor" fill="none" />
            </svg>
            Pause, folded
          </li>
        )}
      </ul>
      <a
        className={styles['help']}
        href={pages.help('history')}
        target="_blank"
        rel="noreferrer"
        aria-label="Help with the history (opens beside this page)"
        title="What can be done here, with pictures"
      >
        ?
      </a>
      <details className={styles['keys']}>
        <summary>Keys</summary>
        <dl>
          {historyKeys.map(([keys, does]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
});

type WalkName = 'burst' | 'run' | 'error' | 'paste' | 'author' | 'day';

function Walk({ go, act }: { readonly go: WalkName; readonly act: Props['act'] }) {
  return (
    <span className={styles['walk']}>
      <button type="button" aria-label={`Previous ${go}`} onClick={() => act({ go, by: -1 })}>
        <ChevronLeft size={15} aria-hidden />
      </button>
      <span aria-hidden>{go}</span>
      <button type="button" aria-label={`Next ${go}`} onClick={() => act({ go, by: 1 })}>
        <ChevronRight size={15} aria-hidden />
      </button>
    </span>
  );
}

interface JumpProps {
  readonly at: number | null;
  readonly onJump: (time: number) => void;
}

/** What is being typed stays as it is until the field is left. */
const JumpField = memo(function JumpField({ at, onJump }: JumpProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <label className={styles['jump']}>
      <span className="visually-hidden">Jump to a time</span>
      <input
        type="datetime-local"
        step={1}
        title="Jump to a time"
        value={draft ?? (at === null ? '' : localTime(at))}
        onChange={(event) => {
          setDraft(event.target.value);
          const time = new Date(event.target.value).getTime();
          if (!Number.isNaN(time)) onJump(time);
        }}
        onBlur={() => setDraft(null)}
      />
    </label>
  );
});

function localTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}
