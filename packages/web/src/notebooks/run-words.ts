/** The state of a cell's run in words and signs. Pure; times in ms since the epoch. */
import { assertNever } from '@cahier/base/assert-never.ts';
import type { LiveCell } from '@cahier/core/runs/live.ts';

export type RunLook = 'idle' | 'queued' | 'running' | 'done' | 'failed';

/** The prompt left of a code cell: `[*]`, `[3]`, `[ ]`. */
export function promptOf(cell: LiveCell): string {
  if (cell.state === 'queued' || cell.state === 'running') return '[*]';
  return cell.executionCount === null ? '[ ]' : `[${cell.executionCount}]`;
}

/** Short: 0.03 s, 2.4 s, 1 min 05 s, 2 h 03 min. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 0.1) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const pad = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

/** Seconds that a run has been going on, for the ticking clock. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

/** Why it failed, when no output says so; null otherwise. */
export function failureWords(cell: LiveCell): string | null {
  switch (cell.failure) {
    case undefined:
      return cell.outputs.some((output) => output.type === 'error' && output.ename === 'KeyboardInterrupt')
        ? 'Interrupted'
        : null;
    case 'kernel-died':
      return 'The kernel died';
    case 'interrupted':
      return 'Interrupted';
    case 'kernel-start':
      return 'The kernel did not start';
    case 'aborted':
      return 'Not run to its end';
    case 'lost':
      return 'The end of this run was lost';
    default:
      return assertNever(cell.failure);
  }
}

/** One phrase for the state, for the label of the cell. */
export function stateWords(cell: LiveCell, place: number | null): string {
  const run = cell.executionCount === null ? '' : `run ${cell.executionCount}, `;
  switch (cell.state) {
    case 'idle':
      return cell.executionCount === null ? 'not run' : `run ${cell.executionCount}`;
    case 'queued':
      return place === null ? 'waiting' : `waiting, place ${place}`;
    case 'running':
      return cell.input ? 'waits for input' : 'running';
    case 'done':
      return `${run}done`;
    case 'failed':
      return `${run}failed`;
    default:
      return assertNever(cell.state);
  }
}
