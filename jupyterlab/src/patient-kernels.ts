/**
 * JupyterLab dials a lost kernel seven times and then never again: after a night's sleep or a long tunnel completion and
 * the debugger would be gone until somebody finds “Reconnect to Kernel”. Here it goes on once a minute, and at once when
 * somebody comes back to the page or the network returns.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';

const everyMs = 60_000;

export const patientKernels: JupyterFrontEndPlugin<void> = {
  id: 'cahier:patient-kernels',
  description: 'Dials a kernel again whose connection was given up.',
  autoStart: true,
  requires: [INotebookTracker, IConsoleTracker],
  activate(_, notebooks: INotebookTracker, consoles: IConsoleTracker) {
    const contexts = new Set<ISessionContext>();
    const dial = () => {
      for (const { session } of contexts) {
        const kernel = session?.kernel;
        // it rejects when all its tries were in vain: then the next minute comes
        if (kernel?.connectionStatus === 'disconnected') kernel.reconnect().catch(() => undefined);
      }
    };
    const watch = (context: ISessionContext) => {
      contexts.add(context);
      context.disposed.connect(() => void contexts.delete(context));
    };
    notebooks.widgetAdded.connect((_sender, { sessionContext }) => watch(sessionContext));
    consoles.widgetAdded.connect((_sender, { sessionContext }) => watch(sessionContext));
    setInterval(dial, everyMs);
    addEventListener('online', dial);
    addEventListener('focus', dial);
  },
};
