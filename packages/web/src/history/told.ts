/** What the head of the history says of a moment: when, who, which step, and what stands out. Pure. */
import { flagsOf } from '@cahier/core/history/timeline.ts';
import type { AuthorOnWire } from '@cahier/protocol/http/history.ts';
import type { Moment } from './past-reader.ts';
import { marksOf, momentAt, momentTime } from './timeline-words.ts';
import type { Track } from './track.ts';

export interface Told {
  /** Server time (ms); null: not known yet. */
  readonly at: number | null;
  readonly author: AuthorOnWire | null;
  readonly time: string;
  readonly place: string;
  readonly about: string;
}

const number = new Intl.NumberFormat('en');

interface Given {
  readonly track: Track;
  readonly seq: number;
  /** Null: the moment is on its way; its burst tells what is known of it. */
  readonly shown: Moment | null;
  /** What a paste brought, in words. */
  readonly paste: string | null;
  readonly name: string | null;
  readonly lastSeq: number;
  readonly now: number;
}

export function told({ track, seq, shown, paste, name, lastSeq, now }: Given): Told {
  const burst = track.moments[momentAt(track.moments, seq)];
  const at = (shown ? shown.step?.at : burst?.[1]) ?? null;
  const place = `step ${number.format(track.ordinal(seq))} of ${number.format(track.count)}`;
  const flags = shown?.step ? flagsOf(shown.step) : (burst?.[4] ?? 0);
  const marks = marksOf(flags).map((mark) => (mark === 'pasted' && paste !== null ? paste : mark));
  const parts = [name === null ? '' : `“${name}”`, place, seq === lastSeq ? 'now' : '', ...marks];
  return {
    at,
    author: shown?.author ?? track.authors[burst?.[2] ?? -1] ?? null,
    time: at === null ? '\u00a0' : momentTime(at, now),
    place,
    about: parts.filter((part) => part !== '').join(' · '),
  };
}
