/**
 * A server that is away for a moment is a line in the top bar, not a dialog over the notebook: documents go on being
 * edited and are joined again by themselves. The line goes when the server answers.
 */
import { IConnectionLost, ILabShell, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { Widget } from '@lumino/widgets';

const askEveryMs = 2_000;

export const quietLine: JupyterFrontEndPlugin<IConnectionLost> = {
  id: 'cahier:quiet-line',
  description: 'Says in the top bar that the server is away.',
  autoStart: true,
  requires: [ILabShell],
  provides: IConnectionLost,
  activate(_, shell: ILabShell) {
    const widget = new Widget({ node: document.createElement('div') });
    widget.id = 'cahier-quiet-line';
    widget.node.setAttribute('role', 'status');
    shell.add(widget, 'top', { rank: 900 });
    let isAway = false;
    const ask = async () => {
      const answer = await fetch(URLExt.join(PageConfig.getBaseUrl(), 'api'), { cache: 'no-store' }).catch(
        () => null,
      );
      isAway = answer === null;
      widget.node.textContent = isAway ? 'No connection to the server. What you type is kept.' : '';
      if (isAway) setTimeout(() => void ask(), askEveryMs);
    };
    return async () => {
      if (isAway) return;
      isAway = true;
      await ask();
    };
  },
};
