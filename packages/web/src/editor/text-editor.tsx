/** The editor of a text document: one shared text, others' cursors, undo of one's own edits, find and replace. */
import { useEffect, useRef, useState } from 'react';
import * as Y from 'yjs';
import type { NotebookSession } from '../notebooks/notebook-session.ts';
import './code-tokens.css';
import type { CodeEditor } from './code-editor.ts';
import { LocalOrigin } from './local-origin.ts';
import { cursorsOf, presenceOf } from './relative-cursors.ts';
import styles from './text-editor.module.css';

interface Props {
  readonly session: Pick<NotebookSession, 'presence' | 'mayEdit' | 'path' | 'undoOrigin'>;
  readonly ytext: Y.Text;
  /** A language's name or null for plain text (language.ts). */
  readonly language: string | null;
}

export function TextEditor({ session, ytext, language }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor | null>(null);
  const [isReady, setIsReady] = useState(false);

  useEffect(() => {
    let isWanted = true;
    const undo = new Y.UndoManager(ytext, {
      trackedOrigins: new Set<unknown>([LocalOrigin, session.undoOrigin]),
      captureTimeout: 500,
    });
    void import('./code-editor.ts').then(({ createCodeEditor }) => {
      if (!isWanted || !host.current) return;
      const made = createCodeEditor({
        parent: host.current,
        text: ytext,
        language,
        label: `Text of ${session.path}`,
        isReadOnly: !session.mayEdit,
        hasLineNumbers: true,
        isWrapped: true,
        hasSearch: true,
        isTabStop: true,
        undo: () => void undo.undo(),
        redo: () => void undo.redo(),
        onSelection: (anchor, head, hasFocus) =>
          session.presence.setLocal({ ...presenceOf(ytext, anchor, head), isEditing: hasFocus }),
      });
      editor.current = made;
      setIsReady(true);
      made.focus();
    });
    const showPeers = () => editor.current?.showPeers(cursorsOf(session.presence.peers(), ytext));
    const stop = session.presence.subscribe(() => requestAnimationFrame(showPeers));
    return () => {
      isWanted = false;
      stop();
      undo.destroy();
      editor.current?.dispose();
      editor.current = null;
    };
  }, [session, ytext, language]);

  return (
    <div className={styles['page']}>
      {!isReady && <pre className={styles['waiting']}>{ytext.toString().slice(0, 50_000)}</pre>}
      <div ref={host} className={styles['host']} />
    </div>
  );
}
