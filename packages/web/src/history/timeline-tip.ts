/** What the timeline says under the pointer: when, who, and what stands out nearby. Pure. */
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import type { FlaggedStep } from './past-reader.ts';
import type { TimeAxis } from './time-axis.ts';
import { marksOf, momentAt, momentTime } from './timeline-words.ts';
import type { Pin } from './use-versions.ts';

export interface TipSource {
  readonly axis: TimeAxis;
  readonly authors: readonly AuthorOnWire[];
  readonly pins: readonly Pin[];
  readonly flagged: (from: number, to: number) => readonly FlaggedStep[] | null;
  /** What a paste brought, in words; null when it is not known here. */
  readonly pasteAt: (seq: number) => string | null;
  readonly now: number;
}

export interface Tip {
  readonly head: string;
  readonly lines: readonly string[];
}

const mostLines = 4;

/** `reach`: how far around the place counts as there, in folded milliseconds. */
export function tipAt(
  { axis, authors, pins, flagged, pasteAt, now }: TipSource,
  place: number,
  reach: number,
): Tip {
  const gap = axis.breaks.find((gap) => Math.abs(gap.place - place) <= Math.max(reach, axis.breakWidth / 2));
  const pinned = pins.filter(({ seq }) => Math.abs(axis.placeOfSeq(seq) - place) <= reach);
  const seq = axis.seqAt(place);
  const rows = axis.stretches.map(({ row }) => row);
  const index = momentAt(rows, seq);
  const row = rows[index];
  const before = rows[index - 1]?.[0] ?? 0;
  const near = (row && row[4] !== 0 ? flagged(before, row[0]) : null)?.filter(
    (step) => Math.abs(axis.placeOfSeq(step.seq) - place) <= reach,
  );
  const marked = near
    ? near.flatMap((step) => {
        const paste = pasteAt(step.seq);
        return marksOf(step.flags).map((word) => (word === 'pasted' && paste !== null ? paste : word));
      })
    : row && Math.abs(axis.placeOfSeq(row[0]) - place) <= reach
      ? marksOf(row[4])
      : [];
  const lines = [...pinned.map(({ words }) => words), ...new Set(marked)];
  if (gap && lines.length === 0)
    return { head: `Nobody worked here for ${spanWords(gap.idleMs)}`, lines: [] };
  const author = row ? authors[row[2]]?.name : undefined;
  const head = [momentTime(axis.timeAt(place), now), ...(author === undefined ? [] : [author])].join(' · ');
  const more = lines.length - mostLines;
  return { head, lines: more > 0 ? [...lines.slice(0, mostLines), `and ${more} more`] : lines };
}

/** “3 days”, “5 hours”, “12 minutes”. */
export function spanWords(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const [count, word] =
    minutes < 90
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1_440), 'day'];
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
