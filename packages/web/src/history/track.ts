/**
 * What the slider runs over: the whole history, or only the steps of one piece of work. The panel asks it where a step
 * is and which one follows. Pure.
 */
import type { Step } from '@cahier/core/history/step.ts';
import { momentsOf } from '@cahier/core/history/timeline.ts';
import type { AuthorOnWire, Timeline } from '@cahier/protocol/http/history.ts';
import { type FlaggedStep, flaggedSteps } from './past-reader.ts';
import { TimeAxis } from './time-axis.ts';
import type { MomentRow } from './timeline-words.ts';

export interface Track {
  readonly moments: readonly MomentRow[];
  readonly authors: readonly AuthorOnWire[];
  readonly axis: TimeAxis;
  readonly first: number;
  readonly last: number;
  /** How many steps there are, and which of them this is (from 1). */
  readonly count: number;
  readonly ordinal: (seq: number) => number;
  /** The step of the track at this number or before it; the first one when there is none. */
  readonly snap: (seq: number) => number;
  readonly step: (seq: number, by: 1 | -1) => number | null;
  /** Of the steps that the track has itself; null: ask the reader. */
  readonly timeOf: ((seq: number) => number | null) | null;
  /** Likewise: its steps with marks after `from`, up to `to`. */
  readonly flagged: ((from: number, to: number) => readonly FlaggedStep[]) | null;
}

export function wholeTrack({ moments, authors, firstAt, lastSeq }: Timeline): Track {
  return {
    moments,
    authors,
    axis: new TimeAxis(moments, firstAt),
    first: Math.min(1, lastSeq),
    last: lastSeq,
    count: lastSeq,
    ordinal: (seq) => seq,
    snap: (seq) => Math.max(Math.min(1, lastSeq), Math.min(lastSeq, seq)),
    step: (seq, by) => (seq + by < 1 || seq + by > lastSeq ? null : seq + by),
    timeOf: null,
    flagged: null,
  };
}

export function storyTrack(steps: readonly Step[], authors: readonly AuthorOnWire[]): Track {
  const moments = momentsOf(steps);
  const marked = flaggedSteps(steps);
  const seqs = steps.map(({ seq }) => seq);
  const indexOf = (seq: number) => {
    let low = 0;
    let high = seqs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((seqs[middle] ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  };
  return {
    moments,
    authors,
    axis: new TimeAxis(moments, steps[0]?.at ?? 0, seqs),
    first: seqs[0] ?? 0,
    last: seqs.at(-1) ?? 0,
    count: seqs.length,
    ordinal: (seq) => indexOf(seq) + 1,
    snap: (seq) => seqs[indexOf(seq)] ?? 0,
    step: (seq, by) => seqs[indexOf(seq) + by] ?? null,
    timeOf: (seq) => steps[indexOf(seq)]?.at ?? null,
    flagged: (from, to) => marked.filter(({ seq }) => seq > from && seq <= to),
  };
}
