/**
 * The timeline of a document: bursts of steps by one author, small enough to draw a slider over years. Pure; kept per
 * chunk of steps, so that opening it reads no step. Shape on the wire: protocol/http/history.ts.
 */
import { actOf } from './entry.ts';
import type { Step } from './step.ts';

/** [seq of the last step, its time in ms, author index, number of steps, flags]. */
export type Moment = [seq: number, at: number, author: number, steps: number, flags: number];

export const momentFlags = {
  run: 1,
  failedRun: 2,
  restore: 4,
  disk: 8,
  paste: 16,
  kernel: 32,
  named: 64,
} as const;

const longestGapMs = 2_000;
const mostSteps = 200;

export function flagsOf(step: Step): number {
  let flags = 0;
  if (step.origin === 'restore') flags |= momentFlags.restore;
  if (step.origin === 'disk') flags |= momentFlags.disk;
  if (actOf(step.origin) === 'paste') flags |= momentFlags.paste;
  for (const change of step.changes) {
    // Results that came with a file (`run` null) are no run.
    if (change.c === 'run' && change.run !== null) {
      flags |= momentFlags.run | (change.state === 'failed' ? momentFlags.failedRun : 0);
    }
    if (change.c !== 'mark') continue;
    if (change.mark === 'restored') flags |= momentFlags.restore;
    if (change.mark === 'named') flags |= momentFlags.named;
    if (change.mark === 'kernel-died' || change.mark === 'kernel-restarted') flags |= momentFlags.kernel;
  }
  return flags;
}

/** Bursts: the same author, gaps under 2 s, at most 200 steps. */
export function momentsOf(steps: readonly Step[]): Moment[] {
  const moments: Moment[] = [];
  for (const step of steps) addMoment(moments, [step.seq, step.at, step.author, 1, flagsOf(step)]);
  return moments;
}

/** Joins the moments of two neighbouring stretches; a burst cut by the border is whole again. */
export function joinMoments(parts: readonly (readonly Moment[])[]): Moment[] {
  const moments: Moment[] = [];
  for (const part of parts) {
    part.forEach((moment, index) => {
      // The border cuts a burst when the first moment of the next part follows within the gap and fits.
      if (index === 0) addMoment(moments, moment);
      else moments.push([...moment]);
    });
  }
  return moments;
}

function addMoment(moments: Moment[], next: Moment): void {
  const last = moments.at(-1);
  const fits =
    last !== undefined &&
    last[2] === next[2] &&
    next[1] - last[1] < longestGapMs &&
    last[3] + next[3] <= mostSteps;
  if (!fits) {
    moments.push([...next]);
    return;
  }
  last[0] = next[0];
  // A run is recorded with the time it ended, which may be before the step in front of it.
  last[1] = Math.max(last[1], next[1]);
  last[3] += next[3];
  last[4] |= next[4];
}

/**
 * At most `most` moments: neighbours closest in time are joined first, those of one author before others; where authors
 * alternate, in the name of who did more. What stands out (has flags) is joined last.
 */
export function coarsen(moments: readonly Moment[], most: number): Moment[] {
  let result = moments.map((moment): Moment => [...moment]);
  for (const rule of joinRules) {
    const wanted = result.length - most;
    if (wanted <= 0) return result;
    const gaps = result.slice(1).flatMap((next, i) => {
      const last = result[i];
      return last && rule(last, next) ? [next[1] - last[1]] : [];
    });
    const widest = gaps.sort((a, b) => a - b)[wanted - 1] ?? Number.POSITIVE_INFINITY;
    result = joinUpTo(result, widest, wanted, rule);
  }
  return result;
}

/** May these neighbours become one? From harmless to desperate. */
const joinRules: readonly ((last: Moment, next: Moment) => boolean)[] = [
  (last, next) => last[2] === next[2] && last[4] === 0 && next[4] === 0,
  (last, next) => last[4] === 0 && next[4] === 0,
  () => true,
];

function joinUpTo(
  moments: readonly Moment[],
  widestGap: number,
  most: number,
  rule: (last: Moment, next: Moment) => boolean,
): Moment[] {
  const joined: Moment[] = [];
  let left = most;
  for (const next of moments) {
    const last = joined.at(-1);
    if (!last || left === 0 || next[1] - last[1] > widestGap || !rule(last, next)) {
      joined.push([...next]);
      continue;
    }
    left -= 1;
    last[0] = next[0];
    last[1] = Math.max(last[1], next[1]);
    if (next[3] > last[3]) last[2] = next[2];
    last[3] += next[3];
    last[4] |= next[4];
  }
  return joined;
}
