/** The shared document as it was saved. */
import * as Y from 'yjs';
import { makeLabDoc } from './lab-doc.ts';

/** A state and the updates after it, in order; null: a new document. Throws when something is damaged or missing. */
export function openSaved(saved: readonly Uint8Array[] | null, clientId: number | undefined): Y.Doc {
  const shared = makeLabDoc(clientId);
  try {
    shared.transact(() => {
      for (const update of saved ?? []) Y.applyUpdate(shared, update);
    });
    if (shared.store.pendingStructs !== null || shared.store.pendingDs !== null) {
      throw new Error('The saved view for JupyterLab has a gap: an update before others is missing.');
    }
  } catch (error) {
    shared.destroy();
    throw error;
  }
  return shared;
}
