/** Text deltas on strings: how one is applied, and the smallest one (by common ends) between two texts. UTF-16 units. */
import type { TextDelta } from './step.ts';

/** Never throws: what reaches beyond the end of the text is ignored. */
export function applyTextDelta(text: string, delta: TextDelta): string {
  let result = '';
  let at = 0;
  for (const part of delta) {
    if (typeof part === 'number') {
      result += text.slice(at, at + part);
      at += part;
    } else if (typeof part === 'string') result += part;
    else at += part.d;
  }
  return result + text.slice(at);
}

/** Empty when both are equal. */
export function diffText(before: string, after: string): TextDelta {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end += 1;
  }
  const inserted = after.slice(start, after.length - end);
  const deleted = before.length - end - start;
  return [
    ...(start > 0 && (inserted !== '' || deleted > 0) ? [start] : []),
    ...(inserted === '' ? [] : [inserted]),
    ...(deleted > 0 ? [{ d: deleted }] : []),
  ];
}
