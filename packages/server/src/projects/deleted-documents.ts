/** Documents whose file is gone: their histories stay, and can give the file back. */
import type { DocumentId, ProjectId } from '@cahier/base/ids.ts';
import { appError } from '@cahier/core/errors.ts';
import type { DocumentRow } from '@cahier/core/history/entry.ts';
import { normaliseProjectPath } from '@cahier/core/files/project-path.ts';
import type { DeletedDocument } from '@cahier/protocol/http/history.ts';
import * as Y from 'yjs';
import type { DocumentKinds } from '../rooms/document-kinds.ts';
import { filesBelow } from '../rooms/files-below.ts';
import { loadDocument } from '../history/load-document.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Runner } from '../runners/runner.ts';
import type { HistoryStore } from '../history/history-store.ts';
import type { Recorder } from '../history/recorder.ts';

/** What recovering needs of an open project. */
export interface RecoveringProject {
  readonly recorder: Pick<Recorder, 'attach' | 'flush'>;
  readonly runner: Pick<Runner, 'call'>;
  readonly rooms: Pick<Rooms, 'open' | 'flush' | 'byDocument'>;
}

export interface DeletedDocumentsDeps {
  readonly store: HistoryStore;
  readonly kinds: DocumentKinds;
  readonly open: (project: ProjectId) => Promise<RecoveringProject>;
}

/** Where rooms put the path of a document whose file was deleted. */
const putAway = /^\/deleted\/[^/]+\//;

export class DeletedDocuments {
  readonly #deps: DeletedDocumentsDeps;

  constructor(deps: DeletedDocumentsDeps) {
    this.#deps = deps;
  }

  /** Newest first. Throws `runner/unreachable`. */
  async list(project: ProjectId): Promise<DeletedDocument[]> {
    const { store } = this.#deps;
    const { runner, rooms } = await this.#deps.open(project);
    const files = new Set(await filesBelow(runner, ''));
    const gone = (await store.documents()).filter(
      (row) => row.project === project && !files.has(row.path) && rooms.byDocument(row.id) === null,
    );
    const listed = await Promise.all(gone.map((row) => this.#told(row)));
    return listed.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  }

  async #told(row: DocumentRow): Promise<DeletedDocument> {
    const { store } = this.#deps;
    const seq = await store.lastSeq(row.id);
    const [last] = await store.entries(row.id, seq, seq).catch(() => []);
    return {
      document: row.id,
      path: row.path.replace(putAway, ''),
      lastAt: last?.at ?? null,
      lastAuthor: last?.author.name ?? null,
    };
  }

  /**
   * Writes the file as the document last was, at `path` or where it was; the document goes on from there. Throws
   * `document/not-found`, `file/exists`, and what writing throws.
   */
  async recover(project: ProjectId, document: DocumentId, path?: string): Promise<string> {
    const { store, kinds } = this.#deps;
    const found = await store.document(document);
    if (found?.project !== project) throw appError('document/not-found');
    const { recorder, runner, rooms } = await this.#deps.open(project);
    const to = normaliseProjectPath(path ?? found.path.replace(putAway, ''));
    const { result } = await runner.call({ method: 'file.stat', path: to });
    if (result.entry) throw appError('file/exists', { details: { path: to } });
    const { doc, seq } = await loadDocument(store, document, new Y.Doc());
    const bytes =
      found.kind === 'notebook'
        ? kinds.notebook.toFile(kinds.notebook.read(doc))
        : kinds.text.toFile(kinds.text.read(doc));
    const slash = to.lastIndexOf('/');
    if (slash > 0) await makeFolders(runner, to.slice(0, slash));
    const written = await runner.call({ method: 'file.write', path: to, ifHash: null }, bytes);
    // The file is known as our own, so opening the room finds nothing to merge and adds the results.
    await recorder.attach({
      documents: [{ ...found, path: to }],
      mirrors: [{ document, hash: written.result.hash, seq }],
    });
    await rooms.open(to);
    await rooms.flush(to);
    return to;
  }
}

async function makeFolders(runner: Pick<Runner, 'call'>, folder: string): Promise<void> {
  const parts = folder.split('/');
  for (let i = 1; i <= parts.length; i += 1) {
    const path = parts.slice(0, i).join('/');
    const { result } = await runner.call({ method: 'file.stat', path });
    if (!result.entry) await runner.call({ method: 'file.mkdir', path });
  }
}
