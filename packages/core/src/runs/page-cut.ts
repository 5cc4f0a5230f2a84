/**
 * Where a long stream is cut into pages: whole lines go out, the newest stay. Numbers in UTF-16 units.
 * A line that alone is longer than a page is cut inside, between characters: nothing may grow without bound.
 */
/** The tail may grow to this before lines move out. */
export const tailLimit = 64 * 1024;
/** At least this much stays in the document, so that what is on the screen needs no fetch. */
export const tailKept = 8 * 1024;
/** A page is at most this long. */
export const pageLimit = 192 * 1024;

/** How many units at the start of the text form the next page; 0: none is due. Call again until it says 0. */
export function pageCut(text: string, limit: number = tailLimit): number {
  if (text.length <= limit) return 0;
  const reach = Math.min(text.length - tailKept, pageLimit);
  const end = text.lastIndexOf('\n', reach - 1) + 1;
  if (end > 0) return end;
  if (text.length - tailKept <= pageLimit) return 0;
  const code = text.charCodeAt(pageLimit - 1);
  const isFirstHalf = code >= 0xd800 && code < 0xdc00;
  return isFirstHalf ? pageLimit - 1 : pageLimit;
}

export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
