/** Draws the part of the timeline that is in view: how much was done when and by whom, marks, breaks, times. */
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import type { FlaggedStep } from './past-reader.ts';
import type { TimeAxis, View } from './time-axis.ts';
import { marksFor, pinMarks, timelineMarks } from './timeline-marks.ts';
import type { Pin } from './use-versions.ts';

export interface Drawing {
  readonly axis: TimeAxis;
  readonly view: View;
  readonly authors: readonly AuthorOnWire[];
  /** Only this author in full strength; null: all. */
  readonly highlighted: number | null;
  /** Steps with marks after `from`, up to `to`; null: only the burst is known. */
  readonly flagged: (from: number, to: number) => readonly FlaggedStep[] | null;
  /** Named moments and commits. */
  readonly pins: readonly Pin[];
}

/** Names stand above the bars. */
export const pinsHeight = 13;
export const barsHeight = 40;
const marksHeight = 12;
const labelsHeight = 15;
export const stripHeight = pinsHeight + barsHeight + marksHeight + labelsHeight;
/** Width of a bar with the space behind it. */
const bucket = 3;
const breakWidth = 14;

export function drawTimeline(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const ratio = devicePixelRatio || 1;
  const { width, height } = canvas.getBoundingClientRect();
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context || width < 1) return;
  context.scale(ratio, ratio);
  const colorOf = colorsOf(canvas);
  const scale = width / (drawing.view.to - drawing.view.from);
  const xOf = (place: number) => (place - drawing.view.from) * scale;
  drawPins(context, drawing, width, xOf, colorOf);
  context.translate(0, pinsHeight);
  context.fillStyle = colorOf('--border');
  context.fillRect(0, barsHeight - 1, width, 1);
  drawBreaks(context, drawing, xOf, scale, colorOf);
  drawBars(context, drawing, width, xOf);
  drawMarks(context, drawing, width, xOf, colorOf);
  drawTimes(context, drawing, width, scale, colorOf);
}

function drawBars(
  context: CanvasRenderingContext2D,
  { axis, view, authors, highlighted }: Drawing,
  width: number,
  xOf: (place: number) => number,
): void {
  const buckets: Map<number, number>[] = Array.from(
    { length: Math.ceil(width / bucket) + 1 },
    () => new Map(),
  );
  const add = (x: number, author: number, count: number) => {
    const counts = buckets[Math.floor(x / bucket)];
    counts?.set(author, (counts.get(author) ?? 0) + count);
  };
  for (const { start, end, row } of axis.stretches) {
    if (end < view.from || start > view.to) continue;
    const [, , author, steps] = row;
    const [from, to] = [xOf(start), xOf(end)];
    const each = (to - from) / steps;
    if (each > bucket) for (let i = 1; i <= steps; i++) add(from + i * each - 0.01, author, 1);
    else {
      const cells = Math.max(1, Math.round((to - from) / bucket));
      for (let i = 0; i < cells; i++) add(from + ((i + 0.5) / cells) * (to - from), author, steps / cells);
    }
  }
  const sums = buckets.map((counts) => [...counts.values()].reduce((sum, count) => sum + count, 0));
  // A single keystroke is no peak.
  const most = Math.sqrt(Math.max(5, ...sums));
  buckets.forEach((counts, i) => {
    const sum = sums[i] ?? 0;
    if (sum === 0) return;
    const full = Math.max(4, (Math.sqrt(sum) / most) * (barsHeight - 6));
    let bottom = barsHeight - 1;
    for (const [author, count] of [...counts].sort(([a], [b]) => a - b)) {
      const part = (full * count) / sum;
      context.globalAlpha = highlighted === null || highlighted === author ? 1 : 0.18;
      context.fillStyle = authors[author]?.color ?? '#6b7280';
      context.fillRect(i * bucket, bottom - part, bucket - 1, part);
      bottom -= part;
    }
  });
  context.globalAlpha = 1;
}

function drawBreaks(
  context: CanvasRenderingContext2D,
  { axis, view }: Drawing,
  xOf: (place: number) => number,
  scale: number,
  colorOf: (variable: string) => string,
): void {
  context.strokeStyle = colorOf('--border-strong');
  context.lineWidth = 1;
  // Narrower breaks would be a hatching and say nothing.
  if (axis.breakWidth * scale < 3) return;
  for (const { place } of axis.breaks) {
    if (place < view.from || place > view.to) continue;
    const x = xOf(place);
    const half = Math.min(breakWidth, axis.breakWidth * scale) / 4;
    context.beginPath();
    for (const side of [-half / 2, half / 2]) {
      context.moveTo(x + side + 2, barsHeight - 9);
      context.lineTo(x + side - 2, barsHeight + 3);
    }
    context.stroke();
  }
}

