/** The contents list of a notebook: the headings of its Markdown cells, in order. Pure. */
import type { CellId } from '@cahier/base/ids.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';

export interface Heading {
  readonly cell: CellId;
  readonly level: number;
  readonly title: string;
  /** Code cells from here to the next heading. */
  readonly section: readonly CellId[];
}

export interface ContentsCell {
  readonly id: CellId;
  readonly type: CellType;
  readonly source: string;
}

export function contentsOf(cells: Iterable<ContentsCell>): Heading[] {
  const headings: (Heading & { section: CellId[] })[] = [];
  for (const { id, type, source } of cells) {
    if (type === 'code') headings.at(-1)?.section.push(id);
    if (type !== 'markdown' || !/^ {0,3}(?:#|.+\n {0,3}[=-]{2,})/m.test(source)) continue;
    for (const { level, title } of headingsOf(source)) headings.push({ cell: id, level, title, section: [] });
  }
  return headings;
}

/** ATX and setext headings of a Markdown source, code fences left out. */
export function headingsOf(source: string): { level: number; title: string }[] {
  const found: { level: number; title: string }[] = [];
  let fence: string | null = null;
  const lines = source.split('\n');
  lines.forEach((line, i) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
      return;
    }
    if (fence !== null) return;
    const atx = /^ {0,3}(#{1,6})[ \t]+(.+?)(?:[ \t]+#*)?[ \t]*$/.exec(line);
    if (atx?.[1] !== undefined && atx[2] !== undefined) {
      found.push({ level: atx[1].length, title: plainTitle(atx[2]) });
      return;
    }
    const rule = /^ {0,3}(=+|-+)[ \t]*$/.exec(line)?.[1];
    const above = lines[i - 1] ?? '';
    if (rule !== undefined && above.trim() !== '' && !/^ {0,3}(?:[#>*+-]|\d+[.)]|```|~~~|\|)/.test(above)) {
      found.push({ level: rule.startsWith('=') ? 1 : 2, title: plainTitle(above) });
    }
  });
  return found.filter(({ title }) => title !== '');
}

/** Without the marks of emphasis, code, links and HTML. */
function plainTitle(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>/g, '')
    .replace(/[*_`~]+/g, '')
    .trim();
}

/** The cell with the heading that an address `#…` names (as in Jupyter: spaces are dashes; escapes and marks do not count). */
export function cellOfHeading(cells: Iterable<ContentsCell>, anchor: string): CellId | null {
  const wanted = bare(anchor);
  for (const { id, type, source } of cells) {
    if (type === 'markdown' && headingsOf(source).some(({ title }) => bare(title) === wanted)) return id;
  }
  return null;
}

function bare(title: string): string {
  let text = title;
  try {
    text = decodeURIComponent(title);
  } catch {
    // a lone % is only a character
  }
  return plainTitle(text)
    .replaceAll(/[\s-]+/g, '-')
    .toLowerCase();
}

/** `source` with its first line as a heading of `level` (keys 1–6). */
export function withHeading(source: string, level: number): string {
  const bare = source.replace(/^ {0,3}#{1,6}(?:[ \t]+|$)/, '');
  return `${'#'.repeat(level)} ${bare}`;
}
