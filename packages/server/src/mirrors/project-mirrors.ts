/** Makes the mirrors of one project's rooms. */
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import type { Mirrors } from '../rooms/room-mirror.ts';
import { Mirror, type MirrorParts } from './mirror.ts';
import { mirroredNotebook, mirroredText } from './mirrored-document.ts';

export type ProjectMirrorsParts = Omit<
  MirrorParts<unknown>,
  'room' | 'document' | 'row' | 'readAt' | 'newId'
> & {
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
};

export function projectMirrors({ newId, ...parts }: ProjectMirrorsParts): Mirrors {
  const newCellId = () => newId(8);
  return {
    text: ({ room, kind, row, readAt }) =>
      new Mirror<string>({
        ...parts,
        newId: newCellId,
        room,
        row,
        readAt,
        document: mirroredText(room, kind),
      }),
    notebook: ({ room, kind, row, readAt }, live) =>
      new Mirror<PlainNotebook>({
        ...parts,
        newId: newCellId,
        room,
        row,
        readAt,
        document: mirroredNotebook(room, kind, live),
      }),
  };
}
