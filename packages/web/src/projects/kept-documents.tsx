import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { FileIcon } from '../files/file-icon.tsx';
import { fileKind } from '../files/file-kind.ts';
import { pages } from '../link/urls.ts';
import type { ProjectRooms } from '../rooms/project-rooms.ts';
import styles from './kept-documents.module.css';

/** Without the server: what was opened in this browser before can be read and edited all the same. */
export function KeptDocuments({ rooms }: { readonly rooms: ProjectRooms }) {
  const [paths, setPaths] = useState<readonly string[]>([]);
  const { project } = rooms.link;
  useEffect(() => {
    let isLate = false;
    const load = async () => {
      const storage = await rooms.storage;
      const rows = (await storage?.documentsOf(project)) ?? [];
      if (!isLate) setPaths(rows.map((row) => row.path));
    };
    load().catch(() => undefined);
    return () => {
      isLate = true;
    };
  }, [rooms, project]);
  if (paths.length === 0) return null;
  return (
    <section className={styles['kept']} aria-label="Kept in this browser">
      <h2 className={styles['title']}>Opened in this browser before: you can go on with these</h2>
      <ul className={styles['list']}>
        {paths.map((path) => (
          <li key={path}>
            <Link className={styles['link'] ?? ''} href={pages.document(project, path)}>
              <FileIcon kind={fileKind(path)} />
              {path}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
