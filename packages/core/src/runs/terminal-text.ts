/**
 * Stream text as a terminal shows it: carriage return, backspace, erase-line and the moves within a line are folded;
 * colours (SGR) and other escape sequences are kept. Incremental: only the open line of what was folded before is
 * looked at, and the result does not depend on how the text was cut into chunks.
 *
 * Two forms of the open line. As long as nothing is overwritten it is the raw text. When something is, it becomes
 * a list of character cells, each with its style; written back, the styles take their shortest form, and reading that
 * form gives the same cells again. That is why text and cursor are all the state there is between chunks.
 * Source of the sequences: ECMA-48 (CSI, SGR, EL, CHA, CUF, CUB), OSC as xterm has it.
 */

/* oxlint-disable no-control-regex -- control characters are what this file is about */

/** `back`: characters between cursor and end of the open line; negative: the cursor is beyond the end. */
export interface TerminalText {
  readonly text: string;
  readonly back: number;
}

interface Cell {
  readonly char: string;
  /** SGR sequences since the last reset. */
  readonly style: string;
  /** Other sequences that came right before the character (hyperlinks, private modes). */
  readonly before: string;
}

/** Beyond this a column is a mistake or an attack; no terminal is so wide. */
const maxColumn = 4_096;
/** A program that never resets its colours must not make styles long: the newest count. */
const maxStyles = 8;

const token =
  /[^\r\n\x08\x1b]+|\n|\r|\x08|\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b\r\n\x08]{0,4096}(?:\x07|\x1b\\)|\x1b[ -/]{1,8}[0-~]|\x1b[0-Z\\^-~]|\x1b/g;
