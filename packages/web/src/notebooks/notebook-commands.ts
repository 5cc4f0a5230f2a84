/** Jupyter's keys, exactly, as commands: what the key dispatcher, the palette and the keyboard help all read. */
import type { Command } from '../shell/commands.ts';
import { toast } from '../ui/toasts.ts';
import type { NotebookActions } from './notebook-actions.ts';
import type { AfterRestart } from './run-actions.ts';
import type { NotebookModel } from './notebook-model.ts';
import type { FindWish } from './use-find.ts';

export interface NotebookCommand extends Command {
  /** In which of Jupyter's modes its keys count. */
  readonly mode: 'command' | 'edit' | 'both';
}

export interface NotebookSurroundings {
  askRestart(then: AfterRestart): void;
  scrollPage(by: 1 | -1): void;
  toggleContents(): void;
  find(wish: FindWish): void;
}

type Short = readonly [
  id: string,
  title: string,
  keys: readonly string[],
  run: () => void,
  mode?: NotebookCommand['mode'],
];

export function notebookCommands(
  model: NotebookModel,
  actions: NotebookActions,
  around: NotebookSurroundings,
): readonly NotebookCommand[] {
  const active = () => model.selection.get().active;
  const runs: readonly Short[] = [
    [
      'cell.run-and-go',
      'Run the selected cells and go to the next',
      ['Shift+Enter'],
      () => actions.runs.runAndGo(),
      'both',
    ],
    [
      'cell.run',
      'Run the selected cells',
      ['Ctrl+Enter', '$mod+Enter'],
      () => actions.runs.runInPlace(),
      'both',
    ],
    [
      'cell.run-and-insert',
      'Run the selected cells and add one below',
      ['Alt+Enter'],
      () => actions.runs.runAndInsert(),
      'both',
    ],
    ['notebook.run-all', 'Run all cells', [], () => actions.runs.runAll()],
    ['notebook.run-above', 'Run all cells above', [], () => actions.runs.runAbove()],
    ['notebook.run-below', 'Run this cell and all below', [], () => actions.runs.runBelow()],
    ['notebook.clear-outputs', 'Clear all outputs', [], () => actions.runs.clearOutputs()],
    [
      'cell.clear-output',
      'Clear the outputs of the selected cells',
      [],
      () => actions.runs.clearOutputs(model.selected()),
    ],
  ];
  const kernel: readonly Short[] = [
    ['kernel.interrupt', 'Interrupt the kernel', ['i i'], () => actions.runs.kernel('kernel.interrupt')],
    ['kernel.restart', 'Restart the kernel…', ['0 0'], () => around.askRestart('restart')],
    [
      'kernel.restart-and-run-all',
      'Restart the kernel and run all cells…',
      [],
      () => around.askRestart('run-all'),
    ],
    [
      'kernel.restart-and-run-up-to',
      'Restart the kernel and run up to this cell…',
      [],
      () => around.askRestart('run-up-to'),
    ],
    [
      'kernel.restart-and-clear',
      'Restart the kernel and clear all outputs…',
      [],
      () => around.askRestart('clear'),
    ],
    ['kernel.shutdown', 'Shut down the kernel', [], () => actions.runs.kernel('kernel.shutdown')],
  ];
  const cells: readonly Short[] = [
    ['cell.edit', 'Edit the cell', ['Enter'], () => actions.edit()],
    ['cell.leave', 'Leave the editor (command mode)', ['Escape', 'Ctrl+m'], () => actions.command(), 'edit'],
    ['cell.insert-above', 'Add a cell above', ['a'], () => void actions.insert('above')],
    ['cell.insert-below', 'Add a cell below', ['b'], () => void actions.insert('below')],
    ['cell.cut', 'Cut the selected cells', ['x'], () => actions.cut()],
    ['cell.copy', 'Copy the selected cells', ['c'], () => actions.copy()],
    ['cell.paste-below', 'Paste cells below', ['v'], () => actions.paste('below')],
    ['cell.paste-above', 'Paste cells above', ['Shift+v'], () => actions.paste('above')],
    ['cell.delete', 'Delete the selected cells', ['d d'], () => actions.delete()],
    ['cell.undo', 'Undo my last change', ['z'], () => actions.undo()],
    ['cell.redo', 'Redo my last change', ['Shift+z'], () => actions.redo()],
    ['cell.to-code', 'Change to code', ['y'], () => actions.changeType('code')],
    ['cell.to-markdown', 'Change to Markdown', ['m'], () => actions.changeType('markdown')],
    ['cell.to-raw', 'Change to raw text', ['r'], () => actions.changeType('raw')],
    ...[1, 2, 3, 4, 5, 6].map(
      (level): Short => [
        `cell.heading-${level}`,
        `Change to heading ${level}`,
        [String(level)],
        () => actions.heading(level),
      ],
    ),
    ['cell.heading-above', 'Add a heading above', ['Shift+a'], () => actions.insertHeading('above')],
    ['cell.heading-below', 'Add a heading below', ['Shift+b'], () => actions.insertHeading('below')],
    ['cell.merge', 'Merge the selected cells, or with the one below', ['Shift+m'], () => actions.merge()],
    ['cell.merge-above', 'Merge with the cell above', ['Ctrl+Backspace'], () => actions.merge(-1)],
    ['cell.merge-below', 'Merge with the cell below', ['Ctrl+Shift+m'], () => actions.merge(1)],
    ['cell.split', 'Split the cell at the cursor', ['Ctrl+Shift+Minus'], () => actions.split(), 'edit'],
    ['cell.move-up', 'Move the selected cells up', ['Ctrl+Shift+ArrowUp'], () => actions.move(-1)],
    ['cell.move-down', 'Move the selected cells down', ['Ctrl+Shift+ArrowDown'], () => actions.move(1)],
    ['cell.duplicate', 'Duplicate the cell', [], () => forCell(active(), (cell) => actions.duplicate(cell))],
  ];
  const moves: readonly Short[] = [
    ['cell.next', 'Select the next cell', ['ArrowDown', 'j'], () => actions.go(1)],
    ['cell.previous', 'Select the cell above', ['ArrowUp', 'k'], () => actions.go(-1)],
    [
      'cell.extend-down',
      'Extend the selection down',
      ['Shift+ArrowDown', 'Shift+j'],
      () => actions.extend(1),
    ],
    ['cell.extend-up', 'Extend the selection up', ['Shift+ArrowUp', 'Shift+k'], () => actions.extend(-1)],
    [
      'cell.extend-to-top',
      'Extend the selection to the top',
      ['Shift+Home'],
      () => actions.extend(-Infinity),
    ],
    ['cell.extend-to-end', 'Extend the selection to the end', ['Shift+End'], () => actions.extend(Infinity)],
    [
      'cell.first',
      'Select the first cell',
      ['Home', '$mod+Home', '$mod+ArrowUp'],
      () => actions.go(-Infinity),
    ],
    ['cell.last', 'Select the last cell', ['End', '$mod+End', '$mod+ArrowDown'], () => actions.go(Infinity)],
    ['cell.select-all', 'Select all cells', ['$mod+a'], () => actions.selectAll()],
    ['notebook.page-down', 'Scroll down', ['Space'], () => around.scrollPage(1)],
    ['notebook.page-up', 'Scroll up', ['Shift+Space'], () => around.scrollPage(-1)],
  ];
  const looks: readonly Short[] = [
    ['cell.toggle-output', 'Fold or show the output', ['o'], () => actions.toggleOutputs()],
    [
      'cell.scroll-output',
      'Long output in a box that scrolls, or whole',
      ['Shift+o'],
      () => actions.toggleScrolled(),
    ],
    ['section.fold', 'Fold the section, or go to its heading', ['ArrowLeft'], () => actions.fold(true)],
    ['section.unfold', 'Show the folded section', ['ArrowRight'], () => actions.fold(false)],
    ['section.fold-all', 'Fold all sections', ['Ctrl+Shift+ArrowLeft'], () => model.fold(null, true)],
    ['section.unfold-all', 'Show all sections', ['Ctrl+Shift+ArrowRight'], () => model.fold(null, false)],
    ['notebook.render-markdown', 'Render all Markdown cells', [], () => actions.renderMarkdown()],
    ['cell.line-numbers', 'Line numbers in this cell', ['l'], () => actions.toggleLineNumbers()],
    ['notebook.line-numbers', 'Line numbers in all cells', ['Shift+l'], () => model.toggleAllLineNumbers()],
    ['notebook.contents', 'Show or hide the contents list', [], () => around.toggleContents()],
    [
      'notebook.save',
      'Save',
      ['$mod+s', 's'],
      () => void toast('Nothing to do: everything is saved as you type.'),
    ],
  ];
  const search: readonly Short[] = [
    ['notebook.find', 'Find in the notebook', ['$mod+f'], () => around.find('find'), 'both'],
    [
      'notebook.replace',
      'Find and replace in the notebook',
      ['f', '$mod+h', '$mod+Alt+f'],
      () => around.find('replace'),
      'both',
    ],
    ['notebook.find-next', 'Find the next', ['$mod+g'], () => around.find('next'), 'both'],
    [
      'notebook.find-previous',
      'Find the one before',
      ['$mod+Shift+g'],
      () => around.find('previous'),
      'both',
    ],
  ];
  return [
    ...group('Find', search),
    ...group('Run', runs),
    ...group('Kernel', kernel),
    ...group('Cells', cells),
    ...group('Move', moves),
    ...group('Look', looks),
  ].map((command) => (command.id === 'notebook.save' ? { ...command, mode: 'both' as const } : command));
}

function group(name: string, list: readonly Short[]): NotebookCommand[] {
  return list.map(([id, title, keys, run, mode = 'command']) => ({
    id,
    title,
    group: name,
    keys,
    run,
    mode,
    isBoundElsewhere: true,
  }));
}

function forCell<T>(cell: T | null, task: (cell: T) => void): void {
  if (cell !== null) task(cell);
}
