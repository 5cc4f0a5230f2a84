/** The files of one folder. Arrows, Home, End move; Enter opens; F2 renames; Delete deletes. */
import { ArrowDown, ArrowUp, Copy, Download, ExternalLink, MoreVertical, Pencil, Trash2 } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { Link } from 'wouter';
import type { ProjectId } from '@cahier/base/ids.ts';
import type { FileEntry } from '@cahier/protocol/project-facts.ts';
import { fileUrl, pages } from '../link/urls.ts';
import { classNames } from '../ui/class-names.ts';
import { fileSize } from '../ui/file-size.ts';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { exactTime, timeAgo } from '../ui/time-ago.ts';
import { FileIcon } from './file-icon.tsx';
import { fileKind } from './file-kind.ts';
import styles from './file-list.module.css';
import type { Sort, SortKey } from './sort-entries.ts';

interface Props {
  readonly project: ProjectId;
  readonly entries: readonly FileEntry[];
  readonly sort: Sort;
  readonly mayEdit: boolean;
  readonly now: number;
  readonly onSort: (sort: Sort) => void;
  readonly onRename: (entry: FileEntry) => void;
  readonly onDelete: (entry: FileEntry) => void;
  readonly onCopy: (entry: FileEntry) => void;
  readonly onLab: (entry: FileEntry) => void;
}

const columns: readonly { key: SortKey; title: string }[] = [
  { key: 'name', title: 'Name' },
  { key: 'modified', title: 'Changed' },
  { key: 'size', title: 'Size' },
];

export function FileList(props: Props) {
  const { project, entries, sort, mayEdit, now } = props;
  const body = useRef<HTMLTableSectionElement>(null);

  const onKeyDown = (event: KeyboardEvent, entry: FileEntry) => {
    if (!(event.target instanceof HTMLAnchorElement)) return;
    const links = [...(body.current?.querySelectorAll<HTMLAnchorElement>('a[data-file]') ?? [])];
    const at = links.indexOf(event.target);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      links[Math.max(0, Math.min(target, links.length - 1))]?.focus();
    } else if (event.key === 'F2' && mayEdit) {
      event.preventDefault();
      props.onRename(entry);
    } else if (event.key === 'Delete' && mayEdit) {
      event.preventDefault();
      props.onDelete(entry);
    }
  };

  const menu = (entry: FileEntry) => (): MenuItem[] => {
    const download: MenuItem = {
      label: 'Download',
      icon: <Download size={17} aria-hidden />,
      onChoose: () => {
        location.href = fileUrl(project, entry.path, { download: true });
      },
    };
    const lab: MenuItem = {
      label: 'Open in JupyterLab',
      icon: <ExternalLink size={17} aria-hidden />,
      onChoose: () => props.onLab(entry),
    };
    const changes: MenuItem[] = [
      ...(entry.type === 'file'
        ? [
            {
              label: 'Duplicate',
              icon: <Copy size={17} aria-hidden />,
              onChoose: () => props.onCopy(entry),
            },
          ]
        : []),
      { label: 'Rename…', icon: <Pencil size={17} aria-hidden />, onChoose: () => props.onRename(entry) },
      {
        label: 'Delete…',
        icon: <Trash2 size={17} aria-hidden />,
        isDanger: true,
        onChoose: () => props.onDelete(entry),
      },
    ];
    return [...(entry.type === 'file' ? [lab, download] : []), ...(mayEdit ? changes : [])];
  };

  return (
    <table className={styles['table']}>
      <thead className={styles['head']}>
        <tr>
          {columns.map(({ key, title }) => (
            <th
              key={key}
              className={styles[key]}
              scope="col"
              aria-sort={sort.key === key ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
            >
              <button
                type="button"
                className={styles['sort']}
                onClick={() =>
                  props.onSort({
                    key,
                    isDescending: sort.key === key ? !sort.isDescending : key === 'modified',
                  })
                }
              >
                {title}
                {sort.key === key &&
                  (sort.isDescending ? (
                    <ArrowDown size={14} aria-hidden />
                  ) : (
                    <ArrowUp size={14} aria-hidden />
                  ))}
              </button>
            </th>
          ))}
          <th className={styles['more']} scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {entries.map((entry) => {
          const isFolder = entry.type === 'directory';
          const href = isFolder ? pages.folder(project, entry.path) : pages.document(project, entry.path);
          const items = menu(entry);
          return (
            <tr
              key={entry.path}
              className={classNames(styles['row'], entry.name.startsWith('.') && styles['hidden'])}
            >
              <td>
                <Link
                  href={href}
                  className={styles['open'] ?? ''}
                  data-file={entry.path}
                  onKeyDown={(event: KeyboardEvent) => onKeyDown(event, entry)}
                >
                  <FileIcon kind={isFolder ? 'folder' : fileKind(entry.name)} />
                  <span>{entry.name}</span>
                </Link>
              </td>
              <td className={styles['modified']}>
                <time dateTime={new Date(entry.modifiedAt).toISOString()} title={exactTime(entry.modifiedAt)}>
                  {timeAgo(entry.modifiedAt, now)}
                </time>
              </td>
              <td className={styles['size']}>{isFolder ? '' : fileSize(entry.size)}</td>
              <td>
                {(entry.type === 'file' || mayEdit) && (
                  <MenuButton label={`More about ${entry.name}`} items={items}>
                    <MoreVertical size={18} aria-hidden />
                  </MenuButton>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
