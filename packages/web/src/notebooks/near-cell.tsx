/** Everything of a cell that is near the screen: prompt, editor or rendered Markdown, run state, input, outputs. */
import { useCallback } from 'react';
import { RichHtml } from '../outputs/rich-html.tsx';
import { useStore } from '../rooms/use-store.ts';
import { CellEditor } from './cell-editor.tsx';
import { CellOutputs } from './cell-outputs.tsx';
import { CellPeers } from './cell-peers.tsx';
import { CellPrompt } from './cell-prompt.tsx';
import { CellToolbar } from './cell-toolbar.tsx';
import styles from './cell.module.css';
import { InputPrompt } from './input-prompt.tsx';
import { InsertBar } from './insert-bar.tsx';
import { useKernelLanguage } from './kernel-language.ts';
import { useNotebookKeys } from './notebook-keys.ts';
import type { CellSnapshot } from './notebook-model.ts';
import { RunInfo } from './run-info.tsx';
import { stateWords } from './run-words.ts';
import { useNotebook } from './use-cell.ts';

const typeWords = { code: 'Code', markdown: 'Markdown', raw: 'Raw text' } as const;

export function NearCell({ cell }: { readonly cell: CellSnapshot }) {
  const { model, actions } = useNotebook();
  const order = useStore(model.order);
  const kernelLanguage = useKernelLanguage(model);
  const keys = useNotebookKeys();
  const onKey = useCallback((event: KeyboardEvent) => keys.inEditor(cell.id, event), [keys, cell.id]);
  const number = order.indexOf(cell.id) + 1;
  const state = cell.type === 'code' ? `, ${stateWords(cell.live, cell.place)}` : '';
  const edited = cell.isEdited ? ', edited since' : '';
  const label = `${typeWords[cell.type]} cell ${number} of ${order.length}${state}${edited}`;
  const isRendered = cell.isRendered;

  return (
    <>
      <span className="visually-hidden" id={`cell-${cell.id}`}>
        {label}
      </span>
      <CellPrompt cell={cell} />
      <div className={styles['main']}>
        {isRendered ? (
          // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
          <div className={styles['rendered']} onDoubleClick={() => actions.edit(cell.id)}>
            {cell.source.trim() === '' ? (
              <p className={styles['hint']}>Empty Markdown cell. Press Enter or double click to write.</p>
            ) : (
              <RichHtml source={cell.source} kind="markdown" attachments={cell.attachments} />
            )}
          </div>
        ) : (
          <div className={styles['input']}>
            <CellEditor
              cell={cell.id}
              text={cell.text}
              source={cell.source}
              language={cell.type === 'code' ? kernelLanguage : cell.type === 'markdown' ? 'markdown' : null}
              label={label}
              isEditing={cell.isEditing}
              hasLineNumbers={cell.hasLineNumbers}
              isCode={cell.type === 'code'}
              onKey={onKey}
            />
          </div>
        )}
        {cell.folded !== null && cell.folded > 0 && (
          <button
            type="button"
            tabIndex={-1}
            className={styles['hiddenOutput']}
            aria-expanded="false"
            onClick={() => model.fold(cell.id, false)}
          >
            {cell.folded === 1 ? 'One cell is folded' : `${cell.folded} cells are folded`}
          </button>
        )}
        {cell.type === 'code' && <RunInfo cell={cell} />}
        {cell.live.input && <InputPrompt key={cell.live.input.run} input={cell.live.input} />}
        {cell.type === 'code' && <CellOutputs cell={cell} label={`Output of cell ${number}`} />}
      </div>
      {cell.peers.length > 0 && <CellPeers peers={cell.peers} />}
      {cell.isActive && <CellToolbar cell={cell} />}
      {actions.mayEdit && <InsertBar after={cell.id} number={number} />}
    </>
  );
}
