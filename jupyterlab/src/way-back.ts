/** The way back: a link to the same notebook in Cahier, in the top bar and among the commands. */
import { ILabShell, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import cahierMark from './cahier.svg';
import './way-back.css';

const command = 'cahier:open';
const icon = new LabIcon({ name: 'cahier:mark', svgstr: cahierMark });

export const wayBack: JupyterFrontEndPlugin<void> = {
  id: 'cahier:way-back',
  description: 'Opens the notebook that is shown here in Cahier.',
  autoStart: true,
  requires: [ILabShell],
  optional: [IDocumentManager, ICommandPalette, ILauncher],
  activate(
    app,
    shell: ILabShell,
    documents: IDocumentManager | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
  ) {
    const home = PageConfig.getOption('cahierUrl');
    const project = PageConfig.getOption('cahierProject');
    const shownPath = () => {
      const { currentWidget } = shell;
      return currentWidget ? (documents?.contextForWidget(currentWidget)?.path ?? null) : null;
    };
    const address = () => {
      const path = shownPath();
      return path === null ? home : URLExt.join(home, 'edit', URLExt.encodeParts(path));
    };
    app.commands.addCommand(command, {
      label: () => (shownPath() === null ? 'Open the Project in Cahier' : 'Open in Cahier'),
      caption: `Opens “${project}” in Cahier, with everyone who is there`,
      icon,
      execute: () => window.open(address(), '_blank', 'noopener'),
      describedBy: { args: { type: 'object', properties: {} } },
    });
    palette?.addItem({ command, category: 'Cahier' });
    launcher?.add({ command, category: 'Other', rank: 50 });

    const link = document.createElement('a');
    link.className = 'cahier-way-back';
    link.target = '_blank';
    link.rel = 'noopener';
    const label = document.createElement('span');
    label.textContent = 'Open in Cahier';
    icon.element({ container: link, tag: 'span', height: '16px', width: '16px' });
    link.append(label);
    const follow = () => {
      link.href = address();
      link.title = `Open ${shownPath() ?? `“${project}”`} in Cahier (new tab)`;
    };
    follow();
    shell.currentChanged.connect(follow);
    link.addEventListener('pointerenter', follow);
    link.addEventListener('focus', follow);
    const widget = new Widget({ node: document.createElement('div') });
    widget.id = 'cahier-way-back';
    widget.node.append(link);
    shell.add(widget, 'top', { rank: 1000 });
  },
};
