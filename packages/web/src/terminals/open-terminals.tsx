import { SquareTerminal } from 'lucide-react';
import { Link } from 'wouter';
import type { ProjectId } from '@cahier/base/ids.ts';
import { api } from '../link/api.ts';
import { pages } from '../link/urls.ts';
import { useAnswer } from '../link/use-answer.ts';
import styles from './open-terminals.module.css';

/** The project's terminals, also those that others opened; nothing while there are none. */
export function OpenTerminals({ project }: { readonly project: ProjectId }) {
  const { value } = useAnswer(`terminals ${project}`, () => api.terminals(project));
  if (!value || value.terminals.length === 0) return null;
  return (
    <nav className={styles['row']} aria-label="Open terminals">
      {value.terminals.map(({ name }) => (
        <Link key={name} href={pages.terminal(project, name)} className={styles['terminal'] ?? ''}>
          <SquareTerminal size={16} aria-hidden /> Terminal {name}
        </Link>
      ))}
    </nav>
  );
}
