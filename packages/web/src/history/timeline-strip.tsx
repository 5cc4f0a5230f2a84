/**
 * The timeline that is dragged: a picture of the work with one or two handles on it. The handles are sliders for
 * screen readers and keys (keys are history-keys.ts's); wheel and two fingers zoom, a wheel with Shift moves along.
 */
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import {
  type PointerEvent,
  type Ref,
  type RefObject,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useStore } from '../rooms/use-store.ts';
import { theme } from '../shell/theme.ts';
import { classNames } from '../ui/class-names.ts';
import { type Drawing, drawTimeline } from './draw-timeline.ts';
import { moved, type TimeAxis, type View, zoomed } from './time-axis.ts';
import { type Tip, tipAt } from './timeline-tip.ts';
import styles from './timeline.module.css';

export interface Handle {
  readonly seq: number;
  /** Time, person and place in words. */
  readonly text: string;
  readonly onSeq: (seq: number) => void;
}

interface Props {
  readonly axis: TimeAxis;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly authors: readonly AuthorOnWire[];
  readonly highlighted: number | null;
  readonly flagged: Drawing['flagged'];
  readonly pins: Drawing['pins'];
  readonly pasteAt: (seq: number) => string | null;
  readonly now: number;
  readonly lastSeq: number;
  readonly main: Handle;
  /** The moment that is compared with. */
  readonly other: Handle | null;
  readonly sliderRef: Ref<HTMLDivElement>;
  /** Set while a handle is dragged. */
  readonly isDragged: RefObject<boolean>;
}

export function TimelineStrip(props: Props) {
  const { axis, view, onView, authors, highlighted, flagged, pins, lastSeq, main, other, sliderRef } = props;
  const { isDragged } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const scheme = useStore(theme);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<number | null>(null);
  /** Fingers and mouse buttons that are down, by pointer; what the first of them drags. */
  const pointers = useRef(new Map<number, number>());
  const dragged = useRef<Handle | null>(null);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.getBoundingClientRect().width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current && width > 0) {
      drawTimeline(canvas.current, { axis, view, authors, highlighted, flagged, pins });
    }
    // A change of theme changes the colours that are read while drawing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [axis, view, authors, highlighted, flagged, pins, width, scheme]);

  const placeAt = (clientX: number) => {
    const box = track.current?.getBoundingClientRect();
    const share = box ? (clientX - box.left) / Math.max(1, box.width) : 0;
    return view.from + share * (view.to - view.from);
  };
  const onWheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (Math.abs(along) > Math.abs(event.deltaY) || event.shiftKey) {
      onView(moved(view, (along / Math.max(1, width)) * (view.to - view.from), axis.length));
    } else onView(zoomed(view, Math.exp(event.deltaY * 0.0025), placeAt(event.clientX), axis.length));
  });
  useEffect(() => {
    const element = track.current;
    // React listens passively: the page would scroll as well.
    const listen = (event: WheelEvent) => onWheel(event);
    element?.addEventListener('wheel', listen, { passive: false });
    return () => element?.removeEventListener('wheel', listen);
  }, []);

  const tipOf = (clientX: number): Tip => {
    const reach = (6 / Math.max(1, width)) * (view.to - view.from);
    return tipAt(
      { axis, authors, pins, flagged, pasteAt: props.pasteAt, now: props.now },
      placeAt(clientX),
      reach,
    );
  };
  const percent = (seq: number) =>
    ((axis.placeOfSeq(seq) - view.from) / Math.max(1, view.to - view.from)) * 100;
  const drag = (clientX: number) => {
    const place = Math.max(0, Math.min(axis.length, placeAt(clientX)));
    const handle = dragged.current === null ? null : dragged.current === other ? other : main;
    handle?.onSeq(axis.seqAt(place));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    setHover(null);
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, event.clientX);
    if (pointers.current.size > 1) {
      dragged.current = null;
      return;
    }
    const isOther = event.target instanceof Element && event.target.closest('[data-handle="other"]') !== null;
    isOtherDragged.current = isOther;
    dragged.current = isOther && other ? other : main;
    // A click goes there at once; only what follows is dragging.
    if (!isOther) drag(event.clientX);
  };
  const isOtherDragged = useRef(false);
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType === 'mouse') setHover(event.clientX);
      return;
    }
    if (pointers.current.size === 2) {
      const rest = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1] ?? before;
      const [was, is] = [Math.abs(before - rest), Math.abs(event.clientX - rest)];
      if (was > 4 && is > 4) onView(zoomed(view, was / is, placeAt((event.clientX + rest) / 2), axis.length));
    } else if (dragged.current) {
      dragged.current = isOtherDragged.current && other ? other : main;
      isDragged.current = true;
      drag(event.clientX);
    }
    pointers.current.set(event.pointerId, event.clientX);
  };
  const onPointerEnd = (event: PointerEvent<HTMLDivElement>) => {
    pointers.current.delete(event.pointerId);
    if (pointers.current.size > 0) return;
    dragged.current = null;
    isDragged.current = false;
  };

  const slider = (handle: Handle, label: string, name: 'main' | 'other') => {
    const left = percent(handle.seq);
    return (
      // A range input has no handles of its own beside each other, and no zoom.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      <div
        ref={name === 'main' ? sliderRef : undefined}
        role="slider"
        tabIndex={0}
        data-handle={name}
        className={classNames(
          styles['handle'],
          name === 'other' && styles['other'],
          (left < -0.5 || left > 100.5) && styles['away'],
        )}
        style={{ left: `${Math.max(0, Math.min(100, left))}%` }}
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={lastSeq}
        aria-valuenow={handle.seq}
        aria-valuetext={handle.text}
      />
    );
  };
  return (
    <div
      ref={track}
      className={styles['track']}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
      onPointerLeave={() => setHover(null)}
    >
      <canvas ref={canvas} className={styles['strip']} aria-hidden />
      {other && <Between from={percent(main.seq)} to={percent(other.seq)} />}
      {slider(main, 'Moment', 'main')}
      {other && slider(other, 'Compared with', 'other')}
      {hover !== null && <HoverTip clientX={hover} tip={tipOf(hover)} />}
    </div>
  );
}

/** Follows the mouse; what it says is also said by the slider, so screen readers are not told twice. */
function HoverTip({ clientX, tip }: { readonly clientX: number; readonly tip: Tip }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    const track = element?.parentElement?.getBoundingClientRect();
    if (!element || !track) return;
    const half = element.offsetWidth / 2;
    const x = Math.max(half - 4, Math.min(track.width - half + 4, clientX - track.left));
    element.style.translate = `calc(${x}px - 50%) 0`;
  });
  return (
    <div ref={box} className={styles['tip']} aria-hidden>
      <span>{tip.head}</span>
      {tip.lines.map((line) => (
        <strong key={line}>{line}</strong>
      ))}
    </div>
  );
}

/** What lies between the two moments that are compared. */
function Between({ from, to }: { readonly from: number; readonly to: number }) {
  const left = Math.max(0, Math.min(from, to));
  const right = Math.min(100, Math.max(from, to));
  return (
    <div className={styles['between']} style={{ left: `${left}%`, width: `${Math.max(0, right - left)}%` }} />
  );
}
