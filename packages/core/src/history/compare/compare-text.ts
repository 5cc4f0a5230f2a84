/**
 * Two texts compared for people: stretches of lines that are the same, and between them changed stretches with their
 * words marked. Also the comparison of two moments of a text document. Pure; nothing of the texts is left out.
 */
import { diffTokens } from '../../documents/diff-tokens.ts';
import { lineTokens } from '../../documents/text-diff.ts';
import { type TextPart, wordDiff } from './word-diff.ts';

/** `before`, `after`: the number (from 0) of the block's first line in each text. Lines end with their line end. */
export type TextBlock =
  | {
      readonly kind: 'same';
      readonly before: number;
      readonly after: number;
      readonly lines: readonly string[];
    }
  | {
      readonly kind: 'changed';
      readonly before: number;
      readonly after: number;
      /** The earlier text is the same and removed parts, the later one the same and added parts. */
      readonly parts: readonly TextPart[];
    };

export interface TextComparison {
  /** In reading order; two changed blocks never follow each other. Empty: both texts are empty. */
  readonly blocks: readonly TextBlock[];
  /** Lines of the later text that are not in the earlier one, and the other way round. */
  readonly addedLines: number;
  readonly removedLines: number;
}

/** Changed stretches longer than this (UTF-16 units of both texts) are not compared word by word. */
const longestRefined = 100_000;

export function compareText(before: string, after: string): TextComparison {
  const a = lineTokens(before);
  const b = lineTokens(after);
  const blocks: TextBlock[] = [];
  let [i, j, addedLines, removedLines] = [0, 0, 0, 0];
  const keepUpTo = (end: number) => {
    if (end > i) blocks.push({ kind: 'same', before: i, after: j, lines: a.slice(i, end) });
  };
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(a, b)) {
    keepUpTo(aStart);
    const [removed, added] = [a.slice(aStart, aEnd).join(''), b.slice(bStart, bEnd).join('')];
    blocks.push({ kind: 'changed', before: aStart, after: bStart, parts: marked(removed, added) });
    removedLines += aEnd - aStart;
    addedLines += bEnd - bStart;
    [i, j] = [aEnd, bEnd];
  }
  keepUpTo(a.length);
  return { blocks, addedLines, removedLines };
}

function marked(removed: string, added: string): readonly TextPart[] {
  if (removed.length + added.length <= longestRefined) return wordDiff(removed, added);
  return [{ text: removed, change: 'removed' } as const, { text: added, change: 'added' } as const].filter(
    ({ text }) => text !== '',
  );
}

/** A line of a changed block as one side has it; parts that the other side has as well are `same`. */
export type MarkedLine = readonly TextPart[];

/** The lines of one side of a changed block, without line ends. `'removed'`: the earlier side, `'added'`: the later. */
export function linesOfSide(parts: readonly TextPart[], side: 'removed' | 'added'): readonly MarkedLine[] {
  const lines: TextPart[][] = [];
  let line: TextPart[] = [];
  let isOpen = false;
  for (const { text, change } of parts) {
    if (change !== 'same' && change !== side) continue;
    for (const piece of lineTokens(text)) {
      const isEnd = piece.endsWith('\n');
      const content = isEnd ? piece.slice(0, -1) : piece;
      if (content !== '') line.push({ text: content, change });
      isOpen = !isEnd;
      if (isEnd) {
        lines.push(line);
        line = [];
      }
    }
  }
  return isOpen ? [...lines, line] : lines;
}

/** Both texts are the same. */
export function isSameText(comparison: TextComparison): boolean {
  return comparison.blocks.every(({ kind }) => kind === 'same');
}
