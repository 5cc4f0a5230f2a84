import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { pages } from '../link/urls.ts';
import { PageHeader } from '../shell/page-header.tsx';
import { SetupNotice } from '../shell/setup-notice.tsx';
import { SignIn } from '../shell/sign-in.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { timeAgo } from '../ui/time-ago.ts';
import { useNow } from '../ui/use-now.ts';
import styles from './home-page.module.css';
import { NameDialog } from '../ui/name-dialog.tsx';
import { RenameMe } from '../people/rename-me.tsx';

const roleWords = { owner: 'Yours', editor: 'You can edit', viewer: 'You can look' } as const;

export function HomePage() {
  const { value: me, error, reload } = useAnswer('me', api.me);
  const [isNaming, setNaming] = useState(false);
  const now = useNow();
  const [, navigate] = useLocation();
  useEffect(() => {
    document.title = 'Cahier';
  }, []);
  // Kernels are being set up: look again until that has ended.
  const isWorking = me?.setup.phase === 'working';
  useEffect(() => {
    if (!isWorking) return;
    const timer = setInterval(reload, 3000);
    return () => clearInterval(timer);
  }, [isWorking, reload]);

  if (error?.code === 'access/sign-in') return <SignIn />;
  return (
    <>
      <PageHeader tools={me && <RenameMe person={me.person} onRenamed={reload} />} />
      {me && <SetupNotice setup={me.setup} />}
      <main id="main" tabIndex={-1} className={styles['page']}>
        <div className={styles['greeting']}>
          <h1 className={styles['title']}>Projects</h1>
          <p className={styles['lead']}>
            Each project is a folder of notebooks and files, with the people who work on it.
          </p>
        </div>
        {error && (
          <EmptyState
            title="The server cannot be reached"
            actions={<Button onClick={reload}>Try again</Button>}
          >
            {error.message}
          </EmptyState>
        )}
        {!me && !error && <Skeleton lines={6} label="Loading your projects" />}
        {me && (
          <>
            {me.mayCreate && me.projects.length > 0 && (
              <div className={styles['bar']}>
                <Button look="primary" onClick={() => setNaming(true)}>
                  <Plus size={18} aria-hidden /> New project
                </Button>
              </div>
            )}
            {me.projects.length === 0 ? (
              <EmptyState
                title={me.mayCreate ? 'Start your first project' : 'You are in no project yet'}
                actions={
                  me.mayCreate && (
                    <Button look="primary" onClick={() => setNaming(true)}>
                      <Plus size={18} aria-hidden /> New project
                    </Button>
                  )
                }
              >
                {me.mayCreate
                  ? 'A project holds notebooks and files. You can invite others to work in it with you.'
                  : 'Ask somebody for an invitation link and open it in this browser.'}
              </EmptyState>
            ) : (
              <ul className={styles['grid']}>
                {me.projects.map((project) => (
                  <li key={project.id}>
                    <Link href={pages.folder(project.id)} className={styles['card'] ?? ''}>
                      <span className={styles['name']}>
                        <span>{project.name}</span>
                      </span>
                      <span className={styles['about']}>
                        <span>
                          {roleWords[project.role]}
                          {project.openedAt !== null && ` · opened ${timeAgo(project.openedAt, now)}`}
                        </span>
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </main>
      {isNaming && (
        <NameDialog
          title="New project"
          label="Name"
          placeholder="Statistics, spring 2027"
          action="Make project"
          onClose={() => setNaming(false)}
          onName={async (name) => {
            const { id } = await api.newProject(name);
            navigate(pages.folder(id));
          }}
        />
      )}
    </>
  );
}
