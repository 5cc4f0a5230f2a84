/** What can be done to the active cell, at its corner. Everything here also has a key and a palette entry. */
import { ArrowDown, ArrowUp, Copy, EllipsisVertical, Pencil, Scissors, Trash2 } from 'lucide-react';
import { IconButton } from '../ui/button.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import styles from './cell.module.css';
import type { CellSnapshot } from './notebook-model.ts';
import { useNotebook } from './use-cell.ts';

export function CellToolbar({ cell }: { readonly cell: CellSnapshot }) {
  const { model, actions } = useNotebook();
  const { id, type } = cell;
  // On a narrow screen the bar is one button, and its menu holds everything.
  const more = (): MenuItem[] => [
    ...(matchMedia('(max-width: 640px)').matches
      ? [
          ...(cell.isRendered ? [{ label: 'Edit', onChoose: () => actions.edit(id) }] : []),
          { label: 'Move up', onChoose: () => actions.move(-1) },
          { label: 'Move down', onChoose: () => actions.move(1) },
          { label: 'Duplicate', onChoose: () => actions.duplicate(id) },
          { label: 'Cut', onChoose: () => actions.cut() },
          { label: 'Delete', isDanger: true, onChoose: () => actions.delete() },
          'separator' as const,
        ]
      : []),
    { label: 'Code', isChosen: type === 'code', onChoose: () => actions.changeType('code', [id]) },
    {
      label: 'Markdown',
      isChosen: type === 'markdown',
      onChoose: () => actions.changeType('markdown', [id]),
    },
    { label: 'Raw text', isChosen: type === 'raw', onChoose: () => actions.changeType('raw', [id]) },
    'separator',
    { label: 'Copy cell', onChoose: () => actions.copy([id]) },
    { label: 'Paste below', isDisabled: !actions.hasCopied, onChoose: () => actions.paste('below') },
    { label: 'Merge with the cell below', onChoose: () => actions.merge(1) },
    'separator',
    {
      label: cell.hasLineNumbers ? 'Hide line numbers' : 'Show line numbers',
      onChoose: () => model.toggleLineNumbers(id),
    },
    {
      label: cell.isOutputHidden ? 'Show the output' : 'Fold the output',
      isDisabled: cell.live.outputs.length === 0,
      onChoose: () => model.setOutputHidden(id, !cell.isOutputHidden),
    },
    {
      label: cell.isOutputScrolled ? 'Show the output whole' : 'Output in a box that scrolls',
      isDisabled: cell.live.outputs.length === 0,
      onChoose: () => model.setOutputScrolled(id, !cell.isOutputScrolled),
    },
    {
      label: 'Clear the output',
      isDisabled: cell.live.outputs.length === 0,
      onChoose: () => actions.runs.clearOutputs([id]),
    },
  ];
  if (!actions.mayEdit) return null;
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label="This cell">
      {cell.isRendered && (
        <IconButton label="Edit" onClick={() => actions.edit(id)}>
          <Pencil size={15} aria-hidden />
        </IconButton>
      )}
      <IconButton label="Move up" onClick={() => actions.move(-1)}>
        <ArrowUp size={15} aria-hidden />
      </IconButton>
      <IconButton label="Move down" onClick={() => actions.move(1)}>
        <ArrowDown size={15} aria-hidden />
      </IconButton>
      <IconButton label="Duplicate" onClick={() => actions.duplicate(id)}>
        <Copy size={15} aria-hidden />
      </IconButton>
      <IconButton label="Cut" onClick={() => actions.cut()}>
        <Scissors size={15} aria-hidden />
      </IconButton>
      <IconButton label="Delete" onClick={() => actions.delete()}>
        <Trash2 size={15} aria-hidden />
      </IconButton>
      <MenuButton label="More for this cell" tip="More" items={more} className={styles['toolbarMore']}>
        <EllipsisVertical size={15} aria-hidden />
      </MenuButton>
    </div>
  );
}
