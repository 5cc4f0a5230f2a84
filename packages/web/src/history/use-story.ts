/** Following one piece of work: the steps of a cell with its splits and merges, as a track of its own. */
import type { CellId } from '@cahier/base/ids.ts';
import type { CellLink } from '@cahier/core/history/blame.ts';
import { type FollowedWork, followLinks } from '@cahier/core/history/follow.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { useCallback, useState } from 'react';
import { problemToast, toast } from '../ui/toasts.ts';
import { nextTask, type StepArchive } from './step-archive.ts';
import { storyTrack, type Track } from './track.ts';
import { allLinks, fetchedShare } from './use-blame.ts';

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
        await archive.load(lastSeq, (share) => setProgress(share * fetchedShare));
        const links = await allLinks(archive, (share) =>
          setProgress(fetchedShare + share * (1 - fetchedShare)),
        );
        const work = await followed(archive, links, cell);
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

/** Only what concerns the work is kept of all steps. */
export async function followed(
  archive: StepArchive,
  links: readonly CellLink[],
  cell: CellId,
): Promise<FollowedWork> {
  const own: Step[] = [];
  for (const steps of archive.after(0)) {
    own.push(...followLinks(links, steps, cell).steps);
    await nextTask();
  }
  return followLinks(links, own, cell);
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
  const isCode = steps.some(({ changes }) =>
    changes.some((change) => change.c === 'cell+' && change.type === 'code'),
  );
  return [
    `${steps.length} ${steps.length === 1 ? 'step' : 'steps'} ${span} by ${new Intl.ListFormat('en').format(names)}`,
    ...(runs > 0 ? [`${runs} ${runs === 1 ? 'run' : 'runs'}`] : isCode ? ['never run'] : []),
    ...(splits > 0 ? [`split ${splits === 1 ? 'once' : `${splits} times`}`] : []),
    ...(merges > 0 ? [`merged ${merges === 1 ? 'once' : `${merges} times`}`] : []),
  ].join(' · ');
}
