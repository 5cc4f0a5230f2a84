/**
 * The notebook as a document kind: files of nbformat 2 to 4.x on one side, the source document (source-doc.ts) on the
 * other. Outputs are not in the source document; whoever writes the file adds them by cell id.
 */
import type { DocumentKind } from '../documents/kind.ts';
import { editNotebook } from './edit-notebook.ts';
import { notebookEquals } from './notebook-equals.ts';
import { mergeNotebooks } from './merge-notebooks.ts';
import { readNotebookFile } from './nbformat/read-notebook.ts';
import { writeNotebookFile } from './nbformat/write-notebook.ts';
import type { PlainNotebook } from './notebook.ts';
import { readNotebook, seedNotebook } from './source-doc.ts';

export const notebookKind: DocumentKind<PlainNotebook> = {
  id: 'notebook',
  maxBytes: 256 * 1024 * 1024,
  fromFile: readNotebookFile,
  toFile: writeNotebookFile,
  seed: seedNotebook,
  read: readNotebook,
  edit: editNotebook,
  merge: mergeNotebooks,
  equals: notebookEquals,
};
