/** Who wrote a text, in pieces for people: what one person wrote in one go is one piece. Pure. */
import type { BlameRun, CellBlame } from '@cahier/core/history/blame.ts';
import type { Origin } from '@cahier/core/history/entry.ts';
import type { RunState } from '@cahier/core/runs/live.ts';
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

/** What stands on one line of a text, piece by piece. */
export interface WrittenLine {
  readonly parts: readonly {
    readonly text: string;
    /** Place among the pieces. */
    readonly piece: number;
    /** The piece does not begin on an earlier line. */
    readonly isFirst: boolean;
  }[];
  /** The piece that most of the line is from; null: there is nothing on it. */
  readonly main: number | null;
}

export function linesOfPieces(pieces: readonly Piece[]): readonly WrittenLine[] {
  const lines: WrittenLine['parts'][number][][] = [[]];
  pieces.forEach(({ text }, piece) => {
    let isFirst = true;
    text.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part === '') return;
      lines.at(-1)?.push({ text: part, piece, isFirst });
      isFirst = false;
    });
  });
  return lines.map((parts) => {
    const longest = parts.toSorted((a, b) => b.text.trim().length - a.text.trim().length)[0];
    return { parts, main: longest?.piece ?? null };
  });
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
  jupyterlab: 'in JupyterLab',
  rearrangement: 'arranged',
  'offline-paste': 'pasted offline',
  'offline-structure': 'arranged offline',
  'offline-rearrangement': 'arranged offline',
  'offline-undo': 'by undo offline',
  recovery: 'brought back after a crash',
};

export type NameOf = (author: number) => string;

export function pieceWords(run: BlameRun | null, nameOf: NameOf, now: number): string {
  if (!run || run.author < 0) return 'Written before this history began';
  const parts = [nameOf(run.author)];
  if (run.at !== null) parts.push(momentTime(run.at, now));
  if (run.origin !== null) parts.push(originWords[run.origin]);
  return parts.join(' · ');
}

/** “13:05” today, “Mar 4” on another day, “Mar 4, 2025” in another year. */
export function shortTime(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  if (date.toDateString() === today.toDateString())
    return date.toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const isThisYear = date.getFullYear() === today.getFullYear();
  return date.toLocaleDateString('en', {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}

/** “Written by Ada 80 %, Bert 20 % · last changed by Bert, 12:03:01”. */
export function summaryOf({ runs, edited }: CellBlame, nameOf: NameOf, now: number): string {
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
  return parts.join(' · ');
}

const stateWords: Readonly<Record<RunState, string>> = {
  idle: '',
  queued: '',
  running: '',
  done: '',
  failed: 'it failed',
};

/** Who made the result that stands under a cell, and when; null: it has none. */
export function resultWords(result: CellBlame['result'], nameOf: NameOf, now: number): string | null {
  if (!result) return null;
  const { author, at, run, origin, count, state } = result;
  if (author < 0) return 'Result from before this history began';
  const when = at === null ? [] : [momentTime(at, now)];
  if (run !== null) {
    const counted = count === null ? [] : [`run ${count}`];
    const ended = stateWords[state] === '' ? [] : [stateWords[state]];
    return [`Result by ${nameOf(author)}`, ...when, ...counted, ...ended].join(' · ');
  }
  if (origin === 'restore') return [`Result put back by ${nameOf(author)}`, ...when].join(' · ');
  if (origin === 'import' || origin === 'disk') return ['Result came with the file', ...when].join(' · ');
  return [`Result cleared by ${nameOf(author)}`, ...when].join(' · ');
}

function share(count: number, total: number): string {
  return `${Math.max(1, Math.round((count / total) * 100))} %`;
}
