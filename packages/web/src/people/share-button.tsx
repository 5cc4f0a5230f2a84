import { UserPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useProject } from '../shell/project-place.tsx';
import { Button } from '../ui/button.tsx';
import styles from './share-button.module.css';

const ShareDialog = lazy(() => import('./share-dialog.tsx').then((m) => ({ default: m.ShareDialog })));

export function ShareButton() {
  const { id, welcome, isOwner } = useProject();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        look="plain"
        className={styles['share']}
        aria-haspopup="dialog"
        aria-label="Share"
        onClick={() => setOpen(true)}
      >
        <UserPlus size={17} aria-hidden />
        <span className={styles['word']} aria-hidden>
          Share
        </span>
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <ShareDialog
            project={id}
            me={welcome?.person.id ?? ''}
            isOwner={isOwner}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}
