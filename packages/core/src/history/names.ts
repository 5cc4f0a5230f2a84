/**
 * Names that people give to moments: “before the exam”. A name is a mark in the history like any other, with author and
 * time; giving a moment another name, or none, is a later mark. Pure.
 */
import type { Step } from './step.ts';

export interface NamedMoment {
  /** The step that was named. */
  readonly seq: number;
  readonly name: string;
  /** Author number of who named it. */
  readonly author: number;
  /** When it was named (ms). */
  readonly at: number;
}

/** What the mark says. An empty name takes the name away. */
export function nameText(seq: number, name: string): string {
  return JSON.stringify({ seq, name });
}

/** The names after these steps, by moment. A mark that says only a name names the moment at which it stands. */
export function namesIn(steps: Iterable<Step>): readonly NamedMoment[] {
  const names = new Map<number, NamedMoment>();
  for (const { seq, author, at, changes } of steps) {
    for (const change of changes) {
      if (change.c !== 'mark' || change.mark !== 'named') continue;
      const said = parse(change.text) ?? { seq, name: change.text };
      if (said.name === '') names.delete(said.seq);
      else names.set(said.seq, { ...said, author, at });
    }
  }
  return [...names.values()].sort((a, b) => a.seq - b.seq);
}

function parse(text: string): { seq: number; name: string } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('seq' in value) || !('name' in value)) return null;
    const { seq, name } = value;
    return typeof seq === 'number' && typeof name === 'string' ? { seq, name } : null;
  } catch {
    return null;
  }
}
