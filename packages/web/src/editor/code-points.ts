/** Jupyter counts cursors in Unicode code points, editors in UTF-16 units. Pure. Source: messaging 5.2, `cursor_pos`. */

export function toCodePoints(text: string, units: number): number {
  let points = 0;
  for (let at = 0; at < units && at < text.length; points++) at += isPairAt(text, at) ? 2 : 1;
  return points;
}

export function toUnits(text: string, points: number): number {
  let at = 0;
  for (let seen = 0; seen < points && at < text.length; seen++) at += isPairAt(text, at) ? 2 : 1;
  return at;
}

function isPairAt(text: string, at: number): boolean {
  const point = text.codePointAt(at);
  return point !== undefined && point > 0xffff;
}
