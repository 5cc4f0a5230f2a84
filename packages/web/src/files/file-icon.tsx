import { Archive, Database, File, FileText, Film, Folder, Image, NotebookText } from 'lucide-react';
import type { FileKind } from './file-kind.ts';

const icons = {
  folder: Folder,
  notebook: NotebookText,
  text: FileText,
  image: Image,
  pdf: File,
  media: Film,
  archive: Archive,
  data: Database,
} as const satisfies Record<FileKind, unknown>;

export function FileIcon({ kind }: { readonly kind: FileKind }) {
  const Icon = icons[kind];
  return <Icon size={19} aria-hidden data-kind={kind} />;
}
