import { languageOfFile } from '../editor/language.ts';
import { TextEditor } from '../editor/text-editor.tsx';
import type { DocumentSession } from '../rooms/document-session.ts';
import { textOf } from '@cahier/core/documents/text-kind.ts';
import styles from './text-view.module.css';

/** A text document: the shared editor on a sheet. */
export function TextView({ session }: { readonly session: DocumentSession }) {
  return (
    <div className={styles['view']}>
      <TextEditor session={session} ytext={textOf(session.ydoc)} language={languageOfFile(session.path)} />
    </div>
  );
}
