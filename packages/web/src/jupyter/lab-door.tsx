import { lazy, Suspense, useEffect } from 'react';
import { useLocation } from 'wouter';
import { useStore } from '../rooms/use-store.ts';
import { registerCommands } from '../shell/commands.ts';
import { useProject } from '../shell/project-place.tsx';
import { labWish, openInLab } from './open-in-lab.ts';

const LabDialog = lazy(() => import('./lab-dialog.tsx').then((m) => ({ default: m.LabDialog })));

/** The command, and the dialog when JupyterLab is wished for and not there yet. */
export function LabDoor({ path }: { readonly path: string }) {
  const { id } = useProject();
  const wish = useStore(labWish);
  const [address, navigate] = useLocation();
  // The server leads here who opens JupyterLab's address before there is a page at it.
  useEffect(() => {
    const wanted = new URLSearchParams(location.search).get('jupyterlab');
    if (wanted === null) return;
    labWish.set({ project: id, path: wanted });
    navigate(address, { replace: true });
  }, [id, address, navigate]);
  useEffect(() => {
    const registration = registerCommands([
      {
        id: 'jupyterlab.open',
        title: 'Open in JupyterLab',
        group: 'Page',
        run: () => openInLab(id, path),
      },
    ]);
    return () => registration.dispose();
  }, [id, path]);
  if (wish?.project !== id) return null;
  return (
    <Suspense fallback={null}>
      <LabDialog project={id} path={wish.path} onClose={() => labWish.set(null)} />
    </Suspense>
  );
}
