/**
 * Body of GET /history/steps?from=&to=: all steps of a stretch as the server keeps them, for what reads many (who wrote
 * this, the story of a cell). Four bytes with the length of a JSON header (big-endian), the header, then the packed
 * chunks one after the other (core/history/codec.ts): a tenth of the same steps as JSON, and nothing to parse twice.
 */
import { unpackSteps } from '@cahier/core/history/codec.ts';
import type { Step } from '@cahier/core/history/step.ts';
import { z } from 'zod';
import { type AuthorOnWire, authorOnWire } from './history.ts';

export interface PackedChunk {
  /** Steps from ≤ seq ≤ to. */
  readonly from: number;
  readonly to: number;
  /** The chunk's list of authors, as places in the list of the whole stretch. */
  readonly authors: readonly number[];
  readonly steps: Uint8Array;
}

/** Chunks in order: those that hold any step of the stretch, whole; the first ones when they are very large. */
export interface PackedSteps {
  readonly authors: readonly AuthorOnWire[];
  readonly chunks: readonly PackedChunk[];
}

/** Steps that one request may ask for. */
export const mostPackedSteps = 40_000;

const header = z.object({
  authors: z.array(authorOnWire),
  chunks: z.array(z.object({ from: z.int(), to: z.int(), authors: z.array(z.int()), bytes: z.int() })),
});
const lengthBytes = 4;

export function bytesOfPackedSteps({ authors, chunks }: PackedSteps): Uint8Array {
  const json: z.input<typeof header> = {
    authors: [...authors],
    chunks: chunks.map(({ from, to, authors, steps }) => ({
      from,
      to,
      authors: [...authors],
      bytes: steps.length,
    })),
  };
  const head = new TextEncoder().encode(JSON.stringify(json));
  const body = new Uint8Array(
    chunks.reduce((sum, { steps }) => sum + steps.length, lengthBytes + head.length),
  );
  new DataView(body.buffer).setUint32(0, head.length);
  body.set(head, lengthBytes);
  let at = lengthBytes + head.length;
  for (const { steps } of chunks) {
    body.set(steps, at);
    at += steps.length;
  }
  return body;
}

/** Throws when the bytes are not what `bytesOfPackedSteps` writes. */
export function parsePackedSteps(bytes: Uint8Array): PackedSteps {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  let at = lengthBytes + length;
  const head = header.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(lengthBytes, at))));
  const chunks = head.chunks.map(({ bytes: size, ...chunk }) => {
    at += size;
    if (at > bytes.length) throw new RangeError('the packed steps end too early');
    return { ...chunk, steps: bytes.subarray(at - size, at) };
  });
  return { authors: head.authors, chunks };
}

/** The steps of one chunk, their authors as places in the list of the whole stretch. */
export function stepsOfPacked({ authors, steps }: PackedChunk): readonly Step[] {
  const isSame = authors.every((place, i) => place === i);
  const unpacked = unpackSteps(steps);
  return isSame ? unpacked : unpacked.map((step) => ({ ...step, author: authors[step.author] ?? 0 }));
}
