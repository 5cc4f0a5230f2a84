/**
 * Which of the MIME types of an output is shown: a table, not the order in the bundle. The reader may choose another.
 * `viewerOf` names the component that shows a type; `frame` means: only inside the opaque output frame.
 */

export type Viewer = 'html' | 'markdown' | 'latex' | 'svg' | 'image' | 'pdf' | 'json' | 'frame' | 'text';

interface Ranked {
  readonly rank: number;
  readonly viewer: Viewer;
  readonly label: string;
}

const table = new Map<string, Ranked>([
  ['text/html', { rank: 50, viewer: 'html', label: 'HTML' }],
  ['text/markdown', { rank: 60, viewer: 'markdown', label: 'Markdown' }],
  ['text/latex', { rank: 70, viewer: 'latex', label: 'LaTeX' }],
  ['image/svg+xml', { rank: 80, viewer: 'svg', label: 'SVG picture' }],
  ['image/png', { rank: 90, viewer: 'image', label: 'PNG picture' }],
  ['image/jpeg', { rank: 91, viewer: 'image', label: 'JPEG picture' }],
  ['image/gif', { rank: 92, viewer: 'image', label: 'GIF picture' }],
  ['image/webp', { rank: 93, viewer: 'image', label: 'WebP picture' }],
  ['image/bmp', { rank: 94, viewer: 'image', label: 'BMP picture' }],
  ['application/pdf', { rank: 100, viewer: 'pdf', label: 'PDF' }],
  ['application/json', { rank: 105, viewer: 'json', label: 'JSON' }],
  ['application/geo+json', { rank: 106, viewer: 'json', label: 'GeoJSON' }],
  ['application/javascript', { rank: 110, viewer: 'frame', label: 'JavaScript' }],
  ['text/javascript', { rank: 111, viewer: 'frame', label: 'JavaScript' }],
  ['text/plain', { rank: 120, viewer: 'text', label: 'Plain text' }],
]);

const otherText = 130;
const otherJson = 140;
const unknown = 200;

/** What shows this type; null when nothing does. */
export function viewerOf(mime: string): Viewer | null {
  const known = table.get(mime);
  if (known) return known.viewer;
  if (mime.startsWith('text/')) return 'text';
  return isJsonMime(mime) ? 'json' : null;
}

export function isJsonMime(mime: string): boolean {
  return mime === 'application/json' || mime.endsWith('+json');
}

/** Words for the menu. */
export function mimeLabel(mime: string): string {
  return table.get(mime)?.label ?? mime;
}

function rankOf(mime: string): number {
  const known = table.get(mime);
  if (known) return known.rank;
  if (mime.startsWith('text/')) return otherText;
  return isJsonMime(mime) ? otherJson : unknown;
}

/** The types of an output, the best first. `chosen` (the reader's choice) wins when the output has it. */
export function rankMimes(mimes: readonly string[], chosen?: string): string[] {
  const sorted = mimes.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  if (chosen === undefined || !sorted.includes(chosen)) return sorted;
  return [chosen, ...sorted.filter((mime) => mime !== chosen)];
}
