/** What must be known while it lasts: setting up, disk trouble on the server, no storage in this browser. */
import { useEffect, useState } from 'react';
import type { SetupState } from '@cahier/protocol/client/down.ts';
import { storageTrouble } from '../rooms/storage-trouble.ts';
import { useStore } from '../rooms/use-store.ts';
import { Notice } from '../ui/notice.tsx';
import { useProject } from './project-place.tsx';
import { SetupNotice } from './setup-notice.tsx';

export function ProjectNotices() {
  const { rooms, welcome } = useProject();
  const [setup, setSetup] = useState<SetupState | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const noStorage = useStore(storageTrouble);
  useEffect(
    () =>
      rooms.link.on(({ frame }) => {
        if (frame.t === 'setup') setSetup(frame.setup);
        if (frame.t === 'storage') setTrouble(frame.error?.message ?? null);
        if (frame.t === 'welcome') {
          setSetup(frame.setup);
          setTrouble(null);
        }
      }),
    [rooms],
  );
  const shown = setup ?? welcome?.setup ?? null;
  return (
    <>
      {trouble !== null && <Notice tone="problem">{trouble}</Notice>}
      {noStorage !== null && (
        <Notice tone="warning">
          This browser keeps nothing for Cahier ({noStorage}). Do not close the page while the badge says
          “Offline”.
        </Notice>
      )}
      {shown && <SetupNotice setup={shown} />}
    </>
  );
}
