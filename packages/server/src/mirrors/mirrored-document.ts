/** What a mirror needs to know of its document besides the kind: how results (outputs) come in and go out. */
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { changedResults, withResults } from '../rooms/cell-results.ts';
import type { LiveSource } from '../rooms/live-source.ts';
import type { Room } from '../rooms/room.ts';
import { writeNotebook } from './write-notebook.ts';

export interface MirroredDocument<Plain> {
  readonly kind: DocumentKind<Plain>;
  /** Fetches what may take time; the function given then reads the document as the file shows it, now. */
  prepare(): Promise<() => Plain>;
  /** The bytes of the file that shows `plain`. */
  write(plain: Plain): Promise<Uint8Array>;
  /** The document was edited from `before` to `after`: results that differ go where they live. */
  takeResults(before: Plain, after: Plain): Promise<void>;
}

export function mirroredText<Plain>(room: Room, kind: DocumentKind<Plain>): MirroredDocument<Plain> {
  return {
    kind,
    prepare: async () => () => kind.read(room.doc),
    write: async (plain) => kind.toFile(plain),
    takeResults: async () => undefined,
  };
}

export function mirroredNotebook(
  room: Room,
  kind: DocumentKind<PlainNotebook>,
  live: LiveSource,
): MirroredDocument<PlainNotebook> {
  return {
    kind,
    prepare: async () => {
      const results = await live.results();
      return () => withResults(kind.read(room.doc), results);
    },
    write: writeNotebook,
    takeResults: async (before, after) => {
      const changed = changedResults(before, after);
      if (changed.size > 0) await live.takeResults(changed);
    },
  };
}
