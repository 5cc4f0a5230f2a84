/** Where to go from a moment: the next run, error, paste, burst, author or day. Numbers of steps in and out. Pure. */
import type { Step } from '@cahier/core/history/step.ts';
import { flagsOf, momentFlags } from '@cahier/core/history/timeline.ts';
import { type MomentRow, momentAt } from './timeline-words.ts';

export type Direction = 1 | -1;

/** The end of the burst, or of the one before it. */
export function burst(moments: readonly MomentRow[], seq: number, direction: Direction): number {
  const index = momentAt(moments, seq);
  const isAtEnd = moments[index]?.[0] === seq;
  const next = direction === -1 ? index - 1 : isAtEnd ? index + 1 : index;
  return moments[next]?.[0] ?? (direction === -1 ? 1 : (moments.at(-1)?.[0] ?? seq));
}

/**
 * The last step of the next burst by another author; with `only`, by that author. Null: there is none on that side.
 */
export function byAuthor(
  moments: readonly MomentRow[],
  seq: number,
  direction: Direction,
  only: number | null,
): number | null {
  const index = momentAt(moments, seq);
  const mine = moments[index]?.[2];
  for (let i = index + direction; i >= 0 && i < moments.length; i += direction) {
    const moment = moments[i];
    if (moment && (only === null ? moment[2] !== mine : moment[2] === only)) return moment[0];
  }
  return null;
}

/** The first burst of the next day on which something happened, or the last one of the day before. */
export function byDay(moments: readonly MomentRow[], seq: number, direction: Direction): number | null {
  const index = momentAt(moments, seq);
  const today = dayOf(moments[index]?.[1] ?? 0);
  for (let i = index + direction; i >= 0 && i < moments.length; i += direction) {
    const moment = moments[i];
    if (moment && dayOf(moment[1]) !== today) return moment[0];
  }
  return null;
}

function dayOf(at: number): string {
  return new Date(at).toDateString();
}

/** Stretches of steps (after `from`, up to `to`) that may hold one with these flags, nearest first. */
export function candidates(
  moments: readonly MomentRow[],
  seq: number,
  direction: Direction,
  flags: number,
): readonly { readonly from: number; readonly to: number }[] {
  const index = momentAt(moments, seq);
  const found: { from: number; to: number }[] = [];
  for (let i = index; i >= 0 && i < moments.length; i += direction) {
    const moment = moments[i];
    if (!moment || !(moment[4] & flags)) continue;
    const [from, to] = [moments[i - 1]?.[0] ?? 0, moment[0]];
    const part = direction === 1 ? { from: Math.max(from, seq), to } : { from, to: Math.min(to, seq - 1) };
    if (part.to > part.from) found.push(part);
  }
  return found;
}

export function hasFlags(step: Step, flags: number): boolean {
  return (flagsOf(step) & flags) !== 0;
}

export const runFlags = momentFlags.run | momentFlags.failedRun;
