/** Port: what rooms need of the mirror of their file (mirrors/mirror.ts implements it). */
import type { Disposable } from '@cahier/base/disposable.ts';
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import type { MirrorRow } from '../history/history-log.ts';
import type { LiveSource } from './live-source.ts';
import type { Room } from './room.ts';

/** Bytes that somebody else wrote. */
export interface ForeignFile {
  readonly bytes: Uint8Array;
  /** Reading them again gives the same value: no cell needed a new id. */
  readonly isRereadable: boolean;
}

export interface RoomMirror<Plain> extends Disposable {
  /** The document was just made from this file. */
  imported(hash: string, plain: Plain, file: ForeignFile): void;
  /** The document was opened from its history: compares it with the file. */
  start(): void;
  /** Outputs or execution counts changed. */
  resultsChanged(): void;
  /** The runner saw the file change. `hash` null: it is gone. */
  fileChanged(hash: string | null): void;
  runnerConnected(): void;
  /** The room has another path. */
  renamed(): void;
  /** Resolves when the file is equal or cannot be written now. */
  flush(): Promise<void>;
}

export interface NewMirror<Plain> {
  readonly room: Room;
  readonly kind: DocumentKind<Plain>;
  /** What the history says of the file; null when the document is new. */
  readonly row: MirrorRow | null;
  /** The document as it was at a history entry, results left out. */
  readonly readAt: (seq: number) => Promise<Plain>;
}

export interface Mirrors {
  text(made: NewMirror<string>): RoomMirror<string>;
  notebook(made: NewMirror<PlainNotebook>, live: LiveSource): RoomMirror<PlainNotebook>;
}
