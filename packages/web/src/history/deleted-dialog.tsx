/** A deleted document as it was last, read-only. */
import { lazy, Suspense, useEffect, useState } from 'react';
import type { ProjectId } from '@cahier/base/ids.ts';
import { foldTo } from '@cahier/core/history/fold.ts';
import type { PastDocument } from '@cahier/core/history/step.ts';
import type { DeletedDocument } from '@cahier/protocol/http/history.ts';
import { api } from '../link/api.ts';
import { toAppError } from '../link/to-app-error.ts';
import { blobUrl, fileUrl } from '../link/urls.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { PastText } from './past-text.tsx';
import styles from './project-history-page.module.css';

const PastNotebookView = lazy(() =>
  import('../notebooks/past-notebook-view.tsx').then((m) => ({ default: m.PastNotebookView })),
);

interface Props {
  readonly project: ProjectId;
  readonly gone: DeletedDocument;
  /** Null: this person may not. */
  readonly onRecover: (() => void) | null;
  readonly onClose: () => void;
}

type Last = { readonly kind: 'notebook' | 'text'; readonly past: PastDocument };

export function DeletedDialog({ project, gone, onRecover, onClose }: Props) {
  const { document, path } = gone;
  const [last, setLast] = useState<Last | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let isLate = false;
    const read = async (): Promise<Last> => {
      const { kind, lastSeq } = await api.timeline(project, document);
      const { base, steps } = await api.chunk(project, document, lastSeq);
      return { kind, past: foldTo(base, steps, lastSeq) };
    };
    read().then(
      (found) => !isLate && setLast(found),
      (cause: unknown) => !isLate && setError(toAppError(cause).message),
    );
    return () => {
      isLate = true;
    };
  }, [project, document]);
  const session = {
    project,
    path,
    blobUrl: (hash: string, type: string) => blobUrl(project, hash, type),
    projectUrl: (file: string) => fileUrl(project, file),
  };
  return (
    <Dialog title={path} isWide onClose={onClose}>
      <div className={styles['look']}>
        {error !== null && <p role="alert">{error}</p>}
        {!last && error === null && <Skeleton lines={6} label="Loading it" />}
        {last?.kind === 'text' && <PastText past={last.past} before={null} />}
        {last?.kind === 'notebook' && (
          <Suspense fallback={<Skeleton lines={6} label="Loading it" />}>
            <PastNotebookView past={last.past} session={session} />
          </Suspense>
        )}
      </div>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        {onRecover && (
          <Button look="primary" onClick={onRecover}>
            Recover
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
