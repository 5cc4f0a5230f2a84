/** An open notebook for tests: a model and its actions over a document of its own, with no server. */
import { asCellId, asDocumentId, asProjectId } from '@cahier/base/ids.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import { insertCell } from '@cahier/core/notebooks/source-doc.ts';
import { emptyLiveNotebook } from '@cahier/core/runs/live.ts';
import * as Y from 'yjs';
import { LiveStore } from '../rooms/live-store.ts';
import { PresenceStore } from '../rooms/presence-store.ts';
import { Store } from '../rooms/store.ts';
import { syncStatus } from '../rooms/sync-status.ts';
import { NotebookActions } from './notebook-actions.ts';
import { NotebookModel } from './notebook-model.ts';
import type { NotebookSession } from './notebook-session.ts';

export function openNotebook(cells: readonly (readonly [string, CellType, string])[], mayEdit = true) {
  const ydoc = new Y.Doc();
  let last = null;
  for (const [id, type, source] of cells) {
    insertCell(ydoc, { id: asCellId(id), type, source }, { after: last }, 'server', 'x');
    last = asCellId(id);
  }
  const asked: unknown[] = [];
  const session: NotebookSession = {
    project: asProjectId('p'),
    doc: asDocumentId('d'),
    path: 'n.ipynb',
    mayEdit,
    ydoc,
    live: new LiveStore(emptyLiveNotebook),
    presence: new PresenceStore(() => {}),
    status: new Store(syncStatus('saved', 0)),
    undoOrigin: {},
    request: async (frame) => {
      asked.push(frame);
      return null;
    },
    blobUrl: (hash) => hash,
    projectUrl: (path) => path,
  };
  const model = new NotebookModel(session);
  return { model, actions: new NotebookActions(model), session, asked, ydoc };
}
