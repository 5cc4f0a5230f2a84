/**
 * Stands in for the package `entities` in the built page (vite.config.ts): the browser knows the names of all
 * characters already, so their table of 10 kB need not travel. Only what markdown-it asks for is here.
 */
const known = new Map<string, string>();

/** Decodes entities that end with a semicolon, as CommonMark has them; everything else stays. */
export function decodeHTMLStrict(text: string): string {
  return text.replace(/&(?:#x[0-9a-f]{1,6}|#\d{1,7}|[a-z][a-z0-9]{1,31});/gi, decode);
}

function decode(entity: string): string {
  const before = known.get(entity);
  if (before !== undefined) return before;
  const area = document.createElement('textarea');
  area.innerHTML = entity;
  known.set(entity, area.value);
  return area.value;
}
