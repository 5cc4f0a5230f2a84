/** What this tab shares among the documents of one project: the link, the browser's storage, and its trouble. */
import type { ProjectId } from '@cahier/base/ids.ts';
import { ProjectLink } from '../link/project-link.ts';
import { randomId } from '../link/random-id.ts';
import { DocumentOpening } from './document-opening.ts';
import { ReplicaStorage } from './replica-storage.ts';
import { storageTrouble } from './storage-trouble.ts';
import { holdTabLock } from './tab-locks.ts';

const sixtyDays = 60 * 24 * 3_600_000;

/** Names this tab for as long as the page lives. */
export const tabId = randomId();

let storageOfPage: Promise<ReplicaStorage | null> | undefined;

function openStorage(): Promise<ReplicaStorage | null> {
  storageOfPage ??= ReplicaStorage.open().then(
    (storage) => {
      holdTabLock(tabId);
      void storage.forgetOld(Date.now() - sixtyDays).catch(() => undefined);
      return storage;
    },
    (error: unknown) => {
      storageTrouble.set(error instanceof Error ? error.message : 'it is switched off');
      return null;
    },
  );
  return storageOfPage;
}

export class ProjectRooms {
  readonly link: ProjectLink;
  readonly storage = openStorage();
  /** Highest number known as saved, by replica: numbers go on when a document is opened again in this tab. */
  readonly acked = new Map<string, number>();

  constructor(project: ProjectId) {
    this.link = new ProjectLink(project, tabId);
  }

  open(path: string): DocumentOpening {
    return new DocumentOpening(this, path);
  }

  dispose(): void {
    this.link.dispose();
  }
}
