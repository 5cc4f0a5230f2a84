/** A comparison: the moment of the main handle on one side; another moment, a commit or a file on the other. */
import type { PastDocument } from '@cahier/core/history/step.ts';
import { useMemo } from 'react';
import type { DocumentSession } from '../rooms/document-session.ts';
import { type ComparedSide, type ComparedWith, contentOfPast } from './compared-side.ts';
import type { Moment } from './past-reader.ts';
import { momentTime } from './timeline-words.ts';
import { useOutside } from './use-outside.ts';

interface Given {
  readonly session: DocumentSession;
  /** Null: nothing is compared. */
  readonly compared: ComparedWith | null;
  readonly main: Moment | null;
  /** The other moment, when it is one. */
  readonly other: Moment | null;
  readonly lastSeq: number;
  readonly now: number;
}

export interface Compared {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  /** The main handle's moment is the earlier side. */
  readonly isMainFirst: boolean;
}

export function useCompared(given: Given): {
  readonly sides: Compared | null;
  readonly error: string | null;
} {
  const { session, compared, main, other, lastSeq, now } = given;
  const { kind } = session;
  const outside = useOutside(session, compared);
  const isOn = compared !== null;
  const mainSide = useMemo(
    () => (isOn && main ? sideOf(main, kind, lastSeq, now) : null),
    [isOn, main, kind, lastSeq, now],
  );
  const isMoment = compared?.what === 'moment';
  const otherSide = useMemo(
    () => (isMoment ? other && sideOf(other, kind, lastSeq, now) : outside.side),
    [isMoment, other, outside.side, kind, lastSeq, now],
  );
  const isMainFirst = main !== null && compared !== null && isEarlier(main, compared, other);
  const sides = useMemo(() => {
    if (!mainSide || !otherSide) return null;
    const [before, after] = isMainFirst ? [mainSide, otherSide] : [otherSide, mainSide];
    return { before, after, isMainFirst };
  }, [mainSide, otherSide, isMainFirst]);
  return { sides, error: isOn ? (outside.error?.message ?? null) : null };
}

function sideOf(
  { past, step }: Moment,
  kind: DocumentSession['kind'],
  lastSeq: number,
  now: number,
): ComparedSide {
  const words = isNow(past, lastSeq) ? 'Now' : step ? momentTime(step.at, now) : 'The beginning';
  return { words, content: contentOfPast(past, kind) };
}

function isNow({ seq }: PastDocument, lastSeq: number): boolean {
  return seq === lastSeq;
}

/** A file of today stands before: what is in the notebook beyond it reads as added. */
function isEarlier(main: Moment, compared: ComparedWith, other: Moment | null): boolean {
  switch (compared.what) {
    case 'moment':
      return other !== null && main.past.seq < other.past.seq;
    case 'commit':
      return main.step !== null && main.step.at < compared.commit.at;
    case 'file':
      return false;
    default:
      return compared satisfies never;
  }
}
