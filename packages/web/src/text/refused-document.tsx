import { Download } from 'lucide-react';
import type { AppError } from '@cahier/base/app-error.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { fileUrl } from '../link/urls.ts';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import styles from './refused-document.module.css';

interface Props {
  readonly project: ProjectId;
  readonly path: string;
  readonly error: AppError;
  /** The beginning of the file when it is text. */
  readonly text: string | null;
}

/** A file that cannot be edited: the reason, what it says, and a way to get it. It was not touched. */
export function RefusedDocument({ project, path, error, text }: Props) {
  if (text === null) {
    return (
      <EmptyState
        title={path.slice(path.lastIndexOf('/') + 1)}
        actions={
          <a className={buttonClass('primary')} href={fileUrl(project, path, { download: true })} download>
            <Download size={16} aria-hidden /> Download
          </a>
        }
      >
        {error.message}
      </EmptyState>
    );
  }
  return (
    <div className={styles['page']}>
      <div className={styles['reason']} role="alert">
        <span className={styles['words']}>{error.message}</span>
        <a className={buttonClass()} href={fileUrl(project, path, { download: true })} download>
          <Download size={16} aria-hidden /> Download
        </a>
      </div>
      {/* Scrolls by keyboard too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles['text']} tabIndex={0} aria-label="Text of the file, read-only">
        {text}
      </pre>
    </div>
  );
}
