/** Outputs of the live document ↔ outputs as nbformat has them. What blobs and pages hold is given already read. */
import type { BlobHash } from '@cahier/base/ids.ts';
import type { Json } from '@cahier/base/json.ts';
import type { NbOutput } from '../notebooks/notebook.ts';
import type { BlobRef, LiveOutput } from './live.ts';

/** What was kept outside the document. */
export interface KeptValues {
  /** The value of a MIME type as the bundle had it (text, base64, JSON). */
  value(ref: BlobRef, mime: string): Json;
  /** The text of a page. */
  text(ref: BlobRef): string;
}

/** All blobs that an output names. */
export function blobsOf(output: LiveOutput): BlobHash[] {
  if (output.type === 'stream') return (output.pages ?? []).map((page) => page.blob);
  if ('blobs' in output && output.blobs !== undefined)
    return Object.values(output.blobs).map((ref) => ref.blob);
  return [];
}

/** The order of MIME types changes (large ones come last); the writer of files sorts them anyway. */
export function toNbOutput(output: LiveOutput, kept: KeptValues): NbOutput {
  if (output.type === 'stream') {
    const { name } = output;
    const pages = (output.pages ?? []).map((page) => kept.text(page));
    return { type: 'stream', name, text: pages.join('') + output.text };
  }
  if (output.type === 'error' || output.type === 'unknown') return output;
  const { type, metadata } = output;
  const large = Object.entries(output.blobs ?? {}).map(([mime, ref]): [string, Json] => [
    mime,
    kept.value(ref, mime),
  ]);
  const data = { ...output.data, ...Object.fromEntries(large) };
  if (type === 'display_data') return { type, data, metadata };
  return { type, data, metadata, executionCount: output.executionCount ?? null };
}

/** Everything stays inline; the server moves large values to blobs afterwards. */
export function fromNbOutput(output: NbOutput): LiveOutput {
  return output;
}
