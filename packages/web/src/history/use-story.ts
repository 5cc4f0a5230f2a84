/** Following one piece of work: the steps of a cell with its splits and merges, as a track of its own. */
import type { CellId } from '@cahier/base/ids.ts';
import { type FollowedWork, followLinks } from '@cahier/core/history/follow.ts';
import { useCallback, useState } from 'react';
import { problemToast, toast } from '../ui/toasts.ts';
import type { StepArchive } from './step-archive.ts';
import { storyTrack, type Track } from './track.ts';
import { allLinks } from './use-blame.ts';

export interface Story {
  readonly work: FollowedWork;
  readonly cells: ReadonlySet<CellId>;
  readonly track: Track;
}

export function useStory(archive: StepArchive) {
  const [story, setStory] = useState<Story | null>(null);
  /** Share of the history that was read (0 to 1); null: nothing is being read. */
  const [progress, setProgress] = useState<number | null>(null);
  const follow = useCallback(
    async (cell: CellId, lastSeq: number): Promise<Story | null> => {
      setProgress(0);
      try {
        await archive.load(lastSeq, setProgress);
        const work = followLinks(await allLinks(archive), archive.steps, cell);
        if (work.steps.length === 0) {
          toast('Nothing is recorded of this cell.');
          return null;
        }
        const next = { work, cells: new Set(work.cells), track: storyTrack(work.steps, archive.authors) };
        setStory(next);
        return next;
      } catch (cause) {
        problemToast(cause);
        return null;
      } finally {
        setProgress(null);
      }
    },
    [archive],
  );
  const leave = useCallback(() => setStory(null), []);
  return { story, progress, follow, leave };
}

/** “14 runs, 320 steps in 25 minutes by Ada and Bert; split once”. */
export function storyWords({ work, track }: Story): string {
  const { steps, runs, links, authors } = work;
  const minutes = Math.round(((steps.at(-1)?.at ?? 0) - (steps[0]?.at ?? 0)) / 60_000);
  const span =
    minutes < 1
      ? 'within a minute'
      : minutes < 120
        ? `in ${minutes} min`
        : minutes < 2_880
          ? `over ${Math.round(minutes / 60)} hours`
          : `over ${Math.round(minutes / 1_440)} days`;
  const known = authors.flatMap((author) => track.authors[author] ?? []);
  // The file that it came from is no person.
  const people = known.some(({ person }) => person !== null)
    ? known.filter(({ person }) => person !== null)
    : known;
  const names = people.map(({ name }) => name);
  const splits = links.filter(({ kind }) => kind === 'split').length;
  const merges = links.length - splits;
  return [
    `${steps.length} ${steps.length === 1 ? 'step' : 'steps'} ${span} by ${new Intl.ListFormat('en').format(names)}`,
    `${runs} ${runs === 1 ? 'run' : 'runs'}`,
    ...(splits > 0 ? [`split ${splits === 1 ? 'once' : `${splits} times`}`] : []),
    ...(merges > 0 ? [`merged ${merges === 1 ? 'once' : `${merges} times`}`] : []),
  ].join(' · ');
}
