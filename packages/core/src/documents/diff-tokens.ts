/**
 * The differences between two lists of tokens (lines, characters, cells) as hunks. Myers' shortest edit script
 * (An O(ND) Difference Algorithm, 1986) where the lists are near each other; where they are far apart they are first
 * cut at tokens that occur once in both (patience), and what is still far apart is replaced as a whole.
 */

/** `a[aStart..aEnd)` became `b[bStart..bEnd)`. Hunks ascend and never touch each other. */
export interface Hunk {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** Longest edit script that is searched for; bounds time and memory by its square. */
const maxEdits = 800;

export function diffTokens<T>(a: readonly T[], b: readonly T[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  diffRange(a, b, { aStart: 0, aEnd: a.length, bStart: 0, bEnd: b.length }, hunks);
  return joinTouching(hunks);
}

function diffRange<T>(a: readonly T[], b: readonly T[], range: Hunk, out: Hunk[]): void {
  let { aStart, aEnd, bStart, bEnd } = range;
  while (aStart < aEnd && bStart < bEnd && a[aStart] === b[bStart]) {
    aStart++;
    bStart++;
  }
  while (aStart < aEnd && bStart < bEnd && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const trimmed = { aStart, aEnd, bStart, bEnd };
  if (aStart === aEnd && bStart === bEnd) return;
  if (aStart === aEnd || bStart === bEnd) {
    out.push(trimmed);
    return;
  }
  if (myers(a, b, trimmed, out)) return;
  const anchors = uniqueCommon(a, b, trimmed);
  if (anchors.length === 0) {
    out.push(trimmed);
    return;
  }
  let [fromA, fromB] = [aStart, bStart];
  for (const [atA, atB] of anchors) {
    diffRange(a, b, { aStart: fromA, aEnd: atA, bStart: fromB, bEnd: atB }, out);
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  diffRange(a, b, { aStart: fromA, aEnd, bStart: fromB, bEnd }, out);
}

/** Pushes the shortest script's hunks; false when it is longer than `maxEdits`. */
function myers<T>(a: readonly T[], b: readonly T[], range: Hunk, out: Hunk[]): boolean {
  const n = range.aEnd - range.aStart;
  const m = range.bEnd - range.bStart;
  const limit = Math.min(n + m, maxEdits);
  if (Math.abs(n - m) > limit) return false;
  const reach = new Int32Array(2 * limit + 3);
  const mid = limit + 1;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= limit; d++) {
    trace.push(reach.slice(mid - d - 1, mid + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && at(reach, mid + k - 1) < at(reach, mid + k + 1));
      let x = isDown ? at(reach, mid + k + 1) : at(reach, mid + k - 1) + 1;
      while (x < n && x - k < m && a[range.aStart + x] === b[range.bStart + x - k]) x++;
      reach[mid + k] = x;
      if (x >= n && x - k >= m) {
        backtrack(trace, range, n, m, out);
        return true;
      }
    }
  }
  return false;
}

function backtrack(trace: readonly Int32Array[], range: Hunk, n: number, m: number, out: Hunk[]): void {
  const found: Hunk[] = [];
  let [x, y] = [n, m];
  for (let d = trace.length - 1; d > 0; d--) {
    const reach = trace[d] ?? new Int32Array();
    const mid = d + 1;
    const k = x - y;
    const isDown = k === -d || (k !== d && at(reach, mid + k - 1) < at(reach, mid + k + 1));
    const fromX = at(reach, mid + (isDown ? k + 1 : k - 1));
    const fromY = fromX - (isDown ? k + 1 : k - 1);
    const aStart = range.aStart + fromX;
    const bStart = range.bStart + fromY;
    found.push({ aStart, aEnd: aStart + (isDown ? 0 : 1), bStart, bEnd: bStart + (isDown ? 1 : 0) });
    [x, y] = [fromX, fromY];
  }
  out.push(...found.reverse());
}

const at = (list: Int32Array, i: number) => list[i] ?? 0;

/** Pairs of indices of tokens that occur exactly once on both sides, in an order that ascends on both. */
function uniqueCommon<T>(
  a: readonly T[],
  b: readonly T[],
  range: Hunk,
): readonly (readonly [number, number])[] {
  const inA = uniqueIn(a, range.aStart, range.aEnd);
  const inB = uniqueIn(b, range.bStart, range.bEnd);
  const pairs: [number, number][] = [];
  for (const [token, i] of inA) {
    const j = inB.get(token);
    if (i >= 0 && j !== undefined && j >= 0) pairs.push([i, j]);
  }
  pairs.sort(([i], [j]) => i - j);
  const kept = longestAscending(pairs.map(([, j]) => j));
  return kept.flatMap((index) => {
    const pair = pairs[index];
    return pair ? [pair] : [];
  });
}

/** Token → its index, or -1 when it occurs more than once. */
function uniqueIn<T>(list: readonly T[], start: number, end: number): ReadonlyMap<T, number> {
  const found = new Map<T, number>();
  for (let i = start; i < end; i++) {
    const token = list[i];
    if (token !== undefined) found.set(token, found.has(token) ? -1 : i);
  }
  return found;
}

/** Indices of a longest strictly ascending subsequence. */
export function longestAscending<V extends number | string>(values: readonly V[]): readonly number[] {
  const tails: number[] = [];
  const previous = new Map<number, number>();
  values.forEach((value, i) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const mid = (low + high) >> 1;
      const tail = values[tails[mid] ?? 0];
      if (tail !== undefined && tail < value) low = mid + 1;
      else high = mid;
    }
    const before = tails[low - 1];
    if (before !== undefined) previous.set(i, before);
    tails[low] = i;
  });
  const kept: number[] = [];
  for (let i = tails.at(-1); i !== undefined; i = previous.get(i)) kept.push(i);
  return kept.reverse();
}

function joinTouching(hunks: readonly Hunk[]): readonly Hunk[] {
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    const last = joined.at(-1);
    if (last && last.aEnd === hunk.aStart && last.bEnd === hunk.bStart) {
      joined[joined.length - 1] = { ...last, aEnd: hunk.aEnd, bEnd: hunk.bEnd };
    } else joined.push(hunk);
  }
  return joined;
}
