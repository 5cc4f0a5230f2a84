/** Heights that cells had when they were last drawn, per document, for as long as the page lives. CSS pixels. */
import type { CellId, DocumentId } from '@cahier/base/ids.ts';

const byDocument = new Map<DocumentId, Map<CellId, number>>();

export function rememberHeight(document: DocumentId, cell: CellId, height: number): void {
  const heights = byDocument.get(document) ?? new Map<CellId, number>();
  byDocument.set(document, heights);
  if (height > 0) heights.set(cell, height);
}

export function rememberedHeight(document: DocumentId, cell: CellId): number | undefined {
  return byDocument.get(document)?.get(cell);
}
