/** Which kind of document a file is. Everything that is not a notebook is opened as text, and refused if it is not. */
import { notebookKind } from '../notebooks/notebook-kind.ts';
import type { DocumentKind, KindId } from './kind.ts';
import { textKind } from './text-kind.ts';

export const kinds = { notebook: notebookKind, text: textKind } as const;

export function kindOf(path: string): KindId {
  return path.toLowerCase().endsWith('.ipynb') ? 'notebook' : 'text';
}

/** The kind with its value opaque, for wings that pass values through and never look inside. */
export function kindFor(id: KindId): DocumentKind<unknown> {
  return kinds[id];
}
