/** The kinds that rooms open, and which one a path asks for. */
import type { DocumentKind, KindId } from '@cahier/core/documents/kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';

export interface DocumentKinds {
  readonly notebook: DocumentKind<PlainNotebook>;
  readonly text: DocumentKind<string>;
}

export function kindOfPath(path: string): KindId {
  return path.toLowerCase().endsWith('.ipynb') ? 'notebook' : 'text';
}
