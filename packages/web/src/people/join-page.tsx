import { type FormEvent, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { pages } from '../link/urls.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import styles from './join-page.module.css';

const rights = {
  owner: 'manage it',
  editor: 'edit and run everything in it',
  viewer: 'look at everything in it',
} as const;

/** `/join#secret`: the secret stands behind `#`, so that it reaches no log; it is sent in a body only. */
export function JoinPage() {
  const [secret] = useState(() => location.hash.slice(1));
  const [, navigate] = useLocation();
  const seen = useAnswer(`join ${secret}`, () => api.joinLook(secret));
  // Who is here already keeps the name they have.
  const me = useAnswer('me', api.me);
  const [typed, setTyped] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = typed ?? me.value?.person.name ?? '';
  useEffect(() => {
    document.title = 'Join · Cahier';
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '' || isBusy) return;
    setBusy(true);
    api.join(secret, name.trim()).then(
      ({ project }) => navigate(pages.folder(project), { replace: true }),
      (cause: unknown) => {
        setBusy(false);
        setError(cause instanceof Error ? cause.message : String(cause));
      },
    );
  };

  if (seen.error) {
    return (
      <main>
        <EmptyState
          isPage
          title="This invitation cannot be used"
          actions={
            <a className={buttonClass()} href={pages.home()}>
              Go to your projects
            </a>
          }
        >
          {seen.error.message}
        </EmptyState>
      </main>
    );
  }
  return (
    <main className={styles['page']}>
      <div className={styles['sheet']}>
        {seen.value ? (
          <>
            <h1 className={styles['title']}>{seen.value.projectName}</h1>
            <p className={styles['text']}>
              {seen.value.invitedBy} invites you to this project. You will be able to{' '}
              {rights[seen.value.role]}.
            </p>
            <form className={styles['form']} onSubmit={submit}>
              <Field
                label="Your name"
                hint="Others see it beside your cursor."
                value={name}
                error={error}
                maxLength={80}
                autoComplete="name"
                onChange={(event) => {
                  setTyped(event.target.value);
                  setError(null);
                }}
              />
              <Button look="primary" type="submit" disabled={name.trim() === '' || isBusy}>
                Join
              </Button>
            </form>
          </>
        ) : (
          <Skeleton lines={4} label="Looking at the invitation" />
        )}
      </div>
    </main>
  );
}
