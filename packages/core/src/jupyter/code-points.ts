/**
 * Cursor positions: the messaging protocol counts Unicode code points (5.2), JavaScript counts UTF-16 units.
 * Both functions clamp to the text; a position in the middle of a surrogate pair counts as after the pair's first half.
 */

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

function isPairAt(text: string, index: number): boolean {
  return isHighSurrogate(text.charCodeAt(index)) && isLowSurrogate(text.charCodeAt(index + 1));
}

/** UTF-16 offset → code points before it. */
export function codePointsBefore(text: string, utf16Offset: number): number {
  const end = Math.max(0, Math.min(utf16Offset, text.length));
  let points = 0;
  for (let i = 0; i < end; i += isPairAt(text, i) ? 2 : 1) points += 1;
  return points;
}

/** Code points → UTF-16 offset. */
export function utf16OffsetOf(text: string, codePoints: number): number {
  let offset = 0;
  for (let points = 0; points < codePoints && offset < text.length; points++)
    offset += isPairAt(text, offset) ? 2 : 1;
  return offset;
}
