/** What stands out on the timeline: each kind has a shape of its own, so that colour is not needed. */
import { momentFlags } from '@cahier/core/history/timeline.ts';

export interface TimelineMark {
  readonly id: 'restore' | 'kernel' | 'failedRun' | 'run' | 'disk' | 'paste';
  readonly flag: number;
  readonly label: string;
  /** SVG path in a square of 8. */
  readonly path: string;
  readonly color: string;
}

/** The most telling first: where two meet, it is drawn on top. */
export const timelineMarks: readonly TimelineMark[] = [
  {
    id: 'failedRun',
    flag: momentFlags.failedRun,
    label: 'Error',
    path: 'M1.4 0L4 2.6L6.6 0L8 1.4L5.4 4L8 6.6L6.6 8L4 5.4L1.4 8L0 6.6L2.6 4L0 1.4Z',
    color: '--danger',
  },
  {
    id: 'kernel',
    flag: momentFlags.kernel,
    label: 'Kernel restart',
    path: 'M4 0A4 4 0 1 0 4 8A4 4 0 1 0 4 0ZM4 1.8A2.2 2.2 0 1 1 4 6.2A2.2 2.2 0 1 1 4 1.8Z',
    color: '--warning',
  },
  {
    id: 'restore',
    flag: momentFlags.restore,
    label: 'Restored',
    path: 'M7 0V8L3.6 4.6V8L0 4L3.6 0V3.4Z',
    color: '--accent',
  },
  {
    id: 'run',
    flag: momentFlags.run,
    label: 'Run',
    path: 'M1 0L8 4L1 8Z',
    color: '--ok',
  },
  {
    id: 'disk',
    flag: momentFlags.disk,
    label: 'Changed on disk',
    path: 'M4 0L8 4L4 8L0 4Z',
    color: '--text-muted',
  },
  {
    id: 'paste',
    flag: momentFlags.paste,
    label: 'Paste',
    path: 'M.8 .8H7.2V7.2H.8Z',
    color: '--text-muted',
  },
];

/** What has a name stands above the bars. */
export const pinMarks = {
  named: {
    label: 'Named version',
    path: 'M0 0V9H1.2V5.6H7L5.4 2.9L7 .3H1.2V0Z',
    color: '--accent',
  },
  commit: {
    label: 'Git commit',
    path: 'M0 3.4H1.5A2.6 2.6 0 0 1 6.5 3.4H8V4.6H6.5A2.6 2.6 0 0 1 1.5 4.6H0ZM4 2.6A1.4 1.4 0 1 0 4 5.4A1.4 1.4 0 1 0 4 2.6Z',
    color: '--warning',
  },
} as const;

/** The marks to draw for these flags: a failed run is no second mark. */
export function marksFor(flags: number): readonly TimelineMark[] {
  return timelineMarks.filter(
    ({ id, flag }) => flags & flag && !(id === 'run' && flags & momentFlags.failedRun),
  );
}
