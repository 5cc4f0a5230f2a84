/** A text comparison as lines for a terminal: `-` and `+` in front, words marked where there are colours. */
import {
  linesOfSide,
  type MarkedLine,
  type TextBlock,
  type TextComparison,
} from '@cahier/core/history/compare/compare-text.ts';

const colours = { removed: 31, added: 32, heading: 36, note: 33 } as const;

/** Puts text into a colour, or leaves it as it is. */
export type Paint = (text: string, colour: keyof typeof colours, isStrong?: boolean) => string;

export function painter(isColoured: boolean): Paint {
  if (!isColoured) return (text) => text;
  return (text, colour, isStrong = false) =>
    text === '' ? '' : `\x1b[${isStrong ? '7;' : ''}${colours[colour]}m${text}\x1b[0m`;
}

/** Lines shown around a change. */
const around = 3;

/** `isNumbered`: a line with the place in the text stands above each group of changes. */
export function printText({ blocks }: TextComparison, paint: Paint, isNumbered: boolean): string[] {
  return blocks.flatMap((block, index) => {
    const isLast = index === blocks.length - 1;
    if (block.kind === 'same') return sameLines(block, index === 0, isLast, paint, isNumbered);
    return [
      ...(isNumbered && index === 0 ? [place(block.before, block.after, paint)] : []),
      ...linesOfSide(block.parts, 'removed').map((line) => printLine(line, 'removed', paint)),
      ...linesOfSide(block.parts, 'added').map((line) => printLine(line, 'added', paint)),
      ...missingEnd(block, isLast, paint),
    ];
  });
}

function sameLines(
  { lines, before, after }: Extract<TextBlock, { kind: 'same' }>,
  isFirst: boolean,
  isLast: boolean,
  paint: Paint,
  isNumbered: boolean,
): string[] {
  const shown = lines.map((line) => `  ${visible(line.replace(/\n$/, ''))}`);
  const head = isFirst ? 0 : around;
  const tail = isLast ? 0 : around;
  if (shown.length <= head + tail)
    return isFirst && isNumbered && !isLast ? [place(before, after, paint), ...shown] : shown;
  const skipped = shown.length - tail;
  const gap = isNumbered && !isLast ? [place(before + skipped, after + skipped, paint)] : [];
  const dots = !isNumbered && !isLast ? [paint('  …', 'heading')] : [];
  return [...shown.slice(0, head), ...gap, ...dots, ...shown.slice(skipped)];
}

function place(before: number, after: number, paint: Paint): string {
  return paint(
    before === after ? `@@ line ${after + 1} @@` : `@@ line ${after + 1} (was ${before + 1}) @@`,
    'heading',
  );
}

function printLine(line: MarkedLine, side: 'removed' | 'added', paint: Paint): string {
  const sign = side === 'removed' ? '- ' : '+ ';
  const isWhole = line.every(({ change }) => change === side);
  const words = line.map(({ text, change }) => paint(visible(text), side, !isWhole && change === side));
  return paint(sign, side) + words.join('');
}

/** Says that the last line of one side has no line end, as `diff` does. */
function missingEnd(block: Extract<TextBlock, { kind: 'changed' }>, isLast: boolean, paint: Paint): string[] {
  if (!isLast) return [];
  const endOf = (side: 'removed' | 'added') => {
    const text = block.parts.findLast(({ change }) => change === 'same' || change === side)?.text;
    return text === undefined || text.endsWith('\n');
  };
  const [isEarlierClosed, isLaterClosed] = [endOf('removed'), endOf('added')];
  if (isEarlierClosed === isLaterClosed) return [];
  return [paint(`  (${isLaterClosed ? 'earlier' : 'later'} text: no line end after the last line)`, 'note')];
}

/** Control characters would move the cursor or change colours: they are shown as pictures of themselves. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is replaced
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (c) =>
    c === '\x7f' ? '␡' : String.fromCodePoint(0x2400 + c.charCodeAt(0)),
  );
}
