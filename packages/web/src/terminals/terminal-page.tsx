/** A terminal of the project on a page of its own: shared with whoever opens it, alive when nobody does. */
import '@xterm/xterm/css/xterm.css';
import { Eraser, Plus, Power, SquareTerminal, Volume2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../link/api.ts';
import { pages } from '../link/urls.ts';
import { Store } from '../rooms/store.ts';
import { useStore } from '../rooms/use-store.ts';
import { Crumb, PageHeader, Slash } from '../shell/page-header.tsx';
import { ProjectNotices } from '../shell/project-notices.tsx';
import { useProject } from '../shell/project-place.tsx';
import { AvatarRow } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemToast } from '../ui/toasts.ts';
import styles from './terminal-page.module.css';
import { TerminalSession, type TerminalState } from './terminal-session.ts';

const nothingYet = new Store<TerminalState>({ phase: 'connecting', why: '', people: [], sharedSize: null });
const aloudKey = 'cahier-terminal-aloud';

export function TerminalPage({ name }: { readonly name: string }) {
  const { id, name: projectName, mayEdit, welcome } = useProject();
  const [, navigate] = useLocation();
  const place = useRef<HTMLDivElement>(null);
  const way = useRef<HTMLButtonElement>(null);
  const [session, setSession] = useState<TerminalSession | null>(null);
  const [isAloud, setAloud] = useState(() => localStorage.getItem(aloudKey) === '1');
  const { phase, why, people, sharedSize } = useStore(session?.state ?? nothingYet);

  useEffect(() => {
    document.title = `Terminal ${name} · Cahier`;
  }, [name]);
  useEffect(() => {
    if (!place.current || !mayEdit) return;
    const made = new TerminalSession(id, name, place.current, () => way.current?.focus());
    // The socket must not be opened while rendering.
    // oxlint-disable-next-line react/set-state-in-effect
    setSession(made);
    return () => made.dispose();
  }, [id, name, mayEdit]);
  useEffect(() => {
    session?.readAloud(isAloud);
    localStorage.setItem(aloudKey, isAloud ? '1' : '0');
  }, [session, isAloud]);

  const another = () => {
    api.newTerminal(id, '').then((made) => navigate(pages.terminal(id, made.name)), problemToast);
  };
  const menu = (): MenuItem[] => [
    { label: 'New terminal', icon: <Plus size={17} aria-hidden />, onChoose: another },
    {
      label: 'Clear the screen',
      icon: <Eraser size={17} aria-hidden />,
      onChoose: () => session?.clear(),
    },
    {
      label: 'Read out what is shown',
      icon: <Volume2 size={17} aria-hidden />,
      isChosen: isAloud,
      onChoose: () => setAloud(!isAloud),
    },
    {
      label: 'End this terminal',
      icon: <Power size={17} aria-hidden />,
      isDanger: true,
      isDisabled: phase === 'ended',
      onChoose: () => void api.endTerminal(id, name).catch(problemToast),
    },
  ];
  const others = people.filter((person) => person.id !== welcome?.person.id);
  return (
    <>
      <PageHeader
        trail={
          <>
            <Crumb href={pages.folder(id)}>{projectName || 'Project'}</Crumb>
            <Slash />
            <h1 className={styles['title']}>
              <SquareTerminal size={17} aria-hidden /> Terminal {name}
            </h1>
          </>
        }
        tools={<AvatarRow people={others} label="Also in this terminal" />}
        menu={menu}
      />
      <ProjectNotices />
      {welcome && !mayEdit ? (
        <EmptyState title="Terminals are for people who may edit" isPage>
          A terminal can do everything in this project. Ask the owner for the right to edit.
        </EmptyState>
      ) : (
        <main id="main" tabIndex={-1} className={styles['page']}>
          <div className={styles['frame']}>
            <div ref={place} className={styles['screen']} data-phase={phase} />
          </div>
          <div className={styles['foot']}>
            {phase === 'away' ? (
              <Notice tone="warning">
                The connection is away for a moment. What runs here goes on; the screen comes back by itself.
              </Notice>
            ) : phase === 'ended' ? (
              <Notice
                tone="calm"
                actions={
                  <Button look="primary" onClick={another}>
                    New terminal
                  </Button>
                }
              >
                {why}
              </Notice>
            ) : (
              <p className={styles['hints']}>
                <button ref={way} type="button" className={styles['way']} onClick={() => session?.focus()}>
                  <kbd>F6</kbd> leaves the terminal, <kbd>Enter</kbd> here returns
                </button>
                <span>
                  {sharedSize !== null &&
                    `Everyone sees ${sharedSize[1]} × ${sharedSize[0]} characters: the size of the smallest window.`}
                </span>
              </p>
            )}
          </div>
        </main>
      )}
    </>
  );
}
