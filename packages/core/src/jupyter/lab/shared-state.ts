/** `state` of the shared document: what JupyterLab shows in its tab and compares before a save. */
import type * as Y from 'yjs';
import type { LabState } from './projection.ts';

export function setState(shared: Y.Doc, state: LabState, by: object): void {
  const map: Y.Map<unknown> = shared.getMap('state');
  const different = Object.entries(state).filter(([key, value]) => map.get(key) !== value);
  if (different.length === 0) return;
  shared.transact(() => {
    for (const [key, value] of different) map.set(key, value);
  }, by);
}
