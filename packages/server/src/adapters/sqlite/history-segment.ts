/** A segment of packed entries as it lies in the file: compressed, named by the SHA-256 of its bytes. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual, promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { DocumentId } from '@cahier/base/ids.ts';
import type { Entry } from '@cahier/core/history/entry.ts';
import { packEntries, unpackEntries } from '@cahier/core/history/entry-codec.ts';

const compress = promisify(zstdCompress);
const level = { params: { [constants.ZSTD_c_compressionLevel]: 12 } };

/** Bytes of a segment and the hashes of the blobs that its runs name. */
export async function makeSegment(
  entries: readonly Entry[],
): Promise<{ readonly bytes: Uint8Array; readonly blobs: Uint8Array }> {
  const packed = packEntries(entries);
  const [first] = entries;
  // The rows are deleted once this is on disk: nothing goes that does not come back as it was.
  if (!first || !isDeepStrictEqual(unpackEntries(packed, first.document), entries)) {
    throw new Error('entries do not come back from their segment as they were');
  }
  const names = new Set(entries.flatMap((entry) => (entry.kind === 'run' ? [entry.outputs] : [])));
  return {
    bytes: await compress(packed, level),
    blobs: Buffer.concat(
      [...names].map((name) => Buffer.from(name, 'hex')).filter(({ length }) => length === 32),
    ),
  };
}

/** Null when the bytes are not what their name says, or no segment. */
export function openSegment(
  document: DocumentId,
  sha256: Uint8Array,
  bytes: Uint8Array,
): readonly Entry[] | null {
  if (Buffer.compare(createHash('sha256').update(bytes).digest(), sha256) !== 0) return null;
  try {
    return unpackEntries(zstdDecompressSync(bytes), document);
  } catch {
    return null;
  }
}
