/** The wish to see something in JupyterLab: fulfilled at once when its page is there, else lab-door.tsx asks and waits. */
import type { ProjectId } from '@cahier/base/ids.ts';
import { api } from '../link/api.ts';
import { pages } from '../link/urls.ts';
import { Store } from '../rooms/store.ts';
import { problemToast } from '../ui/toasts.ts';

export interface LabWish {
  readonly project: ProjectId;
  /** Empty: the project. */
  readonly path: string;
}

export const labWish = new Store<LabWish | null>(null);

/** In a new tab. The question is short enough for the browser to count the tab as wished. */
export function openInLab(project: ProjectId, path: string): void {
  api.lab(project).then((state) => {
    const tab = state.phase === 'ready' ? open(pages.lab(project, path)) : null;
    if (!tab) labWish.set({ project, path });
  }, problemToast);
}
