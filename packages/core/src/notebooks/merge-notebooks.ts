import type { PlainNotebook } from './notebook.ts';

export function mergeNotebooks(base: PlainNotebook, ours: PlainNotebook, theirs: PlainNotebook): PlainNotebook {
  return base === theirs ? ours : theirs;
}
