/** Which file of the project to compare with: folders are opened, a file is chosen. */
import { baseName, parentPath } from '@cahier/core/files/project-path.ts';
import type { ProjectId } from '@cahier/base/ids.ts';
import { useState } from 'react';
import { FileIcon } from '../files/file-icon.tsx';
import { fileKind } from '../files/file-kind.ts';
import { sortEntries } from '../files/sort-entries.ts';
import { api } from '../link/api.ts';
import { useAnswer } from '../link/use-answer.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import styles from './versions-dialog.module.css';

interface Props {
  readonly project: ProjectId;
  /** The document that is compared. */
  readonly path: string;
  readonly kind: 'notebook' | 'text';
  readonly onFile: (path: string) => void;
  readonly onClose: () => void;
}

export function FileDialog({ project, path, kind, onFile, onClose }: Props) {
  const [folder, setFolder] = useState(parentPath(path));
  const listing = useAnswer(`files ${project} ${folder}`, () => api.files(project, folder));
  const entries = sortEntries(listing.value?.entries ?? [], { key: 'name', isDescending: false }).filter(
    ({ type, name }) => type === 'directory' || (type === 'file' && mayCompare(name, kind)),
  );
  const parts = folder === '' ? [] : folder.split('/');
  return (
    <Dialog title={kind === 'notebook' ? 'Compare with a notebook' : 'Compare with a file'} onClose={onClose}>
      <nav className={styles['trail']} aria-label="Folder">
        <Button look="quiet" onClick={() => setFolder('')}>
          Project
        </Button>
        {parts.map((part, i) => (
          <span key={parts.slice(0, i + 1).join('/')}>
            /
            <Button look="quiet" onClick={() => setFolder(parts.slice(0, i + 1).join('/'))}>
              {part}
            </Button>
          </span>
        ))}
      </nav>
      {listing.error && <p role="alert">{listing.error.message}</p>}
      {!listing.value && !listing.error && <Skeleton lines={5} label="Loading the files" />}
      {listing.value && entries.length === 0 && (
        <p className={styles['hint']}>
          {kind === 'notebook'
            ? 'There is no notebook in this folder.'
            : 'There is no text file in this folder.'}
        </p>
      )}
      <ul className={styles['list']}>
        {entries.map((entry) => (
          <li key={entry.path}>
            <button
              type="button"
              className={styles['entry']}
              onClick={() => {
                if (entry.type === 'directory') setFolder(entry.path);
                else {
                  onFile(entry.path);
                  onClose();
                }
              }}
            >
              <FileIcon kind={entry.type === 'directory' ? 'folder' : fileKind(entry.name)} />
              {entry.name}
              {entry.path === path && (
                <span className={styles['about']}>{baseName(path)} as it is on the disk</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function mayCompare(name: string, kind: 'notebook' | 'text'): boolean {
  const is = fileKind(name);
  return kind === 'notebook' ? is === 'notebook' : is === 'text' || is === 'data' || is === 'notebook';
}
