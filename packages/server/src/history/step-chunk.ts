/**
 * A chunk of steps between memory and the step log: packed, compressed with zstd, and read back. Bases (checkpoints)
 * differ little from chunk to chunk, so most are compressed with an earlier one as dictionary.
 */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { type DocumentId, asPersonId } from '@cahier/base/ids.ts';
import { packSteps, unpackSteps } from '@cahier/core/history/codec.ts';
import type { PastDocument, Step } from '@cahier/core/history/step.ts';
import { type Moment, momentsOf } from '@cahier/core/history/timeline.ts';
import { z } from 'zod';
import type { StepAuthor } from './step-author.ts';
import type { StepChunkRow } from './step-log.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** What the timeline needs of a chunk. */
export interface ChunkSummary {
  readonly authors: readonly StepAuthor[];
  readonly moments: readonly Moment[];
  readonly firstAt: number;
  readonly lastAt: number;
  /** Entries of the hot log that could not be read: their steps are empty. */
  readonly damaged: readonly number[];
}

/** The steps of a chunk, packed (core/history/codec.ts) and not compressed. */
export interface PackedChunk {
  readonly from: number;
  readonly to: number;
  readonly steps: Uint8Array;
  readonly authors: readonly StepAuthor[];
}

export interface StepChunk {
  readonly document: DocumentId;
  readonly base: PastDocument;
  readonly steps: readonly Step[];
  readonly authors: readonly StepAuthor[];
  readonly damaged: readonly number[];
}

/** A base that may serve as dictionary for later ones. */
export interface BaseDictionary {
  readonly from: number;
  readonly json: Uint8Array;
}

/** Our own bytes, proven by their checksum: their shape is not looked through number by number. */
const moments = z.custom<readonly Moment[]>(Array.isArray);
const summaryJson = z.object({
  authors: z.array(z.object({ person: z.string().transform(asPersonId).nullable(), name: z.string() })),
  moments,
  firstAt: z.number(),
  lastAt: z.number(),
  damaged: z.array(z.number()),
});
const pastDocument = z.custom<PastDocument>(
  (value) => typeof value === 'object' && value !== null && 'cells' in value && 'meta' in value,
);

export function summaryOf({ steps, authors, damaged }: StepChunk): ChunkSummary {
  return {
    authors,
    moments: momentsOf(steps),
    firstAt: steps[0]?.at ?? 0,
    lastAt: steps.reduce((last, step) => Math.max(last, step.at), 0),
    damaged,
  };
}

/** `dictionary` null: this base is compressed alone and may be a dictionary itself (`usedAs`). */
export async function packChunk(
  chunk: StepChunk,
  dictionary: BaseDictionary | null,
): Promise<{ readonly row: StepChunkRow; readonly usedAs: BaseDictionary }> {
  const { document, base, steps } = chunk;
  const from = base.seq + 1;
  const json = Buffer.from(JSON.stringify(base));
  const [packedSteps, packedBase, summary] = await Promise.all([
    compress(packSteps(steps), level),
    compress(json, dictionary ? { ...level, dictionary: dictionary.json } : level),
    compress(Buffer.from(JSON.stringify(summaryOf(chunk))), level),
  ]);
  const row: StepChunkRow = {
    document,
    from,
    to: base.seq + steps.length,
    steps: packedSteps,
    base: packedBase,
    baseDictionary: dictionary?.from ?? null,
    summary,
  };
  return { row, usedAs: dictionary ?? { from, json } };
}

const level = { params: { [constants.ZSTD_c_compressionLevel]: 6, [constants.ZSTD_c_windowLog]: 24 } };

/**
 * `dictionary`: JSON of the base that the row names, or null. Throws when the bytes are not what `packChunk` wrote. Takes
 * two or three milliseconds, of which little is decompressing: turns of the thread pool would cost more.
 */
export function unpackChunk(row: StepChunkRow, dictionary: Uint8Array | null): StepChunk {
  const base = unpackBaseJson(row, dictionary);
  const steps = zstdDecompressSync(row.steps, window);
  const summary = unpackSummary(row.summary);
  return {
    document: row.document,
    base: pastDocument.parse(JSON.parse(base.toString())),
    steps: unpackSteps(steps),
    authors: summary.authors,
    damaged: summary.damaged,
  };
}

export function packedOf({ base, steps, authors }: StepChunk): PackedChunk {
  const from = base.seq + 1;
  return { from, to: base.seq + steps.length, steps: packSteps(steps), authors };
}

/** Throws as `unpackChunk`. */
export function packedOfRow(row: StepChunkRow): PackedChunk {
  const { authors } = unpackSummary(row.summary);
  return { from: row.from, to: row.to, steps: zstdDecompressSync(row.steps, window), authors };
}

const window = { params: { [constants.ZSTD_d_windowLogMax]: 24 } };

export function unpackBaseJson(row: StepChunkRow, dictionary: Uint8Array | null): Buffer {
  return zstdDecompressSync(row.base, dictionary ? { ...window, dictionary } : window);
}

/** A summary is a few kB: a turn of the thread pool would cost more than it. */
export function unpackSummary(bytes: Uint8Array): ChunkSummary {
  return summaryJson.parse(JSON.parse(zstdDecompressSync(bytes).toString()));
}

export async function packReplica(state: Uint8Array): Promise<Uint8Array> {
  return compress(state);
}

export async function unpackReplica(bytes: Uint8Array): Promise<Uint8Array> {
  return decompress(bytes);
}
