/**
 * Ctrl+S on a shared document never asks a question, and never fails for a moment's reason. There is nothing to decide:
 * the server is the only one who writes the file, and merges what other programs wrote.
 *
 * JupyterLab compares a hash that it got by the room's socket with one that it asks for by HTTP; the file is written two
 * seconds after an edit, so the two race, and it would ask whether to overwrite: not for these documents. And it sends
 * its wish on the room's socket whatever state that is in: it fails on one that is being opened, and waits for ever on one
 * that ends before the answer. Here a save waits for the room, and is sent again when its socket ended.
 */
import { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import { WebSocketProvider } from '@jupyter/docprovider';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Contents } from '@jupyterlab/services';

export const saveInPeace: JupyterFrontEndPlugin<void> = {
  id: 'cahier:save-in-peace',
  description: 'Saves shared documents without a question about their files, when their room is there.',
  autoStart: true,
  requires: [ICollaborativeContentProvider],
  activate(_, provider: ICollaborativeContentProvider) {
    const get = provider.get.bind(provider);
    provider.get = async (path: string, options?: Contents.IFetchOptions) => {
      const model = await get(path, options);
      const asksForChange = options?.content === false && options.hash === true;
      const isShared = [...provider.providers.keys()].some((key) => key.endsWith(`:${path}`));
      return asksForChange && isShared
        ? { ...model, hash: undefined, last_modified: new Date(0).toISOString() }
        : model;
    };
    const { save } = WebSocketProvider.prototype;
    Reflect.set(WebSocketProvider.prototype, 'save', async function (this: WebSocketProvider) {
      await this.ready;
      while (!(await savedBy(this, () => save.call(this))));
    });
  },
};

/** False: the room's socket ended before the answer came. */
async function savedBy({ wsProvider: room }: WebSocketProvider, save: () => Promise<void>): Promise<boolean> {
  // nobody is connected any more, nor will be: the document is closed
  if (room === null) return true;
  if (!room.synced || room.ws?.readyState !== WebSocket.OPEN) {
    await new Promise<void>((resolve) => {
      const onSync = (isSynced: boolean) => {
        if (!isSynced) return;
        room.off('sync', onSync);
        resolve();
      };
      room.on('sync', onSync);
    });
  }
  let ended = () => {};
  const end = new Promise<false>((resolve) => {
    ended = () => resolve(false);
    room.on('connection-close', ended);
  });
  try {
    return await Promise.race([save().then(() => true), end]);
  } finally {
    room.off('connection-close', ended);
  }
}
