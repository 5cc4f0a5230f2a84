/** Values of MIME bundles that are too large for the live document go to blobs, and come back for files. */
import type { Json, JsonObject } from '@cahier/base/json.ts';
import type { NbOutput } from '@cahier/core/notebooks/notebook.ts';
import type { BlobRef, LiveOutput } from '@cahier/core/runs/live.ts';
import { isBinaryMime, isJsonMime } from '@cahier/core/runs/mime-type.ts';
import { blobsOf, toNbOutput } from '@cahier/core/runs/to-nb-output.ts';
import type { BlobKeeper } from './blob-keeper.ts';

/** Longer values (UTF-16 units of their text) leave the document. */
export const inlineLimit = 4 * 1024;

type Bundle = Extract<LiveOutput, { type: 'display_data' | 'execute_result' }>;

/** The output with its large values kept elsewhere; the same object when it has none. */
export function moveLargeValues(output: LiveOutput, keeper: Pick<BlobKeeper, 'keep'>): LiveOutput {
  if (output.type !== 'display_data' && output.type !== 'execute_result') return output;
  const small: Record<string, Json> = {};
  const large: Record<string, BlobRef> = { ...output.blobs };
  let isMoved = false;
  for (const [mime, value] of Object.entries(output.data)) {
    const kept = keepLarge(mime, value, keeper);
    if (kept === null) small[mime] = value;
    else {
      large[mime] = kept;
      isMoved = true;
    }
  }
  return isMoved ? ({ ...output, data: small, blobs: large } satisfies Bundle) : output;
}

function keepLarge(mime: string, value: Json, keeper: Pick<BlobKeeper, 'keep'>): BlobRef | null {
  if (isJsonMime(mime) || typeof value !== 'string') {
    const text = JSON.stringify(value);
    return text.length > inlineLimit ? keeper.keep(Buffer.from(text)) : null;
  }
  if (value.length <= inlineLimit) return null;
  if (isBinaryMime(mime)) return keepBase64(value, keeper);
  // Half a surrogate pair has no UTF-8: such a text stays where it is.
  return value.isWellFormed() ? keeper.keep(Buffer.from(value)) : null;
}

/** Bytes only when the same characters come back; what is not clean base64 stays as it is. */
function keepBase64(value: string, keeper: Pick<BlobKeeper, 'keep'>): BlobRef | null {
  const bytes = Buffer.from(value, 'base64');
  const plain = bytes.toString('base64');
  if (plain === value) return keeper.keep(bytes);
  if (`${plain}\n` === value) return { ...keeper.keep(bytes), breaks: 'end' };
  if (inLines(plain) === value) return { ...keeper.keep(bytes), breaks: 'lines' };
  return null;
}

function inLines(base64: string): string {
  return base64.replace(/.{1,76}/g, '$&\n');
}

/** The value as the bundle had it. */
export function valueOf(ref: BlobRef, mime: string, bytes: Uint8Array): Json {
  const buffer = bufferOf(bytes);
  if (isJsonMime(mime)) return parseJson(buffer.toString());
  if (!isBinaryMime(mime)) return buffer.toString();
  const base64 = buffer.toString('base64');
  if (ref.breaks === 'lines') return inLines(base64);
  return ref.breaks === 'end' ? `${base64}\n` : base64;
}

/** The same bytes, not a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

const lost = 'This part of the output is no longer stored.\n';

/** The output as a file has it. A blob that is gone is replaced by a sentence that says so. */
export async function readWhole(output: LiveOutput, keeper: Pick<BlobKeeper, 'read'>): Promise<NbOutput> {
  const hashes = blobsOf(output);
  const values = new Map<string, Uint8Array | null>();
  const pages = new Map<string, string>();
  await Promise.all(
    hashes.map(async (hash) => {
      const bytes = await keeper.read(hash).catch(() => null);
      // A long stream page by page as they come: all of it at once would hold up whoever types.
      if (output.type === 'stream') pages.set(hash, bytes ? bufferOf(bytes).toString() : lost);
      else values.set(hash, bytes);
    }),
  );
  const gone: JsonObject = { 'text/plain': lost };
  return toNbOutput(output, {
    text: (ref) => pages.get(ref.blob) ?? lost,
    value: (ref, mime) => {
      const bytes = values.get(ref.blob);
      if (bytes) return valueOf(ref, mime, bytes);
      return isJsonMime(mime) ? gone : lost;
    },
  });
}
