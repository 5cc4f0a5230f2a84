import type { ReactNode } from 'react';
import styles from './empty-state.module.css';

interface Props {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Is the title the page's heading? */
  readonly isPage?: boolean;
}

/** Nothing here yet, or nothing to be shown: says why, and what to do. */
export function EmptyState({ title, children, actions, isPage = false }: Props) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div className={styles['empty']}>
      <div className={styles['sheet']} aria-hidden />
      <Title className={styles['title']}>{title}</Title>
      {children && <div className={styles['text']}>{children}</div>}
      {actions && <div className={styles['actions']}>{actions}</div>}
    </div>
  );
}
