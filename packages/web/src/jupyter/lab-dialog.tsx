/** JupyterLab's page is made once per server, at the first wish: how far that is, what to do when it fails. */
import type { ProjectId } from '@cahier/base/ids.ts';
import type { LabState } from '@cahier/protocol/http/jupyterlab.ts';
import { ExternalLink } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { api } from '../link/api.ts';
import { toAppError } from '../link/to-app-error.ts';
import { pages } from '../link/urls.ts';
import { useProject } from '../shell/project-place.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import styles from './lab-dialog.module.css';

const askEveryMs = 700;

interface Props {
  readonly project: ProjectId;
  readonly path: string;
  readonly onClose: () => void;
}

export function LabDialog({ project, path, onClose }: Props) {
  const { mayEdit } = useProject();
  const { state, error, start } = useLabState(project, mayEdit);
  return (
    <Dialog title="Open in JupyterLab" onClose={onClose}>
      <p className={styles['about']}>
        JupyterLab opens beside Cahier and shows the same live{' '}
        {path.endsWith('.ipynb') ? 'notebook' : 'files'}: what is typed or run in one appears in the other at
        once.
      </p>
      {error !== null && (
        <p role="alert" className={styles['problem']}>
          {error}
        </p>
      )}
      {state && <Standing state={state} mayEdit={mayEdit} />}
      <DialogActions>
        {state?.phase === 'ready' ? (
          <a
            className={buttonClass('primary')}
            href={pages.lab(project, path)}
            target="_blank"
            rel="noreferrer"
            data-autofocus
            onClick={onClose}
          >
            <ExternalLink size={17} aria-hidden /> Open JupyterLab
          </a>
        ) : (
          <>
            <Button onClick={onClose}>Close</Button>
            {state?.phase === 'failed' && mayEdit && (
              <Button look="primary" onClick={start}>
                Try again
              </Button>
            )}
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Standing({ state, mayEdit }: { readonly state: LabState; readonly mayEdit: boolean }) {
  switch (state.phase) {
    case 'absent':
      return mayEdit ? (
        <Work message="Starting…" done={0} />
      ) : (
        <p>
          JupyterLab has to be prepared on this server once. Ask somebody who may edit here to open it first.
        </p>
      );
    case 'working':
      return <Work message={state.message} done={state.done} />;
    case 'ready':
      return <output className={styles['ready']}>JupyterLab {state.version} is ready.</output>;
    case 'failed':
      return (
        <div role="alert" className={styles['problem']}>
          <p>{state.message}</p>
          {state.cure.includes(' ') && /^[A-Z]/.test(state.cure) ? (
            <p>{state.cure}</p>
          ) : (
            <p>
              Try again, or run this on the server to see more: <code>{state.cure}</code>
            </p>
          )}
        </div>
      );
    default:
      return state satisfies never;
  }
}

function Work({ message, done }: { readonly message: string; readonly done: number }) {
  return (
    <div className={styles['work']}>
      <output>{message}</output>
      <progress className={styles['bar']} value={done} max={1} aria-label="Preparing JupyterLab" />
      <p className={styles['faint']}>
        This is done once for everyone on this server and takes about a minute. You can close this and go on
        working meanwhile.
      </p>
    </div>
  );
}

/** Asks until nothing changes any more; starts the preparation when nobody has. */
function useLabState(project: ProjectId, mayStart: boolean) {
  const [state, setState] = useState<LabState | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const wantsStart = useRef(true);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const seen = await api.lab(project);
      const wanted = wantsStart.current && mayStart && (seen.phase === 'absent' || seen.phase === 'failed');
      wantsStart.current = false;
      const next = wanted ? await api.prepareLab(project) : seen;
      if (isOver) return;
      setError(null);
      setState(next);
      if (next.phase === 'working') timer = setTimeout(again, askEveryMs);
    };
    const again = () => {
      look().catch((cause: unknown) => {
        if (isOver) return;
        setError(toAppError(cause).message);
        timer = setTimeout(again, askEveryMs * 4);
      });
    };
    again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [project, mayStart, round]);
  const start = () => {
    wantsStart.current = true;
    setRound((n) => n + 1);
  };
  return { state, error, start };
}
