/** Pictures that are pasted or dropped into a Markdown cell: they are kept in the cell, as Jupyter's attachments. */
import type { CellId } from '@cahier/base/ids.ts';
import { cellMap, cellText, readCell, setAttachment } from '@cahier/core/notebooks/source-doc.ts';
import type * as Y from 'yjs';
import { pasting } from '../editor/local-origin.ts';

const types = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** The picture is part of the notebook: everybody who opens it loads it. */
export const largestPicture = 3 * 1024 * 1024;

export interface Picture {
  readonly name: string;
  readonly type: string;
  readonly base64: string;
}

export function isPicture({ type }: { readonly type: string }): boolean {
  return types.has(type);
}

/** Resolves with the picture's bytes as nbformat keeps them. */
export async function readPicture(file: File): Promise<Picture> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  // All at once would be more arguments than a call may have.
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name, type: file.type, base64: btoa(binary) };
}

/** Puts the pictures into the cell and their places into its text, in one step. False: there is no such Markdown cell. */
export function attachPictures(doc: Y.Doc, cell: CellId, pictures: readonly Picture[], at: number): boolean {
  const before = readCell(doc, cell);
  const text = cellText(doc, cell);
  if (!text || before?.type !== 'markdown' || !cellMap(doc, cell)) return false;
  const taken = new Set(Object.keys(before.attachments ?? {}));
  doc.transact(() => {
    const marks = pictures.map(({ name, type, base64 }) => {
      const free = freeName(name, taken);
      taken.add(free);
      setAttachment(doc, cell, free, { [type]: base64 }, pasting);
      return `![${free}](attachment:${encodeURIComponent(free)})`;
    });
    text.insert(Math.min(at, text.length), marks.join('\n'));
  }, pasting);
  return true;
}

/** What browsers call `image.png` each time becomes `image-1.png`, `image-2.png`… */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const plain = wanted.replace(/[\\/[\]()]+/g, '-').trim() || 'picture';
  if (!taken.has(plain)) return plain;
  const dot = plain.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
  for (let n = 1; ; n++) if (!taken.has(`${stem}-${n}${ending}`)) return `${stem}-${n}${ending}`;
}
