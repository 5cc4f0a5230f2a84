/** Two texts word by word: what both have, what only the earlier has, what only the later has. */
import { diffTokens, type Hunk } from '../../documents/diff-tokens.ts';

export interface TextPart {
  readonly text: string;
  readonly change: 'same' | 'added' | 'removed';
}

/**
 * Words (letters, digits, underscores), characters of scripts without spaces between words, line ends, other white
 * space, and everything else one visible character at a time. Nothing is lost by joining them.
 */
const token =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]\p{M}*|[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*|\n|[^\S\n]+|\p{RI}\p{RI}|.[\p{M}\ufe0f\p{EMod}]*(?:\u200d.[\p{M}\ufe0f\p{EMod}]*)*/gsu;

export function wordTokens(text: string): readonly string[] {
  return text.match(token) ?? [];
}

/** Less than this share of common words and signs: the texts have nothing to do with each other. */
const leastCommon = 0.3;

/** The parts in reading order; between two same parts the removed one comes before the added one. */
export function wordDiff(before: string, after: string): readonly TextPart[] {
  if (before === after) return part(before, 'same');
  const a = wordTokens(before);
  const b = wordTokens(after);
  const hunks = joinAcrossCrumbs(diffTokens(a, b), a);
  if (isRewritten(hunks, a, b)) return [...part(before, 'removed'), ...part(after, 'added')];
  const parts: TextPart[] = [];
  let at = 0;
  for (const { aStart, aEnd, bStart, bEnd } of hunks) {
    parts.push(...part(a.slice(at, aStart).join(''), 'same'));
    parts.push(...part(a.slice(aStart, aEnd).join(''), 'removed'));
    parts.push(...part(b.slice(bStart, bEnd).join(''), 'added'));
    at = aEnd;
  }
  return [...parts, ...part(a.slice(at).join(''), 'same')];
}

function part(text: string, change: TextPart['change']): readonly TextPart[] {
  return text === '' ? [] : [{ text, change }];
}

/** A blank or a sign between two changes says nothing: the changes are one. A line end keeps them apart. */
function joinAcrossCrumbs(hunks: readonly Hunk[], a: readonly string[]): readonly Hunk[] {
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    const last = joined.at(-1);
    const between = last && a.slice(last.aEnd, hunk.aStart);
    if (last && between && between.length <= 2 && !between.some(isSolid)) {
      joined[joined.length - 1] = { ...last, aEnd: hunk.aEnd, bEnd: hunk.bEnd };
    } else joined.push(hunk);
  }
  return joined;
}

const isSolid = (text: string) => text === '\n' || /[\p{L}\p{N}]/u.test(text);

function isRewritten(hunks: readonly Hunk[], a: readonly string[], b: readonly string[]): boolean {
  const size = (tokens: readonly string[]) => tokens.reduce((sum, text) => sum + text.trim().length, 0);
  const [sizeA, sizeB] = [size(a), size(b)];
  const removed = hunks.reduce((sum, { aStart, aEnd }) => sum + size(a.slice(aStart, aEnd)), 0);
  return sizeA > 0 && sizeB > 0 && (sizeA - removed) / Math.min(sizeA, sizeB) < leastCommon;
}
