/**
 * Puts a recorded session into a data folder, as if a server had run there: people, project, files, histories, live
 * documents and blobs. Then start a server on that folder:
 *   const { project, path } = await openRecordedSession(data);
 *   const server = await ServerProcess.start({ data });  // its owner is Ada
 */
import type { DocumentId, PersonId, ProjectId } from '@cahier/base/ids.ts';
import { fillDataFolder } from '../fill-data-folder.ts';
import { type RecordedSession, recordedSession } from './recorded-session.ts';

export interface OpenedSession {
  readonly project: ProjectId;
  /** Path and id of the notebook. */
  readonly path: string;
  readonly document: DocumentId;
  /** Ada owns project and server; Bert and Chioma may edit. */
  readonly people: readonly { readonly id: PersonId; readonly name: string }[];
  readonly entries: number;
}

/** `data`: a folder that no server uses; made when it is not there. Takes a fraction of a second. */
export async function openRecordedSession(data: string, recorded?: RecordedSession): Promise<OpenedSession> {
  const session = recorded ?? (await recordedSession());
  const { project: id, people, startedAt: createdAt, documents, entries, live, mirrors } = session;
  const [notebook] = documents;
  if (!notebook) throw new Error('the recorded session is empty');
  const { id: document, path } = notebook;
  await fillDataFolder(data, { id, name: 'Tea lab', people, createdAt }, async ({ log, blobs, file }) => {
    for (const each of session.files) await file(each.path, each.text);
    for (const bytes of session.blobs) await blobs.put(id, bytes);
    await log.commit({ documents, entries, live, mirrors });
  });
  const own = entries.filter((entry) => entry.document === document);
  return { project: id, path, document, people, entries: own.length };
}
