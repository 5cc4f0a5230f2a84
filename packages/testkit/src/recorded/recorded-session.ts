/**
 * A recorded session as a value, and as the file that is shipped with the tests (JSON, zstd): what its documents' logs,
 * live documents, blobs and files hold.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { DocumentRow, Entry } from '@cahier/core/history/entry.ts';
import type { LiveRow, MirrorRow } from '@cahier/server/history/history-log.ts';
import type { Person } from '@cahier/server/http/principal.ts';
import { z } from 'zod';

export interface RecordedSession {
  readonly seed: number;
  readonly project: ProjectId;
  readonly startedAt: number;
  /** The first is the owner, the others may edit. */
  readonly people: readonly Person[];
  readonly documents: readonly (DocumentRow & { readonly project: ProjectId })[];
  readonly entries: readonly Entry[];
  readonly live: readonly LiveRow[];
  readonly mirrors: readonly MirrorRow[];
  readonly blobs: readonly Uint8Array[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export const sessionFile = join(import.meta.dirname, '../../fixtures/recorded-session.zst');

/** Our own file, of a version that goes with this program: not looked through field by field. */
const session = z.custom<RecordedSession>((value) => typeof value === 'object' && value !== null);

export function packSession(recorded: RecordedSession): Uint8Array {
  // Buffers would become JSON of their own: a session holds plain byte arrays.
  const json = JSON.stringify(recorded, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
  return zstdCompressSync(json, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
}

export function unpackSession(bytes: Uint8Array): RecordedSession {
  const json = zstdDecompressSync(bytes).toString();
  return session.parse(
    JSON.parse(json, (_, value: unknown) => {
      const isBytes = typeof value === 'object' && value !== null && 'base64' in value;
      return isBytes && typeof value.base64 === 'string'
        ? new Uint8Array(Buffer.from(value.base64, 'base64'))
        : value;
    }),
  );
}

/** The one that is shipped. Takes some 50 ms. */
export async function recordedSession(): Promise<RecordedSession> {
  return unpackSession(await readFile(sessionFile));
}
