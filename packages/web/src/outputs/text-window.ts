/**
 * Which lines of a long text are shown before the reader asks for more. Pure.
 * A text of a few screens is shown whole; a longer one by its head and its tail, so that a run in progress shows its end.
 */
export const wholeUpTo = 120;
const headLines = 40;
const tailLines = 30;

export interface TextWindow {
  readonly head: string;
  /** Lines between head and tail that are not shown. */
  readonly hidden: number;
  readonly tail: string;
}

/** The text as lines; a newline at the end closes the last line and opens none. */
export function countLines(text: string): number {
  if (text === '') return 0;
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text.endsWith('\n') ? lines : lines + 1;
}

export function textWindow(text: string): TextWindow {
  const lines = countLines(text);
  if (lines <= wholeUpTo) return { head: text, hidden: 0, tail: '' };
  return {
    head: firstLines(text, headLines),
    hidden: lines - headLines - tailLines,
    tail: lastLines(text, tailLines),
  };
}

/** The first `count` lines, each with its newline. */
export function firstLines(text: string, count: number): string {
  let at = 0;
  for (let line = 0; line < count; line++) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text;
    at = end + 1;
  }
  return text.slice(0, at);
}

export function lastLines(text: string, count: number): string {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < count; line++) {
    const before = text.lastIndexOf('\n', at - 1);
    if (before < 0 || at === 0) return text;
    at = before;
  }
  return text.slice(at + 1);
}

export const pagedHeadLines = headLines;
export const pagedTailLines = tailLines;
