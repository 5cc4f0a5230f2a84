/**
 * The base of a mirror's merges: what file and document were when they were last the same. In memory while the document
 * is open; in the log as hash and number, and the bytes in the blob store when they cannot be had from the history.
 */
import { asBlobHash, type ProjectId } from '@cahier/base/ids.ts';
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import type { Logger } from 'pino';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { MirrorRow } from '../history/history-log.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Room } from '../rooms/room.ts';

export interface FileBaseParts<Plain> {
  readonly project: ProjectId;
  readonly room: Room;
  readonly kind: DocumentKind<Plain>;
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  readonly logger: Logger;
  readonly newId: () => string;
  /** What the history says of the file; null when the document is new. */
  readonly row: MirrorRow | null;
  /** The document as it was at a history entry, results left out. */
  readonly readAt: (seq: number) => Promise<Plain>;
}

export interface SameState<Plain> {
  readonly hash: string;
  readonly plain: Plain;
  /** History entry whose state this is. */
  readonly seq: number;
}

export class FileBase<Plain> {
  readonly #parts: FileBaseParts<Plain>;
  #same: SameState<Plain> | null = null;
  #isKept = false;

  constructor(parts: FileBaseParts<Plain>) {
    this.#parts = parts;
  }

  /** Null until file and document were seen equal in this life of the room. */
  get same(): SameState<Plain> | null {
    return this.#same;
  }

  /** Were these bytes written by us in an earlier life, noted or about to be noted? Then they are what we know. */
  isOurs(hash: string): boolean {
    const { row } = this.#parts;
    return this.#same === null && row !== null && (row.hash === hash || row.next === hash);
  }

  /** Number of the history entry that the file was known to show in an earlier life. */
  get knownSeq(): number | null {
    return this.#parts.row?.seq ?? null;
  }

  /** Equal now. `bytes`: given when somebody else wrote them; our own are kept at the end. */
  set(same: SameState<Plain>, bytes?: Uint8Array): void {
    this.#same = same;
    this.#isKept = bytes !== undefined;
    const { recorder, blobs, project } = this.#parts;
    this.#later(recorder.attach({ mirrors: [this.#row()] }));
    if (bytes) this.#later(blobs.put(project, bytes));
  }

  /** The same bytes, read better (the document's cell ids instead of made-up ones). */
  refine(plain: Plain): void {
    if (this.#same) this.#same = { ...this.#same, plain };
  }

  /**
   * Resolves when the history holds every entry so far and the name of the bytes that are about to be written. A later
   * life then knows them for ours even if this one dies before it can say that they are there.
   */
  announce(nextHash: string): Promise<void> {
    return this.#parts.recorder.attach({ mirrors: [{ ...this.#row(), next: nextHash }] });
  }

  /** What both sides started from; null when nobody knows. */
  async plain(): Promise<Plain | null> {
    if (this.#same) return this.#same.plain;
    const { row, blobs, project, kind, room, newId, logger } = this.#parts;
    if (!row) return null;
    try {
      const bytes = await blobs.get(project, asBlobHash(row.hash));
      const parsed = kind.fromFile(bytes, room.path, newId);
      if (parsed.ok) return parsed.plain;
    } catch (error) {
      logger.info({ err: error, path: room.path }, 'the base of the merge comes from the history');
    }
    return this.#parts.readAt(row.seq);
  }

  /** The bytes of our last write, for outputs that others may change while nobody looks. */
  keep(): void {
    if (!this.#same || this.#isKept) return;
    this.#isKept = true;
    const { blobs, project, kind } = this.#parts;
    this.#later(blobs.put(project, kind.toFile(this.#same.plain)));
  }

  #row(): MirrorRow {
    const known = this.#same ?? this.#parts.row;
    return { document: this.#parts.room.id, hash: known?.hash ?? '', seq: known?.seq ?? 0 };
  }

  #later(work: Promise<unknown>): void {
    const { logger, room } = this.#parts;
    work.catch((error: unknown) => logger.warn({ err: error, path: room.path }, 'base of the file not kept'));
  }
}
