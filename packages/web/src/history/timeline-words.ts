/** The timeline in words: what the slider says at a moment, and which moment a number belongs to. Pure. */
import { momentFlags } from '@cahier/core/history/timeline.ts';
import type { Timeline } from '@cahier/protocol/http/history.ts';

export type MomentRow = Timeline['moments'][number];

/** Index of the moment that holds step `seq` (the first whose last step is not before it). */
export function momentAt(moments: readonly MomentRow[], seq: number): number {
  let low = 0;
  let high = moments.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.[0] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low);
}

/** What stands out in a moment, in words; most telling first. */
export function marksOf(flags: number): string[] {
  const words: string[] = [];
  if (flags & momentFlags.named) words.push('named version');
  if (flags & momentFlags.restore) words.push('restored');
  if (flags & momentFlags.kernel) words.push('kernel restarted or died');
  if (flags & momentFlags.failedRun) words.push('a run failed');
  else if (flags & momentFlags.run) words.push('code was run');
  if (flags & momentFlags.disk) words.push('changed on disk');
  if (flags & momentFlags.paste) words.push('pasted');
  return words;
}

// Made once: a formatter costs more than a frame of dragging may.
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayOfYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });
const dayAndYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' });

/** Date and time, with the day only when it is not today. */
export function momentTime(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  const time = clock.format(date);
  const isThisYear = date.getFullYear() === today.getFullYear();
  if (isThisYear && date.getMonth() === today.getMonth() && date.getDate() === today.getDate())
    return `Today, ${time}`;
  return `${(isThisYear ? dayOfYear : dayAndYear).format(date)}, ${time}`;
}
