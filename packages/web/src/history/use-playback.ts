/** Plays steps at their own pace, times a speed; where nobody did anything, it waits a second at most. */
import { useEffect, useEffectEvent } from 'react';

export const speeds = [1, 2, 5, 10, 50, 100, 500] as const;

/** Longest wait between two steps, in the history's own time. */
const longestWaitMs = 1_000;

export interface Playback {
  readonly seq: number;
  readonly speed: number;
  /** The step behind this one; null at the end. */
  readonly next: (seq: number) => number | null;
  /** Null: not here yet (going there fetches it). */
  readonly timeOf: (seq: number) => number | null;
  readonly goTo: (seq: number) => void;
  readonly onEnd: () => void;
}

export function usePlayback(isPlaying: boolean, playback: Playback): void {
  const frame = useEffectEvent((state: { seq: number; budget: number }): boolean => {
    const { next, timeOf, goTo, onEnd } = playback;
    const start = state.seq;
    for (;;) {
      const to = next(state.seq);
      if (to === null) {
        if (state.seq !== start) goTo(state.seq);
        onEnd();
        return false;
      }
      const [was, is] = [timeOf(state.seq), timeOf(to)];
      if (was === null || is === null) {
        // Looking at a step fetches it; the time that this takes does not count.
        if (was !== null) state.seq = to;
        state.budget = 0;
        break;
      }
      const wait = Math.min(longestWaitMs, Math.max(0, is - was));
      if (wait > state.budget) break;
      state.budget -= wait;
      state.seq = to;
    }
    if (state.seq !== start) goTo(state.seq);
    return true;
  });
  const begin = useEffectEvent(() => playback.seq);
  const { speed } = playback;
  useEffect(() => {
    if (!isPlaying) return;
    const state = { seq: begin(), budget: 0 };
    let last = performance.now();
    let request = 0;
    const tick = (now: number) => {
      state.budget += Math.min(200, now - last) * speed;
      last = now;
      if (frame(state)) request = requestAnimationFrame(tick);
    };
    request = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(request);
  }, [isPlaying, speed]);
}
