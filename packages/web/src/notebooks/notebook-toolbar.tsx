/** The notebook's own bar: run, cells, type, kernel. On a narrow screen the rarer things move into one menu. */
import { ChevronDown, CircleStop, EllipsisVertical, ListTree, Play, Plus, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStore } from '../rooms/use-store.ts';
import { IconButton } from '../ui/button.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { KernelPill } from './kernel-pill.tsx';
import styles from './notebook.module.css';
import type { AfterRestart } from './run-actions.ts';
import { useActiveType } from './use-active-type.ts';
import { useNotebook } from './use-cell.ts';

interface Props {
  readonly isContentsOpen: boolean;
  /** Hangs under the bar. */
  readonly children?: ReactNode;
  onContents(): void;
  onFind(): void;
  onRestart(then: AfterRestart): void;
}

export function NotebookToolbar({ isContentsOpen, children, onContents, onFind, onRestart }: Props) {
  const { model, actions } = useNotebook();
  const type = useActiveType(model);
  const kernel = useStore(model.session.live, (live) => live.kernel.status);
  const queue = useStore(model.session.live, (live) => live.queue);
  const isOff = !actions.mayEdit;
  const why = isOff ? ' (you may look, not run)' : '';
  const isRunning = kernel === 'busy' || queue.length > 0;
  const runMenu = (): MenuItem[] => [
    { label: 'Run all', isDisabled: isOff, onChoose: () => actions.runs.runAll() },
    { label: 'Run all above', isDisabled: isOff, onChoose: () => actions.runs.runAbove() },
    { label: 'Run this and all below', isDisabled: isOff, onChoose: () => actions.runs.runBelow() },
    'separator',
    { label: 'Restart and run all…', isDisabled: isOff, onChoose: () => onRestart('run-all') },
    { label: 'Restart and run up to here…', isDisabled: isOff, onChoose: () => onRestart('run-up-to') },
    {
      label: 'Take everything out of the queue',
      isDisabled: isOff || queue.length < 2,
      onChoose: () => actions.runs.cancel(queue.slice(1)),
    },
  ];
  const more = (): MenuItem[] => [
    {
      label: 'Interrupt',
      isDisabled: isOff || !isRunning,
      onChoose: () => actions.runs.kernel('kernel.interrupt'),
    },
    {
      label: 'Restart the kernel…',
      isDisabled: isOff || kernel === 'none',
      onChoose: () => onRestart('restart'),
    },
    {
      label: 'Restart and clear all outputs…',
      isDisabled: isOff || kernel === 'none',
      onChoose: () => onRestart('clear'),
    },
    'separator',
    { label: 'Find and replace…', onChoose: onFind },
    { label: 'Clear all outputs', isDisabled: isOff, onChoose: () => actions.runs.clearOutputs() },
    { label: 'Line numbers', onChoose: () => model.toggleAllLineNumbers() },
    { label: 'Undo my last change', isDisabled: isOff, onChoose: () => actions.undo() },
    { label: 'Redo my last change', isDisabled: isOff, onChoose: () => actions.redo() },
  ];
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label="Notebook">
      <IconButton
        label={isContentsOpen ? 'Hide the contents' : 'Show the contents'}
        aria-pressed={isContentsOpen}
        onClick={onContents}
      >
        <ListTree size={17} aria-hidden />
      </IconButton>
      <span className={styles['rule']} aria-hidden />
      <IconButton
        label="Add a cell below"
        disabled={isOff}
        onClick={() => void actions.insert('below', 'code', { edit: true })}
      >
        <Plus size={18} aria-hidden />
      </IconButton>
      <div className={styles['split']}>
        <IconButton label={`Run and go on${why}`} disabled={isOff} onClick={() => actions.runs.runAndGo()}>
          <Play size={16} fill="currentColor" aria-hidden />
        </IconButton>
        <MenuButton label="More ways to run" items={runMenu} className={styles['splitMore']}>
          <ChevronDown size={14} aria-hidden />
        </MenuButton>
      </div>
      <IconButton
        label={`Interrupt${why}`}
        disabled={isOff || !isRunning}
        className={styles['wideOnly']}
        onClick={() => actions.runs.kernel('kernel.interrupt')}
      >
        <CircleStop size={17} aria-hidden />
      </IconButton>
      <IconButton
        label={`Restart the kernel${why}`}
        disabled={isOff || kernel === 'none'}
        className={styles['wideOnly']}
        onClick={() => onRestart('restart')}
      >
        <RotateCw size={16} aria-hidden />
      </IconButton>
      <span className={styles['rule']} aria-hidden />
      <select
        className={styles['type']}
        aria-label="Type of the selected cells"
        value={type ?? 'code'}
        disabled={isOff || type === null}
        onChange={(event) => {
          const chosen = event.target.value;
          if (chosen === 'code' || chosen === 'markdown' || chosen === 'raw') actions.changeType(chosen);
        }}
      >
        <option value="code">Code</option>
        <option value="markdown">Markdown</option>
        <option value="raw">Raw text</option>
      </select>
      <MenuButton label="More for this notebook" tip="More" items={more} className={styles['iconMenu']}>
        <EllipsisVertical size={17} aria-hidden />
      </MenuButton>
      <span className={styles['spring']} />
      <KernelPill onRestart={() => onRestart('restart')} />
      {children}
    </div>
  );
}
