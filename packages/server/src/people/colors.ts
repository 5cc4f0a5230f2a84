/**
 * Presence colours: each carries white text at 4.5 : 1 or better, and neighbours in the list differ in hue, so that
 * the first people of a project are easy to tell apart.
 */
export const presenceColors = [
  '#2563c9',
  '#b4510b',
  '#157a3f',
  '#a3269b',
  '#b3261e',
  '#0b7285',
  '#6d4fc4',
  '#8a5a00',
  '#c2185b',
  '#4a6b12',
  '#3f51b5',
  '#8d4b3c',
  '#00695c',
  '#7b1fa2',
] as const;

/** The colour of the `n`-th person (from 0). */
export function colorOf(n: number): string {
  return presenceColors[n % presenceColors.length] ?? presenceColors[0];
}
