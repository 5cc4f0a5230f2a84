/**
 * Finds TeX in Markdown as Jupyter's users write it: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and bare environments.
 * Asked before emphasis and escapes, so that `$a_1 * b_1$` and `\\` stay TeX. Pure: shared by the inline rule, the
 * block rule and LaTeX outputs.
 */

export interface FoundMath {
  readonly tex: string;
  readonly isDisplay: boolean;
  /** Index after the closing delimiter. */
  readonly end: number;
}

const environment =
  /^\\begin\{((?:equation|align|gather|multline|eqnarray|alignat|flalign|displaymath|math|array|matrix|pmatrix|bmatrix|vmatrix|cases|split|aligned|CD)\*?)\}/;

/** The math that starts exactly at `at`, or null. */
export function findMath(text: string, at: number): FoundMath | null {
  if (text[at] === '$') return findDollars(text, at);
  if (text[at] !== '\\') return null;
  const next = text[at + 1];
  if (next === '(' || next === '[') return findBracket(text, at, next);
  return findEnvironment(text, at);
}

function findDollars(text: string, at: number): FoundMath | null {
  if (text[at + 1] === '$') {
    const close = closing(text, at + 2, '$$');
    if (close < 0 || text.slice(at + 2, close).trim() === '') return null;
    return { tex: text.slice(at + 2, close), isDisplay: true, end: close + 2 };
  }
  // As Pandoc: no space after the opening, none before the closing, no digit after it: “$5 and $6” is money.
  if (/\s/.test(text[at + 1] ?? ' ')) return null;
  for (let close = closing(text, at + 1, '$'); close > 0; close = closing(text, close + 1, '$')) {
    const tex = text.slice(at + 1, close);
    if (/\n\s*\n/.test(tex)) return null;
    if (!/\s$/.test(tex) && !/[0-9]/.test(text[close + 1] ?? ''))
      return { tex, isDisplay: false, end: close + 1 };
  }
  return null;
}

function findBracket(text: string, at: number, open: '(' | '['): FoundMath | null {
  const close = closing(text, at + 2, open === '(' ? '\\)' : '\\]');
  if (close < 0) return null;
  const tex = text.slice(at + 2, close);
  if (tex.trim() === '' || (open === '(' && /\n\s*\n/.test(tex))) return null;
  return { tex, isDisplay: open === '[', end: close + 2 };
}

function findEnvironment(text: string, at: number): FoundMath | null {
  const name = environment.exec(text.slice(at, at + 40))?.[1];
  if (name === undefined) return null;
  const end = `\\end{${name}}`;
  const close = text.indexOf(end, at);
  if (close < 0) return null;
  return { tex: text.slice(at, close + end.length), isDisplay: true, end: close + end.length };
}

/** Index of the closing delimiter at or after `from`, not escaped by a backslash. -1: none. */
function closing(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at++) {
    if (text.startsWith(delimiter, at)) return at;
    if (text[at] === '\\') at++;
  }
  return -1;
}

export type TextPart = { readonly text: string } | { readonly tex: string; readonly isDisplay: boolean };

/** Cuts a text (a `text/latex` output) into plain parts and math. */
export function splitMath(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length; at++) {
    const math = findMath(text, at);
    if (math) {
      if (at > plainFrom) parts.push({ text: text.slice(plainFrom, at) });
      parts.push({ tex: math.tex, isDisplay: math.isDisplay });
      plainFrom = math.end;
      at = math.end - 1;
    } else if (text[at] === '\\') at++;
  }
  if (plainFrom < text.length) parts.push({ text: text.slice(plainFrom) });
  return parts;
}
