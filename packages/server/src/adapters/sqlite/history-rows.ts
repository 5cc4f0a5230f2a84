/** From rows to entries: read and proven undamaged. The way back: history-payload.ts. */
import { asBlobHash, asCellId, asPersonId, asRunId, asSessionId, type DocumentId } from '@cahier/base/ids.ts';
import { type Entry, type EntryAuthor, origins } from '@cahier/core/history/entry.ts';
import { z } from 'zod';
import { entryChecksum, olderChecksum } from './history-payload.ts';
import { entryKinds } from './history-schema.ts';

export type Cell = null | number | bigint | string | Uint8Array;

const runPayload = z.object({
  run: z.string().transform(asRunId).nullable(),
  cell: z.string().transform(asCellId),
  state: z.enum(['idle', 'queued', 'running', 'done', 'failed']),
  executionCount: z.number().nullable(),
  startedAt: z.number().nullable(),
  outputs: z.string().transform(asBlobHash),
  codeSeq: z.number().exactOptional(),
  kernel: z.string().exactOptional(),
});
const markPayload = z.object({
  mark: z.enum(['kernel-restarted', 'kernel-died', 'named', 'restored', 'renamed', 'purged', 'carried']),
  text: z.string(),
});

const decoder = new TextDecoder();

/** The entry of a row (seq, at, origin, kind, checksum, payload), or null when the row is damaged. */
export function entryOf(row: readonly Cell[], document: DocumentId, author: EntryAuthor): Entry | null {
  const [seq, at, origin, kind, checksum, payload] = row;
  if (typeof seq !== 'number' || typeof at !== 'number' || !(payload instanceof Uint8Array)) return null;
  if (typeof origin !== 'number' || typeof kind !== 'number') return null;
  const of = { seq, at, kind, origin, ...author };
  if (entryChecksum(of, payload) !== checksum && olderChecksum(of, payload) !== checksum) return null;
  const originName = origins[origin];
  const kindName = entryKinds[kind];
  if (originName === undefined || kindName === undefined) return null;
  const base = { document, seq, at, author, origin: originName };
  if (kindName === 'update') return { ...base, kind: 'update', update: payload };
  try {
    const json: unknown = JSON.parse(decoder.decode(payload));
    return kindName === 'run'
      ? { ...base, kind: 'run', ...runPayload.parse(json) }
      : { ...base, kind: 'mark', ...markPayload.parse(json) };
  } catch {
    return null;
  }
}

/** The author of a row (person, name, session). */
export function authorOf(row: readonly Cell[] | undefined): EntryAuthor {
  const [person, name, session] = row ?? [];
  return {
    person: typeof person === 'string' ? asPersonId(person) : null,
    name: typeof name === 'string' ? name : '',
    session: typeof session === 'string' ? asSessionId(session) : null,
  };
}
