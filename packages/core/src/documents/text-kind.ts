/**
 * A text file as a document: one shared text, `text`. Byte-order mark and line ends are characters like others, so
 * what is written back is byte for byte what was read.
 */
import type * as Y from 'yjs';
import type { DocumentKind } from './kind.ts';
import { mergeText } from './merge-text.ts';
import { applyDeltaTo, diffText } from './text-diff.ts';

/** The one text of a text document. */
export function textOf(doc: Y.Doc): Y.Text {
  return doc.getText('text');
}

export const textKind: DocumentKind<string> = {
  id: 'text',
  maxBytes: 32 * 1024 * 1024,
  fromFile(bytes, path) {
    const text = decodeUtf8(bytes);
    if (text === null || text.includes('\0'))
      return { ok: false, code: 'document/binary', details: { path } };
    return { ok: true, plain: text };
  },
  toFile: (text) => new TextEncoder().encode(text),
  seed(doc, text) {
    if (text !== '') textOf(doc).insert(0, text);
  },
  read: (doc) => textOf(doc).toString(),
  edit(doc, target, origin) {
    const text = textOf(doc);
    const delta = diffText(text.toString(), target);
    if (delta.length > 0) doc.transact(() => applyDeltaTo(text, delta), origin);
  },
  merge: mergeText,
  equals: (a, b) => a === b,
};

/** The text of strict UTF-8 bytes, a byte-order mark included; null when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
