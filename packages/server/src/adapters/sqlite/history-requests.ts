/** What the main thread says to the writer's thread and back. Byte values travel in one buffer, handed over, not copied. */
import type { CommitBatch } from '../../history/history-log.ts';
import type { StepChunkRow, StepResumeRow } from '../../history/step-log.ts';
import { origins } from '@cahier/core/history/entry.ts';
import { entryKinds } from './history-schema.ts';
import { payloadOf } from './history-payload.ts';

export interface WriterSettings {
  readonly file: string;
  readonly busyMs: number;
}

/** A place in the request's bytes: [offset, length]. */
export type Slice = readonly [offset: number, length: number];

export interface EntryRequest {
  readonly document: string;
  readonly seq: number;
  readonly at: number;
  readonly person: string | null;
  readonly name: string;
  readonly session: string | null;
  readonly origin: number;
  readonly kind: number;
  readonly payload: Slice;
}

export interface ChunkRequest {
  readonly from: number;
  readonly to: number;
  readonly baseDictionary: number | null;
  readonly summary: Slice;
  readonly base: Slice;
  readonly steps: Slice;
}

export interface LabRequest {
  readonly document: string;
  readonly epoch: string;
  readonly n: number;
  readonly bytes: Slice;
}

export interface WriteRequest {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly documents: readonly {
    readonly id: string;
    readonly project: string;
    readonly kind: string;
    readonly path: string;
    readonly epoch: string;
  }[];
  readonly entries: readonly EntryRequest[];
  readonly live: readonly { readonly document: string; readonly json: string }[];
  readonly cursor: { readonly runner: string; readonly seq: number } | null;
  readonly mirrors: readonly {
    readonly document: string;
    readonly hash: string;
    readonly seq: number;
    readonly next?: string;
  }[];
  readonly snapshots: readonly { readonly document: string; readonly seq: number; readonly state: Slice }[];
  readonly labUpdates: readonly LabRequest[];
  readonly labStates: readonly (LabRequest & { readonly usedAt: number })[];
  /** Derived steps of one document: chunks from `chunks[0].from` on are replaced. `resume` null: forget all. */
  readonly steps: {
    readonly document: string;
    readonly chunks: readonly ChunkRequest[];
    readonly resume: { readonly seq: number; readonly replica: Slice } | null;
  } | null;
  /** A segment takes the place of exactly these entries, hot or packed before. */
  readonly segment: {
    readonly document: string;
    readonly from: number;
    readonly to: number;
    readonly blobs: Slice;
    readonly bytes: Slice;
    /** Other entries than before: those whose content was purged. Then everything derived is forgotten as well. */
    readonly isPurge: boolean;
  } | null;
  /** A segment's bytes go to the object store, or are there now; or an object that nothing names was removed there. */
  readonly far?:
    | { readonly leaves: string }
    | { readonly document: string; readonly from: number; readonly key: string }
    | { readonly removed: string };
}

export type ToWriter = { readonly t: 'write'; readonly write: WriteRequest } | { readonly t: 'close' };

/** `why` null: durable. */
export interface Outcome {
  readonly id: number;
  readonly why: string | null;
}
export type FromWriter =
  | { readonly t: 'ready' }
  | {
      readonly t: 'refused';
      readonly code: 'storage/too-new';
      readonly found: number;
      readonly known: number;
    }
  | { readonly t: 'refused'; readonly code: 'storage/open-failed'; readonly why: string }
  | { readonly t: 'outcomes'; readonly outcomes: readonly Outcome[] }
  | { readonly t: 'closed' };

/** Collects byte values and lays them into one buffer at the end. */
class Packer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  add(bytes: Uint8Array): Slice {
    const place: Slice = [this.#length, bytes.length];
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return place;
  }

  pack(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

export function batchRequest(id: number, batch: CommitBatch): WriteRequest {
  const packer = new Packer();
  const entries = (batch.entries ?? []).map((entry) => ({
    document: entry.document,
    seq: entry.seq,
    at: entry.at,
    person: entry.author.person,
    name: entry.author.name,
    session: entry.author.session,
    origin: origins.indexOf(entry.origin),
    kind: entryKinds.indexOf(entry.kind),
    payload: packer.add(payloadOf(entry)),
  }));
  const snapshots = (batch.snapshots ?? []).map(({ document, seq, state }) => ({
    document,
    seq,
    state: packer.add(state),
  }));
  const labUpdates = (batch.labUpdates ?? []).map(({ update, ...row }) => ({
    ...row,
    bytes: packer.add(update),
  }));
  const labStates = (batch.labStates ?? []).map(({ state, ...row }) => ({
    ...row,
    bytes: packer.add(state),
  }));
  return {
    id,
    bytes: packer.pack(),
    documents: batch.documents ?? [],
    entries,
    live: batch.live ?? [],
    cursor: batch.cursor ?? null,
    mirrors: batch.mirrors ?? [],
    snapshots,
    labUpdates,
    labStates,
    steps: null,
    segment: null,
  };
}

export function stepsRequest(
  id: number,
  document: string,
  chunks: readonly StepChunkRow[],
  resume: StepResumeRow | null,
): WriteRequest {
  const packer = new Packer();
  const packed = chunks.map((chunk) => ({
    from: chunk.from,
    to: chunk.to,
    baseDictionary: chunk.baseDictionary,
    summary: packer.add(chunk.summary),
    base: packer.add(chunk.base),
    steps: packer.add(chunk.steps),
  }));
  const next = resume && { seq: resume.seq, replica: packer.add(resume.replica) };
  return {
    ...batchRequest(id, {}),
    bytes: packer.pack(),
    steps: { document, chunks: packed, resume: next },
  };
}

export interface NewSegment {
  readonly document: string;
  readonly from: number;
  readonly to: number;
  readonly blobs: Uint8Array;
  readonly bytes: Uint8Array;
  readonly isPurge: boolean;
}

export function segmentRequest(id: number, segment: NewSegment): WriteRequest {
  const packer = new Packer();
  const blobs = packer.add(segment.blobs);
  const bytes = packer.add(segment.bytes);
  const { document, from, to, isPurge } = segment;
  return {
    ...batchRequest(id, {}),
    bytes: packer.pack(),
    segment: { document, from, to, blobs, bytes, isPurge },
  };
}

export function farRequest(id: number, far: NonNullable<WriteRequest['far']>): WriteRequest {
  return { ...batchRequest(id, {}), far };
}
