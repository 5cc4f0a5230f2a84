/** On a phone the side panels leave the notebook no room: they begin folded, and fold when the window becomes narrow. */
import { ILabShell, type JupyterFrontEndPlugin } from '@jupyterlab/application';

const narrow = '(width < 640px)';

export const narrowWindow: JupyterFrontEndPlugin<void> = {
  id: 'cahier:narrow-window',
  description: 'Folds the side panels in a narrow window.',
  autoStart: true,
  requires: [ILabShell],
  activate({ restored }, shell: ILabShell) {
    const query = matchMedia(narrow);
    const fold = () => {
      if (!query.matches) return;
      shell.collapseLeft();
      shell.collapseRight();
    };
    query.addEventListener('change', fold);
    void restored.then(fold);
  },
};
