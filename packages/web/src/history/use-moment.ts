import { useEffect, useMemo, useState } from 'react';
import type { Moment, PastReader } from './past-reader.ts';

/** The moment at `seq`; while its chunk is on its way, the one shown before stays. Null asks for nothing. */
export function useMoment(
  reader: PastReader,
  seq: number | null,
  lastSeq: number,
): { readonly shown: Moment | null; readonly error: string | null } {
  const [last, setLast] = useState<Moment | null>(null);
  const [failure, setFailure] = useState<{ readonly seq: number; readonly why: string } | null>(null);
  const [arrivals, setArrivals] = useState(0);
  // `arrivals` counts chunks that came: the reader may know now what it did not.
  // oxlint-disable-next-line react/exhaustive-deps
  const here = useMemo(() => (seq ? reader.now(seq) : null), [reader, seq, arrivals]);
  if (here && here !== last) setLast(here);
  const isHere = here !== null;
  useEffect(() => {
    if (!seq) return;
    let isLate = false;
    reader.at(seq).then(
      () => {
        reader.prefetchAround(seq, lastSeq);
        if (!isLate && !isHere) setArrivals((count) => count + 1);
      },
      (cause: unknown) =>
        !isLate && setFailure({ seq, why: cause instanceof Error ? cause.message : String(cause) }),
    );
    return () => {
      isLate = true;
    };
  }, [reader, seq, lastSeq, isHere]);
  return { shown: seq ? (here ?? last) : null, error: here || failure?.seq !== seq ? null : failure.why };
}
