/** Blame at a moment, and the links between cells: built from all steps, in slices, so that nothing stands still. */
import { Blame, type CellLink } from '@cahier/core/history/blame.ts';
import { emptyPast } from '@cahier/core/history/step.ts';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { nextTask, type StepArchive } from './step-archive.ts';

/** Fetching takes about as long as working through it: each is half of the progress. */
export const fetchedShare = 0.5;

/** Progress that is worth a new picture of the page. */
const leastTold = 0.05;

/** Goes on from where `blame` is; tells how far it is (0 to 1). `isWanted` false ends it early. */
async function advance(
  archive: StepArchive,
  blame: Blame,
  seq: number,
  isWanted: () => boolean,
  onShare: (share: number) => void,
): Promise<void> {
  const start = blame.seq;
  let told = 0;
  const end = Math.min(seq, archive.lastSeq);
  for (const steps of archive.after(start)) {
    for (const step of steps) {
      if (step.seq > seq) return;
      // Another may have gone on with it meanwhile.
      if (step.seq > blame.seq) blame.apply(step);
    }
    const share = (blame.seq - start) / Math.max(1, end - start);
    if (share - told >= leastTold) {
      onShare(share);
      told = share;
    }
    await nextTask();
    if (!isWanted()) return;
  }
}

/** Steps that are worked through at once. */
const fewSteps = 1_500;

/** Blame at `seq` where that is a matter of a few steps that are here; null otherwise. */
export function builtNear(archive: StepArchive, known: Blame | null, seq: number): Blame | null {
  if (archive.lastSeq < seq) return null;
  const blame = known && known.seq <= seq ? known : new Blame(emptyPast);
  if (seq - blame.seq >= fewSteps) return null;
  for (const steps of archive.after(blame.seq)) {
    for (const step of steps) {
      if (step.seq > seq) return blame;
      blame.apply(step);
    }
  }
  return blame;
}

export async function allLinks(
  archive: StepArchive,
  onShare: (share: number) => void,
): Promise<readonly CellLink[]> {
  const blame = new Blame(emptyPast);
  await advance(archive, blame, Number.POSITIVE_INFINITY, () => true, onShare);
  return blame.links;
}

export interface BlameShown {
  /** Look at it only while `blame.seq` is the moment that is shown. */
  readonly blame: Blame;
  readonly seq: number;
}

/** Null: off, or on its way (`progress` 0 to 1). */
export function useBlame(
  archive: StepArchive,
  seq: number | null,
): { readonly blamed: BlameShown | null; readonly progress: number; readonly error: string | null } {
  const built = useRef<{ readonly of: StepArchive; readonly it: Blame } | null>(null);
  const [blamed, setBlamed] = useState<BlameShown | null>(null);
  const [progress, setProgress] = useState(0);
  const [error, setError] = useState<string | null>(null);
  // Before the page is painted: a step further shows no moment without its authors.
  useLayoutEffect(() => {
    if (seq === null) return;
    const near = builtNear(archive, built.current?.of === archive ? built.current.it : null, seq);
    if (!near) return;
    built.current = { of: archive, it: near };
    setBlamed({ blame: near, seq });
  }, [archive, seq]);
  useEffect(() => {
    if (seq === null) return;
    let isWanted = true;
    const build = async () => {
      setError(null);
      await archive.load(seq, (share) => isWanted && setProgress(share * fetchedShare));
      if (!isWanted) return;
      if (built.current?.of !== archive || built.current.it.seq > seq) {
        built.current = { of: archive, it: new Blame(emptyPast) };
      }
      const { it } = built.current;
      await advance(
        archive,
        it,
        seq,
        () => isWanted,
        (share) => setProgress(fetchedShare + share * (1 - fetchedShare)),
      );
      if (!isWanted) return;
      setProgress(1);
      setBlamed({ blame: it, seq });
    };
    // While the handle is dragged nothing is built for where it only passes.
    const timer = setTimeout(() => {
      build().catch(
        (cause: unknown) => isWanted && setError(cause instanceof Error ? cause.message : String(cause)),
      );
    }, 40);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [archive, seq]);
  return { blamed: seq === null ? null : blamed, progress, error };
}
