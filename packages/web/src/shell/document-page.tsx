/** One document: its header, what must be known about it, and the view of its kind. */
import { Copy, Download, ExternalLink, FileOutput, FolderOpen, History } from 'lucide-react';
import {
  lazy,
  type ReactNode,
  startTransition,
  Suspense,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { useLocation } from 'wouter';
import type { ProjectId } from '@cahier/base/ids.ts';
import { fileKind, isOpenable } from '../files/file-kind.ts';
import { LabDoor } from '../jupyter/lab-door.tsx';
import { openInLab } from '../jupyter/open-in-lab.ts';
import { api } from '../link/api.ts';
import { fileUrl, pages } from '../link/urls.ts';
import { ShareButton } from '../people/share-button.tsx';
import type { DocumentOpening } from '../rooms/document-opening.ts';
import type { DocumentSession } from '../rooms/document-session.ts';
import { useStore } from '../rooms/use-store.ts';
import { leaveUnwatched } from '../outputs/use-is-near.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { downloadFile } from '../ui/download-file.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { problemToast } from '../ui/toasts.ts';
import { registerCommands } from './commands.ts';
import styles from './document-page.module.css';
import { DocumentTitle } from './document-title.tsx';
import { Crumb, PageHeader, Slash } from './page-header.tsx';
import { PeerAvatars } from './peer-avatars.tsx';
import { ProjectNotices } from './project-notices.tsx';
import { useProject } from './project-place.tsx';
import { OfflineLine, SyncBadge } from './sync-badge.tsx';
import { useOpening } from './use-opening.ts';

const notebookView = () =>
  import('../notebooks/notebook-view.tsx').then((m) => ({ default: m.NotebookView }));
const NotebookView = lazy(notebookView);
const TextView = lazy(() => import('../text/text-view.tsx').then((m) => ({ default: m.TextView })));
const RefusedDocument = lazy(() =>
  import('../text/refused-document.tsx').then((m) => ({ default: m.RefusedDocument })),
);
const FilePreview = lazy(() => import('../files/file-preview.tsx').then((m) => ({ default: m.FilePreview })));
const ExportDialog = lazy(() =>
  import('../jupyter/export-dialog.tsx').then((m) => ({ default: m.ExportDialog })),
);
const historyPanel = () => import('../history/history-panel.tsx').then((m) => ({ default: m.HistoryPanel }));
const HistoryPanel = lazy(historyPanel);

// The view is fetched beside the document, not after it.
if (location.pathname.endsWith('.ipynb')) void notebookView();

export function DocumentPage({ path }: { readonly path: string }) {
  const { rooms } = useProject();
  const name = nameOf(path);
  useEffect(() => {
    document.title = `${name} · Cahier`;
  }, [name]);
  if (!isOpenable(fileKind(name))) return <PreviewedFile path={path} />;
  return <OpenedDocument key={rooms.link.project} path={path} />;
}

function PreviewedFile({ path }: { readonly path: string }) {
  const { id } = useProject();
  return (
    <Frame
      path={path}
      title={<DocumentTitle path={path} mayRename={false} onRename={async () => undefined} />}
    >
      <FilePreview project={id} path={path} />
    </Frame>
  );
}

function OpenedDocument({ path }: { readonly path: string }) {
  const { rooms } = useProject();
  const opening = useOpening(rooms, path);
  return opening && <Opened opening={opening} path={path} />;
}

function Opened({ opening, path }: { readonly opening: DocumentOpening; readonly path: string }) {
  const { id } = useProject();
  const state = useStore(opening.state);
  const rescue = useStore(opening.rescue);
  const notice = rescue && (
    <Notice
      tone="problem"
      actions={
        <>
          <Button
            onClick={() => {
              downloadFile(rescue.file.name, rescue.file.type, rescue.file.text);
              opening.dismissRescue();
            }}
          >
            <Download size={16} aria-hidden /> Download what was kept
          </Button>
          <Button look="quiet" onClick={() => opening.dismissRescue()}>
            Throw it away
          </Button>
        </>
      }
    >
      {rescue.reason}
    </Notice>
  );
  if (state.phase === 'open') {
    return (
      <OpenSession
        key={`${state.session.epoch} ${String(state.session.mayEdit)}`}
        session={state.session}
        notice={notice}
      />
    );
  }
  return (
    <Frame
      path={path}
      title={<DocumentTitle path={path} mayRename={false} onRename={async () => undefined} />}
    >
      {notice}
      {state.phase === 'loading' &&
        (state.isOffline ? (
          <EmptyState
            title="No connection to the server"
            actions={<Button onClick={() => opening.retry()}>Try again now</Button>}
          >
            This document was not opened in this browser before, so it cannot be shown offline. It opens by
            itself when the connection is back.
          </EmptyState>
        ) : (
          <div className={styles['loading']}>
            <Skeleton lines={8} label={`Opening ${nameOf(path)}`} />
          </div>
        ))}
      {state.phase === 'failed' && (
        <EmptyState
          title="This document cannot be opened"
          actions={
            <>
              <Button look="primary" onClick={() => opening.retry()}>
                Try again
              </Button>
              <FolderLink project={id} path={path} />
            </>
          }
        >
          {state.error.message}
        </EmptyState>
      )}
      {state.phase === 'refused' && (
        <RefusedDocument project={id} path={path} error={state.error} text={state.text} />
      )}
    </Frame>
  );
}

function OpenSession({ session, notice }: { readonly session: DocumentSession; readonly notice: ReactNode }) {
  const { id, mayReadHistory } = useProject();
  const [, navigate] = useLocation();
  const path = useStore(session.pathStore);
  const file = useStore(session.file);
  // A link to a moment (history/moment-link.ts) opens the history there.
  const [wantsPast, setPast] = useState(() => isMomentLink(location.hash));
  const isPast = wantsPast && mayReadHistory;
  // In a transition, since React shows what had to be waited for at its first opening only 300 ms later otherwise.
  const openPast = useCallback(() => startTransition(() => setPast(true)), []);
  useEffect(() => {
    const look = () => isMomentLink(location.hash) && openPast();
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, [openPast]);
  // The page behind the history keeps its place.
  useEffect(() => {
    const { style } = document.documentElement;
    style.overflow = isPast ? 'hidden' : '';
    return () => {
      style.overflow = '';
    };
  }, [isPast]);

  // Watching its hundreds of cells would cost a good part of every frame that is dragged.
  const behind = useRef<HTMLDivElement>(null);
  useEffect(() => (isPast && behind.current ? leaveUnwatched(behind.current) : undefined), [isPast]);

  // Whoever leaves the history is where it was opened.
  const historyButton = useRef<HTMLButtonElement>(null);
  const wasPast = useRef(isPast);
  useEffect(() => {
    const isLeft = wasPast.current && !isPast;
    wasPast.current = isPast;
    const { activeElement } = document;
    if (isLeft && (!activeElement || activeElement === document.body)) historyButton.current?.focus();
  }, [isPast]);

  // Somebody renamed it: the address follows.
  useEffect(() => {
    const address = pages.document(id, path);
    if (location.pathname !== address) navigate(address, { replace: true });
  }, [id, path, navigate]);
  useEffect(() => {
    const registration = registerCommands([
      {
        id: 'history.open',
        title: 'Open the history',
        group: 'Document',
        when: () => mayReadHistory,
        run: openPast,
      },
      {
        id: 'document.download',
        title: 'Download this document',
        group: 'Document',
        run: () => {
          location.href = fileUrl(id, path, { download: true });
        },
      },
    ]);
    return () => registration.dispose();
  }, [id, path, mayReadHistory, openPast]);

  // The notebook behind the history must not hear keys that are pressed beside everything.
  useEffect(() => {
    if (!isPast) return;
    const guard = (event: KeyboardEvent) => {
      if (event.target !== document.body || event.ctrlKey || event.metaKey) return;
      // A dialog over the history hears its own keys.
      if (document.querySelector('dialog[open]')) return;
      event.stopPropagation();
      if (event.key === 'Escape') setPast(false);
    };
    addEventListener('keydown', guard, true);
    return () => removeEventListener('keydown', guard, true);
  }, [isPast]);

  const rename = async (name: string) => {
    const folder = folderOf(path);
    try {
      await api.renameFile(id, path, folder === '' ? name : `${folder}/${name}`);
    } catch (error) {
      problemToast(error);
      throw error;
    }
  };
  return (
    <Frame
      path={path}
      title={<DocumentTitle key={path} path={path} mayRename={session.mayEdit} onRename={rename} />}
      tools={
        <>
          <SyncBadge status={session.status} />
          <PeerAvatars presence={session.presence} />
          {mayReadHistory && (
            <IconButton
              ref={historyButton}
              label="History"
              aria-pressed={isPast}
              onPointerEnter={() => void historyPanel()}
              onFocus={() => void historyPanel()}
              onClick={() => (isPast ? setPast(false) : openPast())}
            >
              <History size={19} aria-hidden />
            </IconButton>
          )}
        </>
      }
    >
      <OfflineLine status={session.status} />
      {notice}
      {file.state === 'failed' && <Notice tone="problem">{file.message}</Notice>}
      {file.state === 'missing' && (
        <Notice tone="warning">
          {file.message ?? 'The file is no longer on the disk. What you see is kept in the history.'}
        </Notice>
      )}
      {!session.mayEdit && <Notice tone="calm">You can look at this document, not change it.</Notice>}
      {/* Its own Suspense: fetching the panel must not take the document off the screen. */}
      <Suspense fallback={null}>
        {isPast && <HistoryPanel session={session} onClose={() => setPast(false)} />}
      </Suspense>
      <div ref={behind} inert={isPast} className={isPast ? styles['behind'] : undefined}>
        {session.kind === 'notebook' ? <NotebookView session={session} /> : <TextView session={session} />}
      </div>
    </Frame>
  );
}

/** Header, notices and the place for the document. */
function Frame(props: {
  readonly path: string;
  readonly title: ReactNode;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}) {
  const { id, name, mayEdit } = useProject();
  const [, navigate] = useLocation();
  const [isExporting, setExporting] = useState(false);
  const { path } = props;
  const menu = (): MenuItem[] => [
    {
      label: 'Open in JupyterLab',
      icon: <ExternalLink size={17} aria-hidden />,
      onChoose: () => openInLab(id, path),
    },
    {
      label: 'Download',
      icon: <Download size={17} aria-hidden />,
      onChoose: () => {
        location.href = fileUrl(id, path, { download: true });
      },
    },
    ...(mayEdit
      ? [
          {
            label: 'Duplicate',
            icon: <Copy size={17} aria-hidden />,
            onChoose: () => {
              api.copyFile(id, path).then((made) => navigate(pages.document(id, made.path)), problemToast);
            },
          },
        ]
      : []),
    ...(mayEdit && path.endsWith('.ipynb')
      ? [
          {
            label: 'Export as…',
            icon: <FileOutput size={17} aria-hidden />,
            onChoose: () => setExporting(true),
          },
        ]
      : []),
    {
      label: 'Show in its folder',
      icon: <FolderOpen size={17} aria-hidden />,
      onChoose: () => navigate(pages.folder(id, folderOf(path))),
    },
  ];
  return (
    <>
      <PageHeader
        trail={
          <>
            <Crumb href={pages.folder(id, folderOf(path))}>{name || 'Project'}</Crumb>
            <Slash />
            {props.title}
          </>
        }
        tools={
          <>
            {props.tools}
            <ShareButton />
          </>
        }
        menu={menu}
      />
      <ProjectNotices />
      <LabDoor path={path} />
      <Suspense fallback={null}>
        {isExporting && <ExportDialog project={id} path={path} onClose={() => setExporting(false)} />}
      </Suspense>
      <main id="main" tabIndex={-1} className={styles['page']} aria-label={nameOf(path)}>
        <Suspense
          fallback={
            <div className={styles['loading']}>
              <Skeleton lines={8} label={`Opening ${nameOf(path)}`} />
            </div>
          }
        >
          {props.children}
        </Suspense>
      </main>
    </>
  );
}

function FolderLink({ project, path }: { readonly project: ProjectId; readonly path: string }) {
  const [, navigate] = useLocation();
  return <Button onClick={() => navigate(pages.folder(project, folderOf(path)))}>Back to the files</Button>;
}

function isMomentLink(hash: string): boolean {
  return /^#at=\d+$/.test(hash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
