/**
 * The text of a cell: plain until the cell is near the screen and the editor chunk is here, then CodeMirror. Both look
 * the same, so nothing jumps when one takes the other's place.
 */
import type { CellId } from '@cahier/base/ids.ts';
import { memo, useEffect, useRef, useState } from 'react';
import type { Text } from 'yjs';
import type { CodeEditor, createCodeEditor } from '../editor/code-editor.ts';
import { mountSoon } from './editor-queue.ts';
import styles from './cell.module.css';
import { useNotebook } from './use-cell.ts';

interface Props {
  readonly cell: CellId;
  readonly text: Text;
  readonly source: string;
  readonly language: string | null;
  readonly label: string;
  readonly isEditing: boolean;
  readonly hasLineNumbers: boolean;
  readonly isCode: boolean;
  /** Keys of edit mode, before the editor's own. */
  onKey(event: KeyboardEvent): boolean;
}

export const CellEditor = memo(function CellEditor(props: Props) {
  const { cell, text, source, language, label, isEditing, hasLineNumbers, isCode } = props;
  const { model, actions } = useNotebook();
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    let made: CodeEditor | null = null;
    let unregister = () => {};
    let isWanted = true;
    const mount = (create: typeof createCodeEditor) => {
      if (!isWanted || !host.current) return;
      made = create({
        parent: host.current,
        text,
        language: latest.current.language,
        label: latest.current.label,
        isReadOnly: !actions.mayEdit,
        hasLineNumbers: latest.current.hasLineNumbers,
        isWrapped: true,
        hasSearch: false,
        isTabStop: false,
        undo: () => actions.undo(),
        redo: () => actions.redo(),
        ...(isCode ? { assist: actions.assist } : {}),
        onFiles: (files) => actions.attach(cell, files),
        onKey: (event) => latest.current.onKey(event),
        onSelection: (anchor, head, hasFocus) => model.cursorMoved(cell, anchor, head, hasFocus),
      });
      unregister = model.mounted(cell, made);
      setEditor(made);
    };
    let takeBack = () => {};
    void import('../editor/code-editor.ts').then((editors) => {
      if (!isWanted) return;
      if (latest.current.isEditing) mount(editors.createCodeEditor);
      else takeBack = mountSoon(() => mount(editors.createCodeEditor));
    });
    return () => {
      isWanted = false;
      takeBack();
      unregister();
      made?.dispose();
      setEditor(null);
    };
  }, [model, actions, cell, text, isCode]);

  useEffect(() => editor?.setLanguage(language), [editor, language]);
  useEffect(() => editor?.setLabel(label), [editor, label]);
  useEffect(() => editor?.setLineNumbers(hasLineNumbers), [editor, hasLineNumbers]);
  useEffect(() => {
    if (!editor || !isEditing) return;
    if (actions.takeTypedInto(cell)) editor.focus('end');
    else if (!editor.view.hasFocus) editor.focus();
  }, [editor, isEditing, actions, cell]);

  return (
    <div className={styles['editor']}>
      {editor === null && <pre className={styles['source']}>{source === '' ? '\u200b' : source}</pre>}
      <div ref={host} />
    </div>
  );
});
