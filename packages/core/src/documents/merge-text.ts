/**
 * Three-way merge of texts: lines first, words where both sides changed the same lines at different places.
 * Where both changed the very same words both versions are kept, ours first: nobody's typing is dropped, and no
 * conflict marks are written.
 */
import { diffTokens, type Hunk } from './diff-tokens.ts';
import { characterHunks, lineTokens } from './text-diff.ts';

interface Side {
  readonly tokens: readonly string[];
  readonly hunks: readonly Hunk[];
}

/** What both sides made of `base`. If one side changed nothing the other's text is the result, exactly. */
export function mergeText(base: string, ours: string, theirs: string): string {
  if (ours === theirs || theirs === base) return ours;
  if (ours === base) return theirs;
  const lines = lineTokens(base);
  const sides = [side(lines, lineTokens(ours)), side(lines, lineTokens(theirs))] as const;
  return mergeSides(lines, sides[0], sides[1], mergeLines) ?? ours;
}

function side(base: readonly string[], tokens: readonly string[]): Side {
  return { tokens, hunks: diffTokens(base, tokens) };
}

/** What to do where both changed the same tokens; null gives up. */
type Resolve = (base: string, ours: string, theirs: string) => string | null;

function mergeSides(base: readonly string[], ours: Side, theirs: Side, resolve: Resolve): string | null {
  let result = '';
  let at = 0;
  let [i, j] = [0, 0];
  while (i < ours.hunks.length || j < theirs.hunks.length) {
    const region = nextRegion(ours.hunks, theirs.hunks, i, j);
    result += base.slice(at, region.start).join('');
    const mine = textOf(base, ours, i, region.i, region);
    const other = textOf(base, theirs, j, region.j, region);
    if (region.j === j) result += mine;
    else if (region.i === i) result += other;
    else if (!isDeletion([...ours.hunks.slice(i, region.i), ...theirs.hunks.slice(j, region.j)])) {
      const both = resolve(base.slice(region.start, region.end).join(''), mine, other);
      if (both === null) return null;
      result += both;
    }
    [at, i, j] = [region.end, region.i, region.j];
  }
  return result + base.slice(at).join('');
}

/** Overlapping deletions without a typed character among them: what they cover is gone on both sides or on one. */
function isDeletion(hunks: readonly Hunk[]): boolean {
  return hunks.every(({ bStart, bEnd }) => bStart === bEnd);
}

interface Region {
  /** In tokens of the base. */
  readonly start: number;
  readonly end: number;
  /** The first hunk of each side behind the region. */
  readonly i: number;
  readonly j: number;
}

/** The next hunk with everything of the other side that overlaps it. */
function nextRegion(ours: readonly Hunk[], theirs: readonly Hunk[], fromI: number, fromJ: number): Region {
  let [i, j] = [fromI, fromJ];
  const isOursFirst = isBefore(ours[i], theirs[j]);
  const first = isOursFirst ? ours[i++] : theirs[j++];
  const start = first?.aStart ?? 0;
  let end = first?.aEnd ?? 0;
  for (;;) {
    const mine = ours[i];
    const other = theirs[j];
    if (mine && overlaps(mine, start, end)) {
      end = Math.max(end, mine.aEnd);
      i++;
    } else if (other && overlaps(other, start, end)) {
      end = Math.max(end, other.aEnd);
      j++;
    } else return { start, end, i, j };
  }
}

function isBefore(a: Hunk | undefined, b: Hunk | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.aStart !== b.aStart ? a.aStart < b.aStart : a.aEnd <= b.aEnd;
}

/** Touching ranges do not overlap, two insertions at one place do. */
function overlaps(hunk: Hunk, start: number, end: number): boolean {
  if (hunk.aStart === hunk.aEnd && start === end) return hunk.aStart === start;
  return hunk.aStart < end && hunk.aEnd > start;
}

/** One side's text of the region: its hunks `from..to` and the base between them. */
function textOf(base: readonly string[], side: Side, from: number, to: number, region: Region): string {
  let text = '';
  let at = region.start;
  for (const hunk of side.hunks.slice(from, to)) {
    text += base.slice(at, hunk.aStart).join('') + side.tokens.slice(hunk.bStart, hunk.bEnd).join('');
    at = hunk.aEnd;
  }
  return text + base.slice(at, region.end).join('');
}

/** Lines that both sides changed: word by word if their changes are apart, else both versions. */
function mergeLines(base: string, ours: string, theirs: string): string {
  if (ours === theirs || theirs === base) return ours;
  if (ours === base) return theirs;
  const units = Array.from({ length: base.length }, (_, i) => base.charAt(i));
  const asSide = (text: string): Side => ({
    tokens: text.split(''),
    hunks: wholeWords(base, text, characterHunks(base, text)),
  });
  const [mine, other] = [asSide(ours), asSide(theirs)];
  if (ours === '' || theirs === '') {
    return isDeletion([...mine.hunks, ...other.hunks]) ? '' : keepBoth(ours, theirs);
  }
  return mergeSides(units, mine, other, () => null) ?? keepBoth(ours, theirs);
}

/** A change inside a word is a change of the word: `1` that became `10` here and `20` there must not become `200`. */
function wholeWords(base: string, text: string, hunks: readonly Hunk[]): readonly Hunk[] {
  const isWord = (char: string) => /[\p{L}\p{M}\p{N}_]/u.test(char);
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    let { aStart, aEnd, bStart, bEnd } = hunk;
    const ends = (at: number, end: number, list: string, edge: 0 | -1) =>
      at < end && isWord(list.slice(at, end).at(edge) ?? '');
    if (ends(aStart, aEnd, base, 0) || ends(bStart, bEnd, text, 0)) {
      for (; aStart > 0 && isWord(base.charAt(aStart - 1)); aStart--) bStart--;
    }
    if (ends(aStart, aEnd, base, -1) || ends(bStart, bEnd, text, -1)) {
      for (; aEnd < base.length && isWord(base.charAt(aEnd)); aEnd++) bEnd++;
    }
    const last = joined.at(-1);
    if (last && aStart <= last.aEnd) joined[joined.length - 1] = { ...last, aEnd, bEnd };
    else joined.push({ aStart, aEnd, bStart, bEnd });
  }
  return joined;
}

/** Ours, then theirs; lines they begin or end with in common only once. */
function keepBoth(ours: string, theirs: string): string {
  if (ours === '' || theirs === '') return ours + theirs;
  const a = lineTokens(ours);
  const b = lineTokens(theirs);
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const mine = a.slice(head, a.length - tail).join('');
  const other = b.slice(head, b.length - tail).join('');
  const gap = mine !== '' && other !== '' && !mine.endsWith('\n') ? '\n' : '';
  const isLast = other !== '' && tail > 0 && !other.endsWith('\n') ? '\n' : '';
  return a.slice(0, head).join('') + mine + gap + other + isLast + a.slice(a.length - tail).join('');
}
