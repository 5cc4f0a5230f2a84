/**
 * Port: segments whose bytes lie in an object store instead of the history's own file. What a segment is (its place, the
 * hash of its bytes, the blobs that its runs name) always stays in the file. Implemented beside HistoryStore by the same
 * adapter, which reads moved segments by itself.
 */
import type { DocumentId } from '@cahier/base/ids.ts';
import type { SegmentPlace } from './history-store.ts';

export interface SegmentBytes {
  /** Key in the object store; ends with the SHA-256 of the bytes. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface FarSegments {
  /** Segments whose bytes are in the file, in order. */
  nearSegments(document: DocumentId): Promise<SegmentPlace[]>;
  /** Null: there is none, or its bytes are not what their name says. */
  segmentBytes(document: DocumentId, from: number): Promise<SegmentBytes | null>;
  /** The object store is about to get them: until `segmentMoved` the key is among the leftovers, whatever happens. */
  segmentLeaves(key: string): Promise<void>;
  /** The object store keeps them: they leave the file. When the segment is another by now, the key stays a leftover. */
  segmentMoved(document: DocumentId, from: number, key: string): Promise<void>;
  /** Keys that no segment names: others have taken its place (packed anew, purged), or moving it came to no end. */
  leftovers(): Promise<string[]>;
  leftoverRemoved(key: string): Promise<void>;
}
