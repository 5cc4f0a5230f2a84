/**
 * A kernel that was restarted is a passing notice, for whoever is in the notebook: somebody asked for it, here or on
 * another page. JupyterLab takes the server's word about it for that of a server which restarts dead kernels, and says in a
 * dialog over the notebook that this one “appears to have died”; Cahier shows a dead kernel as dead, and starts none again
 * that nobody asked for.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { type ISessionContext, Notification } from '@jupyterlab/apputils';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

export const quietRestart: JupyterFrontEndPlugin<void> = {
  id: 'cahier:quiet-restart',
  description: 'Tells of restarted kernels without a dialog.',
  autoStart: true,
  activate() {
    const tell = ({ name }: ISessionContext, status: Kernel.Status) => {
      if (status !== 'autorestarting') return;
      Notification.info(`The kernel of “${name}” was restarted: its variables are gone.`, {
        autoClose: 5_000,
      });
    };
    Reflect.set(NotebookPanel.prototype, '_onSessionStatusChanged', tell);
  },
};
