/**
 * Port: where derived steps are kept. Everything here can be thrown away and derived again from the history log.
 * Chunks of a document follow one another without gaps.
 * Contract suite: step-log.contract.ts.
 */
import type { DocumentId } from '@cahier/base/ids.ts';

export interface StepChunkRow {
  readonly document: DocumentId;
  /** Steps from ≤ seq ≤ to. */
  readonly from: number;
  readonly to: number;
  /** Packed steps (core/history/codec.ts), compressed. */
  readonly steps: Uint8Array;
  /** The document before `from`: JSON of a PastDocument, compressed. */
  readonly base: Uint8Array;
  /** `from` of the chunk whose base (as JSON) is the dictionary for `base`; null: compressed without one. */
  readonly baseDictionary: number | null;
  /** Authors of the chunk and its part of the timeline: JSON, compressed. */
  readonly summary: Uint8Array;
}

/** What the deriver needs to go on after `seq`. */
export interface StepResumeRow {
  readonly document: DocumentId;
  readonly seq: number;
  /** Replica at `seq`: a Yjs state, compressed. */
  readonly replica: Uint8Array;
}

export type StepChunkSummary = Omit<StepChunkRow, 'steps' | 'base' | 'baseDictionary'>;

export interface StepLog {
  /** Replaces chunks that begin at or after the first given one, and keeps where to go on: all or nothing. Throws `history/not-durable`. */
  keep(chunks: readonly StepChunkRow[], resume: StepResumeRow): Promise<void>;
  /** The chunk that holds `seq`, or null. Throws `history/damaged` when its bytes do not match their checksum. */
  chunk(document: DocumentId, seq: number): Promise<StepChunkRow | null>;
  /** All chunks in order, without their steps. Throws `history/damaged`. */
  summaries(document: DocumentId): Promise<StepChunkSummary[]>;
  resume(document: DocumentId): Promise<StepResumeRow | null>;
  /** Forgets everything derived for a document. */
  clear(document: DocumentId): Promise<void>;
}
