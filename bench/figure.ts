/** One row of bench/RESULTS.md: what was measured, against what, and the limit that it must keep. */
export interface Figure {
  readonly name: string;
  readonly ours: string;
  readonly baseline: string;
  /** What is compared with the limit: a ratio, or an absolute size. */
  readonly value: number;
  readonly limit: number;
  readonly unit: '×' | 'kB' | 'MB' | 's' | 'ms' | 'bytes' | 'k nodes' | 'states' | 'traces' | '%';
}

export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))];
  if (value === undefined) throw new Error('no samples');
  return value;
}

export const ms = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

export function ratio(name: string, ours: number, baseline: number, limit: number): Figure {
  return { name, ours: ms(ours), baseline: ms(baseline), value: ours / baseline, limit, unit: '×' };
}
