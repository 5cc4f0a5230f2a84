/**
 * Where a moment stands on the timeline: time runs evenly while people work, and idle time is folded to a short break.
 * Positions (`place`) are folded milliseconds from the first step; they grow with the step numbers, also where a clock
 * went back. Pure.
 */
import type { MomentRow } from './timeline-words.ts';

/** Idle time longer than this is folded… */
const longestIdleMs = 120_000;
/** …to a break of at least this width: wide enough to be seen, all together no more than a quarter of the work. */
const leastBreakMs = 20_000;
/** Estimate of what one step takes, where a burst stands alone after a break. */
const stepMs = 400;

export interface AxisBreak {
  /** The middle of the break. */
  readonly place: number;
  readonly idleMs: number;
  /** Time (ms) at which work went on. */
  readonly until: number;
}

/** What a burst takes up. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Times (ms) of both ends. */
  readonly from: number;
  readonly to: number;
  readonly row: MomentRow;
  /** How many steps there are up to its end. */
  readonly steps: number;
}

export class TimeAxis {
  readonly stretches: readonly Stretch[];
  readonly breaks: readonly AxisBreak[];
  readonly breakWidth: number;
  /** Numbers of the steps, in order; null: 1, 2, 3 … */
  readonly #seqs: readonly number[] | null;

  constructor(moments: readonly MomentRow[], firstAt: number, seqs: readonly number[] | null = null) {
    this.#seqs = seqs;
    const stretches: Stretch[] = [];
    const breaks: AxisBreak[] = [];
    const breakMs = breakWidthOf(moments, firstAt);
    this.breakWidth = breakMs;
    let place = 0;
    let time = Math.min(firstAt, moments[0]?.[1] ?? firstAt);
    for (const row of moments) {
      const to = Math.max(time, row[1]);
      const gap = to - time;
      const own = stretches.length === 0 ? gap : Math.min(gap, row[3] * stepMs);
      const idle = gap - own;
      const steps = this.#countUpTo(row[0]);
      if (idle > longestIdleMs) {
        breaks.push({ place: place + breakMs / 2, idleMs: idle, until: to - own });
        place += breakMs;
        stretches.push({ start: place, end: place + own, from: to - own, to, row, steps });
        place += own;
      } else {
        // A short pause is part of the axis as it is.
        const start = place + idle;
        stretches.push({ start, end: place + gap, from: to - own, to, row, steps });
        place += gap;
      }
      time = to;
    }
    this.stretches = stretches;
    this.breaks = breaks;
  }

  /** Width of all; at least a second, so that there is something to stand on. */
  get length(): number {
    return Math.max(1_000, this.stretches.at(-1)?.end ?? 0);
  }

  placeOfSeq(seq: number): number {
    const index = this.#indexOf((stretch) => stretch.row[0] >= seq);
    const stretch = this.stretches[index];
    if (!stretch) return 0;
    const before = this.stretches[index - 1]?.steps ?? 0;
    const share = (this.#countUpTo(seq) - before) / Math.max(1, stretch.steps - before);
    return stretch.start + Math.max(0, Math.min(1, share)) * (stretch.end - stretch.start);
  }

  seqAt(place: number): number {
    const index = this.#indexOf((stretch) => stretch.end >= place);
    const stretch = this.stretches[index];
    if (!stretch) return 0;
    const before = this.stretches[index - 1]?.steps ?? 0;
    const count = stretch.steps - before;
    const previousEnd = this.stretches[index - 1]?.end ?? 0;
    if (place < stretch.start) {
      // In a pause: whichever end is nearer.
      return this.#seqOf(before > 0 && place - previousEnd < stretch.start - place ? before : before + 1);
    }
    const share = (place - stretch.start) / Math.max(1, stretch.end - stretch.start);
    return this.#seqOf(before + Math.max(1, Math.min(count, Math.round(share * count))));
  }

  /** The time (ms) that a place stands for. */
  timeAt(place: number): number {
    const index = this.#indexOf(({ end }) => end >= place);
    const stretch = this.stretches[index];
    if (!stretch) return 0;
    const before = this.stretches[index - 1];
    const isPause = before !== undefined && stretch.from - before.to <= longestIdleMs;
    // A pause is not folded: time goes on in it. In a folded one it is already when work went on.
    if (isPause && place < stretch.start) return Math.min(stretch.from, before.to + place - before.end);
    const share = (place - stretch.start) / Math.max(1, stretch.end - stretch.start);
    return stretch.from + Math.max(0, Math.min(1, share)) * (stretch.to - stretch.from);
  }

  /** The step that was the last one at that time. */
  seqAtTime(at: number): number {
    const index = this.#indexOf((stretch) => stretch.to >= at);
    const stretch = this.stretches[index];
    if (!stretch) return 0;
    const before = this.stretches[index - 1]?.steps ?? 0;
    if (at > stretch.to) return stretch.row[0];
    if (at < stretch.from) return this.#seqOf(Math.max(1, before));
    const share = (at - stretch.from) / Math.max(1, stretch.to - stretch.from);
    return this.#seqOf(before + Math.max(1, Math.round(share * (stretch.steps - before))));
  }

  /** How many steps of this axis have a number up to `seq`. */
  #countUpTo(seq: number): number {
    if (!this.#seqs) return seq;
    let low = 0;
    let high = this.#seqs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#seqs[middle] ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #seqOf(count: number): number {
    return this.#seqs ? (this.#seqs[count - 1] ?? 0) : count;
  }

  /** The first stretch for which `is` holds (it holds for all after it), or the last one. */
  #indexOf(is: (stretch: Stretch) => boolean): number {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const stretch = this.stretches[middle];
      if (stretch && is(stretch)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function breakWidthOf(moments: readonly MomentRow[], firstAt: number): number {
  let [work, breaks, time] = [0, 0, Math.min(firstAt, moments[0]?.[1] ?? firstAt)];
  moments.forEach((row, i) => {
    const gap = Math.max(0, row[1] - time);
    const own = i === 0 ? gap : Math.min(gap, row[3] * stepMs);
    if (gap - own > longestIdleMs) breaks += 1;
    work += gap - own > longestIdleMs ? own : gap;
    time = Math.max(time, row[1]);
  });
  return Math.max(leastBreakMs, Math.min(work * 0.012, (work * 0.25) / Math.max(1, breaks)));
}

/** The part of the axis that is on the screen. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Least that the view shows: a few seconds. */
export const closestMs = 4_000;

/** `factor` under 1: closer. `around` stays where it is on the screen. */
export function zoomed(view: View, factor: number, around: number, length: number): View {
  const width = Math.min(length, Math.max(Math.min(closestMs, length), (view.to - view.from) * factor));
  const share = (around - view.from) / Math.max(1, view.to - view.from);
  return moved({ from: around - share * width, to: around + (1 - share) * width }, 0, length);
}

export function moved(view: View, by: number, length: number): View {
  const width = Math.min(length, view.to - view.from);
  const from = Math.max(0, Math.min(length - width, view.from + by));
  return { from, to: from + width };
}

/** The same width, moved only as far as `place` needs to be in view. */
export function withInView(view: View, place: number, length: number): View {
  const margin = (view.to - view.from) * 0.06;
  if (place < view.from) return moved(view, place - view.from - margin, length);
  if (place > view.to) return moved(view, place - view.to + margin, length);
  return view;
}
