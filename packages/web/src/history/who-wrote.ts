/** Who wrote a text, in pieces for people: what one person wrote in one go is one piece. Pure. */
import type { BlameRun, CellBlame } from '@cahier/core/history/blame.ts';
import type { Origin } from '@cahier/core/history/entry.ts';
import { momentTime } from './timeline-words.ts';

export interface Piece {
  readonly text: string;
  readonly run: BlameRun | null;
}

/** Writing with longer pauses is told apart. */
const oneGoMs = 5 * 60_000;

export function piecesOf(source: string, runs: readonly BlameRun[]): readonly Piece[] {
  const pieces: { text: string; run: BlameRun | null }[] = [];
  let at = 0;
  for (const run of runs) {
    const text = source.slice(at, at + run.length);
    at += run.length;
    if (text === '') continue;
    const last = pieces.at(-1);
    if (last?.run && isOneGo(last.run, run)) last.text += text;
    else pieces.push({ text, run });
  }
  if (at < source.length) pieces.push({ text: source.slice(at), run: null });
  return pieces;
}

function isOneGo(a: BlameRun, b: BlameRun): boolean {
  return a.author === b.author && a.origin === b.origin && Math.abs((a.at ?? 0) - (b.at ?? 0)) < oneGoMs;
}

const originWords: Readonly<Record<Origin, string>> = {
  typing: 'typed',
  paste: 'pasted',
  structure: 'arranged',
  undo: 'by undo',
  offline: 'typed offline',
  run: 'by a run',
  restore: 'restored',
  disk: 'from the file on disk',
  import: 'came with the file',
  api: 'by a program',
};

export type NameOf = (author: number) => string;

export function pieceWords(run: BlameRun | null, nameOf: NameOf, now: number): string {
  if (!run || run.author < 0) return 'Written before this history began';
  const parts = [nameOf(run.author)];
  if (run.at !== null) parts.push(momentTime(run.at, now));
  if (run.origin !== null) parts.push(originWords[run.origin]);
  return parts.join(' · ');
}

/** “Ada 80 %, Bert 20 % · last changed by Bert, 12:03:01 · run by Ada, 12:04:00”. */
export function summaryOf({ runs, edited, result }: CellBlame, nameOf: NameOf, now: number): string {
  const counts = new Map<number, number>();
  for (const { author, length } of runs) counts.set(author, (counts.get(author) ?? 0) + length);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const name = (author: number) => (author < 0 ? 'before this history' : nameOf(author));
  const shares = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([author, count]) => (counts.size === 1 ? name(author) : `${name(author)} ${share(count, total)}`));
  const parts = [shares.length === 0 ? 'Empty' : `Written by ${shares.join(', ')}`];
  if (edited.author >= 0 && edited.at !== null) {
    parts.push(
      `last changed ${counts.size > 1 ? `by ${name(edited.author)}, ` : ''}${momentTime(edited.at, now)}`,
    );
  }
  if (result && result.author >= 0 && result.run !== null && result.at !== null) {
    parts.push(`run by ${name(result.author)}, ${momentTime(result.at, now)}`);
  }
  return parts.join(' · ');
}

function share(count: number, total: number): string {
  return `${Math.max(1, Math.round((count / total) * 100))} %`;
}
