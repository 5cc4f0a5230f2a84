/**
 * Positions: strings whose code-unit order is the order of the cells, with room for another between any two.
 * A position is a base-62 fraction that never ends in the smallest digit. It is made of a slot (a whole number of
 * `levelDigits`-digit groups) and the caller's jitter, a few random digits, so that two people who insert at the same
 * place at the same time get different positions. New slots are taken next to the neighbour that was made last (the
 * deeper one), which keeps a long run of inserts at one place short: about 15,000 inserts per three digits.
 */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(digits.length);
/** Digits of one level of slots. */
const levelDigits = 3;
/** Slots left free beside a new one, for later inserts there. */
const stride = 16n;
/** Digits below the common beginning of two neighbours after which the lower one simply becomes the prefix. */
const deepest = 60;

/**
 * A position strictly between two others (null: the very beginning or end). `jitter`: random digits of `[0-9A-Za-z]`.
 * When nothing fits (neighbours equal or out of order, which only a broken peer makes) it is placed after `before`.
 */
export function positionBetween(before: string | null, after: string | null, jitter: string): string {
  const [position] = positionsBetween(before, after, 1, jitter);
  return position ?? finish('', jitter);
}

/** `count` ascending positions strictly between two others. See {@link positionBetween}. */
export function positionsBetween(
  before: string | null,
  after: string | null,
  count: number,
  jitter: string,
): readonly string[] {
  if (count <= 0) return [];
  const tail = cleanJitter(jitter);
  const ceiling = after !== null && before !== null && after <= before ? null : after;
  const shared = sharedLevels(before, ceiling);
  const prefix = (before ?? ceiling ?? '').slice(0, shared).padEnd(shared, '0');
  const low = before === null ? null : before.slice(shared);
  const high = ceiling === null ? null : ceiling.slice(shared);
  for (let length = levelDigits; length <= deepest; length += levelDigits) {
    const slots = slotsBetween(low, high, length, BigInt(count));
    if (slots === null) continue;
    const found = slots.map((slot) => finish(prefix + encode(slot, length), tail));
    if (areBetween(found, before, ceiling)) return found;
  }
  return afterForeign(before, count, tail);
}

/** How many leading digits, in whole levels, both have in common (a missing digit of a fraction is a zero). */
function sharedLevels(before: string | null, after: string | null): number {
  if (after === null) return 0;
  const low = before ?? '';
  let shared = 0;
  while (shared < after.length && (low.charAt(shared) || '0') === after.charAt(shared)) shared++;
  return shared - (shared % levelDigits);
}

/** The slots for `count` new positions at one level, or null when the level is full. */
function slotsBetween(
  before: string | null,
  after: string | null,
  length: number,
  count: bigint,
): readonly bigint[] | null {
  const low = before === null ? 0n : decode(before, length);
  const high = after === null ? base ** BigInt(length) : decode(after, length);
  const free = high - low - 1n;
  if (free < count) return null;
  const isBeforeDeep = before !== null && before.length >= length;
  const isAfterDeep = after !== null && after.length >= length;
  const even = (high - low) / (count + 1n);
  const isOpen = count > 1n && free > count * stride * 64n;
  const step = isOpen || even < stride ? max(1n, min(even, isOpen ? even : even / 2n)) : stride;
  const isFromAfter = isAfterDeep && (!isBeforeDeep || (after?.length ?? 0) > (before?.length ?? 0));
  const first = isOpen
    ? low + even
    : isFromAfter
      ? high - step * count
      : isBeforeDeep
        ? low + step
        : low + max(1n, (high - low - step * (count - 1n)) / 2n);
  return Array.from({ length: Number(count) }, (_, i) => first + step * BigInt(i));
}

/** Positions right after one that is not ours (unknown characters, or no room): it becomes their prefix. */
function afterForeign(before: string | null, count: number, jitter: string): readonly string[] {
  const prefix = before ?? '';
  const slots = slotsBetween(null, null, levelDigits * 4, BigInt(count)) ?? [];
  return slots.map((slot) => finish(prefix + encode(slot, levelDigits * 4), jitter));
}

function areBetween(found: readonly string[], before: string | null, after: string | null): boolean {
  const first = found[0];
  const last = found.at(-1);
  if (first === undefined || last === undefined) return false;
  return (before === null || first > before) && (after === null || last < after);
}

/** Never ends in the smallest digit: nothing would fit between such a position and its own prefix. */
function finish(slot: string, jitter: string): string {
  const position = slot + jitter;
  return position.endsWith('0') || position === '' ? `${position}V` : position;
}

function cleanJitter(jitter: string): string {
  return [...jitter].filter((digit) => digits.includes(digit)).join('');
}

/** The first `length` digits as a number, padded with zeros; a foreign character counts as the digit below it. */
function decode(position: string, length: number): bigint {
  let value = 0n;
  for (let i = 0; i < length; i++) {
    value = value * base + BigInt(i < position.length ? digitAt(position, i) : 0);
  }
  return value;
}

function digitAt(position: string, at: number): number {
  const char = position.charAt(at);
  const exact = digits.indexOf(char);
  if (exact >= 0) return exact;
  let below = 0;
  while (below + 1 < digits.length && digits.charAt(below + 1) < char) below++;
  return below;
}

function encode(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = digits.charAt(Number(rest % base)) + text;
    rest /= base;
  }
  return text;
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const min = (a: bigint, b: bigint) => (a < b ? a : b);
