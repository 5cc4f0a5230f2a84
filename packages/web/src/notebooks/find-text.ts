/** Find and replace over the texts of cells: what a query hits, and what stands there afterwards. Pure. */
import type { CellId } from '@cahier/base/ids.ts';

export interface FindQuery {
  readonly text: string;
  readonly isCaseSensitive: boolean;
  readonly isWholeWord: boolean;
  readonly isPattern: boolean;
}

/** UTF-16 offsets in the source of a cell. */
export interface Hit {
  readonly cell: CellId;
  readonly from: number;
  readonly to: number;
}

export type Found =
  | { readonly ok: true; readonly hits: readonly Hit[]; readonly isCut: boolean }
  | { readonly ok: false };

/** More hits than anybody steps through; marking them all would only cost time. */
const maxHits = 5_000;

export const noHits: Found = { ok: true, hits: [], isCut: false };

/** `ok: false`: the pattern cannot be read as a regular expression. */
export function findHits(
  cells: Iterable<{ readonly id: CellId; readonly source: string }>,
  query: FindQuery,
  limit = maxHits,
): Found {
  if (query.text === '') return noHits;
  const pattern = patternOf(query, 'g');
  if (!pattern) return { ok: false };
  const hits: Hit[] = [];
  for (const { id, source } of cells) {
    for (const match of source.matchAll(pattern)) {
      if (match[0] === '') continue;
      if (hits.length === limit) return { ok: true, hits, isCut: true };
      hits.push({ cell: id, from: match.index, to: match.index + match[0].length });
    }
  }
  return { ok: true, hits, isCut: false };
}

/** The text for the place of a hit. In patterns `$1`, `$<name>` and `$&` stand for what was matched. */
export function replacementOf(query: FindQuery, source: string, hit: Hit, replacement: string): string {
  if (!query.isPattern) return replacement;
  const pattern = patternOf(query, 'y');
  if (!pattern) return replacement;
  pattern.lastIndex = hit.from;
  const after = source.replace(pattern, replacement);
  return after.slice(hit.from, after.length - (source.length - hit.to));
}

/** The hit to show first: the first one at or after the place, else the first of all. */
export function hitFrom(
  hits: readonly Hit[],
  order: readonly CellId[],
  place: { readonly cell: CellId | null; readonly offset: number },
): number {
  if (hits.length === 0) return -1;
  const places = new Map(order.map((id, i) => [id, i]));
  const at = place.cell === null ? -1 : (places.get(place.cell) ?? -1);
  const next = hits.findIndex((hit) => {
    const cell = places.get(hit.cell) ?? -1;
    return cell > at || (cell === at && hit.from >= place.offset);
  });
  return Math.max(0, next);
}

function patternOf(query: FindQuery, way: 'g' | 'y'): RegExp | null {
  const text = query.isPattern ? query.text : query.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const source = query.isWholeWord ? `(?<![\\p{L}\\p{N}_])(?:${text})(?![\\p{L}\\p{N}_])` : text;
  const flags = `${way}m${query.isCaseSensitive ? '' : 'i'}`;
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    return withoutUnicode(source, flags, query);
  }
}

/** Escapes of other languages (`\-`) are errors only in Unicode's strict form. */
function withoutUnicode(source: string, flags: string, query: FindQuery): RegExp | null {
  if (query.isWholeWord) return null;
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}
