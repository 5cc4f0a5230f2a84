/**
 * A theme that somebody picks is the theme that they see. While JupyterLab follows the system's light and dark (which it
 * does here by default), its own command for the first pick only stops that, and leaves the theme as it was. Stopping it
 * draws a veil over the page, which must be gone before the next one: it is one element, and removed for each.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';

export const chosenTheme: JupyterFrontEndPlugin<void> = {
  id: 'cahier:chosen-theme',
  description: 'Shows the theme that was picked at the first pick.',
  autoStart: true,
  requires: [IThemeManager],
  activate({ commands }, themes: IThemeManager) {
    commands.commandExecuted.connect((_, { id, args, result }) => {
      const theme: unknown = args['theme'];
      if (id !== 'apputils:change-theme' || typeof theme !== 'string') return;
      void result.then(async () => {
        if (themes.theme === theme) return;
        while (document.getElementById('jupyterlab-splash')) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        await themes.setTheme(theme);
      });
    });
  },
};
