/** From entries to rows. The writer's thread loads this and little else: each module costs memory in it. */
import { crc32 } from 'node:zlib';
import type { Entry } from '@cahier/core/history/entry.ts';

const encoder = new TextEncoder();

export function payloadOf(entry: Entry): Uint8Array {
  if (entry.kind === 'update') return entry.update;
  if (entry.kind === 'mark') return encoder.encode(JSON.stringify({ mark: entry.mark, text: entry.text }));
  const { run, cell, state, executionCount, startedAt, outputs, codeSeq, kernel } = entry;
  const payload = { run, cell, state, executionCount, startedAt, outputs, codeSeq, kernel };
  return encoder.encode(JSON.stringify(payload));
}

/** What of a row its checksum covers beside the payload. */
export interface ChecksumOf {
  readonly seq: number;
  readonly at: number;
  /** Numbers of history-schema.ts. */
  readonly kind: number;
  readonly origin: number;
  readonly person: string | null;
  readonly name: string;
  readonly session: string | null;
}

export function entryChecksum(of: ChecksumOf, payload: Uint8Array): number {
  const { seq, at, kind, origin, person, name, session } = of;
  return crc32(payload, crc32(JSON.stringify([seq, at, kind, origin, person, name, session])));
}

/** As rows of older versions have it: who and how are not in it. */
export function olderChecksum({ seq, at }: ChecksumOf, payload: Uint8Array): number {
  return crc32(payload, crc32(`${seq} ${at}`));
}
