/** The text of a replica as a file to download: for unsent changes that cannot be merged. Pure. */
import { textOf } from '@cahier/core/documents/text-kind.ts';
import type { KindId } from '@cahier/core/documents/kind.ts';
import * as Y from 'yjs';

export interface KeptFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

export function keptFile(ydoc: Y.Doc, kind: KindId, path: string): KeptFile {
  const name = path.split('/').at(-1) ?? path;
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : '';
  if (kind === 'text') {
    return { name: `${stem} (kept)${ending}`, type: 'text/plain', text: textOf(ydoc).toJSON() };
  }
  const cells = [...ydoc.getMap('cells').entries()].flatMap(([id, cell]) =>
    cell instanceof Y.Map ? [{ id, position: String(cell.get('position') ?? ''), cell }] : [],
  );
  cells.sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : a.id < b.id ? -1 : 1));
  const notebook = {
    cells: cells.map(({ id, cell }) => {
      const type = cell.get('type') === 'markdown' || cell.get('type') === 'raw' ? cell.get('type') : 'code';
      const base = { cell_type: type, id, metadata: {}, source: String(cell.get('source') ?? '') };
      return type === 'code' ? { ...base, execution_count: null, outputs: [] } : base;
    }),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
  return {
    name: `${stem} (kept).ipynb`,
    type: 'application/x-ipynb+json',
    text: `${JSON.stringify(notebook, null, 1)}\n`,
  };
}