/** A sequence that the next chunk may complete. */
const unfinished = /\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\x07\x1b\r\n\x08]{0,4096}\x1b?|[ -/]{0,8})$/;
const special = /[\r\x08\x1b]/;
const moves = /^\x1b\[([0-9]{0,9})([KCDG])$/;
const styling = /^\x1b\[([0-9;:]*)m$/;

export function writeTerminalText(before: TerminalText, chunk: string): TerminalText {
  const isPlain = before.back === 0 && !special.test(chunk) && !endsUnfinished(before.text);
  if (isPlain) return { text: before.text + chunk, back: 0 };
  const start = before.text.lastIndexOf('\n') + 1;
  const rest = unfinishedPart(before.text.slice(start));
  const line = new OpenLine(before.text.slice(start, before.text.length - rest.length), before.back);
  const input = rest + chunk;
  const pending = unfinishedPart(input);
  const done: string[] = [before.text.slice(0, start)];
  const body = input.slice(0, input.length - pending.length);
  for (const [part] of body.matchAll(token)) {
    if (part === '\n') done.push(line.end(), '\n');
    else line.write(part);
  }
  const back = line.back;
  done.push(line.text(), pending);
  return { text: done.join(''), back };
}

/** The text of a whole stream (one that came with a file, say) as a terminal shows it. */
export function foldTerminalText(text: string): string {
  return special.test(text) ? writeTerminalText({ text: '', back: 0 }, text).text : text;
}

function endsUnfinished(text: string): boolean {
  return text.includes('\x1b', Math.max(0, text.length - 4_200)) && unfinishedPart(text) !== '';
}

function unfinishedPart(text: string): string {
  return unfinished.exec(text.slice(-4_200))?.[0] ?? '';
}

class OpenLine {
  #raw: string;
  #cells: Cell[] | null = null;
  /** null: at the end of the line. */
  #column: number | null;
  #pen = '';
  #before = '';
  #counted: { readonly raw: string; readonly length: number } | undefined;

  constructor(raw: string, back: number) {
    this.#raw = raw;
    this.#column = null;
    if (back !== 0) this.#moveTo(this.#length() - back);
  }

  get back(): number {
    return this.#column === null ? 0 : this.#length() - this.#column;
  }

  text(): string {
    return this.#cells === null ? this.#raw : writeLine(this.#cells, this.#pen, this.#before);
  }

  /** Gives the finished line and starts an empty one. */
  end(): string {
    const text = this.text();
    this.#raw = '';
    this.#cells = null;
    this.#column = null;
    return text;
  }

  write(part: string): void {
    // A sequence that came to nothing: kept, it would look like one that the next chunk completes.
    if (part === '\x1b') return;
    if (part === '\r') return this.#moveTo(0);
    if (part === '\b') return this.#moveTo(Math.max(0, this.#at() - 1));
    const move = moves.exec(part);
    if (move !== null) return this.#control(move[2] ?? '', move[1] ?? '');
    if (this.#column === null) this.#raw += part;
    else if (part.startsWith('\x1b')) this.#escape(part);
    else this.#overwrite(part, this.#column);
  }

  #control(final: string, digits: string): void {
    const count = digits === '' ? 1 : Math.max(1, Number(digits));
    if (final === 'C') return this.#moveTo(this.#at() + count);
    if (final === 'D') return this.#moveTo(Math.max(0, this.#at() - count));
    if (final === 'G') return this.#moveTo(count - 1);
    this.#erase(digits === '' ? 0 : Number(digits));
  }

  /** Erase in line. 0: from the cursor to the end, 1: from the start to the cursor, 2: all. */
  #erase(what: number): void {
    const column = this.#at();
    if (what === 0 && column >= this.#length()) return;
    const cells = this.#open();
    if (what === 0) cells.length = Math.min(cells.length, column);
    else if (what === 1 && column + 1 < cells.length) cells.fill(blank, 0, column + 1);
    else if (what === 1 || what === 2) cells.length = 0;
    this.#moveTo(column);
  }

  #escape(part: string): void {
    this.#open();
    const style = styling.exec(part);
    if (style === null) this.#before += part;
    else this.#pen = penAfter(this.#pen, part, style[1] ?? '');
  }

  #overwrite(part: string, from: number): void {
    const cells = this.#open();
    let column = from;
    while (cells.length < column) cells.push(blank);
    for (const char of part) {
      cells[column] = { char, style: this.#pen, before: this.#before };
      this.#before = '';
      column += 1;
    }
    this.#moveTo(column);
  }

  #at(): number {
    return this.#column ?? this.#length();
  }

  #moveTo(column: number): void {
    const length = this.#length();
    const bounded = column > length ? Math.max(length, Math.min(column, maxColumn)) : column;
    if (bounded !== length) {
      this.#column = bounded;
      return;
    }
    this.#raw = this.text();
    this.#cells = null;
    this.#column = null;
  }

  #length(): number {
    if (this.#cells !== null) return this.#cells.length;
    if (this.#counted?.raw !== this.#raw)
      this.#counted = { raw: this.#raw, length: readLine(this.#raw).cells.length };
    return this.#counted.length;
  }

  #open(): Cell[] {
    if (this.#cells !== null) return this.#cells;
    const line = readLine(this.#raw);
    this.#cells = line.cells;
    this.#pen = line.pen;
    this.#before = line.before;
    return line.cells;
  }
}

const blank: Cell = { char: ' ', style: '', before: '' };

function readLine(raw: string): { cells: Cell[]; pen: string; before: string } {
  const cells: Cell[] = [];
  let pen = '';
  let before = '';
  for (const [part] of raw.matchAll(token)) {
    const style = styling.exec(part);
    if (style !== null) pen = penAfter(pen, part, style[1] ?? '');
    else if (part.startsWith('\x1b')) before += part;
    else
      for (const char of part) {
        cells.push({ char, style: pen, before });
        before = '';
      }
  }
  return { cells, pen, before };
}

function writeLine(cells: readonly Cell[], pen: string, before: string): string {
  const out: string[] = [];
  let style = '';
  for (const cell of cells) {
    if (cell.before !== '') out.push(cell.before);
    if (cell.style !== style) out.push(change(style, cell.style));
    out.push(cell.char);
    style = cell.style;
  }
  out.push(before);
  if (pen !== style) out.push(change(style, pen));
  return out.join('');
}

function change(from: string, to: string): string {
  if (to.startsWith(from)) return to.slice(from.length);
  return isRooted(to) ? to : `\x1b[0m${to}`;
}

const isRooted = (style: string) => /^\x1b\[0[;:]/.test(style);

function penAfter(pen: string, sequence: string, parameters: string): string {
  if (/^0*$/.test(parameters)) return '';
  if (/^0+[;:]/.test(parameters)) return sequence;
  const all = pen + sequence;
  const parts = all.split('\x1b').slice(1);
  return parts.length <= maxStyles
    ? all
    : parts
        .slice(-maxStyles)
        .map((part) => `\x1b${part}`)
        .join('');
}
