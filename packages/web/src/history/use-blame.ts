/** Blame at a moment, and the links between cells: built from all steps, in slices, so that nothing stands still. */
import { Blame, type CellLink } from '@cahier/core/history/blame.ts';
import { useEffect, useRef, useState } from 'react';
import type { StepArchive } from './step-archive.ts';

/** Steps applied before the page may breathe. */
const slice = 4_000;

interface Built {
  readonly blame: Blame;
  count: number;
}

/** Goes on from `built` where it can. `isWanted` false ends it early. */
async function advance(
  archive: StepArchive,
  built: Built,
  seq: number,
  isWanted: () => boolean,
): Promise<void> {
  const { steps } = archive;
  for (let sliceEnd = built.count + slice; ; built.count++) {
    const step = steps[built.count];
    if (!step || step.seq > seq || !isWanted()) return;
    built.blame.apply(step);
    if (built.count >= sliceEnd) {
      sliceEnd += slice;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
}

export async function allLinks(archive: StepArchive): Promise<readonly CellLink[]> {
  const built: Built = { blame: new Blame(archive.base), count: 0 };
  await advance(archive, built, Number.POSITIVE_INFINITY, () => true);
  return built.blame.links;
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
  const built = useRef<{ readonly of: StepArchive; readonly it: Built } | null>(null);
  const [blamed, setBlamed] = useState<BlameShown | null>(null);
  const [progress, setProgress] = useState(0);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (seq === null) return;
    let isWanted = true;
    const build = async () => {
      setError(null);
      await archive.load(seq, (share) => isWanted && setProgress(share));
      if (!isWanted) return;
      if (built.current?.of !== archive || built.current.it.blame.seq > seq) {
        built.current = { of: archive, it: { blame: new Blame(archive.base), count: 0 } };
      }
      const { it } = built.current;
      await advance(archive, it, seq, () => isWanted);
      if (isWanted) setBlamed({ blame: it.blame, seq });
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
