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

export function entryChecksum(seq: number, at: number, payload: Uint8Array): number {
  return crc32(payload, crc32(`${seq} ${at}`));
}
