/** The foot of the history: play and walk, jump to a time, zoom, the timeline itself, and what its colours and marks mean. */
import { ChevronLeft, ChevronRight, Minus, Pause, Play, Plus } from 'lucide-react';
import { type CSSProperties, type Ref, useMemo, useState } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { initials } from '../ui/initials.ts';
import type { Drawing } from './draw-timeline.ts';
import type { HistoryAction } from './history-keys.ts';
import { historyKeys } from './history-keys.ts';
import type { View } from './time-axis.ts';
import { timelineMarks } from './timeline-marks.ts';
import { type Handle, TimelineStrip } from './timeline-strip.tsx';
import styles from './timeline.module.css';
import type { Track } from './track.ts';
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
  readonly onHighlight: (author: number | null) => void;
  readonly act: (action: HistoryAction) => void;
  readonly sliderRef: Ref<HTMLDivElement>;
}

export function TimelineDock(props: Props) {
  const { track, view, onView, main, other, at, isPlaying, speed, act, highlighted } = props;
  const { axis, moments, authors } = track;
  const flags = useMemo(() => moments.reduce((all, moment) => all | moment[4], 0), [moments]);
  const isOneDay = useMemo(
    () => new Set(moments.map(([, time]) => new Date(time).toDateString())).size < 2,
    [moments],
  );
  const walks = [
    { go: 'run', is: (flags & 3) !== 0 },
    { go: 'error', is: (flags & 2) !== 0 },
    { go: 'paste', is: (flags & 16) !== 0 },
    { go: 'author', is: authors.length > 1 },
    { go: 'day', is: !isOneDay },
  ] as const;
  const isAll = view.to - view.from >= axis.length * 0.999;
  return (
    <div className={styles['dock']}>
      <div className={styles['controls']}>
        <div className={styles['group']}>
          <IconButton
            label="Earlier"
            disabled={main.seq <= track.first}
            onClick={() => act({ go: 'step', by: -1 })}
          >
            <ChevronLeft size={19} aria-hidden />
          </IconButton>
          <IconButton
            label={isPlaying ? 'Pause' : 'Play'}
            look="plain"
            onClick={() => act({ toggle: 'play' })}
          >
            {isPlaying ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
          </IconButton>
          <IconButton
            label="Later"
            disabled={main.seq >= track.last}
            onClick={() => act({ go: 'step', by: 1 })}
          >
            <ChevronRight size={19} aria-hidden />
          </IconButton>
          <select
            className={styles['speed']}
            aria-label="Speed"
            value={speed}
            onChange={(event) => props.onSpeed(Number(event.target.value))}
          >
            {speeds.map((one) => (
              <option key={one} value={one}>
                {one}×
              </option>
            ))}
          </select>
        </div>
        <div className={styles['walks']}>
          {walks.map(({ go, is }) => is && <Walk key={go} go={go} act={act} />)}
        </div>
        <JumpField at={at} onJump={(time) => main.onSeq(axis.seqAtTime(time))} />
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
      </div>
      <TimelineStrip
        axis={axis}
        view={view}
        onView={onView}
        authors={authors}
        highlighted={highlighted}
        flagged={props.flagged}
        lastSeq={track.last}
        main={main}
        other={other}
        sliderRef={props.sliderRef}
      />
      <div className={styles['legend']}>
        {authors.length > 0 && (
          // A fieldset would announce a form.
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
          <div role="group" aria-label="People" className={styles['people']}>
            {authors.map((author, i) => {
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
                  onClick={() => props.onHighlight(isOn ? null : i)}
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
                <svg
                  viewBox="0 0 8 8"
                  width="9"
                  height="9"
                  aria-hidden
                  style={{ color: `var(${mark.color})` }}
                >
                  <path d={mark.path} fill="currentColor" />
                </svg>
                {mark.label}
              </li>
            ))}
          {axis.breaks.length > 0 && (
            <li>
              <svg viewBox="0 0 8 8" width="9" height="9" aria-hidden>
                <path d="M3.2 0L.8 8M7.2 0L4.8 8" stroke="currentColor" fill="none" />
              </svg>
              Pause, folded
            </li>
          )}
        </ul>
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
    </div>
  );
}

type WalkName = 'run' | 'error' | 'paste' | 'author' | 'day';

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

/** What is being typed stays as it is until the field is left. */
function JumpField({ at, onJump }: { readonly at: number | null; readonly onJump: (time: number) => void }) {
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
}

function localTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}
