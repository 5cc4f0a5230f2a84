/**
 * One output of the live document on its way to JupyterLab: what of it is inside the live document, what is kept
 * elsewhere and must be fetched, and what will be left out because it is too large.
 */
import type { Json } from '@cahier/base/json.ts';
import type { BlobRef, LiveOutput, TextPage } from '../../runs/live.ts';
import {
  largestValue,
  longestStream,
  pageText,
  showBundle,
  showError,
  showLeftOut,
  type Shown,
  showUnknown,
  valueFrom,
} from './shown-output.ts';

/** A stream as it is shown: the pages, then the text, without the beginning when it is too long. */
interface Stream {
  readonly name: 'stdout' | 'stderr';
  text: string;
  /** Units at the beginning of `text` that are pages in the live document. */
  paged: number;
  /** Bytes that are left out before `text`. */
  leftOut: number;
  /** Pages that `text` does not have yet. */
  missing: readonly TextPage[];
  /** Bytes of all pages, those left out included. */
  pageBytes: number;
}

export class WantedOutput {
  #output: LiveOutput;
  readonly #stream: Stream | null;
  readonly #values = new Map<string, Json>();
  #shown: readonly Shown[] | null = null;

  constructor(output: LiveOutput) {
    this.#output = output;
    this.#stream = output.type === 'stream' ? streamOf(output) : null;
  }

  /** Is this still the same output of the live document, and known as it is now? */
  follow(output: LiveOutput): boolean {
    if (output === this.#output) return true;
    const stream = this.#stream;
    if (output.type !== 'stream' || stream === null || output.name !== stream.name) return false;
    const pages = (output.pages ?? []).reduce((sum, page) => sum + page.size, 0);
    const isFollowed = pages === stream.pageBytes && stream.text.length - stream.paged === output.text.length;
    if (isFollowed) this.#output = output;
    return isFollowed;
  }

  append(keep: number, text: string): void {
    const stream = this.#stream;
    if (!stream) return;
    const kept = stream.paged + keep;
    stream.text = (kept < stream.text.length ? stream.text.slice(0, kept) : stream.text) + text;
    this.#shown = null;
  }

  page(page: TextPage, drop: number): void {
    const stream = this.#stream;
    if (!stream) return;
    stream.pageBytes += page.size;
    stream.paged += drop;
    if (stream.text.length <= longestStream) return;
    stream.text = stream.text.slice(stream.paged);
    [stream.paged, stream.leftOut, stream.missing] = [0, stream.pageBytes, []];
    this.#shown = null;
  }

  /** Null: values must be fetched first. */
  shown(blobUrl: (ref: BlobRef, mime: string) => string, cellUrl: () => string): readonly Shown[] | null {
    this.#shown ??= this.#show(blobUrl, cellUrl);
    return this.#shown;
  }

  /** Never rejects: what cannot be read is shown as lost. */
  async fetch(read: (ref: BlobRef) => Promise<Uint8Array>): Promise<void> {
    const bytesOf = async (ref: BlobRef) => {
      try {
        return await read(ref);
      } catch {
        return null;
      }
    };
    const stream = this.#stream;
    if (stream) {
      const { missing } = stream;
      if (missing.length === 0) return;
      const texts = await Promise.all(missing.map(async (page) => pageText(await bytesOf(page))));
      // Left out meanwhile, because too much has followed.
      if (stream.missing !== missing) return;
      const before = texts.join('');
      stream.missing = [];
      stream.text = before + stream.text;
      stream.paged += before.length;
      return;
    }
    await Promise.all(
      this.#wanted().map(async ([mime, ref]) => {
        this.#values.set(mime, valueFrom(ref, mime, await bytesOf(ref)));
      }),
    );
  }

  #wanted(): [string, BlobRef][] {
    const output = this.#output;
    if (output.type !== 'display_data' && output.type !== 'execute_result') return [];
    return Object.entries(output.blobs ?? {}).filter(
      ([mime, ref]) => ref.size <= largestValue && !this.#values.has(mime),
    );
  }

  #show(blobUrl: (ref: BlobRef, mime: string) => string, cellUrl: () => string): readonly Shown[] | null {
    const output = this.#output;
    switch (output.type) {
      case 'stream': {
        const stream = this.#stream;
        if (!stream || stream.missing.length > 0) return null;
        const { name, text, leftOut } = stream;
        const own: Shown = { is: 'stream', name, text };
        return leftOut === 0 ? [own] : [showLeftOut(leftOut, cellUrl()), own];
      }
      case 'error':
        return [showError(output)];
      case 'unknown':
        return [showUnknown(output.raw)];
      default: {
        if (this.#wanted().length > 0) return null;
        return [showBundle(output, (_ref, mime) => this.#values.get(mime), { blobUrl })];
      }
    }
  }
}

function streamOf(output: Extract<LiveOutput, { type: 'stream' }>): Stream {
  const pages = output.pages ?? [];
  const pageBytes = pages.reduce((sum, page) => sum + page.size, 0);
  const isLong = pageBytes + output.text.length > longestStream;
  return {
    name: output.name,
    text: output.text,
    paged: 0,
    leftOut: isLong ? pageBytes : 0,
    missing: isLong ? [] : pages,
    pageBytes,
  };
}
