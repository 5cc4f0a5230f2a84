/**
 * Saving what a client of the contents API sends. Into a document people may have open it goes as an edit: merged with
 * what they did since the client read it, recorded in the history, never over their heads. Other files are written.
 */
import { AppError } from '@cahier/base/app-error.ts';
import type { DocumentKind } from '@cahier/core/documents/kind.ts';
import { appError } from '@cahier/core/errors.ts';
import type { EntryAuthor } from '@cahier/core/history/entry.ts';
import { changedResults, withResults } from '../rooms/cell-results.ts';
import type { DocumentKinds } from '../rooms/document-kinds.ts';
import type { OpenRoom } from '../rooms/open-room.ts';
import type { JupyterProject } from './jupyter-project.ts';

export interface Saving {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What the client had when it began; null: nobody knows, what it sends counts. */
  readonly base: Uint8Array | null;
  readonly author: EntryAuthor;
  readonly isThere: boolean;
}

export interface SaveParts {
  readonly kinds: DocumentKinds;
  /** An id of `length` random hexadecimal characters. */
  readonly newId: (length: number) => string;
}

/** Throws what opening and writing throw, and the document's refusal when the bytes are not of its kind. */
export async function saveDocument(project: JupyterProject, saving: Saving, parts: SaveParts): Promise<void> {
  const { path, bytes, isThere } = saving;
  const open = isThere ? await openOrNull(project, path) : null;
  if (open === null) {
    await project.runner.call({ method: 'file.write', path, ...(isThere ? {} : { ifHash: null }) }, bytes);
    return;
  }
  if (open.room.kind === 'notebook') await saveNotebook(open, saving, parts);
  else saveText(open, saving, parts);
  await written(open);
}

/** The file shows what the document is now. Throws when it cannot be written. */
export async function written({ mirror, room }: OpenRoom): Promise<void> {
  await mirror.flush();
  if (room.file.state === 'failed') {
    throw appError('file/failed', { details: { path: room.path, why: room.file.message ?? '' } });
  }
}

/** Null when it is not to be edited as a document. */
async function openOrNull(project: JupyterProject, path: string): Promise<OpenRoom | null> {
  try {
    const opening = await project.rooms.open(path);
    return opening.ok ? opening.open : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'file/too-large') return null;
    throw error;
  }
}

async function saveNotebook(open: OpenRoom, saving: Saving, { kinds, newId }: SaveParts): Promise<void> {
  const { room } = open;
  const kind = kinds.notebook;
  const theirs = parsed(kind, saving.bytes, saving.path, newId);
  const base = saving.base && parsed(kind, saving.base, saving.path, newId);
  const results = (await room.live?.results()) ?? new Map();
  // From here to the edit nothing may wait: the document must not change in between.
  const ours = withResults(kind.read(room.doc), results);
  const merged = kind.merge(base ?? ours, ours, theirs);
  room.edit(saving.author, 'api', (doc, by) => kind.edit(doc, merged, by, () => newId(8)));
  const changed = changedResults(ours, merged);
  if (changed.size > 0) await room.live?.takeResults(changed);
}

function saveText({ room }: OpenRoom, saving: Saving, { kinds, newId }: SaveParts): void {
  const kind = kinds.text;
  const theirs = parsed(kind, saving.bytes, saving.path, newId);
  const base = saving.base && parsed(kind, saving.base, saving.path, newId);
  const ours = kind.read(room.doc);
  const merged = kind.merge(base ?? ours, ours, theirs);
  room.edit(saving.author, 'api', (doc, by) => kind.edit(doc, merged, by, () => newId(8)));
}

function parsed<Plain>(
  kind: DocumentKind<Plain>,
  bytes: Uint8Array,
  path: string,
  newId: (length: number) => string,
): Plain {
  const result = kind.fromFile(bytes, path, () => newId(8));
  if (!result.ok) throw appError(result.code, { details: result.details });
  return result.plain;
}
