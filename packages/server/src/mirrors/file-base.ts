/**
 * The base of a mirror's merges: what file and document were when they were last the same. In the log as hash and number,
 * and the bytes in the blob store when they cannot be had from the history. The value itself is in memory only while it
 * cannot be read again, or while the mirror is at work: most documents that are open are just looked at.
 */
import { asBlobHash, type ProjectId } from '@cahier/base/ids.ts';
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import type { Logger } from 'pino';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { MirrorRow } from '../history/history-log.ts';
import type { Recorder } from '../history/recorder.ts';
import type { ForeignFile } from '../rooms/room-mirror.ts';
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

export interface SameState {
  readonly hash: string;
  /** History entry whose state this is. */
  readonly seq: number;
  /** Of the value: one that differs in it is another. */
  readonly extent: number;
}

export class FileBase<Plain> {
  readonly #parts: FileBaseParts<Plain>;
  #same: SameState | null = null;
  /** Of `#same`; null while it can be read again. */
  #plain: Plain | null = null;
  #isRereadable = false;
  /** Are the bytes of `#same` in the blob store? null: they were not put there. */
  #kept: Promise<boolean> | null = null;

  constructor(parts: FileBaseParts<Plain>) {
    this.#parts = parts;
  }

  /** Null until file and document were seen equal in this life of the room. */
  get same(): SameState | null {
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

  /** Equal now. `foreign`: given when somebody else wrote them; our own are kept at the end. */
  set(same: SameState, plain: Plain, foreign?: ForeignFile): void {
    this.#same = same;
    this.#plain = plain;
    this.#isRereadable = foreign?.isRereadable ?? false;
    this.#later(this.#parts.recorder.attach({ mirrors: [this.#row()] }));
    this.#kept = foreign ? this.#put(foreign.bytes) : null;
  }

  /** The same bytes, read better (the document's cell ids instead of made-up ones). */
  refine(plain: Plain): void {
    if (this.#plain !== null) this.#plain = plain;
  }

  /** The mirror has nothing to do for now: what can be read again is let go. */
  async rest(): Promise<void> {
    const same = this.#same;
    if (this.#isRereadable && (await this.#kept) && this.#same === same) this.#plain = null;
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
    if (this.#plain !== null) return this.#plain;
    const { row, blobs, project, kind, room, newId, logger } = this.#parts;
    const known = this.#same ?? row;
    if (!known) return null;
    try {
      const bytes = await blobs.get(project, asBlobHash(known.hash));
      const parsed = kind.fromFile(bytes, room.path, newId);
      if (parsed.ok) return parsed.plain;
    } catch (error) {
      logger.info({ err: error, path: room.path }, 'the base of the merge comes from the history');
    }
    return this.#parts.readAt(known.seq);
  }

  /** The bytes of our last write, for outputs that others may change while nobody looks. */
  keep(): void {
    if (this.#plain === null || this.#kept !== null) return;
    this.#kept = this.#put(this.#parts.kind.toFile(this.#plain));
  }

  #put(bytes: Uint8Array): Promise<boolean> {
    const { blobs, project } = this.#parts;
    const put = blobs.put(project, bytes);
    this.#later(put);
    return put.then(
      () => true,
      () => false,
    );
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
