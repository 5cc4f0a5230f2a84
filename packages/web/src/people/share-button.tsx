import { UserPlus } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { registerCommands } from '../shell/commands.ts';
import { useProject } from '../shell/project-place.tsx';
import { Button } from '../ui/button.tsx';
import styles from './share-button.module.css';

const ShareDialog = lazy(() => import('./share-dialog.tsx').then((m) => ({ default: m.ShareDialog })));
const ConnectDialog = lazy(() => import('./connect-dialog.tsx').then((m) => ({ default: m.ConnectDialog })));

/** Lets people in, and their other programs. */
export function ShareButton() {
  const { id, welcome, isOwner, mayEdit } = useProject();
  const [opened, setOpened] = useState<'people' | 'programs' | null>(null);
  useEffect(() => {
    const registration = registerCommands([
      {
        id: 'project.connect',
        title: 'Connect JupyterLab, VS Code or a script',
        group: 'Project',
        run: () => setOpened('programs'),
      },
    ]);
    return () => registration.dispose();
  }, []);
  const close = () => setOpened(null);
  return (
    <>
      <Button
        look="plain"
        className={styles['share']}
        aria-haspopup="dialog"
        aria-label="Share"
        onClick={() => setOpened('people')}
      >
        <UserPlus size={17} aria-hidden />
        <span className={styles['word']} aria-hidden>
          Share
        </span>
      </Button>
      {opened === 'people' && (
        <Suspense fallback={null}>
          <ShareDialog
            project={id}
            me={welcome?.person.id ?? ''}
            isOwner={isOwner}
            onPrograms={() => setOpened('programs')}
            onClose={close}
          />
        </Suspense>
      )}
      {opened === 'programs' && (
        <Suspense fallback={null}>
          <ConnectDialog project={id} mayEdit={mayEdit} isOwner={isOwner} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
