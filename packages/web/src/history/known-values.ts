/**
 * What is needed to compare results of the past, which are named by hash, with those of a file, which has them inside:
 * the lists of outputs, the pages of long streams, and which values of the file have which hash. Pictures are not
 * fetched for it: a picture with the same hash is the same picture.
 */
import type { BlobHash } from '@cahier/base/ids.ts';
import type { Json } from '@cahier/base/json.ts';
import type { ComparableNotebook, KnownValues } from '@cahier/core/history/compare/comparable.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { isBinaryMime, isJsonMime } from '@cahier/core/runs/mime-type.ts';
import { digest } from 'lib0/hash/sha256';
import { blobText } from '../outputs/blob-text.ts';
import type { ComparedSide } from './compared-side.ts';
import { parseOutputs } from './parse-outputs.ts';

/** Streams whose pages are longer (bytes) are told apart by what is not in pages. */
const longestPages = 2_000_000;
/** Shorter values are in the lists themselves. */
const shortestBlob = 1_000;

/** A file's results stand against the past's. Null: both sides are of the past, and hashes tell all. */
export function needsValues(before: ComparedSide, after: ComparedSide): boolean {
  return [before, after].some(({ content }) => content.kind === 'notebook' && hasValues(content.notebook));
}

function hasValues({ cells }: ComparableNotebook): boolean {
  return cells.some(({ outputs }) => 'values' in outputs && outputs.values.length > 0);
}

/** What the server no longer has counts as other. */
export async function knownValues(
  sides: readonly ComparedSide[],
  urlOf: (hash: BlobHash, type: string) => string,
): Promise<KnownValues> {
  const lists = new Map<BlobHash, readonly LiveOutput[]>();
  const values = new Map<string, Json>();
  const cells = sides.flatMap(({ content }) => (content.kind === 'notebook' ? content.notebook.cells : []));
  const hashes = new Set(cells.flatMap(({ outputs }) => ('hash' in outputs ? [outputs.hash] : [])));
  await Promise.all(
    [...hashes].map(async (hash) => {
      const text = await blobText(urlOf(hash, 'application/json')).catch(() => '[]');
      lists.set(hash, parseOutputs(text));
    }),
  );
  const pages = [...lists.values()].flat().flatMap((output) => {
    if (output.type !== 'stream' || !output.pages) return [];
    return output.pages.reduce((sum, { size }) => sum + size, 0) > longestPages ? [] : output.pages;
  });
  await Promise.all(
    pages.map(async ({ blob }) => {
      const text = await blobText(urlOf(blob, 'text/plain')).catch(() => null);
      if (text !== null) values.set(blob, text);
    }),
  );
  for (const { outputs } of cells) {
    for (const output of 'values' in outputs ? outputs.values : []) addHashes(output, values);
  }
  return {
    outputs: (hash) => lists.get(hash) ?? null,
    value: (ref) => values.get(ref.blob) ?? null,
  };
}

function addHashes(output: LiveOutput, values: Map<string, Json>): void {
  if (output.type !== 'display_data' && output.type !== 'execute_result') return;
  for (const [mime, value] of Object.entries(output.data)) {
    const bytes = bytesOf(mime, value);
    if (bytes) values.set(hex(digest(bytes)), value);
  }
}

/** As the server keeps it when it is large (server/runs/large-values.ts). */
function bytesOf(mime: string, value: Json): Uint8Array | null {
  const text = typeof value === 'string' && !isJsonMime(mime) ? value : JSON.stringify(value);
  if (text.length < shortestBlob) return null;
  if (typeof value !== 'string' || !isBinaryMime(mime)) return new TextEncoder().encode(text);
  try {
    return Uint8Array.from(atob(value.replace(/\s/g, '')), (letter) => letter.charCodeAt(0));
  } catch {
    return new TextEncoder().encode(text);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
