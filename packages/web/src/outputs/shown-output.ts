/** From an output of the live document to what is to be drawn: which type, from which value. Pure. */
import type { Json, JsonObject } from '@cahier/base/json.ts';
import type { BlobHash } from '@cahier/base/ids.ts';
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { isActiveHtml } from './active-html.ts';
import { rankMimes, type Viewer, viewerOf } from './mime-rank.ts';

type Display = Extract<LiveOutput, { type: 'display_data' | 'execute_result' }>;

/** A value is here, or its blob is. */
export type OutputValue = { readonly inline: Json } | { readonly blob: BlobHash };

export interface ShownDisplay {
  readonly mime: string;
  /** null: nothing here shows this type. */
  readonly viewer: Viewer | null;
  readonly value: OutputValue;
  /** All types of the output, best first. */
  readonly mimes: readonly string[];
  readonly metadata: JsonObject;
}

/** null: the output has no data at all (an empty bundle). */
export function shownDisplay(output: Display, chosen?: string): ShownDisplay | null {
  const all = new Set([...Object.keys(output.data), ...Object.keys(output.blobs ?? {})]);
  const mimes = rankMimes([...all], chosen);
  const mime = mimes[0];
  if (mime === undefined) return null;
  const blob = output.blobs?.[mime]?.blob;
  const value = blob === undefined ? { inline: output.data[mime] ?? null } : { blob };
  return { mime, viewer: viewerOf(mime), value, mimes, metadata: output.metadata };
}

/** Must the text of its blob be here before it can be drawn? Pictures and PDFs are drawn from their address. */
export function needsText(shown: ShownDisplay): shown is ShownDisplay & { value: { blob: BlobHash } } {
  return 'blob' in shown.value && shown.viewer !== null && shown.viewer !== 'image' && shown.viewer !== 'pdf';
}

/** Does it belong into the frame? `text`: its value. */
export function isActive(viewer: Viewer | null, text: string): boolean {
  return viewer === 'frame' || (viewer === 'html' && isActiveHtml(text));
}

/** A value as text: JSON types keep their form, everything else is a string already. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** An output as plain text, for the clipboard and for screen readers. */
export function plainText(output: LiveOutput): string {
  switch (output.type) {
    case 'stream':
      return output.text;
    case 'error':
      return output.traceback.length > 0 ? output.traceback.join('\n') : `${output.ename}: ${output.evalue}`;
    case 'display_data':
    case 'execute_result': {
      const text = output.data['text/plain'];
      return typeof text === 'string' ? text : '';
    }
    case 'unknown':
      return JSON.stringify(output.raw);
  }
}
