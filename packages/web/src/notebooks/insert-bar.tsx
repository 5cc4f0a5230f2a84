/** Between two cells: buttons for a new one, seen on hover and on focus. */
import type { CellId } from '@cahier/base/ids.ts';
import { Plus } from 'lucide-react';
import styles from './cell.module.css';
import { useNotebook } from './use-cell.ts';

export function InsertBar({ after, number }: { readonly after: CellId; readonly number: number }) {
  const { actions } = useNotebook();
  const add = (type: 'code' | 'markdown') => void actions.insert('below', type, { edit: true, near: after });
  return (
    <div className={styles['insert']}>
      <button
        type="button"
        tabIndex={-1}
        className={styles['insertButton']}
        onClick={() => add('code')}
        aria-label={`Add a code cell after cell ${number}`}
      >
        <Plus size={14} aria-hidden /> Code
      </button>
      <button
        type="button"
        tabIndex={-1}
        className={styles['insertButton']}
        onClick={() => add('markdown')}
        aria-label={`Add a Markdown cell after cell ${number}`}
      >
        <Plus size={14} aria-hidden /> Markdown
      </button>
    </div>
  );
}
