/**
 * Brings what a step did into view: who walks to the next error sees it, who plays sees what is written. Scrolls only
 * when it is not to be seen, never while the handle is dragged (then when it rests), and not against the reader's own
 * hand. When the history is opened it stands where the notebook stood.
 */
import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { changePlace } from './change-place.ts';
import type { Moment } from './past-reader.ts';

/** The handle rests when it has not moved for this long. */
const restMs = 200;
/** Whoever scrolls while it plays is left alone for so long. */
const ownHandMs = 4_000;
/** Cells that come near are drawn anew, and what was in view may move: it is looked after for so long. */
const settlingMs = 1_200;

interface Following {
  readonly scroller: RefObject<HTMLElement | null>;
  /** What is on the screen; null while it is another one than was asked for, or not the document. */
  readonly shown: Moment | null;
  readonly isPlaying: boolean;
  /** The newest state, seen because nothing else was asked for. */
  readonly isResting: boolean;
  readonly isDragged: RefObject<boolean>;
}

export function useChangeInView({ scroller, shown, isPlaying, isResting, isDragged }: Following): void {
  const touchedAt = useRef(Number.NEGATIVE_INFINITY);
  const isOpened = useRef(false);
  /** Does it until all is settled, or the reader scrolls. Returns how to stop. */
  const keep = useEffectEvent((look: (scroller: HTMLElement) => void, wait: number) => {
    let begin = Number.POSITIVE_INFINITY;
    let request = 0;
    const again = () => {
      const now = performance.now();
      begin = Math.min(begin, now);
      if (now - begin > settlingMs || touchedAt.current > begin) return;
      if (scroller.current) look(scroller.current);
      request = requestAnimationFrame(again);
    };
    const timer = setTimeout(again, wait);
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(request);
    };
  });
  useEffect(() => {
    const element = scroller.current;
    const note = () => {
      touchedAt.current = performance.now();
    };
    const events = ['wheel', 'touchmove', 'pointerdown'] as const;
    for (const event of events) element?.addEventListener(event, note, { passive: true });
    return () => {
      for (const event of events) element?.removeEventListener(event, note);
    };
  }, [scroller]);
  const isHere = shown !== null;
  useEffect(() => {
    if (!isHere || isOpened.current) return;
    isOpened.current = true;
    const stood = isResting && scroller.current ? placeBehind(scroller.current) : null;
    if (stood) return keep((element) => standWhereItStood(element, stood), 0);
  }, [scroller, isHere, isResting]);
  /** How long to wait before one looks where the step was; null: not at all. */
  const patience = useEffectEvent((): number | null => {
    if (isResting || !shown?.step) return null;
    if (isPlaying && performance.now() - touchedAt.current < ownHandMs) return null;
    return isDragged.current ? restMs : 0;
  });
  const look = useEffectEvent((element: HTMLElement): void => {
    const place = shown?.step ? changePlace(shown.step, shown.past) : null;
    const target = place && targetOf(element, place);
    if (target) bringIntoView(element, target);
  });
  const seq = shown?.past.seq ?? null;
  useEffect(() => {
    const wait = seq === null ? null : patience();
    if (wait !== null) return keep(look, wait);
  }, [seq]);
}

interface Extent {
  readonly top: number;
  readonly bottom: number;
}

function targetOf(scroller: HTMLElement, place: NonNullable<ReturnType<typeof changePlace>>): Extent | null {
  const cell = scroller.querySelector(`[data-past-cell="${CSS.escape(place.cell)}"]`);
  if (!cell) return null;
  const box = cell.getBoundingClientRect();
  if (place.at === 'result') {
    const result = cell.querySelector('[data-part="result"]')?.getBoundingClientRect() ?? box;
    return { top: result.top, bottom: Math.min(result.bottom, result.top + 160) };
  }
  // The text of a text document is its only cell.
  const text = cell.querySelector('[data-part="source"]')?.getBoundingClientRect() ?? box;
  const line = text.top + place.at * text.height;
  return { top: Math.max(box.top, line - 24), bottom: line + 24 };
}

function bringIntoView(scroller: HTMLElement, target: Extent): void {
  const { top, bottom } = scroller.getBoundingClientRect();
  if (target.top >= top && target.bottom <= bottom) return;
  const middle = (target.top + target.bottom) / 2;
  scroller.scrollTop += middle - (top + (bottom - top) * 0.4);
}

interface Stood {
  readonly cell: string;
  /** How far its upper edge is from that of what is seen. */
  readonly by: number;
}

const leastSeen = 24;

/** The cell at the top of the notebook behind; null: it stands at its beginning. */
function placeBehind(scroller: HTMLElement): Stood | null {
  const { top } = scroller.getBoundingClientRect();
  for (const live of document.querySelectorAll<HTMLElement>('[data-cell]')) {
    const box = live.getBoundingClientRect();
    // Its last line, half seen, is not what is read.
    if (box.bottom <= top + leastSeen || box.height === 0) continue;
    const cell = live.dataset['cell'];
    return cell === undefined || window.scrollY === 0 ? null : { cell, by: box.top - top };
  }
  return null;
}

function standWhereItStood(scroller: HTMLElement, { cell, by }: Stood): void {
  const past = scroller.querySelector(`[data-past-cell="${CSS.escape(cell)}"]`);
  if (!past) return;
  const off = past.getBoundingClientRect().top - scroller.getBoundingClientRect().top - by;
  if (Math.abs(off) > 1) scroller.scrollTop += off;
}
