/** The histories of a project: files that were deleted, who may look back, how long it is kept, and taking it along. */
import { Link } from 'wouter';
import { useEffect, useState } from 'react';
import type { DeletedDocument } from '@cahier/protocol/http/history.ts';
import { Download, Eye, RotateCcw } from 'lucide-react';
import { api } from '../link/api.ts';
import { pages } from '../link/urls.ts';
import { useAnswer } from '../link/use-answer.ts';
import { Crumb, PageHeader } from '../shell/page-header.tsx';
import { useProject } from '../shell/project-place.tsx';
import { SignIn } from '../shell/sign-in.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { NameDialog } from '../ui/name-dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { exactTime, timeAgo } from '../ui/time-ago.ts';
import { problemToast, toast } from '../ui/toasts.ts';
import { useNow } from '../ui/use-now.ts';
import { DeletedDialog } from './deleted-dialog.tsx';
import { KeepingSettings } from './keeping-settings.tsx';
import styles from './project-history-page.module.css';

export function ProjectHistoryPage() {
  const { id, name, isOwner, mayReadHistory, mayEdit, welcome } = useProject();
  useEffect(() => {
    document.title = `History · ${name || 'Cahier'}`;
  }, [name]);
  return (
    <>
      <PageHeader trail={<Crumb href={pages.folder(id)}>{name || 'Project'}</Crumb>} />
      <main id="main" tabIndex={-1} className={styles['page']}>
        <h1 className={styles['title']}>History</h1>
        <p className={styles['lead']}>
          Every keystroke, run and result of this project is kept. To look back in a document, open it and
          press the clock.
        </p>
        {welcome && !mayReadHistory ? (
          <EmptyState title="The history is not open to you">
            The owner of the project decides who may look back. Ask them.
          </EmptyState>
        ) : (
          <>
            <Deleted mayRecover={mayEdit} />
            {isOwner && <KeepingSettings project={id} />}
            <Exports />
          </>
        )}
      </main>
    </>
  );
}

function Deleted({ mayRecover }: { readonly mayRecover: boolean }) {
  const { id } = useProject();
  const known = useAnswer(`deleted ${id}`, () => api.deletedDocuments(id));
  const [looking, setLooking] = useState<DeletedDocument | null>(null);
  const [renaming, setRenaming] = useState<DeletedDocument | null>(null);
  const [back, setBack] = useState<string | null>(null);
  const now = useNow();
  if (known.error?.code === 'access/sign-in') return <SignIn />;
  const recover = (gone: DeletedDocument) => {
    api.recover(id, gone.document).then(
      ({ path }) => {
        setLooking(null);
        setBack(path);
        known.reload();
        toast(`${path} is back, as it was last.`);
      },
      (cause: unknown) => {
        // Something else has the name now: another one is asked for.
        if (cause instanceof Error && 'code' in cause && cause.code === 'file/exists') setRenaming(gone);
        else problemToast(cause);
      },
    );
  };
  return (
    <section className={styles['section']} aria-labelledby="deleted-files">
      <h2 id="deleted-files" className={styles['heading']}>
        Deleted files
      </h2>
      <p className={styles['hint']}>
        A notebook or text file that was deleted is still in the history. Recovered, it stands where it was,
        with all its history.
      </p>
      {back !== null && (
        <output className={styles['good']}>
          <Link href={pages.document(id, back)}>Open {back}</Link>
        </output>
      )}
      {known.error && (
        <p role="alert">
          {known.error.message} <Button onClick={known.reload}>Try again</Button>
        </p>
      )}
      {!known.value && !known.error && <Skeleton lines={3} label="Loading the deleted files" />}
      {known.value?.length === 0 && <p className={styles['none']}>Nothing was deleted.</p>}
      {known.value !== null && known.value.length > 0 && (
        <ul className={styles['list']}>
          {known.value.map((gone) => (
            <li key={gone.document} className={styles['row']}>
              <div className={styles['what']}>
                <strong>{gone.path}</strong>
                <span className={styles['about']}>
                  {gone.lastAt === null ? (
                    'Its last change cannot be read'
                  ) : (
                    <>
                      last changed <time title={exactTime(gone.lastAt)}>{timeAgo(gone.lastAt, now)}</time>
                      {gone.lastAuthor !== null && gone.lastAuthor !== '' && ` by ${gone.lastAuthor}`}
                    </>
                  )}
                </span>
              </div>
              <Button look="quiet" aria-label={`Look at ${gone.path}`} onClick={() => setLooking(gone)}>
                <Eye size={16} aria-hidden /> Look
              </Button>
              {mayRecover && (
                <Button aria-label={`Recover ${gone.path}`} onClick={() => recover(gone)}>
                  <RotateCcw size={16} aria-hidden /> Recover
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {looking && (
        <DeletedDialog
          project={id}
          gone={looking}
          onRecover={mayRecover ? () => recover(looking) : null}
          onClose={() => setLooking(null)}
        />
      )}
      {renaming && (
        <NameDialog
          title={`Recover ${renaming.path}`}
          label="New name"
          hint="There is another file of that name now."
          initial={withSuffix(renaming.path)}
          action="Recover"
          onClose={() => setRenaming(null)}
          onName={async (path) => {
            await api.recover(id, renaming.document, path);
            setLooking(null);
            setBack(path);
            known.reload();
          }}
        />
      )}
    </section>
  );
}

function withSuffix(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') + 1
    ? `${path.slice(0, dot)} (recovered)${path.slice(dot)}`
    : `${path} (recovered)`;
}

function Exports() {
  const { id } = useProject();
  const known = useAnswer(`histories ${id}`, () => api.histories(id));
  const [withOutputs, setWithOutputs] = useState(false);
  const now = useNow();
  const all = known.value ?? [];
  return (
    <section className={styles['section']} aria-labelledby="export">
      <h2 id="export" className={styles['heading']}>
        Take it along
      </h2>
      <p className={styles['hint']}>
        An export holds every step as a line of JSON, in{' '}
        <a href={pages.help('history-export')}>a format that is described</a>. It can be opened without this
        server: in any clone of Cahier,{' '}
        <code>npm run cahier -- history replay FILE.jsonl --at 120 -o out.ipynb</code> writes the document as
        it was at step 120.
      </p>
      <label className={styles['choice']}>
        <input
          type="checkbox"
          checked={withOutputs}
          onChange={(event) => setWithOutputs(event.target.checked)}
        />{' '}
        With results (pictures and long outputs; much larger)
      </label>
      {known.error && <p role="alert">{known.error.message}</p>}
      {!known.value && !known.error && <Skeleton lines={3} label="Loading the histories" />}
      {known.value?.length === 0 && <p className={styles['none']}>There is no history yet.</p>}
      {all.length > 1 && (
        <a className={buttonClass()} href={api.exportAllUrl(id, withOutputs)} download>
          <Download size={16} aria-hidden /> Export all {all.length} histories
        </a>
      )}
      <ul className={styles['list']}>
        {all.map(({ document, path, isDeleted, steps, lastAt }) => (
          <li key={document} className={styles['row']}>
            <div className={styles['what']}>
              <strong>{path}</strong>
              <span className={styles['about']}>
                {steps.toLocaleString('en')} {steps === 1 ? 'step' : 'steps'}
                {lastAt !== null && `, last ${timeAgo(lastAt, now)}`}
                {isDeleted && ', deleted'}
              </span>
            </div>
            <a
              className={buttonClass('quiet')}
              href={api.exportUrl(id, document, withOutputs)}
              download
              aria-label={`Export the history of ${path}`}
            >
              <Download size={16} aria-hidden /> Export
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
