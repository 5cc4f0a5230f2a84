/** Full-jitter exponential backoff. `random` is in [0, 1). Returns milliseconds before try number `attempt` (0 = first retry). */
export function backoffMs(attempt: number, random: number, baseMs = 250, maxMs = 5_000): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling * (0.5 + random * 0.5));
}
