import { FilePlus2, FolderPlus, History, NotebookPen, Plus, SquareTerminal, Upload } from 'lucide-react';
import { type DragEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import { FileList } from '../files/file-list.tsx';
import { fileKind, isOpenable } from '../files/file-kind.ts';
import { type Sort, sortEntries } from '../files/sort-entries.ts';
import { uploadFiles } from '../files/upload.ts';
import { LabDoor } from '../jupyter/lab-door.tsx';
import { openInLab } from '../jupyter/open-in-lab.ts';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { pages } from '../link/urls.ts';
import { registerCommands } from '../shell/commands.ts';
import { PageHeader } from '../shell/page-header.tsx';
import { ProjectNotices } from '../shell/project-notices.tsx';
import { useProject } from '../shell/project-place.tsx';
import { RenameMe } from '../people/rename-me.tsx';
import { ShareButton } from '../people/share-button.tsx';
import { SignIn } from '../shell/sign-in.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { MenuButton } from '../ui/menu.tsx';
import { NameDialog } from '../ui/name-dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { dismissToast, problemToast, toast } from '../ui/toasts.ts';
import { useNow } from '../ui/use-now.ts';
import { OpenTerminals } from '../terminals/open-terminals.tsx';
import { KeptDocuments } from './kept-documents.tsx';
import styles from './project-page.module.css';

type Asking =
  | { readonly what: 'folder' }
  | { readonly what: 'rename'; readonly entry: FileEntry }
  | { readonly what: 'delete'; readonly entry: FileEntry };

export function ProjectPage() {
  const { id, rooms, name, mayEdit, mayReadHistory, link, welcome } = useProject();
  const [, navigate] = useLocation();
  useSearch();
  const folder = new URLSearchParams(location.search).get('folder') ?? '';
  const listing = useAnswer(`files ${id} ${folder}`, () => api.files(id, folder));
  const [sort, setSort] = useState<Sort>({ key: 'name', isDescending: false });
  const [asking, setAsking] = useState<Asking | null>(null);
  const [isOver, setOver] = useState(false);
  const now = useNow();
  const picker = useRef<HTMLInputElement>(null);
  const { reload } = listing;
  const title = folder === '' ? name : (folder.split('/').at(-1) ?? '');

  useEffect(() => {
    document.title = title === '' ? 'Cahier' : `${title} · Cahier`;
  }, [title]);
  useEffect(
    () =>
      rooms.link.on(({ frame }) => {
        if (frame.t === 'files.changed' && frame.folders.includes(folder)) reload();
      }),
    [rooms, folder, reload],
  );
  // What changed while the link was away was not announced.
  const isOpen = link.phase === 'open';
  useEffect(() => {
    if (isOpen) reload();
  }, [isOpen, reload]);

  const make = (type: 'notebook' | 'text') => {
    api.newFile(id, { folder, type }).then(({ path }) => navigate(pages.document(id, path)), problemToast);
  };
  const copy = (entry: FileEntry) => {
    api.copyFile(id, entry.path).then(({ path }) => {
      reload();
      toast(`Made ${path.slice(path.lastIndexOf('/') + 1)}.`, {
        action: { label: 'Open', run: () => navigate(pages.document(id, path)) },
      });
    }, problemToast);
  };
  const openTerminal = () => {
    api.newTerminal(id, folder).then((made) => navigate(pages.terminal(id, made.name)), problemToast);
  };
  const makeNow = useEffectEvent(make);
  const openTerminalNow = useEffectEvent(openTerminal);
  useEffect(() => {
    if (!mayEdit) return;
    const registration = registerCommands([
      {
        id: 'file.new-notebook',
        title: 'New notebook',
        group: 'Files',
        run: () => makeNow('notebook'),
      },
      { id: 'file.new-text', title: 'New text file', group: 'Files', run: () => makeNow('text') },
      {
        id: 'file.new-folder',
        title: 'New folder',
        group: 'Files',
        run: () => setAsking({ what: 'folder' }),
      },
      { id: 'terminal.new', title: 'New terminal', group: 'Files', run: () => openTerminalNow() },
      { id: 'file.upload', title: 'Upload files', group: 'Files', run: () => picker.current?.click() },
    ]);
    return () => registration.dispose();
  }, [mayEdit]);

  const upload = async (files: readonly File[]) => {
    if (files.length === 0) return;
    let last = 0;
    const { done, failed } = await uploadFiles(id, folder, files, (at, file) => {
      if (last) dismissToast(last);
      last = toast(`Uploading ${file} (${at + 1} of ${files.length})…`, { stayMs: null });
    });
    dismissToast(last);
    reload();
    if (done.length > 0) toast(done.length === 1 ? `Uploaded ${done[0]}.` : `Uploaded ${done.length} files.`);
    for (const { name: file, why } of failed) problemToast(`${file} was not uploaded: ${why}`);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void upload([...event.dataTransfer.files]);
  };
  const onDragOver = (event: DragEvent) => {
    if (!mayEdit || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(true);
  };

  const entries = useMemo(() => sortEntries(listing.value?.entries ?? [], sort), [listing.value, sort]);
  if (listing.error?.code === 'access/sign-in') return <SignIn />;
  const isEmpty = listing.value !== null && entries.length === 0;
  return (
    <>
      <PageHeader
        menu={() =>
          mayReadHistory
            ? [
                {
                  label: 'History and deleted files',
                  icon: <History size={17} aria-hidden />,
                  onChoose: () => navigate(pages.history(id)),
                },
              ]
            : []
        }
        tools={
          <>
            <ShareButton />
            {welcome && (
              <RenameMe person={welcome.person} onRenamed={() => toast('Others see your new name now.')} />
            )}
          </>
        }
      />
      <ProjectNotices />
      <LabDoor path="" />
      {/* Dropping files is a convenience; the upload button does the same. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <main
        id="main"
        tabIndex={-1}
        className={styles['page']}
        onDragOver={onDragOver}
        onDragLeave={(event) => {
          if (
            !event.currentTarget.contains(event.relatedTarget instanceof Node ? event.relatedTarget : null)
          ) {
            setOver(false);
          }
        }}
        onDrop={onDrop}
      >
        {folder !== '' && <FolderPath project={id} name={name} folder={folder} />}
        <div className={styles['bar']}>
          <h1 className={styles['title']}>{title || '\u00a0'}</h1>
          {mayEdit && (
            <div className={styles['actions']}>
              <Button look="primary" onClick={() => make('notebook')}>
                <NotebookPen size={17} aria-hidden /> New notebook
              </Button>
              <MenuButton
                look="plain"
                items={() => [
                  {
                    label: 'Text file',
                    icon: <FilePlus2 size={17} aria-hidden />,
                    onChoose: () => make('text'),
                  },
                  {
                    label: 'Folder…',
                    icon: <FolderPlus size={17} aria-hidden />,
                    onChoose: () => setAsking({ what: 'folder' }),
                  },
                  {
                    label: 'Upload files…',
                    icon: <Upload size={17} aria-hidden />,
                    onChoose: () => picker.current?.click(),
                  },
                  {
                    label: 'Terminal',
                    icon: <SquareTerminal size={17} aria-hidden />,
                    onChoose: openTerminal,
                  },
                ]}
              >
                <Plus size={17} aria-hidden /> More
              </MenuButton>
              <input
                ref={picker}
                type="file"
                multiple
                hidden
                aria-label="Files to upload"
                onChange={(event) => {
                  void upload([...(event.target.files ?? [])]);
                  event.target.value = '';
                }}
              />
            </div>
          )}
        </div>
        {mayEdit && <OpenTerminals project={id} />}
        {listing.error && (
          <EmptyState
            title={listing.value ? 'The list may be old' : 'This folder cannot be shown'}
            actions={<Button onClick={reload}>Try again</Button>}
          >
            {listing.error.message}
          </EmptyState>
        )}
        {listing.error?.code === 'link/offline' && !listing.value && <KeptDocuments rooms={rooms} />}
        {!listing.value && !listing.error && <Skeleton lines={8} label="Loading the files" />}
        {isEmpty && (
          <EmptyState
            title={folder === '' ? 'Nothing here yet' : 'This folder is empty'}
            actions={
              mayEdit && (
                <>
                  <Button look="primary" onClick={() => make('notebook')}>
                    <NotebookPen size={17} aria-hidden /> New notebook
                  </Button>
                  <Button onClick={() => picker.current?.click()}>
                    <Upload size={17} aria-hidden /> Upload files
                  </Button>
                </>
              )
            }
          >
            {mayEdit
              ? 'Start with a notebook, or drop files from your computer onto this page.'
              : 'Files appear here as soon as somebody adds them.'}
          </EmptyState>
        )}
        {entries.length > 0 && (
          <div className={styles['sheet']}>
            <FileList
              project={id}
              entries={entries}
              sort={sort}
              mayEdit={mayEdit}
              now={now}
              onSort={setSort}
              onRename={(entry) => setAsking({ what: 'rename', entry })}
              onDelete={(entry) => setAsking({ what: 'delete', entry })}
              onCopy={copy}
              onLab={(entry) => openInLab(id, entry.path)}
            />
          </div>
        )}
        {isOver && <div className={styles['drop']}>Drop to upload here</div>}
      </main>
      {asking?.what === 'folder' && (
        <NameDialog
          title="New folder"
          label="Name"
          action="Make folder"
          onClose={() => setAsking(null)}
          onName={async (wanted) => {
            await api.newFile(id, { folder, type: 'directory', name: wanted });
            reload();
          }}
        />
      )}
      {asking?.what === 'rename' && (
        <RenameDialog
          project={id}
          entry={asking.entry}
          folder={folder}
          onClose={() => setAsking(null)}
          onRenamed={reload}
        />
      )}
      {asking?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${asking.entry.name}?`}
          action="Delete"
          isDanger
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await api.deleteFile(id, asking.entry.path);
            reload();
            toast(`${asking.entry.name} was deleted.`, {
              ...(mayReadHistory && isOpenable(fileKind(asking.entry.name))
                ? { action: { label: 'Deleted files', run: () => navigate(pages.history(id)) } }
                : {}),
            });
          }}
        >
          {asking.entry.type === 'directory'
            ? 'The folder and everything in it will be removed from the disk, for everyone in the project.'
            : fileKind(asking.entry.name) === 'notebook'
              ? 'The notebook will be removed from the disk, for everyone in the project.'
              : 'The file will be removed from the disk, for everyone in the project.'}
        </ConfirmDialog>
      )}
    </>
  );
}

function RenameDialog(props: {
  readonly project: ProjectId;
  readonly entry: FileEntry;
  readonly folder: string;
  readonly onClose: () => void;
  readonly onRenamed: () => void;
}) {
  const { entry } = props;
  const dot = entry.type === 'file' ? entry.name.lastIndexOf('.') : -1;
  return (
    <NameDialog
      title={`Rename ${entry.name}`}
      label="New name"
      initial={entry.name}
      selectTo={dot > 0 ? dot : entry.name.length}
      action="Rename"
      onClose={props.onClose}
      onName={async (wanted) => {
        const to = props.folder === '' ? wanted : `${props.folder}/${wanted}`;
        if (to !== entry.path) await api.renameFile(props.project, entry.path, to);
        props.onRenamed();
      }}
    />
  );
}

function FolderPath(props: { readonly project: string; readonly name: string; readonly folder: string }) {
  const parts = props.folder.split('/');
  return (
    <nav className={styles['path']} aria-label="Folders above">
      <Link href={pages.folder(props.project)}>{props.name || 'Project'}</Link>
      {parts.slice(0, -1).map((part, i) => {
        const path = parts.slice(0, i + 1).join('/');
        return (
          <span key={path}>
            / <Link href={pages.folder(props.project, path)}>{part}</Link>
          </span>
        );
      })}
    </nav>
  );
}