function drawMarks(
  context: CanvasRenderingContext2D,
  { axis, view, highlighted, flagged }: Drawing,
  width: number,
  xOf: (place: number) => number,
  colorOf: (variable: string) => string,
): void {
  // One of a kind per place of 9 px; what tells more lies on top.
  const taken = new Map<number, number>();
  const order = new Map(timelineMarks.map((mark, i) => [mark.id, i]));
  const drawn: { x: number; mark: (typeof timelineMarks)[number] }[] = [];
  const put = (place: number, flags: number) => {
    const mark = marksFor(flags)[0];
    if (!mark) return;
    const slot = Math.floor(xOf(place) / 9);
    const before = taken.get(slot);
    const rank = order.get(mark.id) ?? 0;
    if (before !== undefined && before <= rank) return;
    taken.set(slot, rank);
    drawn.push({ x: Math.max(0, Math.min(width - 8, xOf(place) - 4)), mark });
  };
  let before = 0;
  for (const { start, end, row } of axis.stretches) {
    const from = before;
    before = row[0];
    if (row[4] === 0 || end < view.from || start > view.to) continue;
    if (highlighted !== null && row[2] !== highlighted) continue;
    const steps = xOf(end) - xOf(start) > 9 ? flagged(from, row[0]) : null;
    if (steps) for (const { seq, flags } of steps) put(axis.placeOfSeq(seq), flags);
    else put(end, row[4]);
  }
  for (const { x, mark } of drawn.toSorted(
    (a, b) => timelineMarks.indexOf(b.mark) - timelineMarks.indexOf(a.mark),
  )) {
    context.save();
    context.translate(x, barsHeight + 3);
    context.fillStyle = colorOf(mark.color);
    context.fill(new Path2D(mark.path));
    context.restore();
  }
}

/** A line over the whole height with a sign on top, and the name beside it where there is room. */
function drawPins(
  context: CanvasRenderingContext2D,
  { pins, axis, view }: Drawing,
  width: number,
  xOf: (place: number) => number,
  colorOf: (variable: string) => string,
): void {
  context.font = `600 11px ${getComputedStyle(document.documentElement).getPropertyValue('--font-text')}`;
  context.textBaseline = 'middle';
  const inView = pins
    .map((pin) => ({ pin, place: axis.placeOfSeq(pin.seq) }))
    .filter(({ place }) => place >= view.from && place <= view.to)
    .map(({ pin, place }) => ({ pin, x: Math.max(5, Math.min(width - 5, xOf(place))) }))
    .sort((a, b) => a.x - b.x);
  inView.forEach(({ pin, x }, i) => {
    const mark = pinMarks[pin.kind];
    const color = colorOf(mark.color);
    context.fillStyle = color;
    context.globalAlpha = 0.45;
    context.fillRect(x - 0.5, 8, 1, pinsHeight + barsHeight - 9);
    context.globalAlpha = 1;
    context.save();
    context.translate(x - (pin.kind === 'named' ? 1.5 : 4), 1);
    context.fill(new Path2D(mark.path));
    context.restore();
    const free = (inView[i + 1]?.x ?? width) - x - 16;
    const name = fitting(context, pin.label, Math.min(140, free));
    if (name === '') return;
    context.fillText(name, x + 9, 5.5);
  });
}

/** As much of the text as there is room for; nothing when that would be a stump. */
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let end = Math.min(text.length, Math.floor(room / 5));
  while (end > 3 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return end > 3 ? `${text.slice(0, end).trimEnd()}…` : '';
}

const yearMs = 365 * 86_400_000;

function timeLabel(
  at: number,
  isLong: boolean,
  width: number,
): { readonly day: string; readonly time: string } {
  const date = new Date(at);
  return {
    day: date.toLocaleDateString('en', {
      day: 'numeric',
      month: 'short',
      ...(isLong ? { year: 'numeric' } : {}),
    }),
    time: date.toLocaleTimeString('en', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(width < 600_000 ? { second: '2-digit' } : {}),
    }),
  };
}

function drawTimes(
  context: CanvasRenderingContext2D,
  { axis, view }: Drawing,
  width: number,
  scale: number,
  colorOf: (variable: string) => string,
): void {
  context.fillStyle = colorOf('--text-faint');
  context.font = `11px ${getComputedStyle(document.documentElement).getPropertyValue('--font-text')}`;
  context.textBaseline = 'alphabetic';
  const count = Math.max(2, Math.floor(width / 130));
  // Over more than a year nobody asks for the hour, but for the year.
  const isLong = axis.timeAt(view.to) - axis.timeAt(view.from) > yearMs;
  let lastDay = '';
  let lastLabel = '';
  let free = -1;
  for (let i = 0; i < count; i++) {
    const x = (i * width) / count;
    if (x < free) continue;
    const { day, time } = timeLabel(axis.timeAt(view.from + x / scale), isLong, view.to - view.from);
    const label = isLong ? day : day === lastDay ? time : `${day}, ${time}`;
    if (label === lastLabel) continue;
    [lastDay, lastLabel] = [day, label];
    context.fillText(label, x, stripHeight - pinsHeight - 2);
    free = x + context.measureText(label).width + 12;
  }
}

/** What the theme's variables are just now. */
function colorsOf(canvas: HTMLCanvasElement): (variable: string) => string {
  const known = new Map<string, string>();
  return (variable) => {
    const color = known.get(variable);
    if (color !== undefined) return color;
    const probe = document.createElement('span');
    probe.style.color = `var(${variable})`;
    canvas.after(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    known.set(variable, value);
    return value;
  };
}
