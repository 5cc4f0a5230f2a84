/**
 * Terminal text as styled pieces: SGR colours and weights (with `;` and `:`), 256 and true colours, OSC 8 links.
 * It never makes HTML: pieces become elements in ansi-text.tsx. Carriage returns and backspaces are folded by the
 * server before text gets here; every other escape sequence is dropped.
 * Sources: ECMA-48 §8.3.117 (SGR), ISO 8613-6 (38/48 with `:`), the OSC 8 hyperlink convention of terminals.
 */

/** 0–15: a colour of the theme's terminal palette. A string: a CSS `rgb()` colour. */
export type AnsiColor = number | string;

export interface AnsiStyle {
  readonly color?: AnsiColor;
  readonly background?: AnsiColor;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isItalic?: boolean;
  readonly isUnderlined?: boolean;
  readonly isInverse?: boolean;
  readonly isHidden?: boolean;
  readonly isStruck?: boolean;
}

export interface AnsiSegment {
  readonly text: string;
  readonly style: AnsiStyle;
  /** http or https only. */
  readonly href?: string;
}

export interface AnsiState {
  readonly style: AnsiStyle;
  readonly href?: string | undefined;
}

export const plainStyle: AnsiStyle = {};
export const initialAnsi: AnsiState = { style: plainStyle };

/** Escape sequences: CSI, OSC (ended by BEL or ST), other string sequences, two-character ones; then lone controls. */
const sequence = new RegExp(
  [
    '\\u001b\\[([0-9:;<=>?]*)[ -/]*([@-~])',
    '\\u001b\\]([^\\u0007\\u001b]*)(?:\\u0007|\\u001b\\\\|$)',
    '\\u001b[PX^_][^\\u001b]*(?:\\u001b\\\\|$)',
    '\\u001b\\[[0-9:;<=>?]*$',
    '\\u001b[ -/]*[0-~]?',
    '[\\u0000-\\u0008\\u000b-\\u001a\\u001c-\\u001f\\u007f]+',
  ].join('|'),
  'g',
);

/** Cuts `text` into pieces of one style each, starting in `from`; also returns the state at the end. */
export function parseAnsi(
  text: string,
  from: AnsiState = initialAnsi,
): { readonly segments: AnsiSegment[]; readonly end: AnsiState } {
  const segments: AnsiSegment[] = [];
  let { style, href } = from;
  let at = 0;
  const push = (piece: string) => {
    if (piece === '') return;
    const last = segments.at(-1);
    if (last && last.style === style && last.href === href) {
      segments[segments.length - 1] = { ...last, text: last.text + piece };
    } else segments.push({ text: piece, style, ...(href === undefined ? {} : { href }) });
  };
  for (const match of text.matchAll(sequence)) {
    push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [, parameters, final, osc] = match;
    if (final === 'm' && parameters !== undefined && !/[<=>?]/.test(parameters)) {
      style = applySgr(style, parameters);
    } else if (osc?.startsWith('8;')) href = linkOf(osc);
  }
  push(text.slice(at));
  return { segments, end: { style, href } };
}

/** The text alone, without any escape sequence. */
export function stripAnsi(text: string): string {
  return text.replace(sequence, '');
}

function linkOf(osc: string): string | undefined {
  const url = osc.slice(osc.indexOf(';', 2) + 1);
  return /^https?:\/\/[^\s]+$/i.test(url) ? url : undefined;
}

function applySgr(before: AnsiStyle, parameters: string): AnsiStyle {
  // Each group is one parameter with its `:` sub-parameters.
  const groups = parameters.split(';').map((group) => group.split(':'));
  let style: AnsiStyle = before;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? [];
    const code = numberOf(group[0]);
    if (code === 38 || code === 48 || code === 58) {
      let color: AnsiColor | undefined;
      if (group.length > 1) color = colonColor(group);
      else {
        const kind = numberOf(groups[i + 1]?.[0]);
        const length = kind === 2 ? 4 : kind === 5 ? 2 : 0;
        color = semicolonColor(groups.slice(i + 1, i + 1 + length).map((g) => g[0]));
        i += length;
      }
      if (color !== undefined && code === 38) style = { ...style, color };
      if (color !== undefined && code === 48) style = { ...style, background: color };
    } else if (code === 4 && group[1] !== undefined) {
      style = change(style, 'isUnderlined', numberOf(group[1]) !== 0);
    } else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: AnsiStyle, code: number): AnsiStyle {
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, color: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 100 + 8 };
  switch (code) {
    case 0:
      return plainStyle;
    case 1:
      return change(style, 'isBold', true);
    case 2:
      return change(style, 'isDim', true);
    case 3:
      return change(style, 'isItalic', true);
    case 4:
    case 21:
      return change(style, 'isUnderlined', true);
    case 7:
      return change(style, 'isInverse', true);
    case 8:
      return change(style, 'isHidden', true);
    case 9:
      return change(style, 'isStruck', true);
    case 22:
      return change(change(style, 'isBold', false), 'isDim', false);
    case 23:
      return change(style, 'isItalic', false);
    case 24:
      return change(style, 'isUnderlined', false);
    case 27:
      return change(style, 'isInverse', false);
    case 28:
      return change(style, 'isHidden', false);
    case 29:
      return change(style, 'isStruck', false);
    case 39:
      return without(style, 'color');
    case 49:
      return without(style, 'background');
    default:
      return style;
  }
}

type Flag = Exclude<keyof AnsiStyle, 'color' | 'background'>;

function change(style: AnsiStyle, flag: Flag, value: boolean): AnsiStyle {
  if (value) return style[flag] === true ? style : { ...style, [flag]: true };
  return without(style, flag);
}

function without(style: AnsiStyle, key: keyof AnsiStyle): AnsiStyle {
  if (style[key] === undefined) return style;
  const { [key]: _, ...rest } = style;
  return Object.keys(rest).length === 0 ? plainStyle : rest;
}

/** An empty parameter counts as 0 (ECMA-48 §5.4.2). */
function numberOf(text: string | undefined): number {
  return text === undefined || text === '' ? 0 : Number.parseInt(text, 10);
}

/** `38:5:n`, `38:2::r:g:b` and the common short form `38:2:r:g:b`. */
function colonColor(group: readonly string[]): AnsiColor | undefined {
  const kind = numberOf(group[1]);
  if (kind === 5) return indexed(numberOf(group[2]));
  if (kind === 2) return rgb(group.length >= 6 ? group.slice(3, 6) : group.slice(2, 5));
  return undefined;
}

function semicolonColor(values: readonly (string | undefined)[]): AnsiColor | undefined {
  const kind = numberOf(values[0]);
  if (kind === 5) return values[1] === undefined ? undefined : indexed(numberOf(values[1]));
  if (kind === 2) return rgb(values.slice(1));
  return undefined;
}

function rgb(parts: readonly (string | undefined)[]): string | undefined {
  if (parts.length < 3) return undefined;
  const channels = parts.slice(0, 3).map(numberOf);
  return channels.every((c) => c >= 0 && c <= 255) ? `rgb(${channels.join(' ')})` : undefined;
}

/** The 256-colour table: 16 of the theme, a 6×6×6 cube, 24 greys. */
function indexed(n: number): AnsiColor | undefined {
  if (n < 0 || n > 255) return undefined;
  if (n < 16) return n;
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (i: number) => (i === 0 ? 0 : 55 + i * 40);
  const cube = n - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
