/** A document as its history has it, without a room: from the snapshot and the entries after it. */
import type { DocumentId } from '@cahier/base/ids.ts';
import * as Y from 'yjs';
import type { HistoryLog } from './history-log.ts';

export interface LoadedDocument {
  readonly doc: Y.Doc;
  /** Number of the last entry that is in it. */
  readonly seq: number;
}

const chunk = 10_000;

/**
 * Fills `doc` (fresh, empty) up to entry `upTo` (default: the last). A snapshot that is damaged or from after `upTo` is
 * left aside: it is a cache. Throws what the log throws.
 */
export async function loadDocument(
  log: HistoryLog,
  id: DocumentId,
  doc: Y.Doc,
  upTo?: number,
): Promise<LoadedDocument> {
  const last = upTo ?? (await log.lastSeq(id));
  const snapshot = await log.snapshot(id);
  let seq = 0;
  if (snapshot && snapshot.seq <= last && isState(snapshot.state)) {
    Y.applyUpdate(doc, snapshot.state);
    seq = snapshot.seq;
  }
  while (seq < last) {
    const entries = await log.entries(id, seq + 1, Math.min(last, seq + chunk));
    if (entries.length === 0) break;
    doc.transact(() => {
      for (const entry of entries) if (entry.kind === 'update') Y.applyUpdate(doc, entry.update);
    });
    seq = entries.at(-1)?.seq ?? last;
  }
  return { doc, seq: last };
}

function isState(bytes: Uint8Array): boolean {
  try {
    Y.decodeUpdate(bytes);
    return true;
  } catch {
    return false;
  }
}
